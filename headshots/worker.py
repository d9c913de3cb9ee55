"""Where a worker does what the rows ask for: the one shell that runs the whole engine."""

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
from headshots.engine.analysis import input_checks
from headshots.engine.diffusion.batch import Painter
from headshots.engine.io.decode import decode
from headshots.engine.io.encode import encode
from headshots.engine.render import RejectedVariant, Source, Studio
from headshots.engine.render import Variant as Made
from headshots.engine.steps import STEPS
from headshots.engine.types import Box, Pixels
from headshots.errors import FacetError, NotReady, StorageFull
from headshots.models import Photo, Render, Variant
from headshots.services import photos, previews, renders
from headshots.storage import pictures

PREVIEW: Final = 512  # pixels a side
HINT: Final = 256  # pixels a side, in which the coach looks at the camera's stream
BEAT: Final = 0.3  # seconds between signs of life
SILENCE: Final = 120.0  # seconds without a step after which a run counts as hung
STAGES: Final = (*(step.name for step in STEPS), "gates")
# What a small frame of a video cannot tell about the photo that will be taken.
NOT_FOR_VIDEO: Final = {"inter_eye_distance", "sharpness", "noise"}

log = logging.getLogger(__name__)


@dataclass
class Desk:
    """The photos looked at last, cut out and ready for any look; forgotten after minutes."""

    room: int = 4
    lifetime: float = 600.0  # seconds
    _lying: OrderedDict[tuple[str, int], tuple[float, Source | FacetError]] = field(
        default_factory=OrderedDict
    )
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _locks: dict[tuple[str, int], threading.Lock] = field(default_factory=dict)

    def studio(self, names: list[str], *, size: int, seed: int = 0) -> Studio:
        """A studio with the photos of these names, made ready at most once."""
        found = {index: self._source(name, size) for index, name in enumerate(names)}
        return Studio([], size=size, seed=seed, sources=found)

    def _source(self, name: str, size: int) -> Source | FacetError:
        key = (name, size)
        with self._lock:
            self._forget()
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:  # whoever comes second waits for the first one's work
            with self._lock:
                lying = self._lying.get(key)
            found = lying[1] if lying else prepared(pictures.pixels(name), size=size)
            with self._lock:
                self._lying[key] = (time.monotonic(), found)
                self._lying.move_to_end(key)
        return found

    def _forget(self) -> None:
        now = time.monotonic()
        old = [key for key, (used, _) in self._lying.items() if now - used > self.lifetime]
        for key in [*old, *list(self._lying)[: -self.room or None]]:
            self._lying.pop(key, None)
            self._locks.pop(key, None)


DESK: Final = Desk()


def prepared(pixels: Pixels, *, size: int) -> Source | FacetError:
    """One photo made ready, or what makes it unusable."""
    try:
        return Studio([pixels], size=size).source(0)
    except FacetError as error:
        return error


def warm_up() -> None:
    """Make one small headshot of the sample, so that nobody's first photo pays for loading."""
    sample_studio().render(recipes.looks()["linkedin"])


def look_at(pk: UUID) -> None:
    """Let the coach look at one photo and write down what it found."""
    photo = photos.claim(pk)
    if photo is None:
        return
    if photos.is_worn_out(photo):
        error: Source | FacetError = NotReady(
            "This photo could not be looked at, although it was tried many times.",
            advice="Save it again as a JPEG and add that, or use another photo.",
        )
    else:
        error = DESK.studio([photo.picture], size=renders.size_for([photo])).sources[0]
    if isinstance(error, FacetError):
        verdict = photos.Verdict([], None, error)
    else:
        verdict = photos.Verdict(error.checks, _around_head(error))
    if photos.record(photo, verdict):
        metrics.PHOTOS.labels(verdict.error.code if verdict.error else "usable").inc()


def develop(pk: UUID, *, painter: Painter | None = None) -> None:
    """Make what a render still waits for; every result is written as soon as it is there."""
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
    """The photos, newest first; of one that is taken as it is, that one first."""
    used = list(render.photos.order_by("-added_at"))
    if render.kind == Render.Kind.UNTOUCHED and waiting:
        used.sort(key=lambda photo: photo.pk != waiting[0].photo_id)
        used = used if waiting[0].photo_id else []
    if not used:
        raise NotReady("The photo was deleted.", advice="Start again with another photo.")
    return used


def _record(variant: Variant, result: Made | RejectedVariant, used: list[Photo]) -> None:
    if isinstance(result, RejectedVariant):
        if renders.record_rejected(variant, result.error):
            metrics.LOOKS.labels(variant.look, result.error.code).inc()
        return
    picture = pictures.keep(variant.owner_id, result.pixels, file=result.encode())
    if renders.record_ready(variant, result, picture=picture, photo=used[result.source]):
        metrics.LOOKS.labels(variant.look, "ready").inc()


@contextmanager
def pulse(render: Render, waiting: list[Variant]) -> Iterator[Any]:
    """Show that this run is alive and how far it is, from a thread of its own, until the end.

    Yields the watch that the engine tells its steps to. A run that has told nothing for SILENCE
    seconds is not called alive any more, so that another worker may take over.
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
    """Answer with a small JPEG of one look; the photos are on the desk already, as a rule.

    The photo cut out for the full size is framed small: every step then has a quarter of the work.
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
    """Answer with a headshot of the sample portrait, made now."""
    made = sample_studio().render(recipes.looks()[look])
    previews.answer(key, made.encode())


@cache
def sample_studio() -> Studio:
    """The sample portrait, ready."""
    return Studio([decode(photos.SAMPLE.read_bytes())], size=renders.SMALL)


def hint(key: str, lent: str) -> None:
    """Answer with the coach's word on one frame of a camera; the frame is kept nowhere."""
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
    advices = [check.advice for check in checks if not check.ok]
    return previews.as_json(
        ok=not advices,
        advice=advices[0] if advices else "",
        checks=[{"name": check.name, "ok": check.ok} for check in checks],
    )


def _around_head(source: Source) -> Box:
    """A square around head and shoulders, in photo pixels."""
    head, move = source.subject.head, source.subject.move
    half = 0.95 * head.height
    middle = (head.crown + head.chin) / 2 + 0.1 * head.height
    corners = np.array([[head.axis - half, middle - half], [head.axis + half, middle + half]])
    return Box(*map(float, move.invert(corners).ravel()))
