"""The face lock: the mask of what an image model must not change, and the proof that it did not."""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from headshots.engine import color
from headshots.engine.analysis.landmarks import OVAL, core_mask, outline
from headshots.engine.errors import FaceLockFailed
from headshots.engine.geometry import Transform, clip_box, crop, move_face
from headshots.engine.types import Box, Face, Image, Mask

# Numbers without another source were chosen by eye on the development photos.

SOLVE_SIDE: Final = 256  # pixels: clothes are separated from neck and hair at this size
LIP: Final = 17  # MediaPipe Face Mesh: the middle of the lower lip
JAW: Final = (132, 361)  # MediaPipe Face Mesh: both corners of the jaw
MESH_POINTS: Final = 468  # landmarks of the face mesh, without the ten of the irises
PERSON_ALPHA: Final = 0.5  # alpha from which a pixel is the person's

# How far a pixel's colour may be from that of samples: distance of the natural logarithms of
# red/green and blue/green, then of the light itself, since a neck lies in shade.
SKIN_SPREAD: Final = (0.55, 3.2)
HAIR_SPREAD: Final = (0.35, 1.2)
# Pale skin is nearer to a white collar than dark skin is, so its tolerance is narrower: at most
# this much for colourless samples, and so much more for each unit of log ratio they are coloured.
COLOURLESS_SPREAD: Final = 0.08
SPREAD_PER_COLOUR: Final = 0.6
DARK_LIGHT: Final = 0.004  # linear light added before taking logarithms: about one level of 8 bits

NECK_MARGIN: Final = 2  # pixels of MASK_SIDE that a neck may be wider than the jaw
CLOSING: Final = np.ones((7, 7), np.uint8)  # pixels of MASK_SIDE: gaps that are closed
FACE_MARGIN: Final = 0.06  # of the face's height: around it pixels mix skin with what is beside
SOFT_EDGE: Final = 0.004  # of the frame's side: standard deviation of a mask's soft edge
MIN_SOFT_EDGE: Final = 1.0  # pixels
# A blurred edge is steepened to (EDGE_GAIN · x + EDGE_OFFSET), which keeps 0.5 in place.
EDGE_GAIN, EDGE_OFFSET = 2, -0.5
Bits = NDArray[np.bool_]


def head_mask(image: Image, alpha: Mask, face: Face) -> Mask:
    """Return the mask, H×W, of face, hair and neck with soft edges; clothes are 0.

    Above the lips all of the person is kept. Below them, kept is what is connected to the face and
    has the colour of its skin, and what is connected to the hair beside the jaw and has the colour
    of that hair. Cloth of the same colour is kept too, which changes less than the person wished
    but never the person.
    """
    side = alpha.shape[0]
    size, scale = (SOLVE_SIDE, SOLVE_SIDE), SOLVE_SIDE / side
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    person = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA) > PERSON_ALPHA
    placed = move_face(face, Transform(scale=scale))
    rows = np.arange(SOLVE_SIDE)[:, None]
    below = rows >= placed.landmarks[LIP, 1]
    oval = outline(placed, OVAL, person.shape) > 0
    skin = _like(small, core_mask(placed, person.shape) > 0, SKIN_SPREAD)
    beside = person & ~below & ~oval & ~_near_jaw(placed)
    hair = _like(small, beside & (rows < placed.eyes[:, 1].min()), HAIR_SPREAD)
    neck = _continued(person & skin & _under(placed), seed=oval)
    locks = _continued(person & hair, seed=beside & hair)
    kept = (person & (~below | oval)) | ((neck | locks) & below)
    return np.maximum(_full_size(kept, alpha), outline(face, OVAL, alpha.shape) * alpha)


def _like(image: Image, samples: Bits, spread: tuple[float, float]) -> Bits:
    """Return the pixels whose colour is that of the samples, in any light.

    Colour is compared by the ratios of linear channels, and light within the second tolerance.
    """
    if not samples.any():
        return np.zeros(samples.shape, bool)
    light = np.log(color.to_linear(image) + DARK_LIGHT)
    tint = light[..., [0, 2]] - light[..., 1:2]
    middle, level = np.median(tint[samples], axis=0), np.median(light[samples][:, 1])
    apart = np.linalg.norm(tint - middle, axis=2)
    coloured = SPREAD_PER_COLOUR * float(np.linalg.norm(middle))
    reach = min(spread[0], coloured + COLOURLESS_SPREAD)
    return np.asarray((apart < reach) & (np.abs(light[..., 1] - level) < spread[1]))


def _under(face: Face) -> Bits:
    """Return the columns, 1×W, that a neck may take: those of the jaw."""
    jaw = face.landmarks[list(JAW), 0]
    columns = np.arange(SOLVE_SIDE)[None, :]
    first, last = jaw.min() - NECK_MARGIN, jaw.max() + NECK_MARGIN
    return np.asarray((columns >= first) & (columns <= last))


def _near_jaw(face: Face) -> Bits:
    """Return the face with a margin, whose pixels mix its skin with what is beside it."""
    return inner(face, (SOLVE_SIDE, SOLVE_SIDE)) > 0


def _continued(where: Bits, *, seed: Bits) -> Bits:
    """Return the connected regions that touch the seed, with small gaps and holes closed."""
    whole = (where | seed).astype(np.uint8)
    closed = cv2.morphologyEx(whole, cv2.MORPH_CLOSE, CLOSING)
    solid = ndimage.binary_fill_holes(closed).astype(np.uint8)
    _, labels = cv2.connectedComponents(solid, connectivity=4)
    return np.asarray(np.isin(labels, np.setdiff1d(labels[seed], 0)))


def _full_size(kept: Bits, alpha: Mask) -> Mask:
    """Scale a mask to the size of the frame, with a soft edge, and limit it to alpha."""
    full = cv2.resize(kept.astype(np.float32), alpha.shape[::-1], interpolation=cv2.INTER_LINEAR)
    soft = cv2.GaussianBlur(full, (0, 0), max(MIN_SOFT_EDGE, SOFT_EDGE * len(alpha)))
    return np.minimum(np.clip(EDGE_GAIN * soft + EDGE_OFFSET, 0, 1), alpha)


def inner(face: Face, shape: tuple[int, ...]) -> Mask:
    """Return the mask, H×W, of the face and a little hair around it.

    A generated picture must still show it in its place, so it is what pictures are registered by.
    """
    reach = max(1, round(FACE_MARGIN * face.height))
    box = _around(face, shape, margin=reach)
    oval = outline(move_face(face, Transform(box.left, box.top)), OVAL, _size(box))
    mask = np.zeros(shape[:2], np.float32)
    crop(mask, box)[:] = cv2.dilate(oval, np.ones((reach, reach), np.uint8))
    return mask


def _around(face: Face, shape: tuple[int, ...], *, margin: int) -> Box:
    """Return the part of a picture that the face takes; working in it alone costs less."""
    points = face.landmarks[:MESH_POINTS, :2]
    low, high = points.min(axis=0), points.max(axis=0)
    around = Box(*(low - margin), *(high + margin + 1))
    return clip_box(around, width=shape[1], height=shape[0])


def _size(box: Box) -> tuple[int, int]:
    """Return height and width of a box of whole pixels."""
    return int(box.height), int(box.width)


def require_kept(after: Image, before: Image, face: Face) -> int:
    """Return how many pixels of the face core were compared, all of them bit-equal.

    Raises FaceLockFailed if one differs.
    """
    box = _around(face, before.shape, margin=2)
    core = core_mask(move_face(face, Transform(box.left, box.top)), _size(box)) > 0
    same = (crop(after, box)[core] == crop(before, box)[core]).all(axis=1)
    if not same.all():
        raise FaceLockFailed(f"{int((~same).sum())} pixels of the face changed.")
    return int(same.sum())
