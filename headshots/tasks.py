"""What a worker can be told to do; every task may run twice, or never, without harm."""

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
    """Load the networks before the first photo comes."""
    worker.warm_up()


@shared_task(name="headshots.check")
def check(pk: str) -> None:
    """Let the coach look at a photo."""
    worker.look_at(UUID(pk))


@shared_task(name="headshots.render")
def render(pk: str) -> None:
    """Make what a render waits for."""
    worker.develop(UUID(pk))


@shared_task(name="headshots.preview")
def preview(key: str, names: list[str], wish: dict[str, Any]) -> None:
    """Show how a look would be."""
    worker.preview(key, names, wish)


@shared_task(name="headshots.sample")
def sample(key: str, look: str) -> None:
    """Show a look of the sample portrait."""
    worker.sample(key, look)


@shared_task(name="headshots.hint")
def hint(key: str, lent: str) -> None:
    """Say what the coach thinks of one frame of a camera."""
    worker.hint(key, lent)


@shared_task(name="headshots.tick")
def tick() -> None:
    """Ask again for what a lost worker or message left."""
    queue.tell_again()
    paintings.give_up_lost(after=settings.PAINT_PATIENCE_SECONDS)


@shared_task(name="headshots.sweep")
def sweep() -> None:
    """Remove what belongs to nobody any more."""
    photos.sweep()
    if isinstance(default_storage, AtomicFiles):
        default_storage.sweep()
