"""What is predicted of a photo is what comes of it."""

from dataclasses import replace

import numpy as np
import pytest

from headshots.engine import recipes
from headshots.engine.errors import EngineError, NoFraming, SeveralFaces, TurnedPhoto
from headshots.engine.operations import expression, framing
from headshots.engine.prediction import predict
from headshots.engine.recipe_fitting import NEEDS_SMILE
from headshots.engine.render import Renderer
from headshots.engine.results import RenderedVariant
from tests.support import portraits
from tests.support.rejections import REJECTED_PHOTOS

LOOKS = list(recipes.built_in_looks().values())
SIZE = 256


@pytest.fixture(scope="module")
def prepared():
    return portraits.ASTRONAUT.renderer(SIZE).prepare_photo(0)


def with_smile(photo, smile):
    face = replace(photo.subject.face, smile=smile, teeth=0.0)
    return replace(photo, subject=replace(photo.subject, face=face))


@pytest.mark.slow
def test_good_photo_is_promised_every_look_and_gives_it():
    renderer = portraits.ASTRONAUT.renderer(SIZE)
    prediction = predict(renderer.prepare_photo(0), LOOKS)
    assert prediction.sentence.startswith("This photo will give all ten headshots.")
    results = list(renderer.render_all(LOOKS))
    rendered_looks = [result.look for result in results if isinstance(result, RenderedVariant)]
    assert rendered_looks == list(prediction.looks)


def test_one_look_is_promised_in_the_singular(prepared):
    prediction = predict(prepared, LOOKS[:1])
    assert prediction.sentence.startswith("This photo will give the headshot.")


def test_looks_that_no_crop_allows_are_not_promised(prepared, monkeypatch):
    solve = framing.solve_framing

    def refuse_close_crops(face, head, alpha, wish):
        if wish.head > 0.55:
            raise NoFraming("The photo ends too close to the face for a headshot.")
        return solve(face, head, alpha, wish)

    monkeypatch.setattr(framing, "solve_framing", refuse_close_crops)
    prediction = predict(prepared, LOOKS)
    assert prediction.looks == tuple(look.slug for look in LOOKS if look.framing_wish.head <= 0.55)
    assert prediction.sentence.startswith(
        "This photo will give six of ten headshots. The photo ends too close to the face"
    )
    assert NoFraming.advice in prediction.sentence


@pytest.mark.parametrize("rejected", REJECTED_PHOTOS, ids=lambda rejected: rejected.name)
def test_photo_that_cannot_be_used_is_promised_nothing_with_reason_and_advice(rejected):
    error = rejected.error("Something is wrong.", advice="Do this.")
    prediction = predict(error, LOOKS)
    assert prediction.looks == ()
    assert prediction.sentence == "This photo gives no headshots. Something is wrong. Do this."


def test_several_faces_can_be_chosen_from():
    assert predict(SeveralFaces("We found two people."), LOOKS).fix == "choose_face"


@pytest.mark.parametrize(("turns", "degrees"), [(1, 270), (2, 180), (3, 90)])
def test_turned_photo_is_found_and_offered_turned(astronaut, turns, degrees):
    turned = np.ascontiguousarray(np.rot90(astronaut, turns))
    with pytest.raises(TurnedPhoto) as caught:
        Renderer([turned], size=SIZE).prepare_photo(0)
    prediction = predict(caught.value, LOOKS)
    assert (prediction.fix, prediction.degrees, prediction.looks) == ("turn", degrees, ())
    upright = np.rot90(turned, degrees // 90)
    assert np.array_equal(upright, astronaut)


@pytest.mark.parametrize("portrait", portraits.PORTRAITS, ids=lambda portrait: portrait.name)
def test_upright_photo_is_not_taken_for_a_turned_one(portrait):
    try:
        portrait.renderer(512).prepare_photo(0)
    except EngineError as error:
        assert not isinstance(error, TurnedPhoto), error.message


def test_smile_that_the_photo_cannot_give_is_not_promised(prepared):
    stern = predict(with_smile(prepared, -0.3), LOOKS)
    assert stern.needs_smile == ("approachable", "social", "cheerful")
    assert "Approachable, Social and Cheerful need a photo in which you smile" in stern.sentence
    assert predict(with_smile(prepared, 0.9), LOOKS).needs_smile == ()


def test_headshot_says_that_its_smile_needs_another_photo(prepared):
    renderer = Renderer([], size=SIZE, prepared={0: with_smile(prepared, -0.3)})
    assert NEEDS_SMILE in renderer.render(recipes.built_in_looks()["cheerful"]).notes
    assert NEEDS_SMILE not in renderer.render(recipes.built_in_looks()["linkedin"]).notes


@pytest.mark.parametrize("smile", np.linspace(-1, 1, 9))
def test_smile_that_counts_as_reachable_is_within_what_the_warp_may_add(prepared, smile):
    face = with_smile(prepared, float(smile)).subject.face
    lifted = face.smile + expression.limit_smile(face, 0.8)
    assert expression.is_reachable(face, 0.8) <= (lifted >= 0.6)


@pytest.mark.slow
def test_black_and_white_photo_gives_black_and_white_headshots(astronaut):
    gray = np.repeat(astronaut.mean(axis=2, keepdims=True), 3, axis=2).astype(np.uint8)
    renderer = Renderer([gray], size=SIZE)
    assert "black and white" in predict(renderer.prepare_photo(0), LOOKS).sentence
    variant = renderer.render(recipes.built_in_looks()["cheerful"])
    assert (np.ptp(variant.pixels.astype(int), axis=2) <= 1).all()
    assert any("black and white" in note for note in variant.notes)


@pytest.mark.slow
def test_colour_cast_is_taken_back_in_part_and_said(astronaut):
    light = np.array([1.0, 0.72, 0.42])
    evening = (astronaut * light).astype(np.uint8)
    photo = Renderer([evening], size=SIZE).prepare_photo(0)
    assert "Coloured light" in predict(photo, LOOKS).sentence
    as_taken = photo.subject.canvas.reshape(-1, 3).astype(float).mean(axis=0)
    before = Renderer([astronaut], size=SIZE).prepare_photo(0).subject.canvas
    warmth = as_taken[0] / as_taken[2]
    neutral = before.reshape(-1, 3).astype(float).mean(axis=0)
    assert neutral[0] / neutral[2] < warmth < neutral[0] / neutral[2] / 0.42
