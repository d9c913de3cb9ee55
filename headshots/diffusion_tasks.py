"""What a worker with a GPU can be told to do; it reads the queue `gpu` and no other."""

import threading
from typing import Any
from uuid import UUID

from celery import shared_task
from celery.signals import worker_init

from headshots import diffusion_pipeline, worker
from headshots.services import painters


@worker_init.connect
def begin(**_: Any) -> None:
    """Find device and weights, then say that somebody here can paint, for as long as it lives."""
    diffusion_pipeline.painter()
    threading.Thread(target=show_life, daemon=True).start()


def show_life(over: threading.Event | None = None) -> None:
    """Say so every few seconds, until the end of this process or of the event."""
    over = over or threading.Event()
    painters.show()
    while not over.wait(painters.BEAT):
        painters.show()


@shared_task(name="headshots.paint")
def paint(pk: str) -> None:
    """Paint what a render waits for; one at a time, because the worker has one thread."""
    worker.develop(UUID(pk), painter=diffusion_pipeline.painter())
