"""Regions of a face drawn from its landmarks: skin, mouth, under-eyes, cheeks."""

import cv2
import numpy as np

from headshots.engine.types import Face, Mask

# MediaPipe Face Mesh indices, as closed outlines.
OVAL = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip
LIPS = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146)
LEFT_EYE = (33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7)
RIGHT_EYE = (362, 398, 384, 385, 386, 387, 388, 466, 263, 249, 390, 373, 374, 380, 381, 382)
LEFT_BROW = (70, 63, 105, 66, 107, 55, 65, 52, 53, 46)
RIGHT_BROW = (336, 296, 334, 293, 300, 276, 283, 282, 295, 285)
NOSTRILS = (98, 97, 2, 326, 327, 294, 19, 64)
LEFT_UNDER_EYE = (33, 7, 163, 144, 145, 153, 154, 155, 133, 121, 120, 119, 118, 117, 111)
RIGHT_UNDER_EYE = (263, 249, 390, 373, 374, 380, 381, 382, 362, 350, 349, 348, 347, 346, 340)
FOREHEAD = (103, 67, 109, 10, 338, 297, 332, 333, 299, 9, 69, 104)
LEFT_CHEEK = (117, 118, 101, 36, 205, 187, 123)
RIGHT_CHEEK = (346, 347, 330, 266, 425, 411, 352)


def skin_mask(face: Face, shape: tuple[int, ...]) -> Mask:
    """Skin of the face, soft-edged: the oval without eyes, brows, lips and nostrils."""
    mask = _fill(face, (OVAL,), shape)
    unit = face.height / 100
    mask = cv2.erode(mask, _disc(2.5 * unit))
    holes = _fill(face, (LIPS, LEFT_EYE, RIGHT_EYE, LEFT_BROW, RIGHT_BROW, NOSTRILS), shape)
    mask[cv2.dilate(holes, _disc(2 * unit)) > 0] = 0
    return cv2.GaussianBlur(mask, (0, 0), max(0.8, 1.2 * unit))


def core_mask(face: Face, shape: tuple[int, ...]) -> Mask:
    """The face core, hard-edged: what surely is this person's skin, well inside the oval."""
    mask = cv2.erode(_fill(face, (OVAL,), shape), _disc(0.08 * face.height))
    holes = _fill(face, (LIPS, LEFT_EYE, RIGHT_EYE, LEFT_BROW, RIGHT_BROW, NOSTRILS), shape)
    mask[cv2.dilate(holes, _disc(0.03 * face.height)) > 0] = 0
    return mask


def cheeks(face: Face, shape: tuple[int, ...]) -> Mask:
    """Both cheeks, hard-edged: where texture is measured."""
    return _fill(face, (LEFT_CHEEK, RIGHT_CHEEK), shape)


def under_eyes(face: Face, shape: tuple[int, ...]) -> Mask:
    """The skin between lower lid and cheekbone, soft-edged."""
    mask = _fill(face, (LEFT_UNDER_EYE, RIGHT_UNDER_EYE), shape)
    return cv2.GaussianBlur(mask, (0, 0), max(1.0, face.height / 50))


def outline(face: Face, points: tuple[int, ...], shape: tuple[int, ...]) -> Mask:
    """One closed outline, filled."""
    return _fill(face, (points,), shape)


def _fill(face: Face, outlines: tuple[tuple[int, ...], ...], shape: tuple[int, ...]) -> Mask:
    mask = np.zeros(shape[:2], np.float32)
    for points in outlines:
        polygon = np.round(face.landmarks[list(points), :2]).astype(np.int32)
        cv2.fillPoly(mask, [polygon], 1.0)
    return mask


def _disc(radius: float) -> cv2.typing.MatLike:
    side = 2 * max(1, round(radius)) + 1
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
