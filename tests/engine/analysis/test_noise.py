"""Noise of little light is reduced, edges stay, and a clean photo keeps every pixel."""

import numpy as np
import pytest

from headshots.engine.analysis import faces, noise


@pytest.fixture(scope="module")
def portrait(astronaut):
    return astronaut, faces.find_faces(astronaut)[0]


def test_clean_photo_keeps_every_pixel(portrait):
    pixels, face = portrait
    noise_level = noise.measure_canvas_noise(pixels, face)
    assert noise_level < noise.VISIBLE_NOISE
    assert noise.reduce_noise(pixels, noise_level) is pixels


def test_noise_is_reduced_and_the_picture_comes_nearer_to_the_clean_one(portrait):
    pixels, face = portrait
    grain = np.random.default_rng(3).normal(0, 10, pixels.shape)
    noisy = np.clip(pixels + grain, 0, 255).astype(np.uint8)
    noise_level = noise.measure_canvas_noise(noisy, face)
    assert noise_level > noise.VISIBLE_NOISE
    quiet = noise.reduce_noise(noisy, noise_level)
    assert noise.measure_canvas_noise(quiet, face) < noise_level / 2
    before, after = (np.abs(picture.astype(int) - pixels).mean() for picture in (noisy, quiet))
    assert after < 0.75 * before
