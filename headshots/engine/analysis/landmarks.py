"""Masks of the regions of a face, drawn from its landmarks."""

import cv2
import numpy as np

from headshots.engine.types import Face, Mask

# MediaPipe Face Mesh indices, as closed outlines.
FACE_OVAL = (
    *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377),
    *(152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109),
)
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
NOT_SKIN = (LIPS, LEFT_EYE, RIGHT_EYE, LEFT_BROW, RIGHT_BROW, NOSTRILS)

# Of the mask of all skin, in hundredths of the face's height; chosen by eye on the development
# photos, as the lengths below.
SKIN_INSET = 2.5  # from the oval inwards
SKIN_HOLE_MARGIN = 2  # around eyes, brows, lips and nostrils
SKIN_FEATHER = 1.2  # standard deviation of the soft edge

# Of the mask of the face core, over the face's height.
CORE_INSET = 0.08
CORE_HOLE_MARGIN = 0.03

UNDER_EYE_FEATHER = 50  # the face's height over the standard deviation of the soft edge

MIN_SKIN_FEATHER = 0.8  # pixels
MIN_UNDER_EYE_FEATHER = 1.0  # pixels


def skin_mask(face: Face, shape: tuple[int, ...]) -> Mask:
    """Draw the skin with soft edges: the oval without eyes, brows, lips and nostrils."""
    mask = _fill_outlines(face, (FACE_OVAL,), shape)
    face_percent = face.height / 100
    mask = cv2.erode(mask, _round_kernel(SKIN_INSET * face_percent))
    holes = _fill_outlines(face, NOT_SKIN, shape)
    mask[cv2.dilate(holes, _round_kernel(SKIN_HOLE_MARGIN * face_percent)) > 0] = 0
    return cv2.GaussianBlur(mask, (0, 0), max(MIN_SKIN_FEATHER, SKIN_FEATHER * face_percent))


def core_mask(face: Face, shape: tuple[int, ...]) -> Mask:
    """Draw the face core with hard edges: what certainly is skin, well inside the oval."""
    oval, holes = (_fill_outlines(face, parts, shape) for parts in ((FACE_OVAL,), NOT_SKIN))
    mask = np.zeros_like(oval)
    columns, rows = face.landmarks[list(FACE_OVAL), :2].round().astype(int).T
    # Only the box of the face, as bytes: large kernels are slow.
    tall, wide = (slice(max(0, ends.min() - 1), max(0, ends.max() + 2)) for ends in (rows, columns))
    box = (tall, wide)
    if not oval[box].size:
        return mask
    core = cv2.erode(oval[box].astype(np.uint8), _round_kernel(CORE_INSET * face.height))
    margin = _round_kernel(CORE_HOLE_MARGIN * face.height)
    core[cv2.dilate(holes[box].astype(np.uint8), margin) > 0] = 0
    mask[box] = core
    return mask


def cheek_mask(face: Face, shape: tuple[int, ...]) -> Mask:
    """Draw both cheeks with hard edges: where texture and noise are measured."""
    return _fill_outlines(face, (LEFT_CHEEK, RIGHT_CHEEK), shape)


def under_eye_mask(face: Face, shape: tuple[int, ...]) -> Mask:
    """Draw the skin between lower lid and cheekbone with soft edges."""
    mask = _fill_outlines(face, (LEFT_UNDER_EYE, RIGHT_UNDER_EYE), shape)
    return cv2.GaussianBlur(
        mask, (0, 0), max(MIN_UNDER_EYE_FEATHER, face.height / UNDER_EYE_FEATHER)
    )


def outline_mask(face: Face, point_indexes: tuple[int, ...], shape: tuple[int, ...]) -> Mask:
    """Fill the polygon whose corners are the landmarks with these indices."""
    return _fill_outlines(face, (point_indexes,), shape)


def _fill_outlines(
    face: Face, outlines: tuple[tuple[int, ...], ...], shape: tuple[int, ...]
) -> Mask:
    """Fill polygons of landmark indices on an empty mask of height and width `shape[:2]`."""
    mask = np.zeros(shape[:2], np.float32)
    for point_indexes in outlines:
        polygon = np.round(face.landmarks[list(point_indexes), :2]).astype(np.int32)
        cv2.fillPoly(mask, [polygon], 1.0)
    return mask


def _round_kernel(radius: float) -> cv2.typing.MatLike:
    kernel_side = 2 * max(1, round(radius)) + 1
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (kernel_side, kernel_side))
