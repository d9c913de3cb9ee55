"""Find the faces in a photo, measure pose, gaze, eyes and smile, and choose the one to work on."""

import cv2
import numpy as np

from headshots.engine.errors import NoFace, SeveralFaces, TooSmall, UnknownFace, UnusableFace
from headshots.engine.geometry import Transform, clip_box, crop_to_box, move_face
from headshots.engine.networks import perception
from headshots.engine.types import Box, Face, FaceChoice, Pixels, Points

MIN_FACE_HEIGHT = 80.0  # pixels, hairline to chin: below it no usable headshot can be made
# The largest face dominates if its box has so many times the area of the next.
DOMINANT_AREA_RATIO = 1.6
FACE_MARGIN = 0.25  # of the longer side: width of the margin of the second attempt
MAX_YAW = 35.0  # degrees
MAX_PITCH = 34.0  # degrees

# Half the side of the crop given to the landmark network, over the longer side of the face's box:
# the box ends at the brows and the chin, the crop must hold the whole head.
CROP_REACH = 0.9

# MediaPipe Face Mesh indices.
RIM_POINTS = (10, 152, 234, 454, 172, 397, 127, 356)  # forehead, chin, both cheeks, jaw, temples
EYE_POINTS = ((33, 133, 159, 145, 468), (362, 263, 386, 374, 473))  # corner, corner, lid, lid, iris
MOUTH_POINTS = (61, 291, 13, 14, 0, 17)  # corners, inner lips, outer lips

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
    """Find all faces with landmarks, largest first; an empty list if there is none.

    The detector was trained on faces with something around them: a picture in which it finds none
    is tried once more with a margin, for the face may fill it.
    """
    found_faces = _find_measured_faces(pixels)
    if found_faces:
        return found_faces
    margin = round(FACE_MARGIN * max(pixels.shape[:2]))
    wide_pixels = cv2.copyMakeBorder(pixels, margin, margin, margin, margin, cv2.BORDER_REPLICATE)
    to_picture = Transform(left=margin, top=margin)
    return [move_face(face, to_picture) for face in _find_measured_faces(wide_pixels)]


def _find_measured_faces(pixels: Pixels) -> list[Face]:
    measured_faces = [
        _measure_face(pixels, box, score) for box, score in perception.detect_faces(pixels)
    ]
    return sorted((face for face in measured_faces if face), key=lambda face: -face.box.area)


def locate_faces(pixels: Pixels) -> list[Box]:
    """Find the boxes of all faces, largest first, as shares of the photo's width and height."""
    height, width = pixels.shape[:2]
    return [share_box(face.box, width=width, height=height) for face in find_faces(pixels)]


def share_box(box: Box, *, width: int, height: int) -> Box:
    """Return the part of a box in pixels that is inside the photo, as shares of its sides."""
    inside = clip_box(box, width=width, height=height)
    return Box(
        inside.left / width, inside.top / height, inside.right / width, inside.bottom / height
    )


def choose_face(
    faces: list[Face], *, choice: FaceChoice = None, width: int = 0, height: int = 0
) -> Face:
    """Choose the face to work on: the chosen one, or else the dominant one.

    `faces` are sorted largest first; `width` and `height` are those of the photo, in pixels, which
    a choice by its position needs. Raises NoFace, UnknownFace for a choice that is none of the
    faces, or SeveralFaces when none dominates.
    """
    if not faces:
        raise NoFace("No face was found in this photo.")
    if isinstance(choice, int):
        return _face_by_index(faces, choice)
    if choice is not None:
        return _face_at(faces, choice[0] * width, choice[1] * height)
    if len(faces) > 1 and faces[0].box.area < DOMINANT_AREA_RATIO * faces[1].box.area:
        raise SeveralFaces(f"We found {len(faces)} people of about the same size.")
    return faces[0]


def _face_by_index(faces: list[Face], index: int) -> Face:
    if not 0 <= index < len(faces):
        raise UnknownFace.by_index(index, count=len(faces))
    return faces[index]


def _face_at(faces: list[Face], x: float, y: float) -> Face:
    """Return the face around a point, the one whose centre is nearest if there are several."""
    around = [
        face
        for face in faces
        if face.box.left <= x <= face.box.right and face.box.top <= y <= face.box.bottom
    ]
    if not around:
        raise UnknownFace("The face that you chose was not found again in this photo.")
    return min(around, key=lambda face: np.hypot(face.box.center[0] - x, face.box.center[1] - y))


def require_usable(face: Face, *, width: int, height: int) -> None:
    """Raise TooSmall or UnusableFace if no headshot can be made from this face.

    `width` and `height` are those of the photo, in pixels.
    """
    if face.height < MIN_FACE_HEIGHT:
        raise TooSmall("Your face is too small in this photo.")
    rim_points = face.landmarks[list(RIM_POINTS), :2]
    if (rim_points < 0).any() or (rim_points > (width, height)).any():
        raise UnusableFace("Your face is cut off by the edge of the photo.")
    if abs(face.yaw) > MAX_YAW:
        raise UnusableFace("Your face is turned too far to the side.")
    if abs(face.pitch) > MAX_PITCH:
        raise UnusableFace("Your face is tilted too far up or down.")


def _measure_face(pixels: Pixels, box: Box, score: float) -> Face | None:
    """Find landmarks in a crop around the box, so that small faces get the same resolution."""
    height, width = pixels.shape[:2]
    (center_x, center_y), reach = box.center, CROP_REACH * max(box.width, box.height)
    crop_box = clip_box(
        Box(center_x - reach, center_y - reach, center_x + reach, center_y + reach),
        width=width,
        height=height,
    )
    if crop_box.area == 0:
        return None
    landmarks = perception.find_landmarks(crop_to_box(pixels, crop_box))
    if landmarks is None:
        return None
    return measure_landmarks(
        landmarks + np.array([crop_box.left, crop_box.top, 0]), box=box, score=score
    )


def measure_landmarks(landmarks: Points, *, box: Box, score: float) -> Face:
    """Measure pose, lids, gaze and mouth from 478×3 landmarks in pixels."""
    yaw, pitch, roll = _measure_pose(landmarks)
    lid_openings = [_measure_lid_opening(landmarks, eye_points) for eye_points in EYE_POINTS]
    gaze = np.mean([_measure_gaze(landmarks, eye_points) for eye_points in EYE_POINTS], axis=0)
    smile, teeth = _measure_mouth(landmarks)
    return Face(
        box=box,
        landmarks=landmarks,
        score=score,
        yaw=yaw,
        pitch=pitch,
        roll=roll,
        eyes_open=float(min(lid_openings)),
        gaze=(float(gaze[0]), float(gaze[1])),
        smile=smile,
        teeth=teeth,
    )


def _measure_pose(landmarks: Points) -> tuple[float, float, float]:
    """Compute yaw, pitch and roll in degrees, 0 for a face straight on.

    Yaw and pitch come from the axes cheek to cheek and chin to forehead, roll from the eyes.
    """
    cheek_axis = landmarks[454] - landmarks[234]
    chin_axis = landmarks[10] - landmarks[152]
    yaw = np.degrees(np.arctan2(cheek_axis[2], np.hypot(cheek_axis[0], cheek_axis[1])))
    tilt = np.degrees(np.arctan2(chin_axis[2], np.hypot(chin_axis[0], chin_axis[1])))
    pitch = tilt - RESTING_PITCH
    eye_axis = landmarks[473] - landmarks[468]
    roll = np.degrees(np.arctan2(eye_axis[1], eye_axis[0]))
    return float(yaw), float(pitch), float(roll)


def _measure_lid_opening(landmarks: Points, eye_points: tuple[int, ...]) -> float:
    """Compute the distance of the lids over the width of the eye: about 0.3 for an open eye."""
    inner_corner, outer_corner, upper_lid, lower_lid, _ = landmarks[list(eye_points), :2]
    return float(
        np.linalg.norm(upper_lid - lower_lid) / np.linalg.norm(inner_corner - outer_corner)
    )


def _measure_gaze(landmarks: Points, eye_points: tuple[int, ...]) -> Points:
    """Compute the offset (x, y) of the iris from the eye's centre, in eye widths."""
    first_corner, second_corner, _, _, iris = landmarks[list(eye_points), :2]
    return (iris - (first_corner + second_corner) / 2) / np.linalg.norm(
        first_corner - second_corner
    )


def _measure_mouth(landmarks: Points) -> tuple[float, float]:
    """Compute the smile in [-1, 1] and how far the inner lips are apart, over the eye distance.

    A smile lifts the corners above the middle of the lips and widens the mouth; both are taken
    relative to the distance between the eyes and to what is usual for a neutral mouth.
    """
    mouth_points = landmarks[list(MOUTH_POINTS), :2]
    left_corner, right_corner = mouth_points[:2]
    inner_upper_lip, inner_lower_lip, outer_upper_lip, outer_lower_lip = mouth_points[2:]
    eye_axis = landmarks[473, :2] - landmarks[468, :2]
    eye_distance = np.linalg.norm(eye_axis)
    down_axis = np.array([-eye_axis[1], eye_axis[0]]) / eye_distance
    lip_middle = (outer_upper_lip + outer_lower_lip) / 2
    corner_lift = float((lip_middle - (left_corner + right_corner) / 2) @ down_axis / eye_distance)
    mouth_width = float(np.linalg.norm(right_corner - left_corner) / eye_distance)
    smile = np.clip(
        LIFT_WEIGHT * (corner_lift - RESTING_LIFT) + WIDTH_WEIGHT * (mouth_width - RESTING_WIDTH),
        -1,
        1,
    )
    return float(smile), float(np.linalg.norm(inner_upper_lip - inner_lower_lip) / eye_distance)
