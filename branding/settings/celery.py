"""Celery settings: broker, queues, and the tasks that beat starts."""

from branding import env
from branding.settings.base import DATA_DIR

CELERY_SCHEMES = ("redis", "rediss", "redis+socket", "amqp", "amqps")
# A message only names a row. If it is lost, the next run of a periodic task sends it again.
CELERY_BROKER_URL = env.read_url(
    "CELERY_BROKER_URL",
    "folder://localhost",
    schemes={"folder", *CELERY_SCHEMES},
    example="redis://:password@host:6379/0",
    needs_host=False,
)
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"folder": str(DATA_DIR / "broker"), "polling_interval": 0.05}
    if CELERY_BROKER_URL == "folder://localhost"
    else {"visibility_timeout": 600}
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_IMPORTS = [
    "branding.accounts.tasks",
    "branding.api.tasks",
    "branding.webhooks.tasks",
    "integrations.tasks",
]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ROUTES = {"headshots.paint": {"queue": "gpu"}}  # read by the worker for diffusion only
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_BEAT_SCHEDULER = "branding.operations.clock:ClockScheduler"

TICK_SECONDS = env.read_number("TICK_SECONDS", 5)
CELERY_BEAT_SCHEDULE = {
    # A message expires when the next one is due, so that messages do not accumulate.
    "tick": {
        "task": "headshots.tick",
        "schedule": TICK_SECONDS,
        "options": {"expires": TICK_SECONDS},
    },
    # Once a second, so that schedules run half a second late on average; an idle run is one query.
    "due": {"task": "integrations.due", "schedule": 1, "options": {"expires": 1}},
    "hooks": {"task": "hooks.tick", "schedule": TICK_SECONDS, "options": {"expires": TICK_SECONDS}},
    "emails": {
        "task": "accounts.tick",
        "schedule": TICK_SECONDS,
        "options": {"expires": TICK_SECONDS},
    },
    "end_trials": {"task": "accounts.end_trials", "schedule": 60, "options": {"expires": 60}},
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
