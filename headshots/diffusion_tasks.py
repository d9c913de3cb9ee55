"""Tasks of the worker for diffusion, which reads the queue `gpu` and no other."""

import threading
from typing import Any
from uuid import UUID

from celery import shared_task
from celery.signals import worker_init

from headshots import worker
from headshots.diffusion import setup as diffusion_setup
from headshots.services import diffusion_workers, fair_shares


@worker_init.connect
def start_reporting(**_: Any) -> None:
    """Find device and weights, then report this worker's presence for as long as it runs."""
    diffusion_setup.get_pipeline()
    threading.Thread(target=report_presence, daemon=True).start()


def report_presence(stop_event: threading.Event | None = None) -> None:
    """Report this worker's presence every few seconds, until the event or the process ends."""
    stop_event = stop_event or threading.Event()
    diffusion_workers.report_presence()
    while not stop_event.wait(diffusion_workers.REPORT_INTERVAL_SECONDS):
        diffusion_workers.report_presence()


@shared_task(name="headshots.run_diffusion_render")
def run_diffusion_render(render_id: str) -> None:
    """Generate what the next render waits for; one at a time, as the worker has one thread."""
    next_render = fair_shares.next_render(paints=True) or UUID(render_id)
    worker.run_render(next_render, pipeline=diffusion_setup.get_pipeline())
