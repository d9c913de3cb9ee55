"""Measure from the pixels what became of the photographed face in a finished picture."""

from dataclasses import dataclass
from typing import Final, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from headshots.engine.analysis.landmarks import FACE_OVAL, outline_mask
from headshots.engine.geometry import Transform, clip_box, crop_to_box, move_face
from headshots.engine.types import FACE_POINTS, Box, Face, Image

FaceClaim = Literal["unchanged", "light_and_color", "edited", "regenerated"]

COMPARED_HEIGHT: Final = 192  # pixels: both faces are compared at this height
WINDOW: Final = 2.5  # standard deviation of a compared window, pixels of COMPARED_HEIGHT
INSET: Final = 0.05  # of the face's height: its edge mixes with what is behind it
WORST_PERCENTILE: Final = 5
# Contrast of luma that the noise of a camera reaches: below it a window says nothing.
NOISE: Final = 0.012
MIN_CONTRAST: Final = 0.3  # of one face's contrast over the other's; no look goes so far
# Measured at 512 pixels on four portraits (mean; worst twentieth): nearly all looks have at least
# 0.979; 0.920. "Author", with its grain, has 0.96 and one "Cheerful" 0.972: they count as edited.
# Shifted by one pixel of the compared height, a face has 0.938 to 0.977 on average; blurred to a
# quarter of its detail 0.924 to 0.967; and another person's or a mirrored one at most 0.69.
MIN_KEPT_MEAN: Final = 0.975
MIN_KEPT_WORST: Final = 0.90
MIN_PHOTOGRAPHED_MEAN: Final = 0.8
MAX_UNCHANGED_DIFFERENCE: Final = 1.5 / 255  # of a channel: what rounding to 8 bits explains


@dataclass(frozen=True)
class FaceChange:
    """What became of the photographed face.

    `structure` is how well its detail agrees with the photographed one whatever its light, contrast
    and color, from -1 to 1 (the same), averaged over the face; `worst_structure` is that of the
    twentieth of the face in which it agrees least.
    """

    claim: FaceClaim
    structure: float
    worst_structure: float


def measure_face_change(
    image: Image, photo: Image, face: Face, *, is_repainted: bool = False
) -> FaceChange:
    """Compare the face of a finished picture with the framed, unedited photo.

    Both are H×W×3 of the same size, and `face` is where it is in the photo. What is claimed is what
    the pixels show; that a face was repainted can only be added to it, never taken away. Detail is
    compared by the structure term of SSIM (Wang et al. 2004, 10.1109/TIP.2003.819861, equation 10)
    of luma in Gaussian windows.
    """
    face_box = _find_face_box(face, photo)
    image_face = _scale_face(crop_to_box(image, face_box), face)
    photo_face = _scale_face(crop_to_box(photo, face_box), face)
    is_inside = _draw_inner_face(face, face_box, photo_face.shape) > 0
    structure = _compare_structure(_to_luma(image_face), _to_luma(photo_face))[is_inside]
    mean, worst = float(structure.mean()), float(np.percentile(structure, WORST_PERCENTILE))
    if is_repainted or mean < MIN_PHOTOGRAPHED_MEAN:
        return FaceChange("regenerated", mean, worst)
    if mean < MIN_KEPT_MEAN or worst < MIN_KEPT_WORST:
        return FaceChange("edited", mean, worst)
    difference = np.abs(image_face - photo_face)[is_inside].max()
    claim: FaceClaim = "unchanged" if difference <= MAX_UNCHANGED_DIFFERENCE else "light_and_color"
    return FaceChange(claim, mean, worst)


def _find_face_box(face: Face, photo: Image) -> Box:
    """Return the part of the photo that the face takes."""
    points = face.landmarks[:FACE_POINTS, :2]
    face_box = Box(*points.min(axis=0), *(points.max(axis=0) + 1))
    return clip_box(face_box, width=photo.shape[1], height=photo.shape[0])


def _scale_face(cropped: Image, face: Face) -> Image:
    """Scale the crop of a face to COMPARED_HEIGHT."""
    factor = COMPARED_HEIGHT / face.height
    return cv2.resize(cropped, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)


def _draw_inner_face(face: Face, face_box: Box, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Draw the face with its eyes and mouth and without its edge, as it was cropped and scaled."""
    scale = COMPARED_HEIGHT / face.height
    moved_face = move_face(face, Transform(face_box.left, face_box.top, scale))
    radius = round(INSET * COMPARED_HEIGHT)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    return cv2.erode(outline_mask(moved_face, FACE_OVAL, shape), kernel)


def _to_luma(image: Image) -> NDArray[np.float32]:
    return cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)


def _compare_structure(
    image: NDArray[np.float32], photo: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return (covariance + c) / (product of the standard deviations + c) around each pixel.

    A standard deviation counts as at least MIN_CONTRAST of the other one: detail that was removed,
    or added where there was none, agrees with nothing.
    """
    image_mean, photo_mean = _average_window(image), _average_window(photo)
    covariance = _average_window(image * photo) - image_mean * photo_mean
    image_variance = np.maximum(_average_window(image * image) - image_mean**2, 0)
    photo_variance = np.maximum(_average_window(photo * photo) - photo_mean**2, 0)
    deviations = np.sqrt(
        np.maximum(image_variance, MIN_CONTRAST**2 * photo_variance)
        * np.maximum(photo_variance, MIN_CONTRAST**2 * image_variance)
    )
    return np.asarray((covariance + NOISE**2) / (deviations + NOISE**2), np.float32)


def _average_window(array: NDArray[np.float32]) -> NDArray[np.float32]:
    return cv2.GaussianBlur(array, (0, 0), WINDOW)
