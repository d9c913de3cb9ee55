"""Tasks of the worker for diffusion, which reads the queue `gpu` and no other."""

import threading
from typing import Any
from uuid import UUID

from celery import shared_task
from celery.signals import worker_init

from headshots import diffusion_pipeline, worker
from headshots.services import painters


@worker_init.connect
def begin(**_: Any) -> None:
    """Find device and weights, then report this worker's presence for as long as it runs."""
    diffusion_pipeline.painter()
    threading.Thread(target=show_life, daemon=True).start()


def show_life(over: threading.Event | None = None) -> None:
    """Report this worker's presence every few seconds, until the event or the process ends."""
    over = over or threading.Event()
    painters.show()
    while not over.wait(painters.BEAT):
        painters.show()


@shared_task(name="headshots.paint")
def paint(pk: str) -> None:
    """Generate what a render waits for; one at a time, because the worker has one thread."""
    worker.develop(UUID(pk), painter=diffusion_pipeline.painter())
