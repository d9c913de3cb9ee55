"""The one loop: photos in, one gated variant a look out; what looks share is done once."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

import cv2
import numpy as np

from headshots.engine import (
    backdrops,
    coach,
    encode,
    faces,
    framing,
    gates,
    likeness,
    matting,
    provenance,
    quality,
    scenes,
    subject,
)
from headshots.engine.errors import BadQuality, EngineError, NotThisPerson, UnusableFace
from headshots.engine.geometry import similarity
from headshots.engine.recipes import Recipe
from headshots.engine.steps import BY_NAME
from headshots.engine.types import Box, Face, Facts, Image, Pixels

# Threads are spent on whole looks, which is faster than inside single operations.
WORKERS = 2
cv2.setNumThreads(1)
OWN_BLUR = 0.7

Watch = Callable[[str, str], None]  # told look and step, just before the step runs


@dataclass(frozen=True, eq=False)
class Source:
    """One photo of the person, ready for any look."""

    subject: subject.Subject
    checks: list[coach.Check]
    close: tuple[Image, Face]  # the face alone, as photographed
    reference: likeness.Reference


@dataclass(frozen=True, eq=False)
class Variant:
    """One finished headshot and the truth about it."""

    look: str
    source: int  # index of the photo it was made from
    pixels: Pixels
    likeness: float
    skin_delta_e: float
    head_fraction: float
    eye_line: float
    frame: Box  # what it shows of the photo, in photo pixels; may reach beyond it
    steps: list[dict[str, Any]]
    notes: tuple[str, ...]
    source_type: str  # IPTC digital source type

    def encode(self, *, form: str = "jpeg", max_bytes: int | None = None) -> bytes:
        """The file: pixels and what was done to them, nothing else."""
        xmp = provenance.xmp(self.source_type)
        return encode.encode(self.pixels, form=form, max_bytes=max_bytes, xmp=xmp)


@dataclass(frozen=True, eq=False)
class Rejected:
    """A look that could not be made well enough to be shown, and why."""

    look: str
    error: EngineError


@dataclass
class Studio:
    """The photos of one person; each is cut out only when a look needs it.

    `sources` holds what is ready, or refused, already: with it a photo's pixels are not needed.
    """

    photos: list[Pixels]
    size: int = 1024
    face: int | None = None  # which face, largest first, where a photo has several
    seed: int = 0
    picture: Image | None = None  # the person's own backdrop
    sources: dict[int, Source | EngineError] = field(default_factory=dict)

    def source(self, index: int) -> Source:
        """One photo made ready, once; raises what makes it unusable."""
        if index not in self.sources:
            self.sources[index] = self._prepared(index)
        found = self.sources[index]
        if isinstance(found, EngineError):
            raise found
        return found

    @property
    def _count(self) -> int:
        return max(len(self.photos), len(self.sources))

    def _prepared(self, index: int) -> Source | EngineError:
        try:
            return _prepare(self.photos[index], size=self.size, face=self.face)
        except EngineError as error:
            return error

    def best(self, recipe: Recipe | None = None) -> int:
        """The photo whose measured expression, pose and quality fit the look best.

        Photos that cannot be used are passed over; raises the first one's error if none can, and
        NotThisPerson if they show different people.
        """
        if self._count == 1:
            return 0
        usable = self._usable()
        if recipe and not recipe.steps:  # as it is: the first one is meant, whatever suits better
            self.source(0)
            return 0
        wished = recipe.params("expression").smile if recipe and recipe.steps else 0.0
        return min(usable, key=lambda index: (_misfit(usable[index], wished), index))

    def _usable(self) -> dict[int, Source]:
        usable: dict[int, Source] = {}
        errors: list[EngineError] = []
        for index in range(self._count):
            try:
                usable[index] = self.source(index)
            except EngineError as error:
                errors.append(error)
        if not usable:
            raise errors[0]
        first, *others = usable
        for index in others:
            if usable[first].reference.is_stranger(usable[index].reference):
                raise NotThisPerson(
                    f"Photo {index + 1} shows someone else than photo {first + 1}.",
                    advice="Give photos of one person at a time.",
                )
        return usable

    def render(
        self, recipe: Recipe, *, source: int | None = None, watch: Watch | None = None
    ) -> Variant:
        """One look; raises NoFraming, NotThisPerson or BadQuality instead of showing a bad one."""
        index = self.best(recipe) if source is None else source
        if not recipe.steps:
            return self._untouched(recipe, index)
        photo = self.source(index)
        recipe, notes = _suited(recipe, photo, self.seed)
        ready = photo.subject
        wish = recipe.wish
        if recipe.params("backdrop").kind == "own":
            wish = replace(wish, inside=True, eyes_band=0.1)
        found = framing.solve(ready.face, ready.head, ready.matte.alpha, wish)
        image, facts = subject.frame(ready, found, size=self.size, seed=self.seed)
        facts = _furnish(facts, recipe, self.picture)
        for name, params in recipe.steps:
            if watch:
                watch(recipe.slug, name)
            image = BY_NAME[name].run(image, facts, params)
        if watch:
            watch(recipe.slug, "gates")
        return _gated(recipe, index, photo, image, facts, found, notes)

    def _untouched(self, recipe: Recipe, index: int) -> Variant:
        """A photographer's own picture, cropped to a square and otherwise as it is."""
        photo = self.source(index)
        ready = photo.subject
        found = framing.solve(ready.face, ready.head, ready.matte.alpha, recipe.wish)
        _, facts = subject.frame(ready, found, size=self.size, seed=self.seed)
        return _gated(recipe, index, photo, facts.source, facts, found, ())

    def render_all(
        self, recipes: Iterable[Recipe], *, watch: Watch | None = None
    ) -> Iterator[Variant | Rejected]:
        """Every look as soon as it is ready; one that fails its gates is reported, not shown."""

        def attempt(recipe: Recipe) -> Variant | Rejected:
            try:
                return self.render(recipe, watch=watch)
            except EngineError as error:
                return Rejected(recipe.slug, error)

        self.source(self.best())  # what every look needs is made once, before they run together
        with ThreadPoolExecutor(WORKERS) as pool:
            yield from pool.map(attempt, recipes)


def _prepare(pixels: Pixels, *, size: int, face: int | None) -> Source:
    ready = subject.prepare(pixels, size=size, index=face)
    image = ready.canvas.astype(np.float32) / 255
    close = quality.close_up(image, ready.face)
    view = coach.View(
        image, ready.face, ready.head, ready.matte.alpha, ready.move.scale, ready.faces_found, close
    )
    checks = coach.check(view)
    blocking = [check for check in checks if check.blocking]
    if blocking:
        first = blocking[0]
        name = first.name.replace("_", " ")
        raise UnusableFace(
            f"This photo cannot be used: {name} is {first.value:g}, the limit is {first.limit:g}.",
            advice=first.advice,
        )
    return Source(ready, checks, close, likeness.reference(ready.canvas, ready.face))


def _misfit(source: Source, wished: float) -> float:
    """How badly a photo suits a look: expression first, then pose and what the coach found."""
    face = source.subject.face
    turn = (abs(face.yaw) + abs(face.pitch) + abs(face.roll)) / 60
    return abs(wished - face.smile) + turn + 2 * (1 - coach.score(source.checks))


def _suited(recipe: Recipe, source: Source, seed: int) -> tuple[Recipe, tuple[str, ...]]:
    """The recipe with its scene chosen by seed, or with the photo's own background if safer."""
    backdrop = recipe.params("backdrop")
    sure = source.subject.matte.score
    if sure < matting.SURE and backdrop.kind == "plain":
        raise BadQuality(f"The cut-out is not sure enough here ({sure:.2f}) for a plain ground.")
    if sure < matting.SURE and backdrop.kind != "own":
        note = f"own background, blurred: the cut-out is not sure enough here ({sure:.2f})"
        return recipe.changed("backdrop", kind="own", blur=OWN_BLUR), (note,)
    if backdrop.kind == "scene" and seed:
        slug, mood = scenes.check(backdrop.scene)
        places = scenes.fitting(recipe.slug, first=slug)
        return recipe.changed("backdrop", scene=f"{places[seed % len(places)]}/{mood}"), ()
    return recipe, ()


def _furnish(facts: Facts, recipe: Recipe, picture: Image | None) -> Facts:
    """Add the room that the recipe names, as the seed shows it, and the person's own picture."""
    facts = replace(facts, picture=picture)
    backdrop = recipe.params("backdrop")
    if not backdrop.scene:
        return facts
    room = scenes.load(backdrop.scene, accent=bool(backdrop.accent))
    return replace(facts, room=backdrops.placed(room, facts.seed))


def _gated(
    recipe: Recipe,
    index: int,
    photo: Source,
    image: Image,
    facts: Facts,
    found: framing.Framing,
    notes: tuple[str, ...],
) -> Variant:
    """Measure the finished picture as a stranger would: find the face in it and compare."""
    pixels = encode.to_pixels(image)
    shown = faces.choose_face(faces.find_faces(pixels))
    distance = photo.reference.distance(pixels, shown)
    likeness.require_likeness(distance)
    near, face = quality.close_up(image, facts.face)
    before = cv2.resize(photo.close[0], near.shape[1::-1], interpolation=cv2.INTER_AREA)
    skin = quality.skin_delta_e(near, before, face)
    if skin > gates.SKIN:
        raise BadQuality(f"Skin would change its tone: ΔE {skin:.1f}, the limit is {gates.SKIN}.")
    eye_line = float(shown.eyes[:, 1].mean()) / len(pixels)
    wanted = facts.head.eyes / len(pixels)
    if abs(eye_line - wanted) > gates.FRAMING:
        raise BadQuality(f"The eye line is at {eye_line:.2f} instead of {wanted:.2f}.")
    # Chin and crown alone would be measured to a pixel or three: take the scale of the whole face.
    move = similarity(facts.face.landmarks[:468, :2], shown.landmarks[:468, :2])
    head = facts.head.height * float(np.hypot(*move[:, 0])) / len(pixels)
    return Variant(
        look=recipe.slug,
        source=index,
        pixels=pixels,
        likeness=distance,
        skin_delta_e=skin,
        head_fraction=head,
        eye_line=eye_line,
        steps=recipe.plain(),
        frame=photo.subject.on_photo(found),
        notes=(*notes, *found.notes),
        source_type=provenance.source_type(recipe.params("backdrop").kind if recipe.steps else ""),
    )
