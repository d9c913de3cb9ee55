"""The networks find the same face wherever it is, however it is turned, and beside others."""

import cv2
import numpy as np
import pytest

from headshots.engine.networks import face_mesh, perception
from headshots.engine.networks.face_detector import _merge_overlapping
from headshots.engine.types import FACE_POINTS
from tests.support import portraits

MIRRORED_PAIRS = ((33, 263), (61, 291), (234, 454), (468, 473))  # landmarks of both sides


@pytest.fixture(scope="module")
def picture():
    return np.ascontiguousarray(portraits.astronaut()[:400, 40:440])


@pytest.fixture(scope="module")
def landmarks(picture):
    found_points = perception.find_landmarks(picture)
    assert found_points is not None and found_points.shape == (478, 3)
    return found_points


def eye_distance(landmarks):
    return np.linalg.norm(landmarks[468, :2] - landmarks[473, :2])


@pytest.mark.parametrize("degrees", [-40, -15, 15, 40])
def test_landmarks_turn_with_the_picture(picture, landmarks, degrees):
    turn = cv2.getRotationMatrix2D((200, 160), degrees, 1)
    turned = cv2.warpAffine(picture, turn, (400, 400), borderMode=cv2.BORDER_REPLICATE)
    expected = landmarks[:, :2] @ turn[:, :2].T + turn[:, 2]
    found_points = perception.find_landmarks(turned)
    errors = np.linalg.norm(found_points[:, :2] - expected, axis=1) / eye_distance(landmarks)
    assert errors.mean() < 0.04 and errors.max() < 0.15
    depth_errors = np.abs(found_points[:, 2] - landmarks[:, 2]) / eye_distance(landmarks)
    assert depth_errors[:FACE_POINTS].mean() < 0.06


@pytest.mark.parametrize("scale", [0.5, 2])
def test_landmarks_scale_with_the_picture(picture, landmarks, scale):
    found_points = perception.find_landmarks(cv2.resize(picture, None, fx=scale, fy=scale))
    errors = np.abs(found_points / scale - landmarks) / eye_distance(landmarks)
    assert errors.mean() < 0.02


def test_a_mirrored_face_is_as_deep_on_the_other_side(picture, landmarks):
    mirrored = perception.find_landmarks(np.ascontiguousarray(picture[:, ::-1]))
    for left, right in MIRRORED_PAIRS:
        expected = (*(399 - landmarks[right, 0], landmarks[right, 1]), landmarks[right, 2])
        assert np.abs(mirrored[left] - expected).max() < 0.06 * eye_distance(landmarks)


def test_the_tip_of_the_nose_is_nearer_than_eyes_and_cheeks(landmarks):
    assert landmarks[1, 2] < landmarks[[33, 263, 468, 473], 2].min()
    assert landmarks[[33, 263], 2].max() < landmarks[[234, 454], 2].min()


def test_each_iris_is_as_deep_as_its_lids(landmarks):
    for iris, lids in ((slice(468, 473), (33, 133)), (slice(473, 478), (263, 362))):
        assert np.ptp(landmarks[iris, 2]) == 0
        low, high = sorted(landmarks[list(lids), 2])
        assert low - 2 < landmarks[iris.start, 2] < high + 2


def test_several_faces_are_found_best_first(picture):
    small = cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    canvas = np.full((420, 420, 3), 120, np.uint8)
    corners = ((5, 5), (215, 5), (110, 215))
    for left, top in corners:
        canvas[top : top + 200, left : left + 200] = small
    faces = perception.detect_faces(canvas)
    scores = [score for _, score in faces]
    assert len(faces) == len(corners) and scores == sorted(scores, reverse=True)
    (single, _), *_ = perception.detect_faces(picture)
    x, y = np.array(single.center) / 2
    expected = sorted((left + x, top + y) for left, top in corners)
    assert np.abs(np.subtract(sorted(box.center for box, _ in faces), expected)).max() < 8


def test_a_picture_without_a_face_has_none():
    noise = np.random.default_rng(0).integers(0, 255, (300, 400, 3), np.uint8)
    for empty in (np.zeros((300, 400, 3), np.uint8), noise):
        assert perception.detect_faces(empty) == []
        assert perception.find_landmarks(empty) is None


@pytest.mark.parametrize("shape", [(64, 64), (40, 900), (900, 40), (3000, 2000)])
def test_every_shape_of_picture_is_taken(shape):
    pixels = np.full((*shape, 3), 90, np.uint8)
    assert perception.detect_faces(pixels) == []
    assert perception.segment_person(pixels).shape == shape


def test_mask_shows_the_person_and_turns_with_a_mirror(picture):
    mask = perception.segment_person(picture)
    assert mask.dtype == np.float32 and mask.min() >= 0 and mask.max() <= 1
    mirrored = perception.segment_person(np.ascontiguousarray(picture[:, ::-1]))[:, ::-1]
    assert np.abs(mask - mirrored).mean() < 0.05
    center_x, center_y = perception.detect_faces(picture)[0][0].center
    assert mask[int(center_y), int(center_x)] > 0.9


def test_overlapping_boxes_are_averaged_by_score_and_others_kept():
    box = np.array([[0.0, 0.0], [0.2, 0.2], *[[0.1, 0.1]] * 6])
    points = np.stack([box, box + 0.02, box + 0.5])
    (first, best), (second, _) = _merge_overlapping(points, np.array([0.6, 0.9, 0.7]))
    assert best == 0.9
    assert np.allclose(first, box + 0.02 * 0.9 / 1.5)
    assert np.allclose(second, box + 0.5)


def test_region_is_rotated_tight_and_centered():
    """A square of features around landmarks on a tilted rectangle of 8 by 4."""
    angle = np.radians(30)
    axes = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    corners = np.array([[-4, -2], [4, -2], [4, 2], [-4, 2]]) @ axes + [20, 30]
    region = face_mesh.Region(0, 1, (0, 1, 2, 3), side=16, margin=1.5)
    matrix = face_mesh._align_region(corners.astype(np.float32), region)
    assert np.allclose(matrix @ [8, 8, 1], [20, 30], atol=1e-4)
    assert np.allclose(np.linalg.norm(matrix[:, 0]) * 16, 12, atol=1e-4)
    assert np.allclose(np.linalg.norm(matrix[:, 1]) * 16, 6, atol=1e-4)
    assert np.allclose(matrix[:, 0] / np.linalg.norm(matrix[:, 0]), axes[0], atol=1e-5)


def test_features_are_sampled_between_their_centers_and_zero_outside():
    rows, columns = np.mgrid[:12, :12].astype(np.float32)
    features = np.stack([rows, columns] * 4, axis=-1)
    shifted = np.array([[1, 0, 2.5], [0, 1, 3.25]])
    sampled = face_mesh._sample_features(features, shifted, 4)[0]
    assert np.allclose(sampled[..., 0], np.arange(4)[:, None] + 3.25, atol=0.05)
    assert np.allclose(sampled[..., 1], np.arange(4) + 2.5, atol=0.05)
    outside = face_mesh._sample_features(features + 1, np.array([[1, 0, -3], [0, 1, 0]]), 4)[0]
    assert (outside[:, :3] == 0).all() and (outside[1:, 3] > 0).all()
