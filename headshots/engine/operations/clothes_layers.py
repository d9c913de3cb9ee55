"""Lay back of the collar, person, garment and hair over one another, shaded by one another."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from headshots.engine import color
from headshots.engine.analysis.landmarks import cheek_mask
from headshots.engine.operations import garments
from headshots.engine.operations.body_measures import BodyMeasures
from headshots.engine.types import Facts, Image, Mask

# Chosen by eye on the development photos; lengths are centimetres at the person.
CONTACT_WIDTH, CONTACT_SHADE = 0.55, 0.5  # of the shadow of the collar on neck and own clothes
HAIR_SHADE_WIDTH, HAIR_SHADE = 0.6, 0.35  # of the shadow of hair on the cloth below it
MAX_NOISE: Final = 0.012  # standard deviation of grain that is taken over from the photo
NOISE_SHARE: Final = 0.8
YARN: Final = 0.018  # unevenness of cloth's light, standard deviation


@dataclass(frozen=True, eq=False)
class Fitted:
    """A garment as it lies in the frame, in the rows from `first_row` down.

    `light` is H×W, of cloth of reflectance 1; `front` and `behind` are alphas before and behind the
    neck, `opening` where the person's own clothes are seen.
    """

    first_row: int
    light: Mask
    front: Mask
    behind: Mask
    opening: Mask


@dataclass(frozen=True, eq=False)
class Layers:
    """What lies over one another: the person that stays, the garment, hair before it."""

    fitted: Fitted
    kept: Mask
    hair: Mask


def lay(
    image: Image, facts: Facts, cloth_color: str, body: BodyMeasures, layers: Layers
) -> tuple[Image, Mask]:
    """Lay back of the collar, person, garment and hair over one another; picture and alpha."""
    fitted, kept = layers.fitted, layers.kept
    reflectance = garments.cloth_reflectance(cloth_color)
    person = _shade_person(image[fitted.first_row :], body, fitted)
    rng = np.random.default_rng(facts.seed + 7)
    yarn = cv2.GaussianBlur(
        rng.standard_normal(kept.shape, dtype=np.float32), (0, 0), 0.7, sigmaY=1.0
    )
    light = fitted.light * (1 + np.float32(YARN / yarn.std()) * yarn)
    cloth = color.to_srgb(light[..., None] * reflectance)
    cloth = _match_photo(cloth, image, facts, rng)
    inside = color.to_srgb(fitted.light[..., None] * reflectance)
    picture, alpha = inside, fitted.behind
    photo = image[fitted.first_row :]
    cloth = _shade_cloth(cloth, layers.hair, body)
    # What stays ends where the cloth begins: together they cover the pixels that they share.
    under = np.minimum(kept / np.maximum(1 - fitted.front, 1e-3), 1)
    for layer, share in ((person, under), (cloth, fitted.front), (photo, layers.hair)):
        covered = share + alpha * (1 - share)
        weight = (share / np.maximum(covered, 1e-4))[..., None]
        picture = picture + weight * (layer - picture)
        alpha = covered
    alpha = np.where(alpha > 0.996, 1, alpha).astype(np.float32)
    # Without rounding: the photo's own pixels.
    is_bare = (fitted.front == 0) & ((fitted.behind == 0) | (kept == 1))
    return np.where(is_bare[..., None], person, np.clip(picture, 0, 1)), alpha


def _shade_person(person: Image, body: BodyMeasures, fitted: Fitted) -> Image:
    """Darken neck and own clothes beside the garment, whose light it takes."""
    shade = cv2.GaussianBlur(fitted.front, (0, 0), CONTACT_WIDTH * body.per_cm)
    rows = np.arange(fitted.first_row, fitted.first_row + len(person), dtype=np.float32)[:, None]
    below_chin = np.clip((rows - body.chin - 0.2 * body.per_cm) / (1.2 * body.per_cm), 0, 1)
    gain = 1 - CONTACT_SHADE * np.clip(1.3 * shade, 0, 1) * below_chin
    shaded = color.to_srgb(color.to_linear(person) * gain[..., None])
    return np.where(gain[..., None] < 1, shaded, person)


def _shade_cloth(cloth: Image, hair: Mask, body: BodyMeasures) -> Image:
    """Darken cloth beside the hair that lies on it."""
    if not hair.any():
        return cloth
    shade = cv2.GaussianBlur(hair, (0, 0), HAIR_SHADE_WIDTH * body.per_cm)
    return cloth * (1 - HAIR_SHADE * np.clip(shade, 0, 1))[..., None]


def _match_photo(cloth: Image, image: Image, facts: Facts, rng: np.random.Generator) -> Image:
    """Give cloth the photo's grain."""
    luma = color.compute_luma(image)
    cheeks = cheek_mask(facts.face, image.shape) > 0
    if not cheeks.any():
        return cloth
    detail = luma - cv2.GaussianBlur(luma, (0, 0), 1.2)
    level = min(1.48 * float(np.median(np.abs(detail[cheeks]))), MAX_NOISE)
    grain = cv2.GaussianBlur(rng.standard_normal(cloth.shape[:2], dtype=np.float32), (0, 0), 0.7)
    grain *= np.float32(NOISE_SHARE * level / grain.std())
    return np.clip(cloth + grain[..., None], 0, 1)
