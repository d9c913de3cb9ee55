"""Find out whether a photo lies on its side or stands on its head.

The face detector finds a face in any position, but its mesh is always drawn with the mouth below:
only upright does it lie on a mouth.
"""

from typing import NamedTuple

import cv2
import numpy as np

from headshots.engine.analysis import faces, occlusion, quality
from headshots.engine.errors import TurnedPhoto
from headshots.engine.geometry import Transform, clip_box, crop_to_box, move_face
from headshots.engine.types import FACE_POINTS, Box, Face, Pixels

SEARCH_SIDE = 640  # pixels of the longer side in which turned faces are looked for
UPRIGHT_ROLL = 45.0  # degrees up to which a face counts as upright
SURE_SCORE = 0.8  # of the detector, from which an upright face with a mouth is not doubted
CLEAR_MOUTH = 1.0  # see occlusion.measure_mouth
# Of the detector's score: masked faces get about the same on their head, others less.
MIN_ADVANTAGE = 0.1
FACE_MARGIN = 0.2  # face heights around the face that are measured


class Uprightness(NamedTuple):
    """How surely the largest face of a photo is upright: the detector's score, and its mouth."""

    score: float
    mouth: float


def require_upright(pixels: Pixels, found_faces: list[Face]) -> None:
    """Raise TurnedPhoto if a face is upright only after the photo is turned.

    `found_faces` are those in the photo as it is, largest first.
    """
    present = _measure_uprightness(pixels, found_faces)
    if present.score >= SURE_SCORE and present.mouth >= CLEAR_MOUTH:
        return
    scale = min(1.0, SEARCH_SIDE / max(pixels.shape[:2]))
    small_pixels = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    turned = {turns: _measure_turned(small_pixels, turns) for turns in (1, 2, 3)}
    clear = [turns for turns in turned if turned[turns].mouth >= CLEAR_MOUTH]
    best = max(clear, key=lambda turns: turned[turns].score, default=0)
    if best and turned[best].score > present.score + MIN_ADVANTAGE:
        raise TurnedPhoto(best)


def _measure_turned(pixels: Pixels, quarter_turns: int) -> Uprightness:
    """Measure a photo after some quarter turns to the left."""
    turned_pixels = np.ascontiguousarray(np.rot90(pixels, quarter_turns))
    return _measure_uprightness(turned_pixels, faces.find_faces(turned_pixels))


def _measure_uprightness(pixels: Pixels, found_faces: list[Face]) -> Uprightness:
    """Measure the largest face; (0, 0) without a face, or where it lies on its side."""
    face = found_faces[0] if found_faces else None
    if face is None or abs(face.roll) > UPRIGHT_ROLL:
        return Uprightness(0.0, 0.0)
    margin = FACE_MARGIN * face.height
    landmarks = face.landmarks[:FACE_POINTS, :2]
    (left, top), (right, bottom) = landmarks.min(axis=0) - margin, landmarks.max(axis=0) + margin
    height, width = pixels.shape[:2]
    area = clip_box(Box(left, top, right, bottom), width=width, height=height)
    image = crop_to_box(pixels, area).astype(np.float32) / 255.0
    close_up = quality.crop_to_face(image, move_face(face, Transform(area.left, area.top)))
    return Uprightness(face.score, occlusion.measure_mouth(*close_up))
