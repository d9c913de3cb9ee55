"""How fast: the pause between two changes, turns among all people of one app, and back-off."""

import random
import time
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.utils import timezone

from integrations.models import Bucket, Connection, Publication
from integrations.platforms.base import Platform

BURST: Final = 20  # that go at once before turns are given out
PATIENCE: Final = timedelta(minutes=1)  # after which an unused turn is void
LONGEST: Final = 3600.0  # seconds between two tries
JITTER: Final = 0.25
# A daily schedule has to be able to run a little earlier than the day before, which was spread.
LEEWAY: Final = timedelta(minutes=30)


def earliest(connection: Connection | None, *, due: datetime, by_schedule: bool) -> datetime:
    """When it may go: when it is due, and for a schedule not before the platform's pause is over.

    A person who presses the button is not made to wait.
    """
    if connection is None or not by_schedule:
        return due
    last = (
        Publication.objects.filter(connection=connection, sent_at__isnull=False)
        .order_by("-sent_at")
        .values_list("sent_at", flat=True)
        .first()
    )
    seconds = max(connection.platform.min_interval, settings.SCHEDULE_INTERVAL)
    return max(due, last + timedelta(seconds=seconds) - LEEWAY) if last else due


def turn(publication: Publication) -> bool:
    """Whether it is this one's turn among all that go through the same app; if not, it gets one.

    Turns are given out in order, so a crowd is spread and nobody is passed over; how far is noted.
    """
    now = timezone.now()
    if publication.turn_at and now - publication.turn_at < PATIENCE:
        return True
    connection = publication.connection
    wait = timedelta(seconds=_reserve(connection.platform, connection.server))
    if not wait:
        return True
    there = Publication.objects.filter(pk=publication.pk, state=publication.state)
    there.update(
        not_before=now + wait,
        turn_at=now + wait,
        touched_at=None,
        spread=publication.spread + round(wait.total_seconds()),
    )
    return False


def backoff(attempts: int) -> timedelta:
    """How long to wait after so many tries: three times as long each time, an hour at most."""
    seconds = min(settings.PUBLISH_RETRY_SECONDS * 3 ** max(attempts - 1, 0), LONGEST)
    return timedelta(seconds=seconds * random.uniform(1 - JITTER, 1 + JITTER))


def _reserve(platform: Platform, server: str) -> float:
    """Seconds until the next free turn, taken by an update that counts one.

    The generic cell rate algorithm (ITU-T I.371): one number a bucket says when it is full again.
    """
    every = 60 / platform.per_minute
    bucket = Bucket.objects.get_or_create(name=f"{platform.slug} {server}"[:300])[0]
    while True:
        now = time.time()
        full_at = max(bucket.full_at, now) + every
        same = Bucket.objects.filter(pk=bucket.pk, full_at=bucket.full_at)
        if same.update(full_at=full_at):
            wait = full_at - now - BURST * every
            return wait + random.uniform(0, every) if wait > 0 else 0.0
        bucket.refresh_from_db()
