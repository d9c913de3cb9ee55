"""Messages to workers; work whose message or worker was lost is enqueued again."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from celery import signature
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from headshots.models import Photo, Render
from headshots.services import painters

CHECK, RENDER, PAINT = "headshots.check", "headshots.render", "headshots.paint"


def tell(task: str, pk: UUID) -> None:
    """Send a task with the id of a row, once the transaction is committed.

    If the broker cannot be reached the row stays, and `enqueue_stale_work` sends the task later.
    """
    message = signature(task, (str(pk),), ignore_result=True)
    transaction.on_commit(message.delay, robust=True)


def tell_render(render: Render) -> None:
    """Enqueue a render for the workers that can make it."""
    tell(PAINT if render.paints else RENDER, render.pk)


def tell_again() -> int:
    """Enqueue all work again whose last heartbeat is older than a lease; returns how much."""
    checks = _freed(Photo.objects.filter(state=Photo.State.CHECKING))
    unfinished = Render.objects.filter(finished_at=None)
    sheets = _freed(unfinished.filter(paints=False))
    # While there is no diffusion worker its messages would pile up in the queue.
    painted = _freed(unfinished.filter(paints=True)) if painters.is_there() else []
    for task, rows in ((CHECK, checks), (RENDER, sheets), (PAINT, painted)):
        for pk in rows:
            tell(task, pk)
    return len(checks) + len(sheets) + len(painted)


def _freed(work: Any) -> list[UUID]:
    """Remove the claims of stale rows and return the ids of those rows.

    Row by row, so that two processes that do this at once do not both enqueue a row.
    """
    now = timezone.now()
    stale = work.filter(touched_at__lt=now - timedelta(seconds=settings.RENDER_LEASE_SECONDS))
    return [
        pk
        for pk, seen in list(stale.values_list("pk", "touched_at"))
        if work.filter(pk=pk, touched_at=seen).update(claim=None, touched_at=now)
    ]
