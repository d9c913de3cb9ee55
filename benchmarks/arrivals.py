"""A worker that notes when each message reaches it, instead of doing what the message says."""

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
    """The broker's own server keeps the notes."""
    return redis.from_url(settings.CELERY_BROKER_URL)


def note(name: object) -> None:
    """This came now, for the first time."""
    connect().hsetnx(NOTED, str(name), time.time())


@app.task(name="tests.arrived")
def arrived(name: str) -> None:
    """What an entry of django-celery-beat asks for."""
    note(name)


runs.play = note  # what `integrations.play` does in this worker
