"""Celery settings: broker, queues, and the tasks that beat starts."""

from typing import Any

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


def _run_every(seconds: float, task: str, *, expires: float | None = None) -> dict[str, Any]:
    """Return an entry of the clock. A message expires when the next is due, unless earlier."""
    return {"task": task, "schedule": seconds, "options": {"expires": expires or seconds}}


CELERY_BEAT_SCHEDULE = {
    "lost_work": _run_every(TICK_SECONDS, "headshots.enqueue_lost_work"),
    # Once a second, so that schedules run half a second late on average; an idle run is one query.
    "due_schedules": _run_every(1, "integrations.dispatch_due_schedules"),
    "due_work": _run_every(TICK_SECONDS, "integrations.process_due_work"),
    "webhooks": _run_every(TICK_SECONDS, "webhooks.record_and_enqueue"),
    "emails": _run_every(TICK_SECONDS, "accounts.enqueue_due_emails"),
    "expired_trials": _run_every(60, "accounts.delete_expired_trials"),
    "maintenance": _run_every(300, "integrations.run_maintenance", expires=240),
    "old_deliveries": _run_every(3600, "webhooks.delete_old_deliveries", expires=600),
    "expired_rows": _run_every(3600, "api.delete_expired_rows", expires=600),
    "orphaned_files": _run_every(3600, "headshots.delete_orphaned_files", expires=600),
}
