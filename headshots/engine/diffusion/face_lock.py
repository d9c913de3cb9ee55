"""The face lock: the mask of what an image model must not change, and the proof that it did not."""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from headshots.engine import color
from headshots.engine.analysis.landmarks import FACE_OVAL, core_mask, outline_mask
from headshots.engine.errors import FaceLockFailed
from headshots.engine.geometry import Transform, clip_box, crop_to_box, move_face
from headshots.engine.types import Box, Face, Image, Mask

# Numbers without another source were chosen by eye on the development photos.

MASK_SIDE: Final = 256  # pixels: clothes are separated from neck and hair at this size
LOWER_LIP: Final = 17  # MediaPipe Face Mesh: the middle of the lower lip
JAW_CORNERS: Final = (132, 361)  # MediaPipe Face Mesh: both corners of the jaw
MESH_POINTS: Final = 468  # landmarks of the face mesh, without the ten of the irises
PERSON_ALPHA: Final = 0.5  # alpha from which a pixel is the person's

# How far a pixel's colour may be from that of samples: distance of the natural logarithms of
# red/green and blue/green, then of the light itself, since a neck lies in shade.
SKIN_TOLERANCE: Final = (0.55, 3.2)
HAIR_TOLERANCE: Final = (0.35, 1.2)
# Pale skin is nearer to a white collar than dark skin is, so its tolerance is narrower: at most
# this much for colourless samples, and so much more for each unit of log ratio they are coloured.
COLOURLESS_TOLERANCE: Final = 0.08
TOLERANCE_PER_COLOUR: Final = 0.6
DARK_LIGHT: Final = 0.004  # linear light added before taking logarithms: about one level of 8 bits

NECK_MARGIN: Final = 2  # pixels of MASK_SIDE that a neck may be wider than the jaw
CLOSING_KERNEL: Final = np.ones((7, 7), np.uint8)  # pixels of MASK_SIDE: gaps that are closed
FACE_MARGIN: Final = 0.06  # of the face's height: around it pixels mix skin with what is beside
SOFT_EDGE_WIDTH: Final = 0.004  # of the frame's side: standard deviation of a mask's soft edge
MIN_EDGE_WIDTH: Final = 1.0  # pixels
# A blurred edge is steepened to (EDGE_GAIN · x + EDGE_OFFSET), which keeps 0.5 in place.
EDGE_GAIN, EDGE_OFFSET = 2, -0.5
BoolMask = NDArray[np.bool_]


def head_mask(image: Image, alpha: Mask, face: Face) -> Mask:
    """Return the mask, H×W, of face, hair and neck with soft edges; clothes are 0.

    Above the lips all of the person is kept. Below them, kept is what is connected to the face and
    has the colour of its skin, and what is connected to the hair beside the jaw and has the colour
    of that hair. Cloth of the same colour is kept too, which changes less than the person wished
    but never the person.
    """
    side = alpha.shape[0]
    mask_size, scale = (MASK_SIDE, MASK_SIDE), MASK_SIDE / side
    small_image = cv2.resize(image, mask_size, interpolation=cv2.INTER_AREA)
    person = cv2.resize(alpha, mask_size, interpolation=cv2.INTER_AREA) > PERSON_ALPHA
    scaled_face = move_face(face, Transform(scale=scale))
    rows = np.arange(MASK_SIDE)[:, None]
    below_lips = rows >= scaled_face.landmarks[LOWER_LIP, 1]
    face_oval = outline_mask(scaled_face, FACE_OVAL, person.shape) > 0
    skin_coloured = _match_colour(
        small_image, core_mask(scaled_face, person.shape) > 0, SKIN_TOLERANCE
    )
    beside_face = person & ~below_lips & ~face_oval & ~_jaw_margin(scaled_face)
    hair_coloured = _match_colour(
        small_image, beside_face & (rows < scaled_face.eyes[:, 1].min()), HAIR_TOLERANCE
    )
    neck_region = _connected_regions(
        person & skin_coloured & _neck_columns(scaled_face), seed=face_oval
    )
    hair_region = _connected_regions(person & hair_coloured, seed=beside_face & hair_coloured)
    kept = (person & (~below_lips | face_oval)) | ((neck_region | hair_region) & below_lips)
    return np.maximum(_scale_mask(kept, alpha), outline_mask(face, FACE_OVAL, alpha.shape) * alpha)


def _match_colour(image: Image, samples: BoolMask, tolerance: tuple[float, float]) -> BoolMask:
    """Return the pixels whose colour is that of the samples, in any light.

    Colour is compared by the ratios of linear channels, and light within the second tolerance.
    """
    if not samples.any():
        return np.zeros(samples.shape, bool)
    log_light = np.log(color.to_linear(image) + DARK_LIGHT)
    log_ratios = log_light[..., [0, 2]] - log_light[..., 1:2]
    median_ratios, median_light = (
        np.median(log_ratios[samples], axis=0),
        np.median(log_light[samples][:, 1]),
    )
    distances = np.linalg.norm(log_ratios - median_ratios, axis=2)
    colour_tolerance = TOLERANCE_PER_COLOUR * float(np.linalg.norm(median_ratios))
    max_distance = min(tolerance[0], colour_tolerance + COLOURLESS_TOLERANCE)
    return np.asarray(
        (distances < max_distance) & (np.abs(log_light[..., 1] - median_light) < tolerance[1])
    )


def _neck_columns(face: Face) -> BoolMask:
    """Return the columns, 1×W, that a neck may take: those of the jaw."""
    jaw_columns = face.landmarks[list(JAW_CORNERS), 0]
    columns = np.arange(MASK_SIDE)[None, :]
    first_column, last_column = jaw_columns.min() - NECK_MARGIN, jaw_columns.max() + NECK_MARGIN
    return np.asarray((columns >= first_column) & (columns <= last_column))


def _jaw_margin(face: Face) -> BoolMask:
    """Return the face with a margin, whose pixels mix its skin with what is beside it."""
    return face_with_margin(face, (MASK_SIDE, MASK_SIDE)) > 0


def _connected_regions(candidates: BoolMask, *, seed: BoolMask) -> BoolMask:
    """Return the connected regions that touch the seed, with small gaps and holes closed."""
    combined = (candidates | seed).astype(np.uint8)
    closed = cv2.morphologyEx(combined, cv2.MORPH_CLOSE, CLOSING_KERNEL)
    solid = ndimage.binary_fill_holes(closed).astype(np.uint8)
    _, labels = cv2.connectedComponents(solid, connectivity=4)
    return np.asarray(np.isin(labels, np.setdiff1d(labels[seed], 0)))


def _scale_mask(kept: BoolMask, alpha: Mask) -> Mask:
    """Scale a mask to the size of the frame, with a soft edge, and limit it to alpha."""
    full_mask = cv2.resize(
        kept.astype(np.float32), alpha.shape[::-1], interpolation=cv2.INTER_LINEAR
    )
    soft_mask = cv2.GaussianBlur(
        full_mask, (0, 0), max(MIN_EDGE_WIDTH, SOFT_EDGE_WIDTH * len(alpha))
    )
    return np.minimum(np.clip(EDGE_GAIN * soft_mask + EDGE_OFFSET, 0, 1), alpha)


def face_with_margin(face: Face, shape: tuple[int, ...]) -> Mask:
    """Return the mask, H×W, of the face and a little hair around it.

    A generated picture must still show it in its place, so it is what pictures are registered by.
    """
    margin = max(1, round(FACE_MARGIN * face.height))
    face_box = _face_box(face, shape, margin=margin)
    face_oval = outline_mask(
        move_face(face, Transform(face_box.left, face_box.top)), FACE_OVAL, _box_shape(face_box)
    )
    mask = np.zeros(shape[:2], np.float32)
    crop_to_box(mask, face_box)[:] = cv2.dilate(face_oval, np.ones((margin, margin), np.uint8))
    return mask


def _face_box(face: Face, shape: tuple[int, ...], *, margin: int) -> Box:
    """Return the part of a picture that the face takes; working in it alone costs less."""
    points = face.landmarks[:MESH_POINTS, :2]
    top_left, bottom_right = points.min(axis=0), points.max(axis=0)
    face_box = Box(*(top_left - margin), *(bottom_right + margin + 1))
    return clip_box(face_box, width=shape[1], height=shape[0])


def _box_shape(box: Box) -> tuple[int, int]:
    """Return height and width of a box of whole pixels."""
    return int(box.height), int(box.width)


def require_face_kept(after: Image, before: Image, face: Face) -> int:
    """Return how many pixels of the face core were compared, all of them bit-equal.

    Raises FaceLockFailed if one differs.
    """
    face_box = _face_box(face, before.shape, margin=2)
    face_core = (
        core_mask(move_face(face, Transform(face_box.left, face_box.top)), _box_shape(face_box)) > 0
    )
    is_equal = (
        crop_to_box(after, face_box)[face_core] == crop_to_box(before, face_box)[face_core]
    ).all(axis=1)
    if not is_equal.all():
        raise FaceLockFailed(f"{int((~is_equal).sum())} pixels of the face changed.")
    return int(is_equal.sum())
