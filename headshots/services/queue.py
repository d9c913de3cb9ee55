"""Messages to workers, and what keeps promises when one is lost: stale work is told again."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from celery import signature
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from headshots.models import Photo, Render

CHECK, RENDER = "headshots.check", "headshots.render"


def tell(task: str, pk: UUID) -> None:
    """Tell a worker which row waits, once the row is really there.

    Without a broker nothing is lost: the row waits, and a tick tells it again.
    """
    message = signature(task, (str(pk),), ignore_result=True)
    transaction.on_commit(message.delay, robust=True)


def tell_again() -> int:
    """Tell once more all work without a sign of life for a lease; returns how much there was."""
    checks = _freed(Photo.objects.filter(state=Photo.State.CHECKING))
    sheets = _freed(Render.objects.filter(finished_at=None))
    for task, rows in ((CHECK, checks), (RENDER, sheets)):
        for pk in rows:
            tell(task, pk)
    return len(checks) + len(sheets)


def _freed(work: Any) -> list[UUID]:
    """Take stale rows from whoever held them, one by one, so that two ticks share the work."""
    now = timezone.now()
    stale = work.filter(touched_at__lt=now - timedelta(seconds=settings.RENDER_LEASE_SECONDS))
    return [
        pk
        for pk, seen in list(stale.values_list("pk", "touched_at"))
        if work.filter(pk=pk, touched_at=seen).update(claim=None, touched_at=now)
    ]
