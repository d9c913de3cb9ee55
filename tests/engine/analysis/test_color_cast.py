"""Coloured light is taken back where it falls, and skin gets a hue that skin has."""

import numpy as np
import pytest

from headshots.engine import color
from headshots.engine.analysis import color_cast, faces
from headshots.engine.analysis.landmarks import core_mask

# Red, green and blue of the light over those of daylight, linear.
LIGHTS = {
    "tungsten": (1.5, 0.85, 0.35),
    "red": (1.9, 0.8, 0.55),
    "green": (0.8, 1.15, 0.45),
}


@pytest.fixture(scope="module")
def face(astronaut):
    return faces.choose_face(faces.find_faces(astronaut))


def light_up(pixels, light):
    """The picture in coloured light, a little darker so that nothing is clipped."""
    linear = color.to_linear(pixels.astype(np.float32) / 255) * np.float32(light) * 0.5
    return np.round(color.to_srgb(linear) * 255).astype(np.uint8)


def correct(pixels, face):
    image = pixels.astype(np.float32) / 255
    cast = color_cast.measure_cast(image, face)
    return color_cast.plan_correction(image, face, cast).apply(pixels)


def skin_color(pixels, face):
    lab = color.to_lab(pixels.astype(np.float32) / 255)
    return np.median(lab[core_mask(face, pixels.shape) > 0], axis=0)


def mean_color(pixels):
    return color.to_lab(pixels.astype(np.float32) / 255).mean(axis=(0, 1))


@pytest.mark.parametrize("light", LIGHTS.values(), ids=LIGHTS)
def test_skin_comes_nearer_to_its_color_and_keeps_its_lightness(astronaut, face, light):
    lit = light_up(astronaut, light)
    true, taken, corrected = (
        skin_color(pixels, face) for pixels in (astronaut, lit, correct(lit, face))
    )
    assert np.linalg.norm((corrected - true)[1:]) < 0.75 * np.linalg.norm((taken - true)[1:])
    assert corrected[0] == pytest.approx(taken[0], abs=0.5)


@pytest.mark.parametrize("light", ["tungsten", "red"])
def test_skin_in_warm_light_gets_a_hue_that_skin_has(astronaut, face, light):
    _, red, yellow = skin_color(correct(light_up(astronaut, LIGHTS[light]), face), face)
    assert 34 < np.degrees(np.arctan2(yellow, red)) < 63


def test_what_the_colored_light_does_not_reach_keeps_its_color(astronaut, face):
    lit = light_up(astronaut, LIGHTS["tungsten"])
    lit[:150, 350:] = light_up(np.full((150, 162, 3), 190, np.uint8), (1, 1, 1.1))
    corrected = correct(lit, face)
    window = slice(20, 120), slice(390, 500)
    assert mean_color(corrected[window]) == pytest.approx(mean_color(lit[window]), abs=1.0)


def test_cast_that_the_color_of_skin_hides_is_taken_back_everywhere(astronaut, face):
    image = light_up(astronaut, (0.5, 0.85, 1.5)).astype(np.float32) / 255
    blue = np.array([-5.0, -35.0])
    assert color_cast.plan_correction(image, face, blue).shares.min() == 1
