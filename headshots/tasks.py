"""Celery tasks of the rendering worker; each may run twice, or never, without harm."""

from typing import Any
from uuid import UUID

from celery import shared_task
from celery.signals import worker_init
from django.conf import settings
from django.core.files.storage import default_storage

from headshots import worker
from headshots.services import paintings, photos, queue
from headshots.storage.disk import AtomicFiles


@worker_init.connect
def warm_up(**_: Any) -> None:
    """Load the networks before the first photo arrives."""
    worker.warm_up()


@shared_task(name="headshots.check")
def check(pk: str) -> None:
    """Run the input checks on a photo."""
    worker.look_at(UUID(pk))


@shared_task(name="headshots.render")
def render(pk: str) -> None:
    """Make the variants of a render that are still waiting."""
    worker.develop(UUID(pk))


@shared_task(name="headshots.preview")
def preview(key: str, names: list[str], wish: dict[str, Any]) -> None:
    """Answer with a small preview of a look."""
    worker.preview(key, names, wish)


@shared_task(name="headshots.sample")
def sample(key: str, look: str) -> None:
    """Answer with a look of the sample portrait."""
    worker.sample(key, look)


@shared_task(name="headshots.hint")
def hint(key: str, lent: str) -> None:
    """Answer with the input checks of one frame of a camera stream."""
    worker.hint(key, lent)


@shared_task(name="headshots.tick")
def tick() -> None:
    """Enqueue work again whose worker or message was lost, and fail what nobody can make."""
    queue.tell_again()
    paintings.give_up_lost(after=settings.PAINT_PATIENCE_SECONDS)


@shared_task(name="headshots.sweep")
def sweep() -> None:
    """Delete stored files that no row refers to."""
    photos.sweep()
    if isinstance(default_storage, AtomicFiles):
        default_storage.sweep()
