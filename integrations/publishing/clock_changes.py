"""Put publications right after the clock of this machine was far ahead for a while.

What was written meanwhile lies in the future: a worker that seems to be alive, a picture that seems
to be the newest, a next step that is due in a year. Such times are set to now.
"""

from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q, QuerySet
from django.utils import timezone

from integrations import publication_states
from integrations.models import Attempt, Bucket, HandOff, Publication
from integrations.publication_states import FINAL_STATES

MAX_CLOCK_SKEW: Final = timedelta(minutes=5)  # by which the clocks of two machines may differ
MAX_SEND_DELAY: Final = timedelta(days=2)  # by rate limits, the interval and back-off
MAX_POLL_DELAY: Final = timedelta(days=32)  # see MAX_POLL_DELAY_DAYS in deliveries.py
CHECKED_ATTEMPTS: Final = 100  # the last changes of state, in which a clock that jumped shows
PAST_FIELDS: Final = ("asked_at", "sent_at", "settled_at", "touched_at")  # never in the future


def is_clock_set_back() -> bool:
    """Return whether open or recently changed publications have times in an impossible future."""
    now = timezone.now()
    if _impossible_steps(now).exists():
        return True
    last_changes = Attempt.objects.order_by("-pk").values_list("publication", flat=True)
    is_recent = Q(pk__in=list(last_changes[:CHECKED_ATTEMPTS]))
    latest = now + MAX_CLOCK_SKEW
    is_ahead = Q(sent_at__gt=latest) | Q(settled_at__gt=latest) | Q(touched_at__gt=latest)
    return Publication.objects.filter(is_ahead, is_recent | ~Q(state__in=FINAL_STATES)).exists()


def reanchor_publications() -> None:
    """Set every time of publications, hand-offs and rate limits that is impossible to now."""
    now = timezone.now()
    _impossible_steps(now).update(not_before=now)
    for name in PAST_FIELDS:
        future_rows = Publication.objects.filter(**{f"{name}__gt": now + MAX_CLOCK_SKEW})
        future_rows.update(**{name: now})
    for name in ("news_at", "turn_at"):
        future_rows = Publication.objects.filter(**{f"{name}__gt": now + MAX_SEND_DELAY})
        future_rows.update(**{name: now})
    planned_too_late = Publication.objects.filter(scheduled_for__gt=now + MAX_SEND_DELAY)
    planned_too_late.update(scheduled_for=None)
    Attempt.objects.filter(at__gt=now + MAX_CLOCK_SKEW).update(at=now)
    HandOff.objects.filter(next_poll_at__gt=now + MAX_SEND_DELAY).update(next_poll_at=now)
    Bucket.objects.filter(full_at__gt=(now + MAX_SEND_DELAY).timestamp()).update(full_at=0)


def _impossible_steps(now: datetime) -> QuerySet[Publication]:
    """Return open publications whose next step is later than any limit can put it off."""
    is_polled = Q(state__in=publication_states.POLLED_STATES)
    was_due = Q(due_at__lte=now) | Q(asked_at__gt=now + MAX_CLOCK_SKEW)
    send_is_late = ~is_polled & was_due & Q(not_before__gt=now + MAX_SEND_DELAY)
    poll_is_late = is_polled & Q(not_before__gt=now + MAX_POLL_DELAY)
    return Publication.objects.exclude(state__in=FINAL_STATES).filter(send_is_late | poll_is_late)
