"""Retouching evens blemishes and shine, and leaves tone, pores and moles to the person."""

import cv2
import numpy as np
import pytest
from skimage.color import deltaE_ciede2000

from headshots.engine import color
from headshots.engine.analysis import quality
from headshots.engine.analysis.landmarks import core_mask, skin_mask
from headshots.engine.operations.retouch import COARSE_SCALE, Retouch, retouch_skin
from tests.support.portraits import ASTRONAUT
from tests.support.rendering import build_bare_recipe, frame_photo

SIZE = 512
CHEEK = 50  # Face Mesh: the middle of the cheek at the picture's left


@pytest.fixture(scope="module")
def exposure():
    return frame_photo(ASTRONAUT.renderer(SIZE).prepare_photo(0), build_bare_recipe(), size=SIZE)[
        1:
    ]


def add_spot(image, facts, *, delta, size):
    """A soft round spot on the cheek: ΔL at its middle, radius in face heights."""
    x, y = facts.face.landmarks[CHEEK, :2]
    rows, columns = np.mgrid[: image.shape[0], : image.shape[1]]
    radius = size * facts.face.height
    spot = np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * radius**2))
    lab = color.to_lab(image)
    lab[..., 0] += np.float32(delta) * spot.astype(np.float32)
    return color.from_lab(lab), spot


def measure_spot(image, spot):
    """How far L in the middle of the spot lies from the skin around it."""
    light = color.to_lab(image)[..., 0]
    return float(light[spot > 0.8].mean() - light[(spot > 0.001) & (spot < 0.01)].mean())


@pytest.mark.slow
def test_strength_zero_is_the_identity(exposure):
    assert np.array_equal(retouch_skin(*exposure, Retouch(strength=0)), exposure[0])


@pytest.mark.parametrize("strength", [0.35, 1.0])
def test_mean_colour_of_the_skin_is_kept(exposure, strength):
    image, facts = exposure
    skin = skin_mask(facts.face, image.shape)
    before, after = (
        (color.to_lab(each) * skin[..., None]).sum(axis=(0, 1)) / skin.sum()
        for each in (image, retouch_skin(image, facts, Retouch(strength)))
    )
    assert deltaE_ciede2000(before, after) < 0.3


def test_blemish_is_evened_and_more_strength_evens_more(exposure):
    image, facts = exposure
    ill, spot = add_spot(image, facts, delta=-4, size=1 / 45)
    strengths = [Retouch(strength) for strength in (0, 0.35, 1)]
    left = [
        measure_spot(retouch_skin(ill, facts, params), spot)
        - measure_spot(retouch_skin(image, facts, params), spot)
        for params in strengths
    ]
    assert left[0] < -2.5
    assert abs(left[2]) < abs(left[1]) < abs(left[0])
    assert abs(left[2]) < 0.75 * abs(left[0])


def test_shine_is_evened(exposure):
    image, facts = exposure
    shiny, spot = add_spot(image, facts, delta=4, size=1 / 40)
    gain = measure_spot(shiny, spot) - measure_spot(retouch_skin(shiny, facts, Retouch(1)), spot)
    assert gain > 0.5


def test_mole_is_kept(exposure):
    image, facts = exposure
    marked, spot = add_spot(image, facts, delta=-28, size=1 / 55)
    before, after = (
        measure_spot(marked, spot),
        measure_spot(retouch_skin(marked, facts, Retouch(0.35)), spot),
    )
    assert before < -12
    assert after / before > 0.9


def test_texture_is_kept_at_any_strength(exposure):
    image, facts = exposure
    before = quality.measure_texture(image, facts.face)
    for strength in (0.35, 0.7, 1.0):
        kept = (
            quality.measure_texture(retouch_skin(image, facts, Retouch(strength)), facts.face)
            / before
        )
        assert 0.85 <= kept <= 1.15


def test_shape_of_the_face_is_kept(exposure):
    """Light that is broader than a blemish stays: cheekbones and nose keep their form."""
    image, facts = exposure
    sigma = 2 * COARSE_SCALE * facts.face.height
    core = core_mask(facts.face, image.shape) > 0
    before, after = (
        cv2.GaussianBlur(color.to_lab(each)[..., 0], (0, 0), sigma)[core]
        for each in (image, retouch_skin(image, facts, Retouch(0.35)))
    )
    assert np.abs(before - after).max() < 2.5


def test_eyes_lips_and_everything_outside_are_untouched(exposure):
    image, facts = exposure
    skin = skin_mask(facts.face, image.shape)
    result = retouch_skin(image, facts, Retouch(1))
    assert np.array_equal(result[skin == 0], image[skin == 0])
    iris = facts.face.landmarks[[468, 473], :2].astype(int)
    assert all(skin[y, x] < 0.05 for x, y in iris)


def test_dark_skin_under_the_eyes_is_lifted(exposure):
    image, facts = exposure
    tired = image.copy()
    x, y = facts.face.landmarks[119, :2].astype(int)
    reach = round(0.07 * facts.face.height)
    rows, columns = np.mgrid[: image.shape[0], : image.shape[1]]
    ring = np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * reach**2))[..., None]
    tired = (tired * (1 - 0.25 * ring)).astype(np.float32)
    lifted = color.to_lab(retouch_skin(tired, facts, Retouch(1)))[y, x, 0]
    assert lifted > color.to_lab(tired)[y, x, 0] + 0.5
