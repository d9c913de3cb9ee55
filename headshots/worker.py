"""Work of a rendering worker: reads rows and files, runs the engine, stores the results."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from functools import cache, lru_cache
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.utils import timezone

from headshots import diffusion_worker, metrics, people, photo_regions
from headshots.engine import cut_outs, recipes
from headshots.engine import results as engine_results
from headshots.engine.analysis import input_checks
from headshots.engine.appearance import measure_appearance
from headshots.engine.diffusion.batch import DiffusionPipeline
from headshots.engine.io import provenance
from headshots.engine.io.decode import decode
from headshots.engine.io.encode import encode
from headshots.engine.prediction import predict
from headshots.engine.render import Renderer
from headshots.engine.results import PreparedPhoto, RejectedVariant
from headshots.engine.steps import STEPS
from headshots.errors import FacetError, NotReady, StorageFull
from headshots.evidence import collect_evidence, hash_file
from headshots.models import Photo, Render, Variant
from headshots.selectors import recipe_of
from headshots.services import photos, previews, render_sizes, renders
from headshots.services.focal_lengths import recall_focal_share
from headshots.source_cache import SOURCE_CACHE
from headshots.storage import pictures

PREVIEW_SIZE: Final = 512  # pixels a side of a preview
CAMERA_FRAME_SIZE: Final = 256  # pixels a side of a camera frame that is checked
HEARTBEAT_SECONDS: Final = 0.3  # seconds between two heartbeats of a run
HASHED_PHOTOS: Final = 64  # photos whose hash is kept in memory
STALL_SECONDS: Final = 120.0  # seconds without a new step after which heartbeats end
PROGRESS_STAGES: Final = (*(step.name for step in STEPS), "gates")
# Checks whose result on a small video frame says nothing about the photo that will be taken.
CHECKS_NOT_FOR_VIDEO: Final = {"inter_eye_distance", "sharpness", "noise"}

log = logging.getLogger(__name__)


def warm_up() -> None:
    """Render the sample portrait once, so that all networks are loaded."""
    sample_renderer().render(recipes.built_in_looks()["linkedin"])


def check_photo(photo_id: UUID) -> None:
    """Run the input checks on a photo and store their result."""
    photo = photos.claim_photo(photo_id)
    if photo is None:
        return
    if photos.has_used_all_attempts(photo):
        outcome: PreparedPhoto | FacetError = NotReady(
            "This photo could not be looked at, although it was tried many times.",
            advice="Save it again as a JPEG and add that, or use another photo.",
        )
    else:
        outcome = SOURCE_CACHE.get_renderer(
            [photo.picture],
            size=render_sizes.choose_size([photo]),
            faces=[photo.center_of_face(photo.face)],
        ).prepared[0]
    focal_share = recall_focal_share(photo.pk)
    if focal_share is not None and isinstance(outcome, PreparedPhoto):
        outcome = outcome.with_distance_check(focal_share * max(photo.width, photo.height))
    check_result = _summarize_check(photo, outcome)
    if photos.record_check(photo, check_result):
        if isinstance(outcome, PreparedPhoto):
            people.assign_person(photo, outcome.reference_face)
        metrics.CHECKED_PHOTOS.labels(
            check_result.error.code if check_result.error else "usable"
        ).inc()


def _summarize_check(photo: Photo, outcome: PreparedPhoto | FacetError) -> photos.CheckResult:
    """Return what is stored of the check of a photo, which was prepared or cannot be."""
    face_boxes = photo_regions.find_face_boxes(photo, outcome)
    prediction = asdict(
        predict(
            outcome,
            list(recipes.built_in_looks().values()),
            faces_found=len(face_boxes or ()),
            is_face_chosen=photo.face is not None,
        )
    )
    if isinstance(outcome, FacetError):
        return photos.CheckResult([], None, outcome, prediction, face_boxes)
    return photos.CheckResult(
        outcome.checks,
        photo_regions.find_head_box(outcome),
        prediction=prediction,
        faces=face_boxes,
        appearance=asdict(measure_appearance(outcome.subject)),
    )


def run_render(render_id: UUID, *, pipeline: DiffusionPipeline | None = None) -> None:
    """Make the variants that a render still waits for, storing each as soon as it is finished.

    Does nothing if another run holds the render. `pipeline` is for variants with diffusion steps.
    """
    render = renders.claim_render(render_id)
    if render is None:
        return
    try:
        _run_claimed_render(render, pipeline)
    except StorageFull as error:
        log.warning("render %s is put back: %s", render_id, error.message)
        renders.release_render(render)
    except FacetError as error:
        renders.fail_render(render, reason=error.message, advice=error.advice)


def _run_claimed_render(render: Render, pipeline: DiffusionPipeline | None) -> None:
    """Make the waiting variants of a claimed render; raises the FacetError that prevents it."""
    _require_attempts_left(render)
    pending_variants = list(renders.waiting_variants(render))
    source_photos = _source_photos(render, pending_variants)
    requested_recipes = [recipe_of(variant) for variant in pending_variants]
    with report_progress(render, pending_variants) as on_progress:
        renderer = SOURCE_CACHE.get_renderer(
            [photo.picture for photo in source_photos],
            size=render.size,
            seed=render.seed,
            faces=[photo.center_of_face(render.face_in(photo)) for photo in source_photos],
        )
        results = renderer.render_all(requested_recipes, on_step=on_progress)
        if pipeline is not None:
            results = diffusion_worker.run_diffusion(
                renderer, pipeline, render, pending_variants, on_progress
            )
        for variant, result in zip(pending_variants, results, strict=True):
            _record_result(variant, result, source_photos)
    if renders.finish_render(render):
        metrics.RENDER_SECONDS.labels(render.kind).observe(
            (timezone.now() - render.created_at).total_seconds()
        )


def _require_attempts_left(render: Render) -> None:
    """Raise NotReady for a render that was started too often without an end."""
    if renders.has_used_all_attempts(render):
        raise NotReady(
            "This could not be made, although it was tried many times.",
            advice="Try again with another photo, or ask whoever runs this Facet.",
        )


def _source_photos(render: Render, pending_variants: list[Variant]) -> list[Photo]:
    """Return the photos of a render, newest first; of an unretouched variant, its own photo first.

    Raises NotReady if they were deleted.
    """
    source_photos = list(render.photos.order_by("-added_at"))
    if render.kind == Render.Kind.UNTOUCHED and pending_variants:
        source_photos.sort(key=lambda photo: photo.pk != pending_variants[0].photo_id)
        source_photos = source_photos if pending_variants[0].photo_id else []
    if not source_photos:
        raise NotReady("The photo was deleted.", advice="Start again with another photo.")
    return source_photos


def _record_result(
    variant: Variant,
    result: engine_results.RenderedVariant | RejectedVariant,
    source_photos: list[Photo],
) -> None:
    """Store one result of the engine and count it, unless another run has stored one."""
    if isinstance(result, RejectedVariant):
        if renders.record_rejected_variant(variant, result.error):
            metrics.FINISHED_LOOKS.labels(variant.look, result.error.code).inc()
        return
    file, photo = result.encode(), source_photos[result.photo_index]
    picture = pictures.store_picture(variant.owner_id, result.pixels, full_size_file=file)
    evidence = collect_evidence(result, photo_sha256=_hash_photo(photo.picture), picture=file)
    if renders.record_ready_variant(
        variant, result, picture_name=picture, photo=photo, evidence=evidence
    ):
        metrics.FINISHED_LOOKS.labels(variant.look, "ready").inc()


@lru_cache(maxsize=HASHED_PHOTOS)
def _hash_photo(picture_name: str) -> str:
    """Return the SHA-256 of a stored photo; what a name stands for never changes."""
    return hash_file(pictures.read_file(picture_name))


@contextmanager
def report_progress(render: Render, pending_variants: list[Variant]) -> Iterator[Any]:
    """Store heartbeat and progress of a run, from a separate thread, until the block ends.

    Yields the callback for the engine's steps. After STALL_SECONDS without a call the heartbeats
    end, so that another worker may take the render over.
    """
    progress = _RenderProgress(render, pending_variants)
    thread = threading.Thread(target=progress.send_heartbeats, daemon=True)
    thread.start()
    try:
        yield progress.report_step
    finally:
        progress.stop_event.set()
        thread.join()


@dataclass
class _RenderProgress:
    """How far the variants of a run are; one thread reports it, another one stores it."""

    render: Render
    pending_variants: list[Variant]
    stages: dict[UUID, tuple[int, str]] = field(default_factory=dict)
    last_report: float = field(default_factory=time.monotonic)
    step_timer: metrics.StepTimer = field(default_factory=metrics.StepTimer)
    stop_event: threading.Event = field(default_factory=threading.Event)

    def report_step(self, look: str, step: str, step_share: float = 0.0) -> None:
        """Note that a look has reached a step, of which a share is done."""
        self.step_timer.record_step(look, step)
        percent = round(100 * (PROGRESS_STAGES.index(step) + step_share) / len(PROGRESS_STAGES))
        for variant in self.pending_variants:
            if variant.look == look:
                self.stages[variant.pk] = (percent, step)
        self.last_report = time.monotonic()

    def send_heartbeats(self) -> None:
        """Store the progress again and again, until the run stops or stalls."""
        while (
            not self.stop_event.wait(HEARTBEAT_SECONDS)
            and time.monotonic() - self.last_report < STALL_SECONDS
        ):
            renders.record_progress(self.render, dict(self.stages))
        connection.close()


def render_preview(answer_key: str, picture_names: list[str], request: dict[str, Any]) -> None:
    """Answer with a small JPEG of one look.

    Photos are prepared for the full size, as for the headshot itself, and usually cached already;
    rendering at PREVIEW_SIZE then takes about a quarter of the time.
    """
    recipe = recipes.restore_recipe(request["look"], request["steps"])
    try:
        renderer = SOURCE_CACHE.get_renderer(
            picture_names,
            size=request["size"],
            seed=request["seed"],
            faces=[tuple(face) if face else None for face in request.get("faces", ())],
        )
        rendered = replace(renderer, size=min(PREVIEW_SIZE, request["size"])).render(recipe)
        if rendered.clothes_refusal:
            raise FacetError(rendered.clothes_refusal)
    except FacetError as error:
        previews.store_answer(answer_key, previews.encode_error(error))
        return
    previews.store_answer(answer_key, encode(rendered.pixels))


def render_cut_out(answer_key: str, picture_name: str, request: dict[str, Any]) -> None:
    """Answer with a PNG of one look without its background."""
    recipe = recipes.restore_recipe(request["look"], request["steps"])
    size, seed = request["size"], request["seed"]
    try:
        photo = SOURCE_CACHE.get_renderer([picture_name], size=size).prepare_photo(0)
        pixels = cut_outs.render_cut_out(photo, recipe, size=size, seed=seed)
    except FacetError as error:
        previews.store_answer(answer_key, previews.encode_error(error))
        return
    pixels = cut_outs.resize_cut_out(pixels, min(request["side"], size))
    xmp_packet = provenance.build_xmp_packet(request["source_type"])
    previews.store_answer(answer_key, encode(pixels, file_format="png", xmp_packet=xmp_packet))


def render_sample(answer_key: str, look_slug: str) -> None:
    """Answer with a look of the sample portrait."""
    rendered = sample_renderer().render(recipes.built_in_looks()[look_slug])
    previews.store_answer(answer_key, rendered.encode())


@cache
def sample_renderer() -> Renderer:
    """Return a renderer for the sample portrait."""
    return Renderer([decode(photos.SAMPLE.read_bytes())], size=render_sizes.SMALL_SIZE)


def check_camera_frame(answer_key: str, frame_key: str) -> None:
    """Answer with the input checks of one frame of a camera stream; the frame is not stored."""
    frame_file = previews.take_bytes(frame_key)
    if frame_file is None:
        return
    try:
        checks = Renderer([decode(frame_file)], size=CAMERA_FRAME_SIZE).prepare_photo(0).checks
    except FacetError as error:
        previews.store_answer(
            answer_key, previews.encode_json(ok=False, advice=error.advice, checks=[])
        )
        return
    video_checks = [check for check in checks if check.name not in CHECKS_NOT_FOR_VIDEO]
    previews.store_answer(answer_key, _encode_camera_checks(video_checks))


def _encode_camera_checks(checks: list[input_checks.Check]) -> bytes:
    """Encode checks as an answer, with the advice of the first that failed."""
    advices = [check.advice for check in checks if not check.ok]
    return previews.encode_json(
        ok=not advices,
        advice=advices[0] if advices else "",
        checks=[{"name": check.name, "ok": check.ok} for check in checks],
    )
