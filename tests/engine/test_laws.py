"""What the engine promises of every finished headshot, measured on every available portrait."""

from dataclasses import astuple, replace
from functools import cache
from itertools import combinations, permutations

import cv2
import numpy as np
import pytest
from skimage.color import deltaE_ciede2000

from headshots.engine import color, recipes
from headshots.engine.analysis import faces, likeness, matting, quality
from headshots.engine.analysis.landmarks import core_mask
from headshots.engine.errors import LikenessTooLow
from headshots.engine.operations import framing
from headshots.engine.render import RejectedVariant, Studio, Variant
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
def gallery(portrait: Portrait) -> dict[str, Variant | RejectedVariant]:
    """All looks of a portrait, finished or rejected."""
    made = portrait.studio(SIZE).render_all(recipes.looks().values())
    return {result.look: result for result in made}


def shown(portrait: Portrait) -> dict[str, Variant]:
    return {name: made for name, made in gallery(portrait).items() if isinstance(made, Variant)}


def kind_of(made: Variant) -> str:
    """The backdrop it really got: an unsure cut-out gets the photo's own."""
    return {step["name"]: step["params"] for step in made.steps}["backdrop"]["kind"]


@cache
def reshaped(across, down):
    """The astronaut with another face: the whole picture pulled apart in one direction."""
    studio = Studio([cv2.resize(ASTRONAUT.pixels, None, fx=across, fy=down)], size=256)
    true = ASTRONAUT.studio(SIZE).source(0)
    studio.sources[0] = replace(studio.source(0), reference=true.reference)
    return studio


@cache
def face_in(portrait: Portrait, look):
    return faces.choose_face(faces.find_faces(gallery(portrait)[look].pixels))


@pytest.mark.slow
def test_every_look_of_a_good_photo_is_shown(portrait: Portrait):
    rejected = {
        name: made.error.message
        for name, made in gallery(portrait).items()
        if isinstance(made, RejectedVariant)
    }
    assert tuple(gallery(portrait)) == LOOKS
    if portrait.studio(SIZE).source(0).subject.matte.score >= matting.SURE:
        assert rejected == {}
    else:
        assert set(rejected) == {"plain"} and "cut-out" in rejected["plain"]


@pytest.mark.skipif(len(PORTRAITS) < 3, reason="one face is no statistic: it takes more photos")
@pytest.mark.slow
def test_headshots_are_typically_as_like_as_two_photos_of_one_minute():
    distances = [made.likeness for each in PORTRAITS for made in shown(each).values()]
    assert np.median(distances) <= TYPICAL_LIKENESS


@pytest.mark.slow
def test_no_headshot_is_far_from_its_photo(portrait: Portrait):
    distances = {name: made.likeness for name, made in shown(portrait).items()}
    assert distances and max(distances.values()) <= WORST_LIKENESS


def test_likeness_told_is_the_likeness_of_the_pixels(portrait: Portrait):
    source = portrait.studio(SIZE).source(0)
    for name, made in shown(portrait).items():
        distance = source.reference.distance(made.pixels, face_in(portrait, name))
        assert made.likeness == pytest.approx(distance)


@strangers
def test_stranger_is_always_rejected(first: Portrait, second: Portrait):
    reference = first.studio(SIZE).source(0).reference
    for name, made in shown(second).items():
        with pytest.raises(LikenessTooLow):
            likeness.require_likeness(reference.distance(made.pixels, face_in(second, name)))


@strangers
def test_stranger_is_rejected_before_any_step(first: Portrait, second: Portrait):
    reference, subject = (
        first.studio(SIZE).source(0).reference,
        second.studio(SIZE).source(0).subject,
    )
    with pytest.raises(LikenessTooLow):
        likeness.require_likeness(reference.distance(subject.canvas, subject.face))


@strangers
def test_photos_of_two_people_are_refused(first: Portrait, second: Portrait):
    with pytest.raises(LikenessTooLow):
        Studio([first.pixels, second.pixels], size=128).best()


@pytest.mark.parametrize(
    ("first", "second"),
    [pair for pair in combinations(PORTRAITS, 2) if pair[0].person == pair[1].person],
)
def test_photos_of_one_person_are_taken_together(first: Portrait, second: Portrait):
    """Years and lights apart; the better one is found whatever the order."""
    there, back = (
        Studio([each.pixels for each in pair], size=128).best()
        for pair in ((first, second), (second, first))
    )
    assert there == 1 - back


@pytest.mark.slow
@pytest.mark.parametrize("stretch", [(1.4, 1), (1, 1.4)], ids=["wider", "longer"])
@every_look
def test_reshaped_face_is_rejected_by_the_studio(look, stretch):
    """The whole render, with the reference of the true face: this needs no second person."""
    with pytest.raises(LikenessTooLow):
        reshaped(*stretch).render(recipes.looks()[look])


def test_skin_keeps_its_tone(portrait: Portrait):
    changes = {name: made.skin_delta_e for name, made in shown(portrait).items()}
    assert changes and max(changes.values()) <= SKIN


def avatar(pixels):
    small = cv2.resize(pixels, (AVATAR, AVATAR), interpolation=cv2.INTER_AREA)
    return color.to_lab(small.astype(np.float32) / 255)


def test_looks_are_told_apart_at_a_glance(portrait: Portrait):
    small = {name: avatar(made.pixels) for name, made in shown(portrait).items()}
    alike = {
        f"{first} and {second}": round(
            float(deltaE_ciede2000(small[first], small[second]).mean()), 1
        )
        for first, second in combinations(small, 2)
    }
    assert {pair: apart for pair, apart in alike.items() if apart < GLANCE} == {}


def test_every_headshot_is_square_and_of_the_size_asked_for(portrait: Portrait):
    for made in shown(portrait).values():
        assert made.pixels.shape == (SIZE, SIZE, 3) and made.pixels.dtype == np.uint8


def test_head_and_eyes_are_where_the_solver_put_them(portrait: Portrait):
    ready = portrait.studio(SIZE).source(0).subject
    for name, made in shown(portrait).items():
        wish = recipes.looks()[name].wish
        if kind_of(made) == "own":
            wish = replace(wish, inside=True, eyes_band=0.1)
        target = framing.solve(ready.face, ready.head, ready.matte.alpha, wish)
        assert abs(made.eye_line - target.eye_line) <= FRAMING, name
        assert abs(made.head_fraction - target.head_fraction) <= FRAMING, name


def test_framing_told_is_the_framing_of_the_pixels(portrait: Portrait):
    for name, made in shown(portrait).items():
        found = face_in(portrait, name)
        assert made.eye_line == pytest.approx(found.eyes[:, 1].mean() / SIZE, abs=0.002), name
        hair = made.head_fraction - (found.chin[1] - found.forehead[1]) / SIZE
        assert 0 < hair < 0.6 * found.height / SIZE, name


@pytest.mark.slow
def test_no_face_is_burnt_out_or_drowned(portrait: Portrait):
    for name, made in shown(portrait).items():
        found = face_in(portrait, name)
        core = core_mask(found, made.pixels.shape)
        assert quality.clipped(made.pixels.astype(np.float32) / 255, core) < 0.01, name


@every_look
def test_frame_says_what_it_shows_of_the_photo(portrait: Portrait, look):
    """Cut out of the photo where the record says, the eyes are where they are in the headshot."""
    made = shown(portrait).get(look)
    if made is None:
        return  # rejected: test_every_look_of_a_good_photo_is_shown says which may be
    photo = faces.choose_face(faces.find_faces(portrait.pixels))
    side = made.frame.right - made.frame.left
    eyes = (photo.eyes.mean(axis=0) - (made.frame.left, made.frame.top)) / side
    assert np.allclose(eyes, face_in(portrait, look).eyes.mean(axis=0) / SIZE, atol=FRAMING)


def test_untouched_is_the_photo_itself(portrait: Portrait):
    """Only resampling may differ from a plain crop: nothing is evened, lit, warped or graded."""
    made = portrait.studio(SIZE).render(recipes.UNTOUCHED)
    left, top, right, bottom = (round(edge) for edge in astuple(made.frame))
    crop = cv2.resize(
        portrait.pixels[max(top, 0) : bottom, max(left, 0) : right],
        (SIZE, SIZE),
        interpolation=cv2.INTER_AREA,
    )
    apart = np.abs(cv2.blur(crop, (5, 5)).astype(int) - cv2.blur(made.pixels, (5, 5)))
    assert apart.mean() < 2
    assert made.source_type == "digitalCapture"
    assert [step["name"] for step in made.steps] == ["frame"]
