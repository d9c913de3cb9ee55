"""Even blemishes and shine, lift the under-eyes; texture, moles and skin tone stay."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from headshots.engine import color
from headshots.engine.analysis.landmarks import skin_mask, under_eyes
from headshots.engine.geometry import Transform, clip_box, crop, move_face
from headshots.engine.types import Box, Face, Facts, Image, Mask

FINE = 1 / 90  # of the face's height: pores and stubble, never touched
COARSE = 1 / 16  # above it lies the shape of the face, never touched
MOLE = 5.0  # ΔL at which a spot is a feature of the person and stays
EVEN = 0.75  # share of the band between that full strength removes
LIFT = 7.0  # ΔL that full strength adds under the eyes at most


@dataclass(frozen=True)
class Retouch:
    """`strength` 0 (nothing) to 1 (a lot); 0.35 is what a portrait photographer does."""

    strength: float = 0.35


def retouch(image: Image, facts: Facts, params: Retouch) -> Image:
    """Frequency separation on the skin of the face: only the band between pores and shape changes.

    The mean colour of the skin is put back afterwards, so that its tone is the photographed one.
    """
    if params.strength == 0:
        return image
    region = _region(facts.face, image)
    face = move_face(facts.face, Transform(region.left, region.top))
    lab = color.to_lab(crop(image, region))
    skin = skin_mask(face, lab.shape)
    change = _evening(lab, skin, face.height) * params.strength
    change[..., 0] += params.strength * _under_eye_lift(lab[..., 0], skin, face)
    change -= (change * skin[..., None]).sum(axis=(0, 1)) / max(float(skin.sum()), 1.0)
    result = image.copy()
    view = crop(result, region)
    touched = (skin > 0)[..., None]
    view[:] = np.where(touched, color.from_lab(lab + change * skin[..., None]), view)
    return result


def _region(face: Face, image: Image) -> Box:
    x, y = face.landmarks[:468, :2].min(axis=0)
    right, bottom = face.landmarks[:468, :2].max(axis=0)
    return clip_box(Box(x, y, right, bottom), width=image.shape[1], height=image.shape[0])


def _evening(lab: Image, skin: Mask, height: float) -> Image:
    """Minus the band between FINE and COARSE, where it is weak enough to be a blemish."""
    fine = _masked_blur(lab, skin, FINE * height)
    band = fine - _masked_blur(lab, skin, COARSE * height)
    spot = np.exp(-((band[..., :1] / MOLE) ** 2))
    # Shine is the bright side of the band: it may go further than dark spots do.
    shine = np.where(band[..., :1] > 0, 1.0, 0.8)
    return (-EVEN * band * spot * shine).astype(np.float32)


def _under_eye_lift(light: Mask, skin: Mask, face: Face) -> Mask:
    """ΔL that brings the skin under the eyes halfway to the cheeks below it."""
    under = under_eyes(face, light.shape)
    if under.max() == 0:
        return np.zeros_like(light)
    cheeks = float(np.median(light[skin > 0.9])) if (skin > 0.9).any() else 0.0
    smooth = _masked_blur(light[..., None], skin, COARSE * face.height)[..., 0]
    return np.clip(0.5 * (cheeks - smooth), 0, LIFT) * under


def _masked_blur(values: Image, mask: Mask, sigma: float) -> Image:
    """Gaussian mean over the mask only, so that brows and lips do not bleed into skin."""
    step = max(1, int(sigma / 2))
    small = (values.shape[1] // step or 1, values.shape[0] // step or 1)
    weights = _resize(mask + 1e-4, small)
    total = _resize(values * (mask[..., None] + 1e-4), small)
    weights = cv2.GaussianBlur(weights, (0, 0), sigma / step)
    total = cv2.GaussianBlur(total, (0, 0), sigma / step).reshape(*weights.shape, -1)
    mean = total / weights[..., None]
    full = cv2.resize(mean, (values.shape[1], values.shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(full, np.float32).reshape(values.shape)


def _resize(values: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    return cv2.resize(values, size, interpolation=cv2.INTER_AREA)
