"""Rate limits: the interval of scheduled changes, turns of a client app's users, and back-off."""

import random
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db.models import Max
from django.utils import timezone

from integrations.models import Bucket, Connection, Publication
from integrations.platforms.base import Platform
from integrations.publication_states import State

BURST_SIZE: Final = 20  # publications that a client app may send at once before they get turns
TURN_LIFETIME: Final = timedelta(minutes=1)  # after which an unused turn expires
BACKOFF_FACTOR: Final = 3  # of the delay, from one attempt to the next
MAX_EXPONENT: Final = 30  # of that factor; the delay has long reached its maximum
MAX_BACKOFF_SECONDS: Final = 3600.0  # seconds between two attempts, at most
BACKOFF_JITTER: Final = 0.25  # share by which a delay varies at random
# Share of the interval by which two scheduled changes may be closer: a spread, or a day that has 23
# hours because of a clock change, must not delay a daily schedule.
INTERVAL_LEEWAY: Final = 1 / 12
MAX_PLANNED_AHEAD: Final = timedelta(days=2)  # of publications in the interval


def scheduled_interval(platform: Platform) -> timedelta:
    """Return the time between two changes of one account that schedules keep."""
    return timedelta(seconds=platform.min_interval * (1 - INTERVAL_LEEWAY))


def next_scheduled_time(connection: Connection, *, due: datetime) -> datetime:
    """Return when a schedule may change an account: when it is due, or after the interval.

    The interval counts from the time for which the last scheduled change was planned. What a person
    sends by hand, and how late a change really was, moves nothing, so that a daily schedule stays
    at its hour.
    """
    interval = scheduled_interval(connection.platform)
    last_planned = last_scheduled_times([connection], since=due - interval, until=due)
    return max([due, *(planned_for + interval for planned_for in last_planned.values())])


def last_scheduled_times(
    connections: Iterable[Connection],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> dict[str, datetime]:
    """Return for which time the last scheduled change of each account was planned, by its id.

    Only plans after `since` count, by default those of the last two days, and such before `until`
    (by default now) or shortly after, which an interval has delayed.
    """
    planned = Publication.objects.filter(
        connection__in=list(connections),
        scheduled_for__gt=since or timezone.now() - MAX_PLANNED_AHEAD,
        scheduled_for__lt=(until or timezone.now()) + MAX_PLANNED_AHEAD,
    ).exclude(state__in=(State.CANCELLED, State.FAILED))
    last_times = planned.order_by().values_list("connection").annotate(Max("scheduled_for"))
    return {str(connection_pk): planned_for for connection_pk, planned_for in last_times}


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
