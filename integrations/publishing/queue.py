"""Enqueue tasks for publications, and enqueue them again if a message got lost."""

from datetime import timedelta
from functools import partial
from typing import Any

from celery import signature
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from headshots.isolation import load_rows, run_for_each
from integrations import publication_states
from integrations.models import Publication
from integrations.publication_states import State
from integrations.publishing import rate_limits

SEND_TASK, POLL_TASK = "integrations.send_publication", "integrations.poll_publication"
FAILURE_DELAY = timedelta(minutes=10)  # until a row that caused an error is tried again
BATCH_SIZE = 500  # publications enqueued per call and task


def enqueue_send(publication: Publication) -> bool:
    """Enqueue the sending of a publication; False if the rate limit gave it a later turn.

    Nothing is lost if the broker is down: the row is due, and `enqueue_due_publications` finds it.
    Messages never have an ETA or a countdown; what has to wait, waits in the database.
    """
    if not rate_limits.take_turn(publication):
        return False
    _enqueue_task(SEND_TASK, publication)
    return True


def enqueue_due_publications() -> int:
    """Enqueue all that is due, including what was enqueued so long ago that it must be lost."""
    due_publications = _due_publications().select_related("connection").order_by("not_before")
    sends = due_publications.filter(state=State.READY)[:BATCH_SIZE]
    polls = due_publications.filter(state__in=publication_states.POLLED_STATES)[:BATCH_SIZE]
    enqueued = run_for_each(
        "send", load_rows("send", sends), enqueue_send, on_failure=postpone_publication
    )
    polled = run_for_each("poll", load_rows("poll", polls), partial(_enqueue_task, POLL_TASK))
    return sum(enqueued) + len(polled)


def postpone_publication(publication: Publication) -> None:
    """Put off a publication that cannot be handled at the moment, so that others get their turn."""
    unchanged_rows = Publication.objects.filter(pk=publication.pk, not_before__lte=timezone.now())
    unchanged_rows.update(not_before=timezone.now() + FAILURE_DELAY)


def _due_publications() -> Any:
    now = timezone.now()
    resend_before = now - timedelta(seconds=settings.PUBLISH_RESEND_SECONDS)
    not_enqueued = Q(touched_at=None) | Q(touched_at__lt=resend_before)
    return Publication.objects.filter(not_enqueued, connection__isnull=False, not_before__lte=now)


def _enqueue_task(task: str, publication: Publication) -> None:
    """Enqueue a task, unless a concurrent call has done it."""
    unchanged_rows = Publication.objects.filter(
        pk=publication.pk, state=publication.state, touched_at=publication.touched_at
    )
    now = timezone.now()
    if unchanged_rows.update(touched_at=now):
        publication.touched_at = now
        # The message expires when it would be sent again, so that messages do not pile up.
        message = signature(
            task,
            (str(publication.pk),),
            ignore_result=True,
            expires=settings.PUBLISH_RESEND_SECONDS,
        )
        transaction.on_commit(message.delay, robust=True)
