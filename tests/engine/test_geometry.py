"""Transforms map points both ways, compose, and agree with what a crop and a resize do."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headshots.engine.analysis import faces
from headshots.engine.geometry import Transform, clip_box, crop_to_box, move_face
from headshots.engine.types import Box

places = st.floats(-3000, 3000)
moves = st.builds(Transform, places, places, st.floats(0.05, 20))
points = st.lists(st.tuples(places, places), min_size=1, max_size=5).map(np.array)
solids = st.lists(st.tuples(places, places, places), min_size=1, max_size=5).map(np.array)


@given(move=moves, positions=points | solids)
def test_points_come_back(move: Transform, positions):
    assert np.allclose(move.apply_inverse(move.apply(positions)), positions, atol=1e-6)


@given(first=moves, second=moves, positions=points)
def test_two_moves_in_a_row_are_one(first: Transform, second: Transform, positions):
    combined = first.followed_by(second).apply(positions)
    assert np.allclose(combined, second.apply(first.apply(positions)), rtol=1e-6, atol=1e-3)


@given(move=moves, positions=solids)
def test_depth_is_scaled_and_not_shifted(move: Transform, positions):
    assert np.allclose(move.apply(positions)[:, 2], positions[:, 2] * move.scale)


@given(positions=points)
def test_default_is_the_identity(positions):
    assert np.array_equal(Transform().apply(positions), positions)


def test_face_moves_with_the_pixels(astronaut):
    """Landmarks moved by a transform lie where they are found in the enlarged crop."""
    face = faces.find_faces(astronaut)[0]
    view = cv2.resize(astronaut[20:320, 90:390], None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    moved, found_face = move_face(face, Transform(90, 20, 2)), faces.find_faces(view)[0]
    distances = np.linalg.norm(moved.landmarks[:, :2] - found_face.landmarks[:, :2], axis=1)
    assert np.median(distances) < 0.03 * found_face.height
    assert moved.height == pytest.approx(2 * face.height)
    assert moved.box.width == pytest.approx(2 * face.box.width)
    assert (moved.yaw, moved.smile) == (face.yaw, face.smile)


@given(
    left=places,
    top=places,
    wide=st.floats(0, 4000),
    high=st.floats(0, 4000),
    width=st.integers(1, 2000),
    height=st.integers(1, 2000),
)
def test_clipped_box_is_whole_and_on_the_picture(left, top, wide, high, width, height):
    box = clip_box(Box(left, top, left + wide, top + high), width=width, height=height)
    assert all(edge == int(edge) for edge in (box.left, box.top, box.right, box.bottom))
    assert box.left >= 0 and box.top >= 0 and box.right <= width and box.bottom <= height
    visible = max(0, min(width, left + wide) - max(0, left))
    visible *= max(0, min(height, top + high) - max(0, top))
    assert box.area >= visible - 1e-6


def test_crop_is_a_view_of_those_pixels():
    picture = np.arange(60).reshape(6, 10)
    part = crop_to_box(picture, Box(2, 1, 7, 4))
    assert np.array_equal(part, picture[1:4, 2:7]) and part.base is not None


def test_box_knows_its_size():
    box = Box(10, 20, 40, 30)
    assert (box.width, box.height, box.area, box.center) == (30, 10, 300, (25, 25))
    assert Box(5, 5, 1, 9).area == 0
