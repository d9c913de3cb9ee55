"""The face lock: what is never painted, and the proof that it was not."""

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

SOLVE_SIDE: Final = 256  # pixels: clothes are told from neck and hair at this size
LIP: Final = 17  # of the mesh: the middle of the lower lip
SKIN_SPREAD: Final = (0.55, 3.2)  # of log channel ratios, and of log light: a neck lies in shade
HAIR_SPREAD: Final = (0.35, 1.2)
Bits = NDArray[np.bool_]


def head_mask(image: Image, alpha: Mask, face: Face) -> Mask:
    """Face, hair and neck of the person, soft-edged; clothes are 0.

    Above the lips all of the person is kept. Below them, what continues the face in the colour of
    its skin, and what continues the hair beside the jaw in the colour of that hair; cloth of just
    that colour is kept with it, which is the safe side.
    """
    side = alpha.shape[0]
    size, scale = (SOLVE_SIDE, SOLVE_SIDE), SOLVE_SIDE / side
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    person = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA) > 0.5
    placed = move_face(face, Transform(scale=scale))
    rows = np.arange(SOLVE_SIDE)[:, None]
    below = rows >= placed.landmarks[LIP, 1]
    oval = outline(placed, OVAL, person.shape) > 0
    skin = _like(small, core_mask(placed, person.shape) > 0, SKIN_SPREAD)
    beside = person & ~below & ~oval & ~_near_jaw(placed)
    hair = _like(
        small, beside & (np.arange(SOLVE_SIDE)[:, None] < placed.eyes[:, 1].min()), HAIR_SPREAD
    )
    neck = _continued(person & skin & _under(placed), seed=oval)
    locks = _continued(person & hair, seed=beside & hair)
    kept = (person & (~below | oval)) | ((neck | locks) & below)
    return np.maximum(_full_size(kept, alpha), outline(face, OVAL, alpha.shape) * alpha)


def _like(image: Image, samples: Bits, spread: tuple[float, float]) -> Bits:
    """Pixels of the samples' colour in any light: ratios of linear channels, and not too dark."""
    if not samples.any():
        return np.zeros(samples.shape, bool)
    light = np.log(color.to_linear(image) + 0.004)
    tint = light[..., [0, 2]] - light[..., 1:2]
    middle, level = np.median(tint[samples], axis=0), np.median(light[samples][:, 1])
    apart = np.linalg.norm(tint - middle, axis=2)
    # Pale skin is nearer to a white collar than dark skin: closer it must then be.
    reach = min(spread[0], 0.6 * float(np.linalg.norm(middle)) + 0.08)
    return np.asarray((apart < reach) & (np.abs(light[..., 1] - level) < spread[1]))


def _under(face: Face) -> Bits:
    """Columns a neck may take: those of the jaw."""
    jaw = face.landmarks[[132, 361], 0]
    columns = np.arange(SOLVE_SIDE)[None, :]
    return np.asarray((columns >= jaw.min() - 2) & (columns <= jaw.max() + 2))


def _near_jaw(face: Face) -> Bits:
    """A margin around the face, whose pixels mix its skin with what is beside it."""
    return inner(face, (SOLVE_SIDE, SOLVE_SIDE)) > 0


def _continued(where: Bits, *, seed: Bits) -> Bits:
    """The pieces that touch the seed, small holes closed."""
    whole = (where | seed).astype(np.uint8)
    closed = cv2.morphologyEx(whole, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
    solid = ndimage.binary_fill_holes(closed).astype(np.uint8)
    _, labels = cv2.connectedComponents(solid, connectivity=4)
    return np.asarray(np.isin(labels, np.setdiff1d(labels[seed], 0)))


def _full_size(kept: Bits, alpha: Mask) -> Mask:
    """A mask at the size of the frame, soft over some pixels, within the matte."""
    full = cv2.resize(kept.astype(np.float32), alpha.shape[::-1], interpolation=cv2.INTER_LINEAR)
    soft = cv2.GaussianBlur(full, (0, 0), max(1.0, 0.004 * len(alpha)))
    return np.minimum(np.clip(2 * soft - 0.5, 0, 1), alpha)


def inner(face: Face, shape: tuple[int, ...]) -> Mask:
    """The face and a little hair around it: what every painting must still show in its place."""
    reach = max(1, round(0.06 * face.height))
    box = _around(face, shape, margin=reach)
    oval = outline(move_face(face, Transform(box.left, box.top)), OVAL, _size(box))
    mask = np.zeros(shape[:2], np.float32)
    crop(mask, box)[:] = cv2.dilate(oval, np.ones((reach, reach), np.uint8))
    return mask


def _around(face: Face, shape: tuple[int, ...], *, margin: int) -> Box:
    """The part of a picture that the face takes: what is done to it there costs less."""
    low, high = face.landmarks[:468, :2].min(axis=0), face.landmarks[:468, :2].max(axis=0)
    around = Box(*(low - margin), *(high + margin + 1))
    return clip_box(around, width=shape[1], height=shape[0])


def _size(box: Box) -> tuple[int, int]:
    return int(box.height), int(box.width)


def require_kept(after: Image, before: Image, face: Face) -> int:
    """How many pixels of the face core are bit-equal; FaceLockFailed unless that is all of them."""
    box = _around(face, before.shape, margin=2)
    core = core_mask(move_face(face, Transform(box.left, box.top)), _size(box)) > 0
    same = (crop(after, box)[core] == crop(before, box)[core]).all(axis=1)
    if not same.all():
        raise FaceLockFailed(f"{int((~same).sum())} pixels of the face changed.")
    return int(same.sum())
