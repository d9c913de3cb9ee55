"""Enqueue tasks for publications, and enqueue them again if a message got lost."""

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
BATCH = 500  # publications enqueued per call and task


def send_soon(publication: Publication) -> bool:
    """Enqueue the sending of a publication; False if the rate limit gave it a later turn.

    Nothing is lost if the broker is down: the row is due, and `enqueue_due_publications` finds it.
    Messages never have an ETA or a countdown; what has to wait, waits in the database.
    """
    if not rate_limits.turn(publication):
        return False
    _tell(SEND, publication)
    return True


def tell_again() -> int:
    """Enqueue all that is due, including what was enqueued so long ago that it must be lost."""
    due = _untold().select_related("connection").order_by("not_before")
    ready = [send_soon(one) for one in due.filter(state=State.READY)[:BATCH]]
    looks = due.filter(state__in=publication_states.WATCHED)[:BATCH]
    for one in looks:
        _tell(LOOK, one)
    return sum(ready) + len(looks)


def _untold() -> Any:
    now = timezone.now()
    retell = now - timedelta(seconds=settings.PUBLISH_RESEND_SECONDS)
    silent = Q(touched_at=None) | Q(touched_at__lt=retell)
    return Publication.objects.filter(silent, connection__isnull=False, not_before__lte=now)


def _tell(task: str, publication: Publication) -> None:
    """Enqueue a task, unless a concurrent call has done it."""
    same = Publication.objects.filter(
        pk=publication.pk, state=publication.state, touched_at=publication.touched_at
    )
    now = timezone.now()
    if same.update(touched_at=now):
        publication.touched_at = now
        # The message expires when it would be sent again, so that messages do not pile up.
        message = signature(
            task,
            (str(publication.pk),),
            ignore_result=True,
            expires=settings.PUBLISH_RESEND_SECONDS,
        )
        transaction.on_commit(message.delay, robust=True)
