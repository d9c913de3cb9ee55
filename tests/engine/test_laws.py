"""What the studio promises of every finished headshot, measured on every portrait there is."""

from dataclasses import replace
from functools import cache
from itertools import combinations, permutations

import cv2
import numpy as np
import pytest

from headshots.engine import color, faces, framing, likeness, quality, recipes
from headshots.engine.errors import NotThisPerson
from headshots.engine.landmarks import core_mask
from headshots.engine.render import Rejected, Studio, Variant
from tests.darkroom import LOOKS
from tests.portraits import ASTRONAUT, PORTRAITS

SIZE = 1024
TYPICAL_LIKENESS, WORST_LIKENESS = 0.12, 0.25
SKIN = 3.0  # ΔE00, lightness aside
FRAMING = 0.01  # of the frame
GLANCE = 5.0  # mean ΔE00 at the size of an avatar in a list: twice what can just be noticed
AVATAR = 96

every_look = pytest.mark.parametrize("look", LOOKS)
strangers = pytest.mark.parametrize(
    ("one", "other"),
    [pair for pair in permutations(PORTRAITS, 2) if pair[0].person != pair[1].person],
)


@cache
def gallery(portrait) -> dict[str, Variant | Rejected]:
    """All looks of a portrait as the studio shows or rejects them."""
    made = portrait.studio(SIZE).render_all(recipes.looks().values())
    return {result.look: result for result in made}


def shown(portrait) -> dict[str, Variant]:
    return {name: made for name, made in gallery(portrait).items() if isinstance(made, Variant)}


def reshaped(pixels, *, across):
    """Another face for the same photo: the middle of the picture pulled apart sideways."""
    return np.ascontiguousarray(cv2.resize(pixels, None, fx=across, fy=1))


def test_every_look_of_a_good_photo_is_shown(portrait):
    rejected = {
        name: made.error.message
        for name, made in gallery(portrait).items()
        if isinstance(made, Rejected)
    }
    assert rejected == {}
    assert tuple(gallery(portrait)) == LOOKS


def test_headshots_are_typically_as_like_as_two_photos_of_one_minute():
    distances = [made.likeness for each in PORTRAITS for made in shown(each).values()]
    assert np.median(distances) <= TYPICAL_LIKENESS


def test_no_headshot_is_far_from_its_photo(portrait):
    distances = {name: made.likeness for name, made in shown(portrait).items()}
    assert distances and max(distances.values()) <= WORST_LIKENESS


def test_likeness_told_is_the_likeness_of_the_pixels(portrait):
    source = portrait.studio(SIZE).source(0)
    for made in shown(portrait).values():
        found = faces.choose_face(faces.find_faces(made.pixels))
        assert made.likeness == pytest.approx(source.reference.distance(made.pixels, found))


@strangers
def test_stranger_is_always_rejected(one, other):
    reference = one.studio(SIZE).source(0).reference
    for made in shown(other).values():
        found = faces.choose_face(faces.find_faces(made.pixels))
        with pytest.raises(NotThisPerson):
            likeness.require_likeness(reference.distance(made.pixels, found))


@strangers
def test_stranger_is_rejected_before_any_step(one, other):
    reference, subject = (
        one.studio(SIZE).source(0).reference,
        other.studio(SIZE).source(0).subject,
    )
    with pytest.raises(NotThisPerson):
        likeness.require_likeness(reference.distance(subject.canvas, subject.face))


@pytest.mark.parametrize("across", [1.4, 0.7])
@every_look
def test_reshaped_face_is_rejected_by_the_studio(look, across):
    """The whole loop, with the reference of the true face: this needs no second person."""
    true = ASTRONAUT.studio(SIZE).source(0)
    studio = Studio([reshaped(ASTRONAUT.pixels, across=across)], size=256)
    studio._sources[0] = replace(studio.source(0), reference=true.reference)
    with pytest.raises(NotThisPerson):
        studio.render(recipes.looks()[look])


def test_skin_keeps_its_tone(portrait):
    changes = {name: made.skin_delta_e for name, made in shown(portrait).items()}
    assert changes and max(changes.values()) <= SKIN


def test_looks_are_told_apart_at_a_glance(portrait):
    small = {
        name: color.to_lab(
            cv2.resize(made.pixels, (AVATAR, AVATAR), interpolation=cv2.INTER_AREA).astype(
                np.float32
            )
            / 255
        )
        for name, made in shown(portrait).items()
    }
    alike = {
        f"{one} and {other}": round(float(color.delta_e00(small[one], small[other]).mean()), 1)
        for one, other in combinations(small, 2)
    }
    assert {pair: apart for pair, apart in alike.items() if apart < GLANCE} == {}


def test_every_headshot_is_square_and_of_the_size_asked_for(portrait):
    for made in shown(portrait).values():
        assert made.pixels.shape == (SIZE, SIZE, 3) and made.pixels.dtype == np.uint8


def test_head_and_eyes_are_where_the_solver_put_them(portrait):
    ready = portrait.studio(SIZE).source(0).subject
    for name, made in shown(portrait).items():
        wish = recipes.looks()[name].wish
        if made.steps[-2]["params"]["kind"] == "own":
            wish = replace(wish, inside=True, eyes_band=0.1)
        target = framing.solve(ready.face, ready.head, ready.matte.alpha, wish)
        assert abs(made.eye_line - target.eye_line) <= FRAMING, name
        assert abs(made.head_fraction - target.head_fraction) <= FRAMING, name


def test_framing_told_is_the_framing_of_the_pixels(portrait):
    for name, made in shown(portrait).items():
        found = faces.choose_face(faces.find_faces(made.pixels))
        assert made.eye_line == pytest.approx(found.eyes[:, 1].mean() / SIZE, abs=0.002), name
        hair = made.head_fraction - (found.chin[1] - found.forehead[1]) / SIZE
        assert 0 < hair < 0.6 * found.height / SIZE, name


def test_no_face_is_burnt_out_or_drowned(portrait):
    for name, made in shown(portrait).items():
        found = faces.choose_face(faces.find_faces(made.pixels))
        core = core_mask(found, made.pixels.shape)
        assert quality.clipped(made.pixels.astype(np.float32) / 255, core) < 0.01, name
