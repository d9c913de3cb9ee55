"""Render looks from photos: one checked variant per look; what looks share is computed once."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import combinations

import cv2
import numpy as np

from headshots.engine import color, face_changes, recipe_fitting, thresholds
from headshots.engine.analysis import input_checks, likeness, output_checks, quality, subject
from headshots.engine.diffusion.batch import (
    DiffusionBatch,
    DiffusionPipeline,
    ProgressCallback,
    ignore_progress,
)
from headshots.engine.errors import (
    EngineError,
    LikenessTooLow,
    RenderCancelled,
    UnusableFace,
)
from headshots.engine.io import provenance
from headshots.engine.operations import framing
from headshots.engine.operations.framing import FramingWish
from headshots.engine.recipes import Recipe
from headshots.engine.repeated_looks import vary_repeated
from headshots.engine.results import PreparedPhoto, RejectedVariant, RenderedVariant
from headshots.engine.steps import STEPS_BY_NAME
from headshots.engine.types import EditReport, FaceChoice, Facts, Framing, Image, Pixels

# Whole looks run in parallel, which is faster than threads inside single operations.
RENDER_THREADS = 2  # threads
# Pixels a side up to which they do: larger looks run one after another, so that memory is bounded.
MAX_PARALLEL_SIZE = 1024
cv2.setNumThreads(1)

StepCallback = Callable[[str, str], None]  # called with look and step just before the step runs


def ignore_step(look: str, step: str) -> None:
    """Ignore the progress of a render."""


@dataclass
class Renderer:
    """Renders looks from the photos of one person; each is cut out only when a look needs it.

    `prepared` holds photos by index that were prepared, or failed to be, already; their pixels are
    not needed. Variants are `size` × `size` pixels.
    """

    photos: list[Pixels]
    size: int = 1024
    face: FaceChoice = None  # where a photo has several
    seed: int = 0
    backdrop_picture: Image | None = None  # a background picture that the person brought
    pipeline: DiffusionPipeline | None = None  # for looks with diffusion steps
    # Called with the progress of the pipeline; may raise RenderCancelled.
    on_progress: ProgressCallback = ignore_progress
    prepared: dict[int, PreparedPhoto | EngineError] = field(default_factory=dict)

    def prepare_photo(self, photo_index: int) -> PreparedPhoto:
        """Prepare one photo, at most once; raises the EngineError that makes it unusable."""
        if photo_index not in self.prepared:
            self.prepared[photo_index] = self._try_preparing(photo_index)
        photo = self.prepared[photo_index]
        if isinstance(photo, EngineError):
            raise photo
        return photo

    @property
    def _photo_count(self) -> int:
        """Number of photos, whether as pixels or prepared."""
        return max(len(self.photos), len(self.prepared))

    def _try_preparing(self, photo_index: int) -> PreparedPhoto | EngineError:
        """Prepare a photo and return an error instead of raising it."""
        try:
            return _prepare_photo(self.photos[photo_index], size=self.size, face=self.face)
        except EngineError as error:
            return error

    def choose_photo(self, recipe: Recipe | None = None) -> int:
        """Choose the photo whose measured expression, pose and quality fit the look best.

        Returns its index. Photos that cannot be used are skipped; raises the first one's error if
        none can be used, and LikenessTooLow if they show different people. A recipe without steps
        uses the first photo.
        """
        if self._photo_count == 1:
            return 0
        usable = self._usable_photos()
        if recipe and not recipe.steps:
            self.prepare_photo(0)
            return 0
        requested_smile = recipe.step_params("expression").smile if recipe and recipe.steps else 0.0
        return min(
            usable,
            key=lambda photo_index: (
                recipe_fitting.rate_misfit(usable[photo_index], requested_smile),
                photo_index,
            ),
        )

    def _usable_photos(self) -> dict[int, PreparedPhoto]:
        """Prepare all photos and return the usable ones by index."""
        usable: dict[int, PreparedPhoto] = {}
        rejections: list[EngineError] = []
        for photo_index in range(self._photo_count):
            try:
                usable[photo_index] = self.prepare_photo(photo_index)
            except EngineError as error:
                rejections.append(error)
        if not usable:
            raise rejections[0]
        first_index, *other_indexes = usable
        for photo_index in other_indexes:
            if usable[first_index].reference_face.is_stranger(usable[photo_index].reference_face):
                raise LikenessTooLow(
                    "These photos show different people.",
                    advice="Choose photos of one person at a time.",
                )
        return usable

    def render(
        self,
        recipe: Recipe,
        *,
        photo_index: int | None = None,
        on_step: StepCallback = ignore_step,
        batch: DiffusionBatch | None = None,
        variant_index: int = 0,
    ) -> RenderedVariant:
        """Render one look from the photo that fits best, or a chosen one, and check the result.

        `variant_index` is its number among several variants of one look, which share a `batch`.
        A look without diffusion steps that changes the face too much is tried once more, softened.
        Raises NoFraming, LikenessTooLow or QualityTooLow if the result must not be shown, and
        DiffusionUnavailable for a look with diffusion steps without a pipeline.
        """
        chosen_index = self.choose_photo(recipe) if photo_index is None else photo_index
        if not recipe.steps:
            return self._render_untouched(recipe, chosen_index)
        try:
            return self._render_steps(recipe, chosen_index, on_step, batch, variant_index)
        except LikenessTooLow:
            if recipe.diffusion_steps:
                raise
        softened = recipe_fitting.soften_recipe(recipe)
        variant = self._render_steps(softened, chosen_index, on_step, batch, variant_index)
        return replace(variant, notes=(*variant.notes, recipe_fitting.SOFTENED))

    def _render_steps(
        self,
        recipe: Recipe,
        photo_index: int,
        on_step: StepCallback,
        batch: DiffusionBatch | None,
        variant_index: int,
    ) -> RenderedVariant:
        """Render one look from one photo, with all of its steps, and check the result."""
        photo = self.prepare_photo(photo_index)
        likeness_limit = self._likeness_limit(recipe)
        differences = recipe_fitting.describe_differences(recipe, photo)
        recipe, notes = recipe_fitting.adapt_recipe(recipe, photo, self.seed)
        crop, image, facts = self._frame_photo(photo, recipe_fitting.choose_wish(recipe))
        facts = recipe_fitting.add_backdrop(facts, recipe, self.backdrop_picture)
        recipe, facts, clothes_notes = recipe_fitting.add_clothes(image, facts, recipe)
        edits: list[EditReport] = []
        batch = batch or self._create_batch([variant_index])
        if batch is not None:
            facts = replace(
                facts, generate=batch.bind_seed(self.seed + variant_index), record_edit=edits.append
            )
        image = _run_steps(recipe, image, facts, on_step, likeness_limit=likeness_limit)
        if photo.is_black_and_white:
            image = np.repeat(color.compute_luma(image)[..., None], 3, axis=2)
        variant = _build_variant(
            recipe, photo_index, photo, image, facts, crop, likeness_limit=likeness_limit
        )
        return replace(
            variant,
            notes=(*differences, *notes, *clothes_notes, *variant.notes),
            edits=tuple(edits),
            variant_index=variant_index,
        )

    def _frame_photo(
        self, photo: PreparedPhoto, framing_wish: FramingWish
    ) -> tuple[Framing, Image, Facts]:
        """Choose the crop of a photo; return it with the cropped person and what is known of it."""
        crop = framing.solve_framing(*photo.subject.framing_inputs, framing_wish)
        image, facts = subject.frame_subject(photo.subject, crop, size=self.size, seed=self.seed)
        return crop, image, facts

    def _create_batch(self, variant_indexes: Sequence[int]) -> DiffusionBatch | None:
        """Create the batch in which these variants are generated together."""
        if self.pipeline is None:
            return None
        return DiffusionBatch(
            self.pipeline,
            tuple(self.seed + variant_index for variant_index in variant_indexes),
            self.on_progress,
        )

    def render_variants(
        self, recipe: Recipe, variant_indexes: Sequence[int], *, on_step: StepCallback = ignore_step
    ) -> Iterator[RenderedVariant | RejectedVariant]:
        """Render several variants of one diffusion look; what they share is generated in one batch.

        A variant that fails its checks is yielded as RejectedVariant; RenderCancelled ends all.
        """
        batch = self._create_batch(variant_indexes)
        for variant_index in variant_indexes:
            try:
                yield self.render(recipe, on_step=on_step, batch=batch, variant_index=variant_index)
            except RenderCancelled:
                raise
            except EngineError as error:
                yield RejectedVariant(recipe.slug, error)

    def _likeness_limit(self, recipe: Recipe) -> float | None:
        """Return the largest allowed distance of a repainted face; None where the face is kept.

        It is no larger than the largest distance between the person's own photos, if there are
        several.
        """
        if "restyle" not in dict(recipe.diffusion_steps):
            return None
        references = [photo.reference_face for photo in self._usable_photos().values()]
        distances = [
            first_face.distance_to(second_face)
            for first_face, second_face in combinations(references, 2)
        ]
        return min([thresholds.MAX_REPAINTED_DISTANCE, *([max(distances)] if distances else [])])

    def _render_untouched(self, recipe: Recipe, photo_index: int) -> RenderedVariant:
        """Crop a professional portrait to a square without editing it."""
        photo = self.prepare_photo(photo_index)
        crop, _, facts = self._frame_photo(photo, recipe.framing_wish)
        return _build_variant(
            recipe, photo_index, photo, facts.photo, facts, crop, likeness_limit=None
        )

    def render_all(
        self, recipes: Iterable[Recipe], *, on_step: StepCallback = ignore_step
    ) -> Iterator[RenderedVariant | RejectedVariant]:
        """Render looks in parallel and yield them in order; failures come as RejectedVariant.

        Looks that keep the photo's own background and look like an earlier one are cropped anew
        (repeated_looks.py).
        """

        def render_or_reject(recipe: Recipe) -> RenderedVariant | RejectedVariant:
            try:
                return self.render(recipe, on_step=on_step)
            except RenderCancelled:
                raise
            except EngineError as error:
                return RejectedVariant(recipe.slug, error)

        # Shared by all looks, so prepared before they run in parallel.
        self.prepare_photo(self.choose_photo())
        requested = list(recipes)
        threads = RENDER_THREADS if self.size <= MAX_PARALLEL_SIZE else 1
        with ThreadPoolExecutor(threads) as executor:
            results = executor.map(render_or_reject, requested)
            yield from vary_repeated(requested, results, render_or_reject)


def _prepare_photo(pixels: Pixels, *, size: int, face: FaceChoice) -> PreparedPhoto:
    """Cut the person out, run the input checks and describe the face.

    Raises UnusableFace with the advice of the first blocking check.
    """
    prepared_subject = subject.prepare_subject(pixels, size=size, face=face)
    image = prepared_subject.canvas.astype(np.float32) / 255.0
    close_up = quality.crop_to_face(image, prepared_subject.face)
    checked_photo = input_checks.CheckedPhoto(
        image,
        prepared_subject.face,
        prepared_subject.head,
        prepared_subject.matte.alpha,
        prepared_subject.to_canvas.scale,
        prepared_subject.faces_found,
        close_up,
        pixels,
        prepared_subject.photo_face,
    )
    checks = input_checks.check_photo(checked_photo)
    _require_usable(checks)
    reference_face = likeness.describe_reference(prepared_subject.canvas, prepared_subject.face)
    has_cast = any(check.name == "natural_colour" and not check.ok for check in checks)
    prepared_subject = subject.restore_pixels(prepared_subject, has_cast=has_cast)
    restored_image = prepared_subject.canvas.astype(np.float32) / 255.0
    close_up = quality.crop_to_face(restored_image, prepared_subject.face)
    return PreparedPhoto(prepared_subject, checks, close_up, reference_face)


def _require_usable(checks: list[input_checks.Check]) -> None:
    """Raise UnusableFace with the advice of the first blocking check, if there is any."""
    failure = next((check for check in checks if check.blocking), None)
    if failure is not None:
        raise UnusableFace(failure.problem, advice=failure.advice)


def _run_steps(
    recipe: Recipe,
    image: Image,
    facts: Facts,
    on_step: StepCallback,
    *,
    likeness_limit: float | None,
) -> Image:
    """Run every step of the recipe; the skin of a repainted face is checked immediately."""
    for step_name, params in recipe.active_steps:
        on_step(recipe.slug, step_name)
        previous_image, image = image, STEPS_BY_NAME[step_name].run(image, facts, params)
        if step_name == "restyle" and likeness_limit is not None:
            output_checks.require_skin_tone(image, previous_image, facts.face)
    on_step(recipe.slug, "gates")
    return image


def _build_variant(
    recipe: Recipe,
    photo_index: int,
    photo: PreparedPhoto,
    image: Image,
    facts: Facts,
    crop: Framing,
    *,
    likeness_limit: float | None,
) -> RenderedVariant:
    """Check the finished picture and build the variant; raises LikenessTooLow or QualityTooLow."""
    measurements = output_checks.check_output(
        image, facts, photo.reference_face, photo.close_up, likeness_limit=likeness_limit
    )
    diffusion_steps = {step_name for step_name, _ in recipe.diffusion_steps}
    face_change = face_changes.measure_face_change(
        image, facts.photo, facts.face, is_repainted="restyle" in diffusion_steps
    )
    if face_change.claim == "regenerated":  # whatever the recipe says
        diffusion_steps.add("restyle")
    backdrop_kind = recipe.step_params("backdrop").kind if recipe.steps else ""
    return RenderedVariant(
        look=recipe.slug,
        photo_index=photo_index,
        pixels=measurements.pixels,
        likeness=measurements.likeness,
        skin_delta_e=measurements.skin_delta_e,
        head_fraction=measurements.head_fraction,
        eye_line=measurements.eye_line,
        steps=recipe.to_plain_data(),
        crop_box=photo.subject.to_photo_box(crop),
        notes=crop.notes,
        source_type=provenance.choose_source_type(
            backdrop_kind,
            diffusion_steps=frozenset(diffusion_steps),
            has_rendered_clothes=facts.clothes is not None,
        ),
        face_change=face_change,
    )
