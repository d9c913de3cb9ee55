"""Faces are compared and forgotten."""

from dataclasses import fields

import cv2
import numpy as np
import pytest

from headshots.engine import thresholds
from headshots.engine.analysis import faces, likeness
from headshots.engine.analysis.likeness import ReferenceFace, require_likeness
from headshots.engine.errors import LikenessTooLow


@pytest.fixture(scope="module")
def face(astronaut):
    return faces.find_faces(astronaut)[0]


@pytest.fixture(scope="module")
def reference(astronaut, face) -> ReferenceFace:
    return likeness.describe_reference(astronaut, face)


def test_face_is_at_no_distance_from_itself(astronaut, face, reference: ReferenceFace):
    assert reference.distance(astronaut, face) == pytest.approx(0, abs=1e-6)


def test_mirror_image_is_the_same_person(astronaut, reference: ReferenceFace):
    mirrored = np.ascontiguousarray(astronaut[:, ::-1])
    assert (
        reference.distance(mirrored, faces.find_faces(mirrored)[0])
        < thresholds.MAX_LIKENESS_DISTANCE
    )


@pytest.mark.parametrize("gain", [0.6, 1.3])
def test_other_exposure_is_the_same_person(astronaut, face, reference: ReferenceFace, gain):
    print_ = np.clip(astronaut * gain, 0, 255).astype(np.uint8)
    assert reference.distance(print_, face) < thresholds.MAX_LIKENESS_DISTANCE


def test_other_size_is_the_same_person(astronaut, reference: ReferenceFace):
    large = cv2.resize(astronaut, None, fx=1.7, fy=1.7, interpolation=cv2.INTER_CUBIC)
    assert reference.distance(large, faces.find_faces(large)[0]) < thresholds.MAX_LIKENESS_DISTANCE


def test_reshaped_face_is_another_person(astronaut, reference: ReferenceFace):
    wide = cv2.resize(astronaut, None, fx=1.4, fy=1)
    assert reference.distance(wide, faces.find_faces(wide)[0]) > thresholds.MAX_LIKENESS_DISTANCE


def test_more_change_is_more_distance(astronaut, face, reference: ReferenceFace):
    far = [
        reference.distance(cv2.GaussianBlur(astronaut, (0, 0), sigma), face)
        for sigma in (1.0, 3.0, 6.0)
    ]
    assert far == sorted(far)


def test_reference_shows_no_numbers(reference: ReferenceFace):
    shown = f"{reference!r} {reference} {[reference]}"
    numbers = np.asarray(getattr(reference, fields(ReferenceFace)[0].name)).ravel()
    assert not any(f"{abs(number):.3f}"[1:] in shown for number in numbers if abs(number) > 0.01)
    assert "array" not in shown


def test_gate_lets_through_what_is_near_enough():
    require_likeness(0)
    require_likeness(thresholds.MAX_LIKENESS_DISTANCE)


@pytest.mark.parametrize(
    "distance", [thresholds.MAX_LIKENESS_DISTANCE + 1e-6, 0.64, float("inf"), float("nan")]
)
def test_gate_refuses_what_is_too_far_or_unknown(distance):
    with pytest.raises(LikenessTooLow) as caught:
        require_likeness(distance)
    assert caught.value.code == "likeness" and caught.value.advice


def test_gate_is_no_wider_than_the_law():
    assert thresholds.MAX_LIKENESS_DISTANCE <= 0.25
