"""Find the faces in a photo, measure pose, gaze, eyes and smile, and choose the one to work on."""

import numpy as np

from headshots.engine.errors import NoFace, SeveralFaces, TooSmall, UnusableFace
from headshots.engine.geometry import clip_box, crop
from headshots.engine.networks import perception
from headshots.engine.types import Box, Face, Pixels, Points

MIN_FACE = 100.0  # pixels, hairline to chin: below it no usable headshot can be made
DOMINANT = 1.6  # the largest face dominates if its box has so many times the area of the next
MAX_YAW = 35.0  # degrees
MAX_PITCH = 30.0  # degrees

# Half the side of the crop given to the landmark network, over the longer side of the face's box:
# the box ends at the brows and the chin, the crop must hold the whole head.
CROP_REACH = 0.9

# MediaPipe Face Mesh indices.
RIM = (10, 152, 234, 454, 172, 397, 127, 356)  # forehead, chin, both cheeks, jaw, temples
EYES = ((33, 133, 159, 145, 468), (362, 263, 386, 374, 473))  # corner, corner, lid, lid, iris
MOUTH = (61, 291, 13, 14, 0, 17)  # corners, inner lips, outer lips

# Degrees by which the forehead of the mesh leans back against the chin when a face looks straight
# into the camera; measured on the development photos.
RESTING_PITCH = 5.0

# The smile is a linear function of two lengths over the distance between the eyes: how far the
# corners of the mouth are above its middle, and how wide it is. The RESTING_ lengths are those of a
# neutral mouth. Fitted by eye to the development photos, so that a broad smile is about 1.
RESTING_LIFT = 0.01
LIFT_WEIGHT = 4.0
RESTING_WIDTH = 0.80
WIDTH_WEIGHT = 2.2


def find_faces(pixels: Pixels) -> list[Face]:
    """Find all faces with landmarks, largest first; an empty list if there is none."""
    found = [_face(pixels, box, score) for box, score in perception.detect_faces(pixels)]
    return sorted((face for face in found if face), key=lambda face: -face.box.area)


def choose_face(faces: list[Face], *, index: int | None = None) -> Face:
    """Choose the face to work on: the one named by index (largest first), or the dominant one.

    Raises NoFace, or SeveralFaces when none dominates or the index names no face.
    """
    if not faces:
        raise NoFace("No face was found in this photo.")
    if index is not None:
        if not 0 <= index < len(faces):
            raise SeveralFaces(f"There is no face {index}; the photo has {len(faces)}.")
        return faces[index]
    if len(faces) > 1 and faces[0].box.area < DOMINANT * faces[1].box.area:
        raise SeveralFaces(f"There are {len(faces)} faces and none clearly dominates.")
    return faces[0]


def require_usable(face: Face, *, width: int, height: int) -> None:
    """Raise TooSmall or UnusableFace if no headshot can be made from this face.

    `width` and `height` are those of the photo, in pixels.
    """
    if face.height < MIN_FACE:
        raise TooSmall(f"The face is only {face.height:.0f} pixels high.")
    rim = face.landmarks[list(RIM), :2]
    if (rim < 0).any() or (rim > (width, height)).any():
        raise UnusableFace("The face is cut by the edge of the photo.")
    if abs(face.yaw) > MAX_YAW:
        raise UnusableFace(f"The face is turned {abs(face.yaw):.0f}° to the side.")
    if abs(face.pitch) > MAX_PITCH:
        raise UnusableFace(f"The face is tilted {abs(face.pitch):.0f}° up or down.")


def _face(pixels: Pixels, box: Box, score: float) -> Face | None:
    """Find landmarks in a crop around the box, so that small faces get the same resolution."""
    height, width = pixels.shape[:2]
    (x, y), reach = box.center, CROP_REACH * max(box.width, box.height)
    around = clip_box(Box(x - reach, y - reach, x + reach, y + reach), width=width, height=height)
    if around.area == 0:
        return None
    landmarks = perception.find_landmarks(crop(pixels, around))
    if landmarks is None:
        return None
    return measure(landmarks + np.array([around.left, around.top, 0]), box=box, score=score)


def measure(landmarks: Points, *, box: Box, score: float) -> Face:
    """Measure pose, lids, gaze and mouth from 478×3 landmarks in pixels."""
    yaw, pitch, roll = _pose(landmarks)
    lids = [_opening(landmarks, eye) for eye in EYES]
    gaze = np.mean([_gaze(landmarks, eye) for eye in EYES], axis=0)
    smile, teeth = _mouth(landmarks)
    return Face(
        box=box,
        landmarks=landmarks,
        score=score,
        yaw=yaw,
        pitch=pitch,
        roll=roll,
        eyes_open=float(min(lids)),
        gaze=(float(gaze[0]), float(gaze[1])),
        smile=smile,
        teeth=teeth,
    )


def _pose(points: Points) -> tuple[float, float, float]:
    """Compute yaw, pitch and roll in degrees, 0 for a face straight on.

    Yaw and pitch come from the axes cheek to cheek and chin to forehead, roll from the eyes.
    """
    across = points[454] - points[234]
    upward = points[10] - points[152]
    yaw = np.degrees(np.arctan2(across[2], np.hypot(across[0], across[1])))
    tilt = np.degrees(np.arctan2(upward[2], np.hypot(upward[0], upward[1])))
    pitch = tilt - RESTING_PITCH
    eyes = points[473] - points[468]
    roll = np.degrees(np.arctan2(eyes[1], eyes[0]))
    return float(yaw), float(pitch), float(roll)


def _opening(points: Points, eye: tuple[int, ...]) -> float:
    """Compute the distance of the lids over the width of the eye: about 0.3 for an open eye."""
    inner, outer, upper, lower, _ = points[list(eye), :2]
    return float(np.linalg.norm(upper - lower) / np.linalg.norm(inner - outer))


def _gaze(points: Points, eye: tuple[int, ...]) -> Points:
    """Compute the offset (x, y) of the iris from the eye's centre, in eye widths."""
    first, second, _, _, iris = points[list(eye), :2]
    return (iris - (first + second) / 2) / np.linalg.norm(first - second)


def _mouth(points: Points) -> tuple[float, float]:
    """Compute the smile in [-1, 1] and how far the inner lips are apart, over the eye distance.

    A smile lifts the corners above the middle of the lips and widens the mouth; both are taken
    relative to the distance between the eyes and to what is usual for a neutral mouth.
    """
    left, right, inner_up, inner_low, outer_up, outer_low = points[list(MOUTH), :2]
    eyes = points[473, :2] - points[468, :2]
    unit = np.linalg.norm(eyes)
    down = np.array([-eyes[1], eyes[0]]) / unit
    middle = (outer_up + outer_low) / 2
    lift = float((middle - (left + right) / 2) @ down / unit)
    breadth = float(np.linalg.norm(right - left) / unit)
    smile = np.clip(
        LIFT_WEIGHT * (lift - RESTING_LIFT) + WIDTH_WEIGHT * (breadth - RESTING_WIDTH), -1, 1
    )
    return float(smile), float(np.linalg.norm(inner_up - inner_low) / unit)
