"""A Celery worker that records when each message arrives, instead of running the task."""

import time
from functools import cache

import django
import redis
from django.conf import settings

from branding.celery import app

django.setup()

from integrations.scheduling import runs

NOTED = "arrivals"


@cache
def connect() -> redis.Redis:
    """Connect to the Redis server of the broker, which also stores the arrival times."""
    return redis.from_url(settings.CELERY_BROKER_URL)


def note(name: object) -> None:
    """Store the time of the first arrival of a message."""
    connect().hsetnx(NOTED, str(name), time.time())


@app.task(name="tests.arrived")
def arrived(name: str) -> None:
    """The task of the entries of django-celery-beat."""
    note(name)


runs.play = note  # replaces what the task `integrations.play` calls
