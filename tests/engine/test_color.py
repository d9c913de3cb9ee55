"""Colour against published numbers and an independent implementation."""

import numpy as np
import pytest
import skimage.color

from headshots.engine import color

levels = np.linspace(0, 1, 256, dtype=np.float32)


@pytest.fixture(scope="module")
def noise():
    return np.random.default_rng(3).random((40, 50, 3), np.float32)


def test_lab_agrees_with_scikit_image(noise):
    assert np.abs(color.to_lab(noise) - skimage.color.rgb2lab(noise)).max() < 0.5


def test_lab_goes_there_and_back(noise):
    assert np.abs(color.from_lab(color.to_lab(noise)) - noise).max() < 1 / 255


def test_linear_light_goes_there_and_back():
    assert np.abs(color.to_srgb(color.to_linear(levels)) - levels).max() < 1e-5


@pytest.mark.parametrize(
    ("encoded", "linear"), [(0.0, 0.0), (0.04, 0.0030960), (0.5, 0.2140411), (1.0, 1.0)]
)
def test_linear_light_has_the_values_of_the_standard(encoded, linear):
    assert color.to_linear(np.array([encoded], np.float32))[0] == pytest.approx(linear, abs=1e-6)


def test_linear_light_keeps_order_type_and_shape(noise):
    for convert in (color.to_linear, color.to_srgb):
        assert (np.diff(convert(levels)) > 0).all()
        assert convert(noise).shape == noise.shape and convert(noise).dtype == np.float32


def test_srgb_is_clipped():
    assert color.to_srgb(np.array([-1.0, 2.0], np.float32)) == pytest.approx([0, 1], abs=1e-6)


def test_luminance_of_white_is_one_and_green_is_brightest():
    red, green, blue, white = color.compute_luminance(np.array([*np.eye(3), [1, 1, 1]], np.float32))
    assert white == pytest.approx(1) and green > red > blue > 0


def test_colour_is_read_from_hex():
    assert np.allclose(color.from_hex("#0B6E4F") * 255, (11, 110, 79))


@pytest.mark.parametrize("text", ["", "#", "#12345", "#1234567", "green", "#GG0000", "#-1-1-1"])
def test_what_is_no_hex_colour_is_refused(text):
    with pytest.raises(ValueError):
        color.from_hex(text)


def test_kelvin_of_daylight_is_white_and_lamps_are_warm():
    assert np.allclose(color.from_kelvin(5500), 1)
    red, green, blue = color.from_kelvin(3200)
    assert red > green == 1 > blue
    red, green, blue = color.from_kelvin(8000)
    assert red < green < blue
