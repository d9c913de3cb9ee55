"""Faces are found, measured and ordered."""

import cv2
import numpy as np
import pytest

from headshots.engine.analysis import faces
from tests.support.portraits import PORTRAITS


@pytest.fixture(scope="module")
def face(astronaut):
    return faces.find_faces(astronaut)[0]


def rotated(pixels, degrees):
    height, width = pixels.shape[:2]
    turn = cv2.getRotationMatrix2D((225, 120), degrees, 1)
    return cv2.warpAffine(pixels, turn, (width, height), borderMode=cv2.BORDER_REFLECT)


@pytest.mark.parametrize("portrait", PORTRAITS)
def test_one_face_is_found_with_everything_known_about_it(portrait):
    face = faces.choose_face(faces.find_faces(portrait.pixels))
    assert face.landmarks.shape == (478, 3)
    assert 0 < face.score <= 1 and -1 <= face.smile <= 1 and 0 <= face.teeth < 1
    assert face.eyes_open > 0.1 and np.hypot(*face.gaze) < 0.3
    assert face.eyes[0, 0] < face.eyes[1, 0]
    assert face.forehead[1] < face.eyes[:, 1].mean() < face.chin[1]
    assert 0.3 < face.eye_distance / face.height < 0.6


def test_no_face_is_found_where_there_is_none(cat):
    assert faces.find_faces(cat) == []
    assert faces.find_faces(np.zeros((200, 200, 3), np.uint8)) == []


@pytest.mark.parametrize("degrees", [-15, 12])
def test_roll_follows_a_tilted_head(astronaut, face, degrees):
    tilted = faces.find_faces(rotated(astronaut, degrees))[0]
    assert tilted.roll - face.roll == pytest.approx(-degrees, abs=3)


def test_mirror_image_turns_the_other_way(astronaut, face):
    mirrored = faces.find_faces(np.ascontiguousarray(astronaut[:, ::-1]))[0]
    assert mirrored.roll == pytest.approx(-face.roll, abs=2)
    assert mirrored.yaw == pytest.approx(-face.yaw, abs=4)
    assert mirrored.smile == pytest.approx(face.smile, abs=0.15)


def test_yaw_is_positive_towards_the_right_of_the_picture(face):
    angle = np.radians(20)
    turn = np.array(
        [[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]]
    )
    middle = face.landmarks.mean(axis=0)
    turned, turned_back = (
        faces.measure_landmarks((face.landmarks - middle) @ side + middle, box=face.box, score=1)
        for side in (turn, turn.T)
    )
    right = turned if nose_shift(turned) > nose_shift(turned_back) else turned_back
    left = turned_back if right is turned else turned
    assert right.yaw > face.yaw > left.yaw
    assert right.yaw - left.yaw == pytest.approx(40, abs=3)


def nose_shift(face):
    """How far the tip of the nose lies to the right of the middle between the cheeks."""
    return float(face.landmarks[1, 0] - face.landmarks[[234, 454], 0].mean())


def test_scale_does_not_change_what_is_measured(face):
    large = faces.measure_landmarks(face.landmarks * 3, box=face.box, score=face.score)
    for name in ("yaw", "pitch", "roll", "eyes_open", "smile", "teeth"):
        assert getattr(large, name) == pytest.approx(getattr(face, name))


def test_lifted_corners_are_a_smile_and_lowered_ones_are_not(face):
    smiles = []
    for lift in (-0.08, 0.0, 0.08):
        points = face.landmarks.copy()
        points[[61, 291], 0] += np.array([0.2, -0.2]) * face.eye_distance
        points[[61, 291], 1] -= lift * face.eye_distance
        smiles.append(faces.measure_landmarks(points, box=face.box, score=1).smile)
    assert smiles[0] < smiles[1] < smiles[2]


def test_faces_are_ordered_by_size(astronaut):
    small = cv2.resize(astronaut[:400], None, fx=0.8, fy=0.8, interpolation=cv2.INTER_AREA)
    pixels = np.full((512, 512 + small.shape[1], 3), 128, np.uint8)
    pixels[: len(small), : small.shape[1]], pixels[:, small.shape[1] :] = small, astronaut
    faces_found = faces.find_faces(pixels)
    assert len(faces_found) == 2 and faces_found[0].height > faces_found[1].height
    assert faces_found[0].box.center[0] > small.shape[1]
