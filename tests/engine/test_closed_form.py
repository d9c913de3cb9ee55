"""The solvers give back what a picture was mixed from."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headshots.engine.closed_form import estimate_colors, solve_alpha

SIZE = (48, 64)
WEIGHT, EPSILON = 0.001, 1e-7


def soft_edge(seed):
    """An alpha like hair: noise that was blurred, from fully 0 to fully 1."""
    noise = np.random.default_rng(seed).random(SIZE).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), 4)
    return np.clip((smooth - smooth.mean()) / (2 * smooth.std()) + 0.5, 0, 1).astype(np.float32)


def mark_unknown(alpha):
    """The trimap that leaves open what is neither fully 0 nor fully 1."""
    return np.where(alpha <= 0, 0, np.where(alpha >= 1, 1, 0.5)).astype(np.float32)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**16))
def test_alpha_between_two_colors_is_found_without_a_prior(seed):
    alpha = soft_edge(seed)
    person, background = np.array([0.8, 0.5, 0.3]), np.array([0.1, 0.2, 0.4])
    image = alpha[..., None] * person + (1 - alpha[..., None]) * background
    solved = solve_alpha(
        image.astype(np.float32),
        mark_unknown(alpha),
        np.full(SIZE, 0.5, np.float32),
        weight=WEIGHT,
        epsilon=EPSILON,
    )
    assert np.abs(solved - alpha).mean() < 0.03


def test_prior_decides_where_colors_say_nothing():
    trimap = np.full(SIZE, 0.5, np.float32)
    trimap[:, :8], trimap[:, -8:] = 1, 0
    image = np.full((*SIZE, 3), 0.5, np.float32)
    for level in (0.25, 0.75):
        prior = np.full(SIZE, level, np.float32)
        solved = solve_alpha(image, trimap, prior, weight=10, epsilon=1e-6)
        assert abs(np.median(solved[:, 20:-20]) - level) < 0.05


def test_known_pixels_keep_their_alpha():
    alpha = soft_edge(1)
    trimap = mark_unknown(alpha)
    image = np.random.default_rng(2).random((*SIZE, 3)).astype(np.float32)
    solved = solve_alpha(image, trimap, alpha, weight=0.04, epsilon=1e-6)
    assert np.array_equal(solved[trimap != 0.5], trimap[trimap != 0.5])


@pytest.mark.parametrize("seed", range(3))
def test_colors_of_both_layers_are_found_and_explain_the_picture(seed):
    alpha = soft_edge(seed)
    rows = np.linspace(0, 1, SIZE[0], dtype=np.float32)[:, None, None]
    person = rows * [0.7, 0.4, 0.3] + (1 - rows) * [0.5, 0.3, 0.2]
    background = np.full((*SIZE, 3), [0.1, 0.3, 0.6])
    image = (alpha[..., None] * person + (1 - alpha[..., None]) * background).astype(np.float32)
    found_person, found_background = estimate_colors(image, alpha)
    mixed = alpha[..., None] * found_person + (1 - alpha[..., None]) * found_background
    assert np.abs(mixed - image).max() < 0.02
    assert np.abs(found_person - person)[alpha > 0.5].mean() < 0.02
    assert np.abs(found_background - background)[alpha < 0.5].mean() < 0.02


@pytest.mark.parametrize("value", [0, 1])
def test_a_picture_without_an_edge_is_its_own_layer(value):
    image = np.random.default_rng(3).random((*SIZE, 3)).astype(np.float32)
    layers = estimate_colors(image, np.full(SIZE, value, np.float32))
    assert np.abs(layers[1 - value] - image).max() < 1e-3
