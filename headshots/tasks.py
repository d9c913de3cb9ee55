"""Celery tasks of the rendering worker; each may run twice, or never, without harm.

A task that names a row says that there is work; the worker takes the row whose turn it is.
"""

from functools import partial
from threading import BoundedSemaphore
from typing import Any, Final

from celery import shared_task
from celery.signals import worker_init
from django.conf import settings
from django.core.files.storage import default_storage

from headshots import work_lanes, worker
from headshots.isolation import run_isolated
from headshots.services import diffusion_renders, fair_shares, photos, queue
from headshots.storage.disk import AtomicFiles

RENDER_LANE: Final = work_lanes.WorkLane(work_lanes.RENDERS)
CHECK_LANE: Final = work_lanes.WorkLane(work_lanes.CHECKS)
PREVIEW_PLACES: Final = BoundedSemaphore(work_lanes.PREVIEWS)  # somebody waits: never dropped


@worker_init.connect
def warm_up(**_: Any) -> None:
    """Load the networks before the first photo arrives."""
    worker.warm_up()


@shared_task(name="headshots.check_photo")
def check_photo(photo_id: str) -> None:  # noqa: ARG001  a hint only
    """Run the input checks on the photos that wait for them."""
    CHECK_LANE.work_off(fair_shares.next_photo, worker.check_photo)


@shared_task(name="headshots.run_render")
def run_render(render_id: str) -> None:  # noqa: ARG001  a hint only
    """Make the renders that wait, one after another."""
    RENDER_LANE.work_off(fair_shares.next_render, worker.run_render)


@shared_task(name="headshots.render_preview")
def render_preview(answer_key: str, picture_names: list[str], request: dict[str, Any]) -> None:
    """Answer with a small preview of a look."""
    with PREVIEW_PLACES:
        worker.render_preview(answer_key, picture_names, request)


@shared_task(name="headshots.render_cut_out")
def render_cut_out(answer_key: str, picture_name: str, request: dict[str, Any]) -> None:
    """Answer with a headshot without its background."""
    with PREVIEW_PLACES:
        worker.render_cut_out(answer_key, picture_name, request)


@shared_task(name="headshots.render_sample")
def render_sample(answer_key: str, look_slug: str) -> None:
    """Answer with a look of the sample portrait."""
    with PREVIEW_PLACES:
        worker.render_sample(answer_key, look_slug)


@shared_task(name="headshots.check_camera_frame")
def check_camera_frame(answer_key: str, frame_key: str) -> None:
    """Answer with the input checks of one frame of a camera stream."""
    worker.check_camera_frame(answer_key, frame_key)


@shared_task(name="headshots.enqueue_lost_work")
def enqueue_lost_work() -> None:
    """Enqueue work again whose worker or message was lost, and fail what nobody can make."""
    run_isolated("stale work", queue.enqueue_stale_work)
    patience = {"patience_seconds": settings.PAINT_PATIENCE_SECONDS}
    run_isolated("stale work", partial(diffusion_renders.fail_unclaimed, **patience))


@shared_task(name="headshots.delete_orphaned_files")
def delete_orphaned_files() -> None:
    """Delete stored files that no row refers to."""
    photos.delete_orphans()
    if isinstance(default_storage, AtomicFiles):
        default_storage.delete_abandoned_drafts()
