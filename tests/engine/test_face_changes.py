"""What is stated about a face follows from its pixels, whatever a recipe says."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from headshots.engine import face_changes
from headshots.engine.analysis import subject
from headshots.engine.io import provenance
from headshots.engine.operations import framing
from headshots.engine.recipes import built_in_looks


@pytest.fixture(scope="module")
def framed(source):
    """The framed photo of the astronaut, and her face in it."""
    crop = framing.solve_framing(
        *source.subject.framing_inputs, built_in_looks()["plain"].framing_wish
    )
    _, facts = subject.frame_subject(source.subject, crop, size=256, seed=0)
    return facts.photo, facts.face


def claim_of(image, framed, **options):
    return face_changes.measure_face_change(np.asarray(image, np.float32), *framed, **options).claim


def shift(photo, pixels):
    matrix = np.array([[1, 0, pixels], [0, 1, 0]], np.float32)
    return cv2.warpAffine(photo, matrix, photo.shape[:2], borderMode=cv2.BORDER_REFLECT)


def blur_and_grain(photo):
    """Detail of its own instead of the photographed one, as an image model leaves it."""
    noise = np.random.default_rng(7).normal(0, 0.03, photo.shape).astype(np.float32)
    return np.clip(cv2.GaussianBlur(photo, (0, 0), 4) + cv2.GaussianBlur(noise, (0, 0), 1), 0, 1)


def test_the_photo_itself_is_unchanged(framed):
    assert claim_of(framed[0], framed) == "unchanged"


@pytest.mark.parametrize(
    "relit",
    [
        lambda photo: photo * 0.8,
        lambda photo: np.clip(photo * [1.05, 1.0, 0.85], 0, 1),
        lambda photo: photo**0.8,
        lambda photo: photo * np.linspace(0.6, 1, photo.shape[1])[None, :, None],
    ],
    ids=["darker", "warmer", "brighter middle", "light from one side"],
)
def test_other_light_and_color_is_no_other_face(framed, relit):
    assert claim_of(relit(framed[0]), framed) == "light_and_color"


@pytest.mark.parametrize(
    "forged",
    [
        lambda photo: photo[:, ::-1],
        lambda photo: photo[::-1],
        lambda photo: shift(photo, 6),
        lambda photo: cv2.GaussianBlur(photo, (0, 0), 4),
        blur_and_grain,
        lambda photo: np.full_like(photo, 0.5),
        lambda photo: np.clip(photo + np.random.default_rng(1).normal(0, 0.2, photo.shape), 0, 1),
    ],
    ids=["mirrored", "upside down", "moved", "blurred", "other detail", "empty", "added detail"],
)
def test_a_face_with_other_detail_is_never_called_kept(framed, forged):
    assert claim_of(forged(framed[0]), framed) in {"edited", "regenerated"}


def test_another_persons_face_counts_as_generated(framed):
    assert claim_of(framed[0][:, ::-1], framed) == "regenerated"


def test_a_repainted_face_is_never_called_kept_even_if_its_pixels_are_equal(framed):
    assert claim_of(framed[0], framed, is_repainted=True) == "regenerated"


def test_a_headshot_whose_face_was_swapped_is_labelled_as_generated(studio, monkeypatch):
    """A recipe that admits nothing cannot hide it: the pixels are asked, not the recipe."""
    measure = face_changes.measure_face_change

    def measure_swapped(image, photo, face, **options):
        return measure(np.ascontiguousarray(image[:, ::-1]), photo, face, **options)

    monkeypatch.setattr(face_changes, "measure_face_change", measure_swapped)
    rendered = replace(studio).render(built_in_looks()["plain"])
    assert rendered.face_change.claim == "regenerated"
    assert rendered.source_type == provenance.TRAINED
