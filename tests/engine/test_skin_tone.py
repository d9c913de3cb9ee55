"""Every look shows skin as light and of the same hue as the photo, whatever its tone."""

from functools import cache
from statistics import median

import numpy as np
import pytest

from benchmarks.skin_tone import GROUPS, LIGHTENED, ToneChange, compare_tone
from headshots.engine import color, recipes
from headshots.engine.analysis.landmarks import core_mask
from headshots.engine.operations.color_grading import Grade, apply_grade, harmonise_foreground
from headshots.engine.operations.relight import Relight, relight_subject
from headshots.engine.render import RenderedVariant
from tests.support.portraits import ASTRONAUT, PORTRAITS, Portrait
from tests.support.rendering import LOOKS, build_bare_recipe, frame_photo

SIZE = 384
MAX_LIGHTNESS_CHANGE = 1.0  # L*, median over photos
MAX_ANGLE_CHANGE = 2.0  # degrees of individual typology angle, median over photos
# From very dark to very light, as published for the Monk Skin Tone scale: skintone.google.
SKIN_COLORS = ("#292420", "#604134", "#825C43", "#A07E56", "#D7BD96", "#EADABA", "#F6EDE4")

every_skin = pytest.mark.parametrize("skin_color", SKIN_COLORS)
every_look = pytest.mark.parametrize("look", LOOKS)


@pytest.fixture(scope="module")
def facts(source):
    return frame_photo(source, build_bare_recipe(), size=SIZE)[2]


def paint_frame(skin_color):
    return np.full((SIZE, SIZE, 3), color.from_hex(skin_color), np.float32)


def measure_change(before, after, facts):
    """How much lighter the skin became: the median L* of the face core."""
    skin = core_mask(facts.face, before.shape) > 0
    first, second = (np.median(color.to_lab(picture)[skin][:, 0]) for picture in (before, after))
    return float(second - first)


@every_skin
@every_look
def test_grade_keeps_the_lightness_of_skin(facts, look, skin_color):
    before = paint_frame(skin_color)
    params = recipes.built_in_looks()[look].step_params("grade")
    assert np.abs(measure_change(before, apply_grade(before, facts, params), facts)) < 0.4


@every_skin
def test_exposure_lights_what_is_around_the_person(facts, skin_color):
    before = paint_frame(skin_color)
    after = apply_grade(before, facts, Grade(exposure=0.5, contrast=0, vignette=0, grain=0))
    around = facts.alpha == 0
    assert (after[around] > before[around]).any(axis=1).all()
    assert np.abs(measure_change(before, after, facts)) < 0.2


@every_skin
@pytest.mark.parametrize("level", [0.0, 1.0])
def test_place_does_not_lighten_skin(facts, skin_color, level):
    before = paint_frame(skin_color)
    backdrop = np.full_like(before, level)
    after = harmonise_foreground(before, facts.alpha, backdrop, strength=0.5)
    assert np.abs(measure_change(before, after, facts)) < 1.0


@pytest.mark.parametrize("azimuth", [-60, 0, 60])
@pytest.mark.parametrize("rim", [0.0, 0.7])
def test_light_from_elsewhere_keeps_the_lightness_of_skin(source, azimuth, rim):
    _, image, facts = frame_photo(source, build_bare_recipe(), size=SIZE)
    after = relight_subject(image, facts, Relight(azimuth=azimuth, ratio=4, rim=rim))
    assert np.abs(measure_change(image, after, facts)) < 0.8


@cache
def measure_portrait(portrait: Portrait) -> tuple[ToneChange, ...]:
    renderer = portrait.renderer(SIZE)
    return tuple(
        compare_tone(portrait.name, renderer.prepare_photo(0), variant)
        for variant in renderer.render_all(recipes.built_in_looks().values())
        if isinstance(variant, RenderedVariant)
    )


@pytest.mark.slow
def test_headshots_of_a_portrait_keep_its_skin():
    changes = {change.look: change.lightness for change in measure_portrait(ASTRONAUT)}
    assert len(changes) >= 9
    assert {look: change for look, change in changes.items() if abs(change) > LIGHTENED} == {}


@pytest.mark.slow
@pytest.mark.skipif(len(PORTRAITS) < 3, reason="one face is no statistic: it takes more photos")
@every_look
def test_look_keeps_skin_on_the_whole(look):
    chosen = [
        change
        for portrait in PORTRAITS
        for change in measure_portrait(portrait)
        if change.look == look
    ]
    assert abs(median(change.lightness for change in chosen)) <= MAX_LIGHTNESS_CHANGE
    assert abs(median(change.angle for change in chosen)) <= MAX_ANGLE_CHANGE


@pytest.mark.slow
def test_no_group_of_skin_is_treated_differently():
    changes = [change for portrait in PORTRAITS for change in measure_portrait(portrait)]
    by_group = {
        group: [change.lightness for change in changes if change.group == group] for group in GROUPS
    }
    medians = [median(values) for values in by_group.values() if values]
    assert max(medians) - min(medians) <= MAX_LIGHTNESS_CHANGE
    for values in filter(None, by_group.values()):
        assert sum(value > LIGHTENED for value in values) <= len(values) / 2
