"""The steps that need a diffusion pipeline: a generated place, clothes, or a changed face."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from headshots.engine import color, thresholds
from headshots.engine.analysis.landmarks import FACE_OVAL, outline_mask
from headshots.engine.diffusion import face_lock, prompts, registration
from headshots.engine.errors import QualityTooLow
from headshots.engine.operations import backdrops, color_grading, compositing
from headshots.engine.types import DiffusionTask, EditReport, Face, Facts, Image, Mask

# Numbers without another source were chosen by eye on the development photos.

MIN_VISIBLE_ALPHA: Final = 0.02  # alpha above which a pixel shows some of the person
INSIDE_THRESHOLD: Final = 0.5  # alpha or mask value that divides inside and outside
HAIR_MARGIN: Final = 2  # pixels around the person in which a generated place is not used
VISIBLE_DELTA_E: Final = 5.0  # ΔE76 that anybody sees; 2.3 is just noticeable (Mahy et al. 1994)
CLOTHES_MARGIN: Final = 0.03  # of the side: how far new clothes may reach beyond the old ones
MARGIN_SCALE: Final = 4  # that margin is grown at a quarter of the size
SOFT_EDGE_WIDTH: Final = 0.004  # of the side: standard deviation of a mask's soft edge
MIN_EDGE_WIDTH: Final = 1.0  # pixels


@dataclass(frozen=True)
class GenerateBackdrop:
    """Parameters of the step `generate_backdrop`.

    `place` is in the person's words, '' for none. `mood` is a mood of the scene library or '',
    `feel` the look's, `accent` '' or '#RRGGBB'. `wrap` and `harmonise`, 0 to 1, are as for the step
    `backdrop`.
    """

    place: str = ""
    mood: str = ""
    feel: str = ""
    accent: str = ""
    wrap: float = 0.4
    harmonise: float = 0.5


@dataclass(frozen=True)
class ChangeOutfit:
    """Parameters of the step `change_outfit`.

    `outfit` is in the person's words, '' for none. `feel` is the look's, `accent` '' or '#RRGGBB',
    and `harmonise`, 0 to 1, as for the step `backdrop`.
    """

    outfit: str = ""
    feel: str = ""
    accent: str = ""
    harmonise: float = 0.3


@dataclass(frozen=True)
class Restyle:
    """Parameters of the step `restyle`: `change` is one of prompts.CHANGES, or '' for none."""

    change: str = ""


def check_backdrop(params: GenerateBackdrop) -> None:
    """Raise BadRecipe for words that are refused, or a mood or colour that does not exist."""
    prompts.require_plain(params.place, parameter="place")
    prompts.require_plain(params.feel, parameter="feel")
    prompts.require_mood(params.mood)
    prompts.require_colour(params.accent)


def check_outfit(params: ChangeOutfit) -> None:
    """Raise BadRecipe for words that are refused, or a colour that does not exist."""
    prompts.require_plain(params.outfit, parameter="outfit")
    prompts.require_plain(params.feel, parameter="feel")
    prompts.require_colour(params.accent)


def check_change(params: Restyle) -> None:
    """Raise BadRecipe for a change that is not offered."""
    if params.change:
        prompts.change_prompt(params.change)


def generate_backdrop(image: Image, facts: Facts, params: GenerateBackdrop) -> Image:
    """Generate a place around the cut-out person, and composite the photographed person over it.

    Raises DiffusionUnavailable without a pipeline, and FaceLockFailed if what was generated cannot
    be aligned with the photo.
    """
    if not params.place:
        return image
    generated, registered = _generate_place(image, facts, params)
    person_area = cv2.dilate(
        (facts.alpha > MIN_VISIBLE_ALPHA).astype(np.uint8), np.ones((3, 3)), iterations=HAIR_MARGIN
    )
    backdrop = backdrops.fill_unknown(generated, (1 - person_area).astype(np.float32))
    foreground = compositing.clean_edges(image, facts.alpha)
    locked = compositing.composite_over(foreground, facts.alpha, backdrop)
    facts.record_edit(
        _report_locked_edit("generate_backdrop", locked, image, facts.face, registered)
    )
    foreground = color_grading.harmonise_foreground(
        foreground, facts.alpha, backdrop, strength=params.harmonise
    )
    foreground = compositing.wrap_light(foreground, facts.alpha, backdrop, strength=params.wrap)
    return compositing.composite_over(foreground, facts.alpha, backdrop)


def _generate_place(
    image: Image, facts: Facts, params: GenerateBackdrop
) -> tuple[Image, registration.ImageRegistration]:
    """Generate a place around the person on a plain backdrop, aligned with the photo."""
    plain_backdrop = backdrops.draw_backdrop(backdrops.Backdrop(), facts)
    draft = compositing.composite_over(image, facts.alpha, plain_backdrop)
    prompt = prompts.place_prompt(
        params.place, mood=params.mood, feel=params.feel, accent=params.accent
    )
    outside = (facts.alpha < INSIDE_THRESHOLD).astype(np.float32)
    request = DiffusionTask(draft, outside, prompt, prompts.negative_prompt())
    return _generate_aligned(draft, facts, request)


def change_outfit(image: Image, facts: Facts, params: ChangeOutfit) -> Image:
    """Generate clothes below the lips, and composite the photographed head and neck over them.

    Raises DiffusionUnavailable without a pipeline, and FaceLockFailed if what was generated cannot
    be aligned with the photo.
    """
    if not params.outfit:
        return image
    head_area = face_lock.head_mask(image, facts.alpha, facts.face)
    prompt = prompts.outfit_prompt(params.outfit, feel=params.feel, accent=params.accent)
    clothes_area = _clothes_mask(head_area, facts)
    request = DiffusionTask(image, clothes_area, prompt, prompts.negative_prompt())
    generated, registered = _generate_aligned(image, facts, request)
    # The photo is kept wherever nothing should be generated: the head, and what is behind it.
    kept_area = np.maximum(head_area, 1 - _soften_mask(clothes_area))
    locked = compositing.composite_over(image, kept_area, generated)
    facts.record_edit(_report_locked_edit("change_outfit", locked, image, facts.face, registered))
    foreground = color_grading.harmonise_foreground(
        image, head_area, generated, strength=params.harmonise
    )
    underlay = compositing.composite_over(image, 1 - _soften_mask(clothes_area), generated)
    return compositing.composite_over(foreground, head_area, underlay)


def restyle(image: Image, facts: Facts, params: Restyle) -> Image:
    """Change the face itself; analysis/output_checks.py decides whether the result is shown.

    Raises DiffusionUnavailable without a pipeline, FaceLockFailed if the result cannot be aligned
    with the photo, and QualityTooLow if nothing changed visibly.
    """
    if not params.change:
        return image
    prompt = prompts.change_prompt(params.change)
    generated = facts.generate(
        DiffusionTask(image, None, prompt, prompts.negative_prompt(), seed=facts.seed)
    )
    body_area = facts.alpha * (1 - outline_mask(facts.face, FACE_OVAL, facts.alpha.shape))
    registered = registration.register_image(generated, image, body_area)
    aligned = registration.warp_onto_photo(generated, registered)
    edit_strength = changed_share(aligned, image, facts.face)
    facts.record_edit(_report_edit("restyle", 0, registered, len(image), strength=edit_strength))
    if edit_strength < thresholds.MIN_CHANGED_SHARE:
        raise QualityTooLow(f"Nothing changed: {edit_strength:.1%} of the face is different.")
    return aligned


def changed_share(after: Image, before: Image, face: Face) -> float:
    """Return the share of the face, 0 to 1, that visibly differs: the strength of the edit."""
    face_oval = outline_mask(face, FACE_OVAL, before.shape) > 0
    delta_e = np.linalg.norm(
        color.to_lab(after)[face_oval] - color.to_lab(before)[face_oval], axis=1
    )
    return float(np.mean(delta_e > VISIBLE_DELTA_E))


def _generate_aligned(
    before: Image, facts: Facts, request: DiffusionTask
) -> tuple[Image, registration.ImageRegistration]:
    """Run a request, and warp the result into the pixels of the frame."""
    generated = facts.generate(request)
    face_area = np.minimum(facts.alpha, face_lock.face_with_margin(facts.face, before.shape))
    registered = registration.register_image(generated, before, face_area)
    return registration.warp_onto_photo(generated, registered), registered


def _report_locked_edit(
    step_name: str,
    locked: Image,
    before: Image,
    face: Face,
    registered: registration.ImageRegistration,
) -> EditReport:
    """Require that the face was kept to the bit, and return what was measured."""
    kept_count = face_lock.require_face_kept(locked, before, face)
    return _report_edit(step_name, kept_count, registered, len(before))


def _report_edit(
    step_name: str,
    kept_count: int,
    registered: registration.ImageRegistration,
    side: int,
    *,
    strength: float = 0.0,
) -> EditReport:
    """Return the record of a step whose result was registered as given."""
    return EditReport(
        step_name,
        kept_count,
        registered.residual,
        registered.shift(side),
        registered.zoom,
        strength,
    )


def _clothes_mask(head_area: Mask, facts: Facts) -> Mask:
    """Return the mask, H×W, of the person below the lips, with a margin for other shoulders."""
    side = len(head_area)
    person_area = (facts.alpha > MIN_VISIBLE_ALPHA).astype(np.float32)
    reduced_size = (side // MARGIN_SCALE, side // MARGIN_SCALE)
    reduced_area = cv2.resize(person_area, reduced_size, interpolation=cv2.INTER_AREA)
    margin = max(1, round(CLOTHES_MARGIN * side / MARGIN_SCALE))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * margin + 1, 2 * margin + 1))
    grown_area = cv2.resize(
        cv2.dilate(reduced_area, kernel), (side, side), interpolation=cv2.INTER_LINEAR
    )
    clothes_area = np.maximum(grown_area > INSIDE_THRESHOLD, person_area)
    clothes_area[: int(facts.face.landmarks[face_lock.LOWER_LIP, 1])] = 0
    return np.asarray(clothes_area * (head_area < INSIDE_THRESHOLD), np.float32)


def _soften_mask(mask: Mask) -> Mask:
    """Soften the edge of a mask over some pixels."""
    return cv2.GaussianBlur(mask, (0, 0), max(MIN_EDGE_WIDTH, SOFT_EDGE_WIDTH * len(mask)))
