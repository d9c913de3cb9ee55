"""Work of a rendering worker: reads rows and files, runs the engine, stores the results."""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Final
from uuid import UUID

import numpy as np
from django.db import connection
from django.utils import timezone

from headshots import diffusion_worker, metrics
from headshots.engine import recipes
from headshots.engine import results as engine_results
from headshots.engine.analysis import input_checks
from headshots.engine.diffusion.batch import Painter
from headshots.engine.errors import EngineError
from headshots.engine.io.decode import decode
from headshots.engine.io.encode import encode
from headshots.engine.render import Studio
from headshots.engine.results import RejectedVariant, Source
from headshots.engine.steps import STEPS
from headshots.engine.types import Box, Pixels
from headshots.errors import FacetError, NotReady, StorageFull
from headshots.models import Photo, Render, Variant
from headshots.services import photos, previews, renders
from headshots.storage import pictures

PREVIEW: Final = 512  # pixels a side of a preview
HINT: Final = 256  # pixels a side of a camera frame that is checked
BEAT: Final = 0.3  # seconds between two heartbeats of a run
SILENCE: Final = 120.0  # seconds without a new step after which heartbeats end
STAGES: Final = (*(step.name for step in STEPS), "gates")
# Checks whose result on a small video frame says nothing about the photo that will be taken.
NOT_FOR_VIDEO: Final = {"inter_eye_distance", "sharpness", "noise"}

# The square that pages show of a photo, in heights of the head; chosen by eye.
HEAD_BOX_HALF_SIDE: Final = 0.95  # half its side
HEAD_BOX_DROP: Final = 0.1  # how far its middle is below the middle of the head

log = logging.getLogger(__name__)


@dataclass
class Desk:
    """The photos used last, prepared for rendering (decoded, matted, checked).

    Keeps `capacity` entries for `lifetime` seconds. Threads that need the same photo at once wait
    for the one that prepares it. A photo that cannot be used is kept as its error.
    """

    room: int = 4
    lifetime: float = 600.0  # seconds
    _lying: OrderedDict[tuple[str, int], tuple[float, Source | EngineError]] = field(
        default_factory=OrderedDict
    )
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _locks: dict[tuple[str, int], threading.Lock] = field(default_factory=dict)

    def studio(self, names: list[str], *, size: int, seed: int = 0) -> Studio:
        """Return a renderer for these stored pictures; variants have `size` × `size` pixels."""
        found = {index: self._source(name, size) for index, name in enumerate(names)}
        return Studio([], size=size, seed=seed, sources=found)

    def _source(self, name: str, size: int) -> Source | EngineError:
        """Return the entry of a photo, which is prepared now if there is none."""
        key = (name, size)
        with self._lock:
            self._forget()
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:  # only one thread prepares a photo
            with self._lock:
                lying = self._lying.get(key)
            found = lying[1] if lying else prepared(pictures.pixels(name), size=size)
            with self._lock:
                self._lying[key] = (time.monotonic(), found)
                self._lying.move_to_end(key)
        return found

    def _forget(self) -> None:
        """Remove entries that are too old or too many; the caller holds the lock."""
        now = time.monotonic()
        old = [key for key, (used, _) in self._lying.items() if now - used > self.lifetime]
        for key in [*old, *list(self._lying)[: -self.room or None]]:
            self._lying.pop(key, None)
            self._locks.pop(key, None)


DESK: Final = Desk()


def prepared(pixels: Pixels, *, size: int) -> Source | EngineError:
    """Prepare a photo for rendering, or return the error that makes it unusable."""
    try:
        return Studio([pixels], size=size).source(0)
    except EngineError as error:
        return error


def warm_up() -> None:
    """Render the sample portrait once, so that all networks are loaded."""
    sample_studio().render(recipes.looks()["linkedin"])


def look_at(pk: UUID) -> None:
    """Run the input checks on a photo and store their result."""
    photo = photos.claim(pk)
    if photo is None:
        return
    if photos.is_worn_out(photo):
        outcome: Source | FacetError = NotReady(
            "This photo could not be looked at, although it was tried many times.",
            advice="Save it again as a JPEG and add that, or use another photo.",
        )
    else:
        outcome = DESK.studio([photo.picture], size=renders.size_for([photo])).sources[0]
    if isinstance(outcome, FacetError):
        verdict = photos.Verdict([], None, outcome)
    else:
        verdict = photos.Verdict(outcome.checks, _around_head(outcome))
    if photos.record(photo, verdict):
        metrics.PHOTOS.labels(verdict.error.code if verdict.error else "usable").inc()


def develop(pk: UUID, *, painter: Painter | None = None) -> None:
    """Make the variants that a render still waits for, storing each as soon as it is finished.

    Does nothing if another run holds the render. `pipeline` is for variants with diffusion steps.
    """
    render = renders.claim(pk)
    if render is None:
        return
    try:
        _develop(render, painter)
    except StorageFull as error:
        log.warning("render %s is put back: %s", pk, error.message)
        renders.release(render)
    except FacetError as error:
        renders.give_up(render, reason=error.message, advice=error.advice)


def _develop(render: Render, painter: Painter | None) -> None:
    """Make the waiting variants of a claimed render; raises the FacetError that prevents it."""
    if renders.is_worn_out(render):
        raise NotReady(
            "This could not be made, although it was tried many times.",
            advice="Try again with another photo, or ask whoever runs this Facet.",
        )
    waiting = list(renders.waiting(render))
    used = _used(render, waiting)
    wished = [recipes.restore(row.look, row.wished, title=row.title) for row in waiting]
    with pulse(render, waiting) as told:
        studio = DESK.studio([p.picture for p in used], size=render.size, seed=render.seed)
        results = studio.render_all(wished, watch=told)
        if painter is not None:
            results = diffusion_worker.paint(studio, painter, render, waiting, told)
        for row, result in zip(waiting, results, strict=True):
            _record(row, result, used)
    if renders.close(render):
        metrics.RENDER_SECONDS.labels(render.kind).observe(
            (timezone.now() - render.created_at).total_seconds()
        )


def _used(render: Render, waiting: list[Variant]) -> list[Photo]:
    """Return the photos of a render, newest first; of an unretouched variant, its own photo first.

    Raises NotReady if they were deleted.
    """
    used = list(render.photos.order_by("-added_at"))
    if render.kind == Render.Kind.UNTOUCHED and waiting:
        used.sort(key=lambda photo: photo.pk != waiting[0].photo_id)
        used = used if waiting[0].photo_id else []
    if not used:
        raise NotReady("The photo was deleted.", advice="Start again with another photo.")
    return used


def _record(
    variant: Variant, result: engine_results.Variant | RejectedVariant, used: list[Photo]
) -> None:
    """Store one result of the engine and count it, unless another run has stored one."""
    if isinstance(result, RejectedVariant):
        if renders.record_rejected(variant, result.error):
            metrics.LOOKS.labels(variant.look, result.error.code).inc()
        return
    picture = pictures.keep(variant.owner_id, result.pixels, file=result.encode())
    if renders.record_ready(variant, result, picture=picture, photo=used[result.source]):
        metrics.LOOKS.labels(variant.look, "ready").inc()


@contextmanager
def pulse(render: Render, waiting: list[Variant]) -> Iterator[Any]:
    """Store heartbeat and progress of a run, from a separate thread, until the block ends.

    Yields the callback for the engine's steps. After STALL_SECONDS without a call the heartbeats
    end, so that another worker may take the render over.
    """
    progress: dict[UUID, tuple[int, str]] = {}
    heard = [time.monotonic()]
    over = threading.Event()
    watch = metrics.Watch()

    def told(look: str, step: str, share: float = 0.0) -> None:
        watch.told(look, step)
        percent = round(100 * (STAGES.index(step) + share) / len(STAGES))
        progress.update({row.pk: (percent, step) for row in waiting if row.look == look})
        heard[0] = time.monotonic()

    def beat() -> None:
        while not over.wait(BEAT) and time.monotonic() - heard[0] < SILENCE:
            renders.touch(render, dict(progress))
        connection.close()

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield told
    finally:
        over.set()
        thread.join()


def preview(key: str, names: list[str], wish: dict[str, Any]) -> None:
    """Answer with a small JPEG of one look.

    Photos are prepared for the full size, as for the headshot itself, and usually cached already;
    rendering at PREVIEW_SIZE then takes about a quarter of the time.
    """
    recipe = recipes.restore(wish["look"], wish["steps"])
    try:
        studio = DESK.studio(names, size=wish["size"], seed=wish["seed"])
        made = replace(studio, size=min(PREVIEW, wish["size"])).render(recipe)
    except FacetError as error:
        previews.answer(key, previews.refusal(error))
        return
    previews.answer(key, encode(made.pixels))


def sample(key: str, look: str) -> None:
    """Answer with a look of the sample portrait."""
    made = sample_studio().render(recipes.looks()[look])
    previews.answer(key, made.encode())


@cache
def sample_studio() -> Studio:
    """Return a renderer for the sample portrait."""
    return Studio([decode(photos.SAMPLE.read_bytes())], size=renders.SMALL)


def hint(key: str, lent: str) -> None:
    """Answer with the input checks of one frame of a camera stream; the frame is not stored."""
    data = previews.fetch(lent)
    if data is None:
        return
    try:
        checks = Studio([decode(data)], size=HINT).source(0).checks
    except FacetError as error:
        previews.answer(key, previews.as_json(ok=False, advice=error.advice, checks=[]))
        return
    seen = [check for check in checks if check.name not in NOT_FOR_VIDEO]
    previews.answer(key, _hint(seen))


def _hint(checks: list[input_checks.Check]) -> bytes:
    """Encode checks as an answer, with the advice of the first that failed."""
    advices = [check.advice for check in checks if not check.ok]
    return previews.as_json(
        ok=not advices,
        advice=advices[0] if advices else "",
        checks=[{"name": check.name, "ok": check.ok} for check in checks],
    )


def _around_head(source: Source) -> Box:
    """Return a square around head and shoulders, in photo pixels."""
    head, move = source.subject.head, source.subject.move
    half = HEAD_BOX_HALF_SIDE * head.height
    middle = (head.crown + head.chin) / 2 + HEAD_BOX_DROP * head.height
    corners = np.array([[head.axis - half, middle - half], [head.axis + half, middle + half]])
    return Box(*map(float, move.invert(corners).ravel()))
