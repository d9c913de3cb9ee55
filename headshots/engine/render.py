"""The one loop: photos in, one gated variant a look out; what looks share is done once."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import combinations

import cv2
import numpy as np

from headshots.engine import recipe_fitting, thresholds
from headshots.engine.analysis import input_checks, likeness, output_checks, quality, subject
from headshots.engine.diffusion.batch import Easel, Painter, Tell, unheard
from headshots.engine.errors import EngineError, LikenessTooLow, RenderCancelled, UnusableFace
from headshots.engine.io import provenance
from headshots.engine.operations import framing
from headshots.engine.recipes import Recipe
from headshots.engine.results import RejectedVariant, Source, Variant
from headshots.engine.steps import BY_NAME
from headshots.engine.types import Edit, Facts, Image, Pixels

# Threads are spent on whole looks, which is faster than inside single operations.
WORKERS = 2
cv2.setNumThreads(1)

Watch = Callable[[str, str], None]  # told look and step, just before the step runs


def unwatched(look: str, step: str) -> None:
    """Nobody asked how far it is."""


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
    painter: Painter | None = None  # for looks with painted steps
    tell: Tell = unheard  # how far the painter is; may raise RenderCancelled
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
        LikenessTooLow if they show different people.
        """
        if self._count == 1:
            return 0
        usable = self._usable()
        if recipe and not recipe.steps:  # as it is: the first one is meant, whatever suits better
            self.source(0)
            return 0
        wished = recipe.params("expression").smile if recipe and recipe.steps else 0.0
        return min(usable, key=lambda index: (recipe_fitting.misfit(usable[index], wished), index))

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
                raise LikenessTooLow(
                    f"Photo {index + 1} shows someone else than photo {first + 1}.",
                    advice="Give photos of one person at a time.",
                )
        return usable

    def render(
        self,
        recipe: Recipe,
        *,
        source: int | None = None,
        watch: Watch = unwatched,
        easel: Easel | None = None,
        sibling: int = 0,
    ) -> Variant:
        """One look; raises NoFraming, LikenessTooLow or QualityTooLow instead of showing a bad one.

        A look with painted steps needs a painter (DiffusionUnavailable); `sibling` is which of several
        painted alike it is, on their common easel.
        """
        index = self.best(recipe) if source is None else source
        if not recipe.steps:
            return self._untouched(recipe, index)
        photo, limit = self.source(index), self._limit(recipe)
        recipe, notes = recipe_fitting.suited(recipe, photo, self.seed)
        found = framing.solve(*photo.subject.outline, recipe_fitting.wish(recipe))
        image, facts = subject.frame(photo.subject, found, size=self.size, seed=self.seed)
        facts = recipe_fitting.furnish(facts, recipe, self.picture)
        edits: list[Edit] = []
        easel = easel or self._easel([sibling])
        if easel is not None:
            facts = replace(facts, paint=easel.painting(self.seed + sibling), note=edits.append)
        image = _developed(recipe, image, facts, watch, limit=limit)
        done = _finished(recipe, index, photo, image, facts, found, limit=limit)
        return replace(done, notes=(*notes, *done.notes), edits=tuple(edits), sibling=sibling)

    def _easel(self, siblings: Sequence[int]) -> Easel | None:
        if self.painter is None:
            return None
        return Easel(self.painter, tuple(self.seed + each for each in siblings), self.tell)

    def render_siblings(
        self, recipe: Recipe, siblings: Sequence[int], *, watch: Watch = unwatched
    ) -> Iterator[Variant | RejectedVariant]:
        """Several variants of one painted look, by number; what they share is painted together.

        One that fails its gates is reported, not shown; RenderCancelled ends all of them.
        """
        easel = self._easel(siblings)
        for sibling in siblings:
            try:
                yield self.render(recipe, watch=watch, easel=easel, sibling=sibling)
            except RenderCancelled:
                raise
            except EngineError as error:
                yield RejectedVariant(recipe.slug, error)

    def _limit(self, recipe: Recipe) -> float | None:
        """How far a painted face may be from the photographed one; None where it is that one.

        Not further than the person's own photos are from each other, where there are several.
        """
        if "restyle" not in dict(recipe.painted):
            return None
        own = [one.reference for one in self._usable().values()]
        apart = [one.apart(other) for one, other in combinations(own, 2)]
        return min([thresholds.LIKENESS_PAINTED, *([max(apart)] if apart else [])])

    def _untouched(self, recipe: Recipe, index: int) -> Variant:
        """A photographer's own picture, cropped to a square and otherwise as it is."""
        photo = self.source(index)
        found = framing.solve(*photo.subject.outline, recipe.wish)
        _, facts = subject.frame(photo.subject, found, size=self.size, seed=self.seed)
        return _finished(recipe, index, photo, facts.source, facts, found, limit=None)

    def render_all(
        self, recipes: Iterable[Recipe], *, watch: Watch = unwatched
    ) -> Iterator[Variant | RejectedVariant]:
        """Every look as soon as it is ready; one that fails its gates is reported, not shown."""

        def attempt(recipe: Recipe) -> Variant | RejectedVariant:
            try:
                return self.render(recipe, watch=watch)
            except RenderCancelled:
                raise
            except EngineError as error:
                return RejectedVariant(recipe.slug, error)

        self.source(self.best())  # what every look needs is made once, before they run together
        with ThreadPoolExecutor(WORKERS) as pool:
            yield from pool.map(attempt, recipes)


def _prepare(pixels: Pixels, *, size: int, face: int | None) -> Source:
    ready = subject.prepare(pixels, size=size, index=face)
    image = ready.canvas.astype(np.float32) / 255
    close = quality.close_up(image, ready.face)
    view = input_checks.View(
        image, ready.face, ready.head, ready.matte.alpha, ready.move.scale, ready.faces_found, close
    )
    checks = input_checks.check(view)
    blocking = [check for check in checks if check.blocking]
    if blocking:
        first = blocking[0]
        name = first.name.replace("_", " ")
        raise UnusableFace(
            f"This photo cannot be used: {name} is {first.value:g}, the limit is {first.limit:g}.",
            advice=first.advice,
        )
    return Source(ready, checks, close, likeness.reference(ready.canvas, ready.face))


def _developed(
    recipe: Recipe, image: Image, facts: Facts, watch: Watch, *, limit: float | None
) -> Image:
    """Every step of the recipe, in order; a painted face passes its gate at once."""
    for name, params in recipe.active:
        watch(recipe.slug, name)
        before, image = image, BY_NAME[name].run(image, facts, params)
        if name == "restyle" and limit is not None:
            output_checks.require_skin(image, before, facts.face)
    watch(recipe.slug, "gates")
    return image


def _finished(
    recipe: Recipe,
    index: int,
    photo: Source,
    image: Image,
    facts: Facts,
    found: framing.Framing,
    *,
    limit: float | None,
) -> Variant:
    """The variant and its measurements; raises what keeps it from being shown."""
    seen = output_checks.judge(image, facts, photo.reference, photo.close, limit=limit)
    painted = frozenset(name for name, _ in recipe.painted)
    kind = recipe.params("backdrop").kind if recipe.steps else ""
    return Variant(
        look=recipe.slug,
        source=index,
        pixels=seen.pixels,
        likeness=seen.likeness,
        skin_delta_e=seen.skin_delta_e,
        head_fraction=seen.head_fraction,
        eye_line=seen.eye_line,
        steps=recipe.plain(),
        frame=photo.subject.on_photo(found),
        notes=found.notes,
        source_type=provenance.source_type(kind, painted=painted),
    )
