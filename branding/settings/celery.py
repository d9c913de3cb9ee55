"""Celery: broker, queues, and what beat starts how often."""

from branding import env
from branding.settings.base import DATA_DIR

# Messages are words about rows: losing one loses nothing, the next tick says it again.
CELERY_BROKER_URL = env.text("CELERY_BROKER_URL", "folder://localhost")
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"folder": str(DATA_DIR / "broker"), "polling_interval": 0.05}
    if CELERY_BROKER_URL == "folder://localhost"
    else {"visibility_timeout": 600}
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_IMPORTS = ["branding.api.tasks", "branding.webhooks.tasks", "integrations.tasks"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ROUTES = {"headshots.paint": {"queue": "gpu"}}  # read by a worker that paints only
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat")

TICK_SECONDS = env.number("TICK_SECONDS", 5)
CELERY_BEAT_SCHEDULE = {
    # A message that was not read before the next one is dropped, so that they never pile up.
    "tick": {
        "task": "headshots.tick",
        "schedule": TICK_SECONDS,
        "options": {"expires": TICK_SECONDS},
    },
    # Once a second, so that what is due is late by half of one; it finds nothing in one query.
    "due": {"task": "integrations.due", "schedule": 1, "options": {"expires": 1}},
    "hooks": {"task": "hooks.tick", "schedule": TICK_SECONDS, "options": {"expires": TICK_SECONDS}},
    "forget_deliveries": {"task": "hooks.forget", "schedule": 3600, "options": {"expires": 600}},
    "forget_answers": {"task": "api.forget", "schedule": 3600, "options": {"expires": 600}},
    "sweep": {"task": "headshots.sweep", "schedule": 3600, "options": {"expires": 600}},
    "publish": {
        "task": "integrations.tick",
        "schedule": TICK_SECONDS,
        "options": {"expires": TICK_SECONDS},
    },
    "tend": {"task": "integrations.tend", "schedule": 300, "options": {"expires": 240}},
}
