"""Every face in a photo, measured: pose, gaze, eyes, smile; and which one counts."""

import numpy as np

from headshots.engine.errors import NoFace, SeveralFaces, TooSmall, UnusableFace
from headshots.engine.geometry import clip_box, crop
from headshots.engine.networks import perception
from headshots.engine.types import Box, Face, Pixels, Points

MIN_FACE = 100.0  # hairline to chin, pixels: below it nothing worth publishing can be made
DOMINANT = 1.6  # a face clearly dominates when its box is this much larger than the next
MAX_YAW = 35.0
MAX_PITCH = 30.0

# MediaPipe Face Mesh indices.
RIM = (10, 152, 234, 454, 172, 397, 127, 356)  # forehead, chin, both cheeks, jaw, temples
EYES = ((33, 133, 159, 145, 468), (362, 263, 386, 374, 473))  # corner, corner, lid, lid, iris
MOUTH = (61, 291, 13, 14, 0, 17)  # corners, inner lips, outer lips


def find_faces(pixels: Pixels) -> list[Face]:
    """All faces with landmarks, largest first; an empty list if there is none."""
    found = [_face(pixels, box, score) for box, score in perception.detect_faces(pixels)]
    return sorted((face for face in found if face), key=lambda face: -face.box.area)


def choose_face(faces: list[Face], *, index: int | None = None) -> Face:
    """The face to work on: the one named by index (largest first), or the one that dominates.

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
    """Raise TooSmall or UnusableFace for a face no headshot can be made from."""
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
    """Landmarks are found in a crop around the box, so that small faces get as many as large."""
    height, width = pixels.shape[:2]
    (x, y), reach = box.center, 0.9 * max(box.width, box.height)
    around = clip_box(Box(x - reach, y - reach, x + reach, y + reach), width=width, height=height)
    if around.area == 0:
        return None
    landmarks = perception.find_landmarks(crop(pixels, around))
    if landmarks is None:
        return None
    return measure(landmarks + np.array([around.left, around.top, 0]), box=box, score=score)


def measure(landmarks: Points, *, box: Box, score: float) -> Face:
    """Pose, lids, gaze and mouth from 478×3 landmarks in pixels."""
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
    """Degrees, from the axes ear to ear and chin to forehead; 0 for a face straight on."""
    across = points[454] - points[234]
    upward = points[10] - points[152]
    yaw = np.degrees(np.arctan2(across[2], np.hypot(across[0], across[1])))
    # A face at rest leans its forehead back by about five degrees against its chin.
    pitch = np.degrees(np.arctan2(upward[2], np.hypot(upward[0], upward[1]))) - 5.0
    eyes = points[473] - points[468]
    roll = np.degrees(np.arctan2(eyes[1], eyes[0]))
    return float(yaw), float(pitch), float(roll)


def _opening(points: Points, eye: tuple[int, ...]) -> float:
    """Lid distance over eye width: about 0.3 open, under 0.12 closed."""
    inner, outer, upper, lower, _ = points[list(eye), :2]
    return float(np.linalg.norm(upper - lower) / np.linalg.norm(inner - outer))


def _gaze(points: Points, eye: tuple[int, ...]) -> Points:
    """Iris offset from the eye's centre, in eye widths: x to the picture's right, y down."""
    first, second, _, _, iris = points[list(eye), :2]
    return (iris - (first + second) / 2) / np.linalg.norm(first - second)


def _mouth(points: Points) -> tuple[float, float]:
    """Smile in [-1, 1] and teeth shown (inner opening over eye distance).

    A smile lifts the corners above the middle of the lips and widens the mouth; both are taken
    relative to the distance between the eyes and to what is usual at rest.
    """
    left, right, inner_up, inner_low, outer_up, outer_low = points[list(MOUTH), :2]
    eyes = points[473, :2] - points[468, :2]
    unit = np.linalg.norm(eyes)
    down = np.array([-eyes[1], eyes[0]]) / unit
    middle = (outer_up + outer_low) / 2
    lift = float((middle - (left + right) / 2) @ down / unit)
    breadth = float(np.linalg.norm(right - left) / unit)
    smile = np.clip(4.0 * (lift - 0.01) + 2.2 * (breadth - 0.80), -1, 1)
    return float(smile), float(np.linalg.norm(inner_up - inner_low) / unit)
