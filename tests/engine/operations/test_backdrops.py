"""What stands behind the person, and how the person is laid over it."""

from dataclasses import replace

import numpy as np
import pytest

from headshots.engine import color
from headshots.engine.operations import backdrops, compositing, scenes
from headshots.engine.operations.backdrops import (
    BACKDROP_KINDS,
    Backdrop,
    apply_lens_blur,
    draw_backdrop,
    is_mirrored,
    mirror_by_seed,
)
from headshots.engine.operations.relight import scene_light_side
from headshots.engine.operations.spherical_harmonics import compute_irradiance
from tests.support.rendering import build_bare_recipe, frame_photo

SIZE = 256
SCENE_NAMES = [f"{slug}/{mood}" for slug in scenes.scene_library() for mood in scenes.MOODS]
rng = np.random.default_rng(9)


@pytest.fixture(scope="module")
def facts(source):
    picture = rng.random((300, 420, 3), np.float32)
    return frame_photo(source, build_bare_recipe("scene"), size=SIZE, picture=picture)[2]


@pytest.mark.parametrize("kind", BACKDROP_KINDS)
def test_backdrop_fills_the_frame(facts, kind):
    image = draw_backdrop(Backdrop(kind=kind), facts)
    assert image.shape == (SIZE, SIZE, 3)
    assert np.isfinite(image).all() and image.min() >= 0 and image.max() <= 1


def test_plain_is_exactly_its_colour(facts):
    assert np.unique(draw_backdrop(Backdrop(kind="plain", color="#FFFFFF"), facts)).tolist() == [1]


def test_gradient_runs_from_one_colour_to_the_other(facts):
    image = draw_backdrop(Backdrop(kind="gradient", color="#204060", second="#E0C0A0"), facts)
    assert image[0, 9] == pytest.approx(color.from_hex("#204060"), abs=2e-3)
    assert image[-1, 9] == pytest.approx(color.from_hex("#E0C0A0"), abs=2e-3)
    assert (np.diff(image[:, 9, 0]) >= 0).all()


def test_paper_is_brightest_behind_the_head(facts):
    light = draw_backdrop(Backdrop(kind="paper"), facts).mean(axis=2)
    row, column = int(facts.head.eyes), int(facts.head.axis)
    assert light[row, column] > light[0, 0] and light[row, column] > light[-1, -1]


def test_own_background_has_no_halo_of_the_person(facts):
    """Right beside the head lies what was photographed there, not smeared hair and skin."""
    behind = draw_backdrop(Backdrop(kind="own", blur=0.3), replace(facts, scene=None))
    far = facts.alpha == 0
    assert np.abs(behind - facts.photo)[far].mean() < 0.12
    assert behind[far].mean(axis=0) == pytest.approx(facts.photo[far].mean(axis=0), abs=0.05)


def test_own_background_takes_the_light_of_the_place_it_stands_in_for(facts):
    dark, bright = (
        replace(facts, scene=replace(facts.scene, picture=np.full((64, 64, 3), level, np.uint8)))
        for level in (20, 235)
    )
    own = Backdrop(kind="own")
    assert draw_backdrop(own, dark).mean() < 0.7 * draw_backdrop(own, bright).mean()


def test_more_blur_is_softer(facts):
    soft = [
        np.abs(np.diff(draw_backdrop(Backdrop(kind="picture", blur=blur), facts), axis=0)).mean()
        for blur in (0.0, 0.3, 1.0)
    ]
    assert soft[0] > soft[1] > soft[2]


def test_accent_paints_a_scene_only_where_its_mask_says(facts):
    scene = facts.scene
    neutral, green = (
        draw_backdrop(Backdrop(kind="scene", accent=accent), facts) for accent in ("", "#0B6E4F")
    )
    changed = np.abs(green - neutral).max(axis=2) > 0.02
    assert changed.any() or scene.accent.max() < 0.05
    assert changed.mean() < (scene.accent > 0.004).mean() / backdrops.MIN_SCENE_SHARE**2 + 0.05


def test_lens_blur_keeps_light_and_makes_a_lamp_a_disc():
    """A small lamp in the dark: its light is neither lost nor piled up in the middle."""
    image = np.zeros((160, 160, 3), np.float32)
    image[76:86, 75:85] = 1
    blurred = color.to_linear(apply_lens_blur(image, 20.0, side=160))[..., 0]
    assert blurred.sum() == pytest.approx(100, rel=0.15)
    assert blurred[80, 92] > 0.8 * blurred[80, 80], "flat to the rim"
    assert blurred[80, 110] < 0.05 * blurred[80, 80], "dark beyond it"


def test_lens_blur_of_nothing_is_the_identity():
    image = rng.random((80, 80, 3), np.float32)
    assert np.array_equal(apply_lens_blur(image, 0.0, side=80), image)


@pytest.mark.parametrize("place", SCENE_NAMES)
def test_every_place_can_be_loaded_and_lights_the_person(place):
    scene = scenes.load_scene(place)
    assert scene.picture.shape[:2] == scene.accent.shape and scene.picture.shape[0] >= 512
    normals = np.array([[[0, 0, 1], [0, 1, 0], [1, 0, 0], [-1, 0, 0]]], np.float32)
    assert (compute_irradiance(normals, scene.probe) > 0).all()


def test_mirrored_room_has_its_light_on_the_other_side():
    scene = scenes.load_scene(SCENE_NAMES[0])
    seed = next(seed for seed in range(20) if is_mirrored(seed))
    mirrored_scene = mirror_by_seed(scene, seed)
    assert scene_light_side(mirrored_scene.probe) == pytest.approx(-scene_light_side(scene.probe))
    assert np.array_equal(mirrored_scene.picture, scene.picture[:, ::-1])
    normals = rng.normal(size=(1, 50, 3))
    flipped = normals * (-1, 1, 1)
    assert compute_irradiance(normals, mirrored_scene.probe) == pytest.approx(
        compute_irradiance(flipped, scene.probe)
    )


def test_seeds_mirror_about_half_of_the_team():
    assert 80 < sum(is_mirrored(seed) for seed in range(200)) < 120


def test_over_lets_a_solid_person_through_bit_for_bit():
    front, behind = rng.random((2, 70, 70, 3), np.float32)
    alpha = np.zeros((70, 70), np.float32)
    alpha[20:50], alpha[50] = 1, 0.5
    result = compositing.composite_over(front, alpha, behind)
    assert np.array_equal(result[20:50], front[20:50])
    assert np.array_equal(result[:20], behind[:20])
    assert result[50] == pytest.approx((front[50] + behind[50]) / 2)


def test_shadow_falls_beside_the_person_and_only_darkens():
    alpha = np.zeros((256, 256), np.float32)
    alpha[80:, 90:166] = 1
    wall = np.full((256, 256, 3), 0.8, np.float32)
    shaded = compositing.cast_shadow(wall, alpha, strength=1.0, azimuth=1.0)
    assert (shaded <= wall + 1e-6).all() and shaded[160, 170].mean() < 0.7
    assert shaded[160, 175].mean() < shaded[160, 80].mean()
    assert np.array_equal(compositing.cast_shadow(wall, alpha, strength=0, azimuth=1.0), wall)


def test_clean_edges_removes_the_colour_of_the_old_wall():
    """A grey person photographed before green: the soft band loses its green."""
    alpha = np.zeros((256, 256), np.float32)
    alpha[60:, 64:192] = 1
    alpha[60:, 60:64] = 0.5
    front = np.full((256, 256, 3), 0.5, np.float32)
    front[60:, 60:64] = (0.35, 0.65, 0.35)
    result = compositing.clean_edges(front, alpha)
    before, after = (float(np.ptp(picture[150, 61])) for picture in (front, result))
    assert after < 0.6 * before
    assert np.array_equal(result[alpha == 1], front[alpha == 1])


def test_light_at_a_soft_edge_belongs_to_the_brighter_side():
    """Half a pixel of bright wall before a dark lamp is nearly all wall; before a bulb, hardly."""
    coverage = np.zeros((128, 128), np.uint8)
    coverage[:, :60] = 255
    coverage[:, 60:68] = np.linspace(255, 0, 8).astype(np.uint8)
    for beyond, low, high in ((10, 0.9, 1.0), (255, 0.0, 0.2)):
        picture = np.where(coverage[..., None] > 127, 100, beyond) * np.ones((1, 1, 3))
        share = scenes.compute_light_share(picture.astype(np.uint8), coverage)
        assert low <= share[64, 64] / 255 <= high
        assert share[64, 8] == 255 and share[64, 120] == 0


def test_room_that_is_not_painted_needs_no_mask():
    assert scenes.load_scene("cafe/golden", with_accent=False).accent.max() == 0
    assert scenes.load_scene("cafe/golden").accent.max() == 255
