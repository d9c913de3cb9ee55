"""Even out blemishes and shine and lighten the skin under the eyes.

Texture, moles and the tone of the skin stay as they were photographed.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from headshots.engine import color
from headshots.engine.analysis.landmarks import skin_mask, under_eye_mask
from headshots.engine.geometry import Transform, clip_box, crop_to_box, move_face
from headshots.engine.types import Box, Face, Facts, Image, Mask

# Numbers were chosen by eye on the development photos. Differences of lightness (ΔL) are in CIE L*;
# lengths are standard deviations of a Gaussian.

FINE_SCALE = 1 / 90  # of the face's height: finer are pores and stubble, which are never touched
COARSE_SCALE = (
    1 / 16
)  # of the face's height: coarser is the shape of the face, which is never touched
MOLE_CONTRAST = 5.0  # ΔL at which a spot counts as a feature of the person and mostly stays
EVENING_SHARE = 0.75  # share of the band between that full strength removes
DARK_SHARE = 0.8  # of what is removed from shine, for dark spots

UNDER_EYE_SHARE = 0.5  # share of the way from the skin under the eyes to the cheeks
MAX_LIFT = 7.0  # ΔL that full strength adds under the eyes at most
SURE_SKIN = 0.9  # mask value from which a pixel is skin without doubt

BLUR_PIXELS = 2  # standard deviation, in reduced pixels, that is enough to compute a blur
MIN_WEIGHT = 1e-4  # keeps a mean over an empty mask finite
MESH_POINTS = 468  # landmarks of the face mesh, without the ten of the irises


@dataclass(frozen=True)
class Retouch:
    """Parameters of the step `retouch_skin`.

    `strength` is 0 (nothing) to 1 (a lot); 0.35 is what a portrait photographer does.
    """

    strength: float = 0.35


def retouch_skin(image: Image, facts: Facts, params: Retouch) -> Image:
    """Retouch the skin of the face by frequency separation.

    Only the band between pores and shape changes. The mean colour of the change is taken off
    again, so that the skin keeps the tone that was photographed.
    """
    if params.strength == 0:
        return image
    region = _face_region(facts.face, image)
    face = move_face(facts.face, Transform(region.left, region.top))
    lab_image = color.to_lab(crop_to_box(image, region))
    skin_area = skin_mask(face, lab_image.shape)
    change = _even_out_skin(lab_image, skin_area, face.height) * params.strength
    change[..., 0] += params.strength * _under_eye_lift(lab_image[..., 0], skin_area, face)
    change -= (change * skin_area[..., None]).sum(axis=(0, 1)) / max(float(skin_area.sum()), 1.0)
    result = image.copy()
    view = crop_to_box(result, region)
    touched = (skin_area > 0)[..., None]
    view[:] = np.where(touched, color.from_lab(lab_image + change * skin_area[..., None]), view)
    return result


def _face_region(face: Face, image: Image) -> Box:
    """Return the part of the image that the face mesh covers."""
    left, top = face.landmarks[:MESH_POINTS, :2].min(axis=0)
    right, bottom = face.landmarks[:MESH_POINTS, :2].max(axis=0)
    return clip_box(Box(left, top, right, bottom), width=image.shape[1], height=image.shape[0])


def _even_out_skin(lab_image: Image, skin_area: Mask, face_height: float) -> Image:
    """Return the change, in L*a*b*, that evens out the skin of a face of `face_height` pixels.

    It is minus the band between FINE_SCALE and COARSE_SCALE, where that band is weak enough to be
    a blemish rather than a mole.
    """
    fine_blur = _masked_blur(lab_image, skin_area, FINE_SCALE * face_height)
    band = fine_blur - _masked_blur(lab_image, skin_area, COARSE_SCALE * face_height)
    spot_weight = np.exp(-((band[..., :1] / MOLE_CONTRAST) ** 2))
    # Shine, the bright side of the band, is evened out further than dark spots.
    shine_weight = np.where(band[..., :1] > 0, 1.0, DARK_SHARE)
    return (-EVENING_SHARE * band * spot_weight * shine_weight).astype(np.float32)


def _under_eye_lift(lightness: Mask, skin_area: Mask, face: Face) -> Mask:
    """Return the ΔL, H×W, that brings the skin under the eyes halfway to that of the cheeks."""
    under_eye_area = under_eye_mask(face, lightness.shape)
    if under_eye_area.max() == 0:
        return np.zeros_like(lightness)
    sure_skin = skin_area > SURE_SKIN
    cheek_lightness = float(np.median(lightness[sure_skin])) if sure_skin.any() else 0.0
    smooth_lightness = _masked_blur(lightness[..., None], skin_area, COARSE_SCALE * face.height)[
        ..., 0
    ]
    return (
        np.clip(UNDER_EYE_SHARE * (cheek_lightness - smooth_lightness), 0, MAX_LIFT)
        * under_eye_area
    )


def _masked_blur(values: Image, mask: Mask, sigma: float) -> Image:
    """Return the Gaussian mean of values (H×W×C) over a mask (H×W) only.

    Values outside the mask, such as brows and lips, do not bleed into it. It is computed at a
    reduced size.
    """
    reduction = max(1, int(sigma / BLUR_PIXELS))
    reduced_size = (values.shape[1] // reduction or 1, values.shape[0] // reduction or 1)
    weights = _resize_area(mask + MIN_WEIGHT, reduced_size)
    total = _resize_area(values * (mask[..., None] + MIN_WEIGHT), reduced_size)
    weights = cv2.GaussianBlur(weights, (0, 0), sigma / reduction)
    total = cv2.GaussianBlur(total, (0, 0), sigma / reduction).reshape(*weights.shape, -1)
    reduced_mean = total / weights[..., None]
    full_mean = cv2.resize(
        reduced_mean, (values.shape[1], values.shape[0]), interpolation=cv2.INTER_LINEAR
    )
    return np.asarray(full_mean, np.float32).reshape(values.shape)


def _resize_area(values: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    return cv2.resize(values, size, interpolation=cv2.INTER_AREA)
