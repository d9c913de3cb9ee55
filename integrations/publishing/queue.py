"""Messages to workers about publications, and the tick that keeps promises when one is lost."""

from datetime import timedelta
from typing import Any

from celery import signature
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from integrations import publication_states
from integrations.models import Publication
from integrations.publication_states import State
from integrations.publishing import rate_limits

SEND, LOOK = "integrations.send", "integrations.look"
BATCH = 500  # rows a tick takes of each kind


def send_soon(publication: Publication) -> bool:
    """Tell a worker that it may be sent, if it is its turn.

    Nothing is lost without a broker: the row waits, and a tick tells it again. No message is ever
    to be kept for later by the broker: what has to wait, waits as a row.
    """
    if not rate_limits.turn(publication):
        return False
    _tell(SEND, publication)
    return True


def tell_again() -> int:
    """Tell workers of all that is due, and again of what was told so long ago that it got lost."""
    due = _untold().select_related("connection").order_by("not_before")
    ready = [send_soon(one) for one in due.filter(state=State.READY)[:BATCH]]
    looks = due.filter(state__in=publication_states.WATCHED)[:BATCH]
    for one in looks:
        _tell(LOOK, one)
    return sum(ready) + len(looks)


def _untold() -> Any:
    now = timezone.now()
    retell = now - timedelta(seconds=settings.PUBLISH_RETELL_SECONDS)
    silent = Q(touched_at=None) | Q(touched_at__lt=retell)
    return Publication.objects.filter(silent, connection__isnull=False, not_before__lte=now)


def _tell(task: str, publication: Publication) -> None:
    """One message, unless another tick told it at this very moment."""
    same = Publication.objects.filter(
        pk=publication.pk, state=publication.state, touched_at=publication.touched_at
    )
    now = timezone.now()
    if same.update(touched_at=now):
        publication.touched_at = now
        # Told again after a while; a message nobody read until then is dropped, so that they never
        # pile up.
        message = signature(
            task,
            (str(publication.pk),),
            ignore_result=True,
            expires=settings.PUBLISH_RETELL_SECONDS,
        )
        transaction.on_commit(message.delay, robust=True)
