"""Render looks from photos: one checked variant per look; what looks share is computed once."""

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
from headshots.engine.types import Edit, Facts, Framing, Image, Pixels

# Whole looks run in parallel, which is faster than threads inside single operations.
WORKERS = 2  # threads
cv2.setNumThreads(1)

Watch = Callable[[str, str], None]  # called with look and step just before the step runs


def unwatched(look: str, step: str) -> None:
    """Ignore the progress of a render."""


@dataclass
class Studio:
    """Renders looks from the photos of one person; each is cut out only when a look needs it.

    `prepared` holds photos by index that were prepared, or failed to be, already; their pixels are
    not needed. Variants are `size` × `size` pixels.
    """

    photos: list[Pixels]
    size: int = 1024
    face: int | None = None  # which face, largest first, where a photo has several
    seed: int = 0
    picture: Image | None = None  # a background picture that the person brought
    painter: Painter | None = None  # for looks with diffusion steps
    tell: Tell = unheard  # called with the progress of the pipeline; may raise RenderCancelled
    sources: dict[int, Source | EngineError] = field(default_factory=dict)

    def source(self, index: int) -> Source:
        """Prepare one photo, at most once; raises the EngineError that makes it unusable."""
        if index not in self.sources:
            self.sources[index] = self._prepared(index)
        found = self.sources[index]
        if isinstance(found, EngineError):
            raise found
        return found

    @property
    def _count(self) -> int:
        """Number of photos, whether as pixels or prepared."""
        return max(len(self.photos), len(self.sources))

    def _prepared(self, index: int) -> Source | EngineError:
        """Prepare a photo and return an error instead of raising it."""
        try:
            return _prepare(self.photos[index], size=self.size, face=self.face)
        except EngineError as error:
            return error

    def best(self, recipe: Recipe | None = None) -> int:
        """Choose the photo whose measured expression, pose and quality fit the look best.

        Returns its index. Photos that cannot be used are skipped; raises the first one's error if
        none can be used, and LikenessTooLow if they show different people. A recipe without steps
        uses the first photo.
        """
        if self._count == 1:
            return 0
        usable = self._usable()
        if recipe and not recipe.steps:
            self.source(0)
            return 0
        wished = recipe.params("expression").smile if recipe and recipe.steps else 0.0
        return min(usable, key=lambda index: (recipe_fitting.misfit(usable[index], wished), index))

    def _usable(self) -> dict[int, Source]:
        """Prepare all photos and return the usable ones by index."""
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
        """Render one look, and check the result.

        Raises NoFraming, LikenessTooLow or QualityTooLow if it must not be shown.

        `photo_index` chooses the photo, by default the one that fits best. A look with diffusion
        steps needs a pipeline, else DiffusionUnavailable is raised; `variant_index` is its number
        among several variants of one look, which share a `batch`.
        """
        index = self.best(recipe) if source is None else source
        if not recipe.steps:
            return self._untouched(recipe, index)
        photo = self.source(index)
        limit = self._limit(recipe)
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
        """Create the batch in which these variants are generated together."""
        if self.painter is None:
            return None
        return Easel(self.painter, tuple(self.seed + each for each in siblings), self.tell)

    def render_siblings(
        self, recipe: Recipe, siblings: Sequence[int], *, watch: Watch = unwatched
    ) -> Iterator[Variant | RejectedVariant]:
        """Render several variants of one diffusion look; what they share is generated in one batch.

        A variant that fails its checks is yielded as RejectedVariant; RenderCancelled ends all.
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
        """Return the largest allowed distance of a repainted face; None where the face is kept.

        It is no larger than the largest distance between the person's own photos, if there are
        several.
        """
        if "restyle" not in dict(recipe.painted):
            return None
        own = [one.reference for one in self._usable().values()]
        apart = [one.apart(other) for one, other in combinations(own, 2)]
        return min([thresholds.LIKENESS_PAINTED, *([max(apart)] if apart else [])])

    def _untouched(self, recipe: Recipe, index: int) -> Variant:
        """Crop a professional portrait to a square without editing it."""
        photo = self.source(index)
        found = framing.solve(*photo.subject.outline, recipe.wish)
        _, facts = subject.frame(photo.subject, found, size=self.size, seed=self.seed)
        return _finished(recipe, index, photo, facts.source, facts, found, limit=None)

    def render_all(
        self, recipes: Iterable[Recipe], *, watch: Watch = unwatched
    ) -> Iterator[Variant | RejectedVariant]:
        """Render looks in parallel and yield them in order; failures come as RejectedVariant."""

        def attempt(recipe: Recipe) -> Variant | RejectedVariant:
            try:
                return self.render(recipe, watch=watch)
            except RenderCancelled:
                raise
            except EngineError as error:
                return RejectedVariant(recipe.slug, error)

        self.source(self.best())  # shared by all looks, so prepared before they run in parallel
        with ThreadPoolExecutor(WORKERS) as pool:
            yield from pool.map(attempt, recipes)


def _prepare(pixels: Pixels, *, size: int, face: int | None) -> Source:
    """Cut the person out, run the input checks and describe the face.

    Raises UnusableFace with the advice of the first blocking check.
    """
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
    """Run every step of the recipe; the skin of a repainted face is checked immediately."""
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
    found: Framing,
    *,
    limit: float | None,
) -> Variant:
    """Check the finished picture and build the variant; raises LikenessTooLow or QualityTooLow."""
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
