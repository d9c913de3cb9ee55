"""Messages to workers, and what keeps promises when one is lost: stale work is told again."""

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
    """Tell a worker which row waits, once the row is really there.

    Without a broker nothing is lost: the row waits, and a tick tells it again.
    """
    message = signature(task, (str(pk),), ignore_result=True)
    transaction.on_commit(message.delay, robust=True)


def tell_render(render: Render) -> None:
    """Tell those workers that can make it."""
    tell(PAINT if render.paints else RENDER, render.pk)


def tell_again() -> int:
    """Tell once more all work without a sign of life for a lease; returns how much there was."""
    checks = _freed(Photo.objects.filter(state=Photo.State.CHECKING))
    unfinished = Render.objects.filter(finished_at=None)
    sheets = _freed(unfinished.filter(paints=False))
    # Nobody would read what a GPU worker is told while there is none: the messages would pile up.
    painted = _freed(unfinished.filter(paints=True)) if painters.is_there() else []
    for task, rows in ((CHECK, checks), (RENDER, sheets), (PAINT, painted)):
        for pk in rows:
            tell(task, pk)
    return len(checks) + len(sheets) + len(painted)


def _freed(work: Any) -> list[UUID]:
    """Take stale rows from whoever held them, one by one, so that two ticks share the work."""
    now = timezone.now()
    stale = work.filter(touched_at__lt=now - timedelta(seconds=settings.RENDER_LEASE_SECONDS))
    return [
        pk
        for pk, seen in list(stale.values_list("pk", "touched_at"))
        if work.filter(pk=pk, touched_at=seen).update(claim=None, touched_at=now)
    ]
