"""A Celery worker that records when each message arrives, instead of running the task."""

import time
from functools import cache

import django
import redis
from django.conf import settings

from branding.celery import app

django.setup()

from integrations.scheduling import runs

ARRIVALS_KEY = "arrivals"


@cache
def connect_to_redis() -> redis.Redis:
    """Connect to the Redis server of the broker, which also stores the arrival times."""
    return redis.from_url(settings.CELERY_BROKER_URL)


def note_arrival(name: object) -> None:
    """Store the time of the first arrival of a message."""
    connect_to_redis().hsetnx(ARRIVALS_KEY, str(name), time.time())


@app.task(name="tests.arrived")
def record_entry_arrival(name: str) -> None:
    """The task of the entries of django-celery-beat."""
    note_arrival(name)


runs.execute_run = note_arrival  # replaces what the task `integrations.execute_runs` calls
