"""Facet's settings with shortened delays, so that a minute shows what takes hours."""

from branding.settings import *
from branding.settings import CELERY_BEAT_SCHEDULE

PUBLISH_LEASE_SECONDS = 3
POLL_DELAYS = (0.2, 0.5, 2, 4)
PUBLISH_RETRY_SECONDS = 0.3
PUBLISH_RESEND_SECONDS = 2
PUBLISH_ATTEMPTS = 60
CELERY_BEAT_MAX_LOOP_INTERVAL = 0.2
CELERY_BEAT_SCHEDULE = {
    name: {**CELERY_BEAT_SCHEDULE[name], "schedule": 0.5, "options": {"expires": 2}}
    for name in ("due_work", "due_schedules")
}
SCHEDULE_LIMIT = 10_000
SCHEDULE_LEASE_SECONDS = 3
