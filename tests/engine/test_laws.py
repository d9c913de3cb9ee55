"""What the engine promises of every finished headshot, measured on every available portrait."""

from dataclasses import astuple, replace
from functools import cache
from itertools import combinations, permutations

import cv2
import numpy as np
import pytest
from skimage.color import deltaE_ciede2000

from headshots.engine import color, recipe_fitting, recipes
from headshots.engine.analysis import faces, likeness, quality
from headshots.engine.analysis.landmarks import core_mask
from headshots.engine.errors import LikenessTooLow
from headshots.engine.operations import framing
from headshots.engine.render import RejectedVariant, RenderedVariant, Renderer
from tests.support.portraits import ASTRONAUT, PORTRAITS, Portrait
from tests.support.rendering import LOOKS

SIZE = 1024
TYPICAL_LIKENESS, WORST_LIKENESS = 0.12, 0.25
SKIN = 3.0  # ΔE00, lightness aside
FRAMING = 0.01  # of the frame
GLANCE = 5.0  # mean ΔE00 at the size of an avatar in a list: twice what can just be noticed
AVATAR = 96

every_look = pytest.mark.parametrize("look", LOOKS)
strangers = pytest.mark.parametrize(
    ("first", "second"),
    [pair for pair in permutations(PORTRAITS, 2) if pair[0].person != pair[1].person],
)


@cache
def rendered_looks(portrait: Portrait) -> dict[str, RenderedVariant | RejectedVariant]:
    """All looks of a portrait, finished or rejected."""
    results = portrait.renderer(SIZE).render_all(recipes.built_in_looks().values())
    return {result.look: result for result in results}


def shown_variants(portrait: Portrait) -> dict[str, RenderedVariant]:
    return {
        name: variant
        for name, variant in rendered_looks(portrait).items()
        if isinstance(variant, RenderedVariant)
    }


def kind_of(variant: RenderedVariant) -> str:
    """The backdrop it really got: an unsure cut-out gets the photo's own."""
    return {step["name"]: step["params"] for step in variant.steps}["backdrop"]["kind"]


@cache
def reshaped(across, down):
    """The astronaut with another face: the whole picture pulled apart in one direction."""
    studio = Renderer([cv2.resize(ASTRONAUT.pixels, None, fx=across, fy=down)], size=256)
    true = ASTRONAUT.renderer(SIZE).prepare_photo(0)
    studio.prepared[0] = replace(studio.prepare_photo(0), reference_face=true.reference_face)
    return studio


@cache
def face_in(portrait: Portrait, look):
    return faces.choose_face(faces.find_faces(rendered_looks(portrait)[look].pixels))


@pytest.mark.slow
def test_every_look_of_a_good_photo_is_shown(portrait: Portrait):
    rejected = {
        name: result.error.message
        for name, result in rendered_looks(portrait).items()
        if isinstance(result, RejectedVariant)
    }
    assert tuple(rendered_looks(portrait)) == LOOKS
    prepared = portrait.renderer(SIZE).prepare_photo(0)
    if recipe_fitting.find_flaw(recipes.built_in_looks()["plain"], prepared) is None:
        assert rejected == {}
    else:
        assert set(rejected) == {"plain"} and "would show a flaw" in rejected["plain"]


@pytest.mark.skipif(len(PORTRAITS) < 3, reason="one face is no statistic: it takes more photos")
@pytest.mark.slow
def test_headshots_are_typically_as_like_as_two_photos_of_one_minute():
    distances = [
        variant.likeness for portrait in PORTRAITS for variant in shown_variants(portrait).values()
    ]
    assert np.median(distances) <= TYPICAL_LIKENESS


@pytest.mark.slow
def test_no_headshot_is_far_from_its_photo(portrait: Portrait):
    distances = {name: variant.likeness for name, variant in shown_variants(portrait).items()}
    assert distances and max(distances.values()) <= WORST_LIKENESS


@pytest.mark.slow
def test_likeness_told_is_the_likeness_of_the_pixels(portrait: Portrait):
    source = portrait.renderer(SIZE).prepare_photo(0)
    for name, variant in shown_variants(portrait).items():
        distance = source.reference_face.distance(variant.pixels, face_in(portrait, name))
        assert variant.likeness == pytest.approx(distance)


@strangers
def test_stranger_is_always_rejected(first: Portrait, second: Portrait):
    reference = first.renderer(SIZE).prepare_photo(0).reference_face
    for name, variant in shown_variants(second).items():
        with pytest.raises(LikenessTooLow):
            likeness.require_likeness(reference.distance(variant.pixels, face_in(second, name)))


@strangers
def test_stranger_is_rejected_before_any_step(first: Portrait, second: Portrait):
    reference, subject = (
        first.renderer(SIZE).prepare_photo(0).reference_face,
        second.renderer(SIZE).prepare_photo(0).subject,
    )
    with pytest.raises(LikenessTooLow):
        likeness.require_likeness(reference.distance(subject.canvas, subject.face))


@strangers
def test_photos_of_two_people_are_refused(first: Portrait, second: Portrait):
    with pytest.raises(LikenessTooLow):
        Renderer([first.pixels, second.pixels], size=128).choose_photo()


@pytest.mark.parametrize(
    ("first", "second"),
    [pair for pair in combinations(PORTRAITS, 2) if pair[0].person == pair[1].person],
)
def test_photos_of_one_person_are_taken_together(first: Portrait, second: Portrait):
    """Years and lights apart; the better one is found whatever the order."""
    best, best_reversed = (
        Renderer([portrait.pixels for portrait in pair], size=128).choose_photo()
        for pair in ((first, second), (second, first))
    )
    assert best == 1 - best_reversed


@pytest.mark.slow
@pytest.mark.parametrize("stretch", [(1.4, 1), (1, 1.4)], ids=["wider", "longer"])
@every_look
def test_reshaped_face_is_rejected_by_the_studio(look, stretch):
    """The whole render, with the reference of the true face: this needs no second person."""
    with pytest.raises(LikenessTooLow):
        reshaped(*stretch).render(recipes.built_in_looks()[look])


def test_skin_keeps_its_tone(portrait: Portrait):
    changes = {name: variant.skin_delta_e for name, variant in shown_variants(portrait).items()}
    assert changes and max(changes.values()) <= SKIN


def avatar(pixels):
    small = cv2.resize(pixels, (AVATAR, AVATAR), interpolation=cv2.INTER_AREA)
    return color.to_lab(small.astype(np.float32) / 255)


def test_looks_are_told_apart_at_a_glance(portrait: Portrait):
    small = {name: avatar(variant.pixels) for name, variant in shown_variants(portrait).items()}
    alike = {
        f"{first} and {second}": round(
            float(deltaE_ciede2000(small[first], small[second]).mean()), 1
        )
        for first, second in combinations(small, 2)
    }
    assert {pair: difference for pair, difference in alike.items() if difference < GLANCE} == {}


def test_every_headshot_is_square_and_of_the_size_asked_for(portrait: Portrait):
    for variant in shown_variants(portrait).values():
        assert variant.pixels.shape == (SIZE, SIZE, 3) and variant.pixels.dtype == np.uint8


def test_head_and_eyes_are_where_the_solver_put_them(portrait: Portrait):
    prepared = portrait.renderer(SIZE).prepare_photo(0).subject
    for name, variant in shown_variants(portrait).items():
        wish = recipes.built_in_looks()[name].framing_wish
        if kind_of(variant) == "own":
            wish = replace(wish, inside=True)
        target = framing.solve_framing(prepared.face, prepared.head, prepared.matte.alpha, wish)
        assert abs(variant.eye_line - target.eye_line) <= FRAMING, name
        assert abs(variant.head_fraction - target.head_fraction) <= FRAMING, name


def test_framing_told_is_the_framing_of_the_pixels(portrait: Portrait):
    for name, variant in shown_variants(portrait).items():
        found_face = face_in(portrait, name)
        assert variant.eye_line == pytest.approx(found_face.eyes[:, 1].mean() / SIZE, abs=0.002), (
            name
        )
        hair = variant.head_fraction - (found_face.chin[1] - found_face.forehead[1]) / SIZE
        assert 0 < hair < 0.6 * found_face.height / SIZE, name


@pytest.mark.slow
def test_no_face_is_burnt_out_or_drowned(portrait: Portrait):
    for name, variant in shown_variants(portrait).items():
        found_face = face_in(portrait, name)
        core = core_mask(found_face, variant.pixels.shape)
        assert quality.clipped_share(variant.pixels.astype(np.float32) / 255, core) < 0.01, name


@every_look
def test_frame_says_what_it_shows_of_the_photo(portrait: Portrait, look):
    """Cut out of the photo where the record says, the eyes are where they are in the headshot."""
    variant = shown_variants(portrait).get(look)
    if variant is None:
        return  # rejected: test_every_look_of_a_good_photo_is_shown says which may be
    photo = faces.choose_face(faces.find_faces(portrait.pixels))
    side = variant.crop_box.right - variant.crop_box.left
    eyes = (photo.eyes.mean(axis=0) - (variant.crop_box.left, variant.crop_box.top)) / side
    assert np.allclose(eyes, face_in(portrait, look).eyes.mean(axis=0) / SIZE, atol=FRAMING)


def test_untouched_is_the_photo_itself(portrait: Portrait):
    """Only resampling may differ from a plain crop: nothing is evened, lit, warped or graded."""
    variant = portrait.renderer(SIZE).render(recipes.UNTOUCHED)
    left, top, right, bottom = (round(edge) for edge in astuple(variant.crop_box))
    crop = cv2.resize(
        portrait.pixels[max(top, 0) : bottom, max(left, 0) : right],
        (SIZE, SIZE),
        interpolation=cv2.INTER_AREA,
    )
    difference = np.abs(cv2.blur(crop, (5, 5)).astype(int) - cv2.blur(variant.pixels, (5, 5)))
    assert difference.mean() < 2
    assert variant.source_type == "digitalCapture"
    assert [step["name"] for step in variant.steps] == ["frame"]
