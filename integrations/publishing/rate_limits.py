"""Rate limits: the pause between two changes, turns of a client app's users, and back-off."""

import random
import time
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.utils import timezone

from integrations.models import Bucket, Connection, Publication
from integrations.platforms.base import Platform

BURST_SIZE: Final = 20  # publications that a client app may send at once before they get turns
TURN_LIFETIME: Final = timedelta(minutes=1)  # after which an unused turn expires
BACKOFF_FACTOR: Final = 3  # of the delay, from one attempt to the next
MAX_EXPONENT: Final = 30  # of that factor; the delay has long reached its maximum
MAX_BACKOFF_SECONDS: Final = 3600.0  # seconds between two attempts, at most
BACKOFF_JITTER: Final = 0.25  # share by which a delay varies at random
# A daily schedule may run a little earlier than the day before, when it was delayed by its spread.
INTERVAL_LEEWAY: Final = timedelta(minutes=30)


def earliest_send_time(
    connection: Connection | None, *, due: datetime, by_schedule: bool
) -> datetime:
    """Return when a publication may be sent: when it is due or, for a schedule, after the pause.

    The pause follows the last change of the account. A person who publishes by hand does not wait.
    """
    if connection is None or not by_schedule:
        return due
    last_sent_at = (
        Publication.objects.filter(connection=connection, sent_at__isnull=False)
        .order_by("-sent_at")
        .values_list("sent_at", flat=True)
        .first()
    )
    seconds = max(connection.platform.min_interval, settings.SCHEDULE_INTERVAL_SECONDS)
    return (
        max(due, last_sent_at + timedelta(seconds=seconds) - INTERVAL_LEEWAY)
        if last_sent_at
        else due
    )


def take_turn(publication: Publication) -> bool:
    """Return whether a publication may be sent now, within the rate limit of its client app.

    If not, it is assigned the next free turn, and the delay is added to its `spread`.
    """
    now = timezone.now()
    if publication.turn_at and now - publication.turn_at < TURN_LIFETIME:
        return True
    connection = publication.connection
    assert connection is not None  # only accounts are sent to
    wait = timedelta(seconds=_reserve_turn(connection.platform, connection.server))
    if not wait:
        return True
    unchanged_rows = Publication.objects.filter(pk=publication.pk, state=publication.state)
    unchanged_rows.update(
        not_before=now + wait,
        turn_at=now + wait,
        touched_at=None,
        spread=publication.spread + round(wait.total_seconds()),
    )
    return False


def backoff_delay(attempts: int) -> timedelta:
    """Return the delay after so many attempts: exponential, at most an hour, with jitter."""
    seconds = min(
        settings.PUBLISH_RETRY_SECONDS * BACKOFF_FACTOR ** min(max(attempts - 1, 0), MAX_EXPONENT),
        MAX_BACKOFF_SECONDS,
    )
    return timedelta(seconds=seconds * random.uniform(1 - BACKOFF_JITTER, 1 + BACKOFF_JITTER))


def _reserve_turn(platform: Platform, server: str) -> float:
    """Reserve the next free turn and return the seconds until then.

    This is the generic cell rate algorithm (ITU-T I.371): a bucket stores only the time at which it
    is full again. A turn is reserved by an UPDATE that has to change one row.
    """
    seconds_per_turn = 60 / platform.per_minute
    bucket = Bucket.objects.get_or_create(name=f"{platform.slug} {server}"[:300])[0]
    while True:
        now = time.time()
        full_at = max(bucket.full_at, now) + seconds_per_turn
        unchanged_rows = Bucket.objects.filter(pk=bucket.pk, full_at=bucket.full_at)
        if unchanged_rows.update(full_at=full_at):
            wait = full_at - now - BURST_SIZE * seconds_per_turn
            return wait + random.uniform(0, seconds_per_turn) if wait > 0 else 0.0
        bucket.refresh_from_db()
