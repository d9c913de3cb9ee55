"""The steps that need a diffusion pipeline: a generated place, clothes, or a changed face."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from headshots.engine import color, thresholds
from headshots.engine.analysis.landmarks import OVAL, outline
from headshots.engine.diffusion import face_lock, prompts, registration
from headshots.engine.errors import QualityTooLow
from headshots.engine.operations import backdrops, color_grading, compositing
from headshots.engine.types import Ask, Edit, Face, Facts, Image, Mask

# Numbers without another source were chosen by eye on the development photos.

HAIRS: Final = 0.02  # alpha above which a pixel shows some of the person
HALF: Final = 0.5  # alpha or mask value that divides inside and outside
HAIR_MARGIN: Final = 2  # pixels around the person in which a generated place is not used
VISIBLE: Final = 5.0  # ΔE76 that anybody sees; 2.3 is just noticeable (Mahy et al. 1994)
ROUND: Final = 0.03  # of the side: how far new clothes may reach beyond the old ones
CLOTHES_SCALE: Final = 4  # that margin is grown at a quarter of the size
SOFT_EDGE: Final = 0.004  # of the side: standard deviation of a mask's soft edge
MIN_SOFT_EDGE: Final = 1.0  # pixels


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
    prompts.require_plain(params.place, name="place")
    prompts.require_plain(params.feel, name="feel")
    prompts.require_mood(params.mood)
    prompts.require_colour(params.accent)


def check_outfit(params: ChangeOutfit) -> None:
    """Raise BadRecipe for words that are refused, or a colour that does not exist."""
    prompts.require_plain(params.outfit, name="outfit")
    prompts.require_plain(params.feel, name="feel")
    prompts.require_colour(params.accent)


def check_change(params: Restyle) -> None:
    """Raise BadRecipe for a change that is not offered."""
    if params.change:
        prompts.change(params.change)


def generate_backdrop(image: Image, facts: Facts, params: GenerateBackdrop) -> Image:
    """Generate a place around the cut-out person, and composite the photographed person over it.

    Raises DiffusionUnavailable without a pipeline, and FaceLockFailed if what was generated cannot
    be aligned with the photo.
    """
    if not params.place:
        return image
    draft = compositing.over(image, facts.alpha, backdrops.paint(backdrops.Backdrop(), facts))
    prompt = prompts.place(params.place, mood=params.mood, feel=params.feel, accent=params.accent)
    outside = (facts.alpha < HALF).astype(np.float32)
    painted, found = _painted(draft, facts, Ask(draft, outside, prompt, prompts.negative()))
    around = cv2.dilate(
        (facts.alpha > HAIRS).astype(np.uint8), np.ones((3, 3)), iterations=HAIR_MARGIN
    )
    behind = backdrops.fill(painted, (1 - around).astype(np.float32))
    front = compositing.clean_edges(image, facts.alpha)
    locked = compositing.over(front, facts.alpha, behind)
    facts.note(_edit("generate_backdrop", locked, image, facts.face, found))
    front = color_grading.harmonise(front, facts.alpha, behind, strength=params.harmonise)
    front = compositing.light_wrap(front, facts.alpha, behind, strength=params.wrap)
    return compositing.over(front, facts.alpha, behind)


def change_outfit(image: Image, facts: Facts, params: ChangeOutfit) -> Image:
    """Generate clothes below the lips, and composite the photographed head and neck over them.

    Raises DiffusionUnavailable without a pipeline, and FaceLockFailed if what was generated cannot
    be aligned with the photo.
    """
    if not params.outfit:
        return image
    head = face_lock.head_mask(image, facts.alpha, facts.face)
    prompt = prompts.clothes(params.outfit, feel=params.feel, accent=params.accent)
    cloth = _cloth(head, facts)
    painted, found = _painted(image, facts, Ask(image, cloth, prompt, prompts.negative()))
    # The photo is kept wherever nothing should be generated: the head, and what is behind it.
    kept = np.maximum(head, 1 - _soft(cloth))
    locked = compositing.over(image, kept, painted)
    facts.note(_edit("change_outfit", locked, image, facts.face, found))
    front = color_grading.harmonise(image, head, painted, strength=params.harmonise)
    under = compositing.over(image, 1 - _soft(cloth), painted)
    return compositing.over(front, head, under)


def restyle(image: Image, facts: Facts, params: Restyle) -> Image:
    """Change the face itself; analysis/output_checks.py decides whether the result is shown.

    Raises DiffusionUnavailable without a pipeline, FaceLockFailed if the result cannot be aligned
    with the photo, and QualityTooLow if nothing changed visibly.
    """
    if not params.change:
        return image
    prompt = prompts.change(params.change)
    painted = facts.paint(Ask(image, None, prompt, prompts.negative(), seed=facts.seed))
    body = facts.alpha * (1 - outline(facts.face, OVAL, facts.alpha.shape))
    found = registration.register(painted, image, body)
    moved = registration.laid_over(painted, found)
    strength = changed(moved, image, facts.face)
    facts.note(_measured("restyle", 0, found, len(image), strength=strength))
    if strength < thresholds.CHANGED:
        raise QualityTooLow(f"Nothing changed: {strength:.1%} of the face is different.")
    return moved


def changed(after: Image, before: Image, face: Face) -> float:
    """Return the share of the face, 0 to 1, that visibly differs: the strength of the edit."""
    oval = outline(face, OVAL, before.shape) > 0
    apart = np.linalg.norm(color.to_lab(after)[oval] - color.to_lab(before)[oval], axis=1)
    return float(np.mean(apart > VISIBLE))


def _painted(before: Image, facts: Facts, ask: Ask) -> tuple[Image, registration.Registration]:
    """Run a request, and warp the result into the pixels of the frame."""
    painted = facts.paint(ask)
    where = np.minimum(facts.alpha, face_lock.inner(facts.face, before.shape))
    found = registration.register(painted, before, where)
    return registration.laid_over(painted, found), found


def _edit(
    step: str, locked: Image, before: Image, face: Face, found: registration.Registration
) -> Edit:
    """Require that the face was kept to the bit, and return what was measured."""
    kept = face_lock.require_kept(locked, before, face)
    return _measured(step, kept, found, len(before))


def _measured(
    step: str, kept: int, found: registration.Registration, side: int, *, strength: float = 0.0
) -> Edit:
    """Return the record of a step whose result was registered as given."""
    return Edit(step, kept, found.residual, found.shift(side), found.zoom, strength)


def _cloth(head: Mask, facts: Facts) -> Mask:
    """Return the mask, H×W, of the person below the lips, with a margin for other shoulders."""
    side = len(head)
    shown = (facts.alpha > HAIRS).astype(np.float32)
    size = (side // CLOTHES_SCALE, side // CLOTHES_SCALE)
    small = cv2.resize(shown, size, interpolation=cv2.INTER_AREA)
    reach = max(1, round(ROUND * side / CLOTHES_SCALE))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    grown = cv2.resize(cv2.dilate(small, disc), (side, side), interpolation=cv2.INTER_LINEAR)
    around = np.maximum(grown > HALF, shown)
    around[: int(facts.face.landmarks[face_lock.LIP, 1])] = 0
    return np.asarray(around * (head < HALF), np.float32)


def _soft(mask: Mask) -> Mask:
    """Soften the edge of a mask over some pixels."""
    return cv2.GaussianBlur(mask, (0, 0), max(MIN_SOFT_EDGE, SOFT_EDGE * len(mask)))
