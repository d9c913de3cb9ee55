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
CELERY_TASK_ROUTES = {
    "headshots.run_diffusion_render": {"queue": "gpu"}
}  # of the worker for diffusion
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_BEAT_SCHEDULER = "branding.operations.clock:ClockScheduler"

TICK_SECONDS = env.read_number("TICK_SECONDS", 5)
CELERY_BEAT_SCHEDULE = {
    # A message expires when the next one is due, so that messages do not accumulate.
    "lost_work": {
        "task": "headshots.enqueue_lost_work",
        "schedule": TICK_SECONDS,
        "options": {"expires": TICK_SECONDS},
    },
    # Once a second, so that schedules run half a second late on average; an idle run is one query.
    "due_schedules": {
        "task": "integrations.dispatch_due_schedules",
        "schedule": 1,
        "options": {"expires": 1},
    },
    "webhooks": {
        "task": "webhooks.record_and_enqueue",
        "schedule": TICK_SECONDS,
        "options": {"expires": TICK_SECONDS},
    },
    "emails": {
        "task": "accounts.enqueue_due_emails",
        "schedule": TICK_SECONDS,
        "options": {"expires": TICK_SECONDS},
    },
    "expired_trials": {
        "task": "accounts.delete_expired_trials",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "old_deliveries": {
        "task": "webhooks.delete_old_deliveries",
        "schedule": 3600,
        "options": {"expires": 600},
    },
    "expired_rows": {
        "task": "api.delete_expired_rows",
        "schedule": 3600,
        "options": {"expires": 600},
    },
    "orphaned_files": {
        "task": "headshots.delete_orphaned_files",
        "schedule": 3600,
        "options": {"expires": 600},
    },
    "due_work": {
        "task": "integrations.process_due_work",
        "schedule": TICK_SECONDS,
        "options": {"expires": TICK_SECONDS},
    },
    "maintenance": {
        "task": "integrations.run_maintenance",
        "schedule": 300,
        "options": {"expires": 240},
    },
}
