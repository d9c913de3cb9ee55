"""A grade moves tone and colour as its words say, over person and backdrop alike."""

from dataclasses import replace

import numpy as np
import pytest

from headshots.engine.operations.color_grading import (
    MAX_BLACK_SHIFT,
    MAX_TINT,
    Grade,
    apply_grade,
    harmonise_foreground,
)
from tests.support.rendering import build_bare_recipe, frame_photo

SIZE = 256
NEUTRAL_VALUES = {"contrast": 0.0, "vignette": 0.0, "grain": 0.0}
rng = np.random.default_rng(2)


@pytest.fixture(scope="module")
def exposure(source):
    return frame_photo(source, build_bare_recipe(), size=SIZE)[1:]


def grey_ramp():
    """Every grey from black to white, as rows."""
    column = np.linspace(0, 1, SIZE, dtype=np.float32)
    return np.broadcast_to(column[:, None, None], (SIZE, SIZE, 3)).copy()


def without_person(facts):
    """The same facts of a frame in which nobody is: the person has an exposure of their own."""
    return replace(facts, alpha=np.zeros_like(facts.alpha))


def graded(image, facts, **values):
    return apply_grade(image, facts, Grade(**{**NEUTRAL_VALUES, **values}))


@pytest.mark.slow
def test_grade_with_nothing_in_it_keeps_every_grey(exposure):
    assert graded(grey_ramp(), exposure[1]) == pytest.approx(grey_ramp(), abs=1e-3)


@pytest.mark.parametrize("contrast", [0.2, 1.0])
def test_contrast_darkens_the_dark_and_brightens_the_bright(exposure, contrast):
    facts = without_person(exposure[1])
    result = graded(grey_ramp(), facts, contrast=contrast)[:, 0, 0]
    assert result[SIZE // 5] < grey_ramp()[SIZE // 5, 0, 0] - 0.01
    assert result[4 * SIZE // 5] > grey_ramp()[4 * SIZE // 5, 0, 0] + 0.01
    assert (np.diff(result) >= -1e-4).all(), "no tone overtakes another"


def test_fade_lifts_black(exposure):
    assert graded(grey_ramp(), exposure[1], fade=1.0)[0].min() > 0.05


@pytest.mark.parametrize(("end", "row"), [("shadows", SIZE // 5), ("highlights", 9 * SIZE // 10)])
def test_warm_end_is_warm_and_cool_end_is_cool(exposure, end, row):
    warm, cool = (graded(grey_ramp(), exposure[1], **{end: side})[row, 0] for side in (1, -1))
    assert warm[0] > warm[2] + 0.005 and cool[0] < cool[2] - 0.005


def test_saturation_zero_is_grey(exposure):
    image, facts = exposure
    assert np.ptp(graded(image, facts, saturation=0), axis=2).max() < 1e-3


def test_saturation_above_one_deepens_what_is_around_the_person_only(exposure):
    facts = exposure[1]
    image = np.broadcast_to(np.array([0.7, 0.5, 0.4], np.float32), (SIZE, SIZE, 3)).copy()
    change = np.ptp(graded(image, facts, saturation=1.3), axis=2) - np.ptp(image, axis=2)
    assert change[facts.alpha == 0].min() > 0.05
    assert np.abs(change[facts.alpha == 1]).max() < 2e-3


def test_vignette_darkens_corners_and_not_the_face(exposure):
    image, facts = exposure
    result = graded(np.full_like(image, 0.5), facts, vignette=1.0)
    assert result[-1, 0].mean() < 0.45
    assert result[int(facts.head.eyes), int(facts.head.axis)].mean() > 0.49


def test_grain_is_even_over_the_frame_and_follows_the_seed(exposure):
    image, facts = exposure
    flat = np.full_like(image, 0.5)
    noise = graded(flat, facts, grain=1.0) - flat
    quarters = [half.std() for rows in np.split(noise, 2) for half in np.split(rows, 2, axis=1)]
    assert max(quarters) < 1.25 * min(quarters) and min(quarters) > 0.002
    assert abs(float(noise.mean())) < 2e-3
    again, other = (
        graded(flat, replace(facts, seed=seed), grain=1.0) - flat for seed in (facts.seed, 7)
    )
    assert np.array_equal(noise, again) and not np.array_equal(noise, other)


@pytest.mark.parametrize("strength", [0.25, 0.5])
def test_strength_goes_part_of_the_way(exposure, strength):
    image, facts = exposure
    values = {"contrast": 0.6, "fade": 0.4, "shadows": 0.7}
    whole = graded(image, facts, **values)
    part = graded(image, facts, **values, strength=strength)
    assert part == pytest.approx(image + strength * (whole - image), abs=1e-4)


def test_harmonise_is_bounded(exposure):
    """Whatever stands behind, black and tint move no further than their limits."""
    image, facts = exposure
    for backdrop in (np.zeros_like(image), np.ones_like(image), image * (0.0, 0.2, 1.0)):
        behind = backdrop.astype(np.float32)
        result = harmonise_foreground(image, facts.alpha, behind, strength=1.0)
        assert np.abs(result - image).max() <= MAX_BLACK_SHIFT + MAX_TINT + 1e-6


def test_harmonise_at_strength_zero_is_the_identity(exposure):
    image, facts = exposure
    assert np.array_equal(harmonise_foreground(image, facts.alpha, grey_ramp(), strength=0), image)
