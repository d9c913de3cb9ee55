"""Messages to workers; work whose message or worker was lost is enqueued again."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from celery import signature
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from headshots.models import Photo, Render
from headshots.services import diffusion_workers

CHECK_TASK, RENDER_TASK, DIFFUSION_TASK = (
    "headshots.check_photo",
    "headshots.run_render",
    "headshots.run_diffusion_render",
)


def enqueue_task(task_name: str, row_id: UUID) -> None:
    """Send a task with the id of a row, once the transaction is committed.

    If the broker cannot be reached the row stays, and `enqueue_stale_work` sends the task later. A
    message expires when the next one may be sent for the row, so that they do not accumulate.
    """
    expires = settings.RENDER_LEASE_SECONDS
    message = signature(task_name, (str(row_id),), ignore_result=True, expires=expires)
    transaction.on_commit(message.delay, robust=True)


def enqueue_render(render: Render) -> None:
    """Enqueue a render for the workers that can make it."""
    enqueue_task(DIFFUSION_TASK if render.paints else RENDER_TASK, render.pk)


def enqueue_stale_work() -> int:
    """Enqueue all work again whose last heartbeat is older than a lease; returns how much."""
    photo_ids = _release_stale_rows(Photo.objects.filter(state=Photo.State.CHECKING))
    unfinished_renders = Render.objects.filter(finished_at=None)
    render_ids = _release_stale_rows(unfinished_renders.filter(paints=False))
    # While there is no diffusion worker its messages would pile up in the queue.
    diffusion_ids = (
        _release_stale_rows(unfinished_renders.filter(paints=True))
        if diffusion_workers.is_worker_present()
        else []
    )
    for task_name, row_ids in (
        (CHECK_TASK, photo_ids),
        (RENDER_TASK, render_ids),
        (DIFFUSION_TASK, diffusion_ids),
    ):
        for row_id in row_ids:
            enqueue_task(task_name, row_id)
    return len(photo_ids) + len(render_ids) + len(diffusion_ids)


def _release_stale_rows(queryset: Any) -> list[UUID]:
    """Remove the claims of stale rows and return the ids of those rows.

    Row by row, so that two processes that do this at once do not both enqueue a row.
    """
    now = timezone.now()
    stale_rows = queryset.filter(
        touched_at__lt=now - timedelta(seconds=settings.RENDER_LEASE_SECONDS)
    )
    return [
        row_id
        for row_id, last_heartbeat in list(stale_rows.values_list("pk", "touched_at"))
        if queryset.filter(pk=row_id, touched_at=last_heartbeat).update(claim=None, touched_at=now)
    ]
