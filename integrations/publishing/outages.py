"""Platforms that do not answer or rate limit Facet for long: wait as told, tell once, go on.

After PUBLISH_ATTEMPTS failed tries, or a day of rate limits, the person is told and can do
something else. Facet still tries again by itself, ever more rarely, for a month.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.utils import timezone

from headshots.isolation import load_rows, run_for_each
from integrations.errors import PlatformError, RateLimited, Unavailable, Uncertain
from integrations.models import Publication
from integrations.publication_states import State
from integrations.publishing import queue as publishing_queue
from integrations.publishing import rate_limits, transitions

RATE_LIMIT_PATIENCE: Final = timedelta(days=1)  # of rate limits, until the person is told
# Rate limits of one publication after which the platform's own waiting time is not trusted alone.
TRUSTED_RATE_LIMITS: Final = 20
MIN_TRY_DELAY, MAX_TRY_DELAY = timedelta(hours=1), timedelta(hours=12)  # once the person is told
OUTAGE_LIFETIME: Final = timedelta(days=30)  # after which only the person tries again
# The code of a try that failed after the person was told: it is no news.
STILL_WAITING: Final = "still_waiting"
OUTAGE_CODES: Final = frozenset({Unavailable.code, RateLimited.code, Uncertain.code, STILL_WAITING})


def wait_after_error(publication: Publication, error: PlatformError) -> timedelta:
    """Return how long to wait before the next try: at least what the platform asks for."""
    requested = timedelta(seconds=error.retry_after)
    if isinstance(error, RateLimited):
        count = publication.steps.filter(code=error.code).count()
        is_trusted = count < TRUSTED_RATE_LIMITS
        return requested if is_trusted else max(requested, rate_limits.backoff_delay(count))
    return max(rate_limits.backoff_delay(publication.attempts + 1), requested)


def is_told(publication: Publication, attempts: int, code: str) -> bool:
    """Return whether the person is told, or was told already, instead of only waiting."""
    if code == RateLimited.code:
        first = publication.steps.filter(code=code).order_by("at").first()
        is_long = first is not None and timezone.now() - first.at >= RATE_LIMIT_PATIENCE
        return is_long or _was_told(publication)
    return attempts >= settings.PUBLISH_ATTEMPTS


def describe_outage(publication: Publication, code: str) -> dict[str, Any]:
    """Return the fields by which the person is told; nothing is news the second time."""
    if code not in OUTAGE_CODES:  # such as a picture that never shows
        return {"advice": "Try again when the platform answers, or set the picture there yourself."}
    advice = "Facet tries again by itself. You can also set the picture there yourself."
    if _was_told(publication):
        return {"code": STILL_WAITING, "advice": advice, "news_at": None}
    return {"advice": advice}


def next_try(publication: Publication, wait: timedelta) -> datetime:
    """Return when a publication about which the person was told is tried again."""
    waited = timezone.now() - publication.due_at
    return timezone.now() + max(wait, min(max(waited / 4, MIN_TRY_DELAY), MAX_TRY_DELAY))


def resume_after_outage() -> int:
    """Try the publications again that waited for their platform long enough; return how many."""
    now = timezone.now()
    waiting = Publication.objects.filter(
        state=State.BLOCKED,
        code__in=OUTAGE_CODES,
        sent_at=None,
        connection__isnull=False,
        not_before__lte=now,
        due_at__gt=now - OUTAGE_LIFETIME,
    ).select_related("connection", "variant")
    rows = load_rows("outage", waiting.order_by("not_before")[: publishing_queue.BATCH_SIZE])
    on_failure = publishing_queue.postpone_publication
    return sum(run_for_each("outage", rows, _resume_publication, on_failure=on_failure))


def _resume_publication(publication: Publication) -> bool:
    code = publication.code
    if not transitions.change_state(publication, State.READY, code=code, not_before=timezone.now()):
        return False
    publishing_queue.enqueue_send(publication)
    return True


def _was_told(publication: Publication) -> bool:
    return publication.steps.filter(target=State.BLOCKED, code__in=OUTAGE_CODES).exists()
