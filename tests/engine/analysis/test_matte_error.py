"""The predicted error of a cut-out, and where it shows: on one background, but not on another."""

from dataclasses import replace

import numpy as np
import pytest

from headshots.engine import recipe_fitting, recipes
from headshots.engine.analysis import matte_error
from headshots.engine.analysis.matte_error import RegionQuality
from headshots.engine.errors import QualityTooLow
from headshots.engine.prediction import predict
from headshots.engine.render import Renderer
from headshots.engine.results import RejectedVariant, RenderedVariant
from tests.support.portraits import ASTRONAUT

SIZE = 256
WHITE, BLACK = np.ones(3), np.zeros(3)
LARGE_ERROR = 5 * matte_error.MAX_VISIBLE_ERROR


def build_region(name, error, *, shade):
    """A region whose person and old background both have this shade of grey."""
    color = np.full(3, shade)
    return RegionQuality(name, error, np.zeros(len(matte_error.EVIDENCE)), color, color)


def prepare_with(error, *, shade):
    """The astronaut, with this error beside her face."""
    renderer = Renderer([ASTRONAUT.pixels], size=SIZE)
    prepared = ASTRONAUT.renderer(SIZE).prepare_photo(0)
    regions = (
        build_region("crown", 0, shade=shade),
        build_region("sides", error, shade=shade),
        build_region("shoulders", 0, shade=shade),
    )
    matte = replace(prepared.subject.matte, regions=regions)
    renderer.prepared[0] = replace(prepared, subject=replace(prepared.subject, matte=matte))
    return renderer


def test_error_shows_only_on_a_background_of_another_colour():
    regions = [build_region("sides", LARGE_ERROR, shade=1.0)]
    assert matte_error.find_flaw(regions, WHITE) is None
    assert matte_error.find_flaw(regions, BLACK) is regions[0]


def test_any_background_may_show_an_error_if_its_colour_is_unknown():
    regions = [build_region("sides", LARGE_ERROR, shade=1.0)]
    assert matte_error.find_flaw(regions, None) is regions[0]


def test_what_is_left_of_a_ground_of_the_hairs_colour_looks_like_hair():
    error = 1.5 * matte_error.MAX_VISIBLE_ERROR
    alike = build_region("sides", error, shade=0.1)
    halo = replace(alike, background_color=np.full(3, 0.5))
    stranger = replace(alike, strangers=error)
    flaws = [matte_error.find_flaw([region], WHITE) for region in (alike, halo, stranger)]
    assert flaws == [None, halo, stranger]


def test_worst_region_is_named():
    regions = [
        build_region(name, LARGE_ERROR * factor, shade=0.0)
        for factor, name in enumerate(matte_error.REGIONS, start=1)
    ]
    assert matte_error.find_flaw(regions, WHITE).name == "shoulders"


@pytest.mark.slow
def test_regions_follow_each_other_from_top_to_shoulders():
    face = ASTRONAUT.renderer(SIZE).prepare_photo(0).subject.face
    crown, sides, shoulders = matte_error.split_rows(1000, face.landmarks[:, :2])
    assert 0 == crown.start < crown.stop == sides.start < sides.stop == shoulders.start
    assert shoulders.stop > shoulders.start


def test_another_face_in_the_cut_out_is_an_error():
    subject = ASTRONAUT.renderer(SIZE).prepare_photo(0).subject
    height, width = subject.canvas.shape[:2]
    layers = [np.zeros((height, width, 3), np.float32)] * 2
    flat = np.zeros((height, width), np.float32)
    strangers = flat.copy()
    strangers[: int(subject.face.eyes[0, 1])] = 1
    regions = matte_error.predict_regions(
        flat, flat, layers, subject.face.landmarks[:, :2], strangers=strangers
    )
    assert matte_error.find_flaw(regions, None).name == "crown"


def test_flawed_cut_out_stays_on_its_own_background_and_says_why():
    variant = prepare_with(LARGE_ERROR, shade=0.0).render(recipes.built_in_looks()["linkedin"])
    assert variant.keeps_own_background
    assert recipe_fitting.REASONS["sides"] in variant.notes[0]
    assert "plain wall" in variant.notes[0]


def test_flaw_that_a_background_hides_does_not_cost_the_place():
    renderer = prepare_with(LARGE_ERROR, shade=1.0)
    assert not renderer.render(recipes.built_in_looks()["plain"]).notes
    with pytest.raises(QualityTooLow, match="would show a flaw"):
        prepare_with(LARGE_ERROR, shade=0.0).render(recipes.built_in_looks()["plain"])


def test_same_picture_on_the_own_background_is_shown_once():
    look = recipes.built_in_looks()["linkedin"]
    results = list(prepare_with(LARGE_ERROR, shade=0.0).render_all([look, look]))
    assert [isinstance(result, RejectedVariant) for result in results] == [False, True]


@pytest.mark.slow
def test_ten_looks_on_the_own_background_are_told_apart():
    """Crop, light, blur and grade differ; what would be the same picture again is cropped anew."""
    looks = list(recipes.built_in_looks().values())
    renderer = prepare_with(LARGE_ERROR, shade=-1.0)
    prediction = predict(renderer.prepare_photo(0), looks)
    results = list(renderer.render_all(looks))
    rendered_looks = [result.look for result in results if isinstance(result, RenderedVariant)]
    assert rendered_looks == list(prediction.looks), "what is predicted is made"
