"""Even out blemishes and shine and lighten the skin under the eyes.

Texture, moles and the tone of the skin stay as they were photographed.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from headshots.engine import color
from headshots.engine.analysis.landmarks import skin_mask, under_eyes
from headshots.engine.geometry import Transform, clip_box, crop, move_face
from headshots.engine.types import Box, Face, Facts, Image, Mask

# Numbers were chosen by eye on the development photos. Differences of lightness (ΔL) are in CIE L*;
# lengths are standard deviations of a Gaussian.

FINE = 1 / 90  # of the face's height: finer are pores and stubble, which are never touched
COARSE = 1 / 16  # of the face's height: coarser is the shape of the face, which is never touched
MOLE = 5.0  # ΔL at which a spot counts as a feature of the person and mostly stays
EVEN = 0.75  # share of the band between that full strength removes
DARK_SHARE = 0.8  # of what is removed from shine, for dark spots

UNDER_EYE_SHARE = 0.5  # share of the way from the skin under the eyes to the cheeks
LIFT = 7.0  # ΔL that full strength adds under the eyes at most
SURE_SKIN = 0.9  # mask value from which a pixel is skin without doubt

BLUR_PIXELS = 2  # standard deviation, in reduced pixels, that is enough to compute a blur
MIN_WEIGHT = 1e-4  # keeps a mean over an empty mask finite
MESH_POINTS = 468  # landmarks of the face mesh, without the ten of the irises


@dataclass(frozen=True)
class Retouch:
    """Parameters of the step `retouch`.

    `strength` is 0 (nothing) to 1 (a lot); 0.35 is what a portrait photographer does.
    """

    strength: float = 0.35


def retouch(image: Image, facts: Facts, params: Retouch) -> Image:
    """Retouch the skin of the face by frequency separation.

    Only the band between pores and shape changes. The mean colour of the change is taken off
    again, so that the skin keeps the tone that was photographed.
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
    """Return the part of the image that the face mesh covers."""
    x, y = face.landmarks[:MESH_POINTS, :2].min(axis=0)
    right, bottom = face.landmarks[:MESH_POINTS, :2].max(axis=0)
    return clip_box(Box(x, y, right, bottom), width=image.shape[1], height=image.shape[0])


def _evening(lab: Image, skin: Mask, height: float) -> Image:
    """Return the change, in L*a*b*, that evens out the skin of a face of `height` pixels.

    It is minus the band between FINE_SCALE and COARSE_SCALE, where that band is weak enough to be
    a blemish rather than a mole.
    """
    fine = _masked_blur(lab, skin, FINE * height)
    band = fine - _masked_blur(lab, skin, COARSE * height)
    spot = np.exp(-((band[..., :1] / MOLE) ** 2))
    # Shine, the bright side of the band, is evened out further than dark spots.
    shine = np.where(band[..., :1] > 0, 1.0, DARK_SHARE)
    return (-EVEN * band * spot * shine).astype(np.float32)


def _under_eye_lift(light: Mask, skin: Mask, face: Face) -> Mask:
    """Return the ΔL, H×W, that brings the skin under the eyes halfway to that of the cheeks."""
    under = under_eyes(face, light.shape)
    if under.max() == 0:
        return np.zeros_like(light)
    sure = skin > SURE_SKIN
    cheeks = float(np.median(light[sure])) if sure.any() else 0.0
    smooth = _masked_blur(light[..., None], skin, COARSE * face.height)[..., 0]
    return np.clip(UNDER_EYE_SHARE * (cheeks - smooth), 0, LIFT) * under


def _masked_blur(values: Image, mask: Mask, sigma: float) -> Image:
    """Return the Gaussian mean of values (H×W×C) over a mask (H×W) only.

    Values outside the mask, such as brows and lips, do not bleed into it. It is computed at a
    reduced size.
    """
    step = max(1, int(sigma / BLUR_PIXELS))
    small = (values.shape[1] // step or 1, values.shape[0] // step or 1)
    weights = _resize(mask + MIN_WEIGHT, small)
    total = _resize(values * (mask[..., None] + MIN_WEIGHT), small)
    weights = cv2.GaussianBlur(weights, (0, 0), sigma / step)
    total = cv2.GaussianBlur(total, (0, 0), sigma / step).reshape(*weights.shape, -1)
    mean = total / weights[..., None]
    full = cv2.resize(mean, (values.shape[1], values.shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(full, np.float32).reshape(values.shape)


def _resize(values: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    return cv2.resize(values, size, interpolation=cv2.INTER_AREA)
