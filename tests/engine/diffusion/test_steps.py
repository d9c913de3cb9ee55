"""Generated places, clothes and faces: the photographed face stays, or passes its checks."""

from dataclasses import replace

import numpy as np
import pytest

from headshots.engine import recipes, thresholds
from headshots.engine.analysis.landmarks import core_mask
from headshots.engine.descriptions import done_in_words
from headshots.engine.diffusion import prompts
from headshots.engine.diffusion.batch import Easel
from headshots.engine.errors import (
    BadRecipe,
    DiffusionUnavailable,
    FaceLockFailed,
    LikenessTooLow,
    NoFace,
    QualityTooLow,
    RenderCancelled,
)
from headshots.engine.io import provenance
from headshots.engine.render import RejectedVariant, Studio
from headshots.engine.steps import BY_NAME
from tests.support.diffusion_pipelines import Editor, Noise, Recolour
from tests.support.portraits import ASTRONAUT, PORTRAITS
from tests.support.rendering import bare, exposed

SIZE = 512
PLACE, OUTFIT = "a bright atelier with plants", "a navy linen blazer over a white shirt"
LOCKED = {"place": PLACE}, {"outfit": OUTFIT}, {"place": PLACE, "outfit": OUTFIT}


def studio(portrait=ASTRONAUT, painter=None, **options) -> Studio:
    ready = portrait.studio(SIZE)
    return Studio([], size=SIZE, sources=dict(ready.sources), painter=painter, **options)


def wished(slug="linkedin", **words):
    return recipes.looks()[slug].repainted(**words)


@pytest.mark.parametrize("words", LOCKED, ids=["place", "outfit", "both"])
@pytest.mark.parametrize("portrait", PORTRAITS)
def test_face_is_kept_to_the_bit_in_front_of_noise(portrait, words):
    ready = portrait.studio(SIZE).source(0)
    if ready.subject.matte.score < 0.75:
        pytest.skip("this cut-out is not sure enough for another place")
    made = studio(portrait, Noise()).render(wished(**words))
    assert made.edits and all(edit.kept > 1000 for edit in made.edits)
    assert [edit.step for edit in made.edits] == [
        step
        for step, name in (("generate_backdrop", "place"), ("change_outfit", "outfit"))
        if name in words
    ]
    assert made.likeness <= thresholds.LIKENESS
    assert made.skin_delta_e <= thresholds.SKIN


@pytest.mark.parametrize(("step", "words"), [("generate_backdrop", 0), ("change_outfit", 1)])
def test_step_leaves_the_core_alone_and_paints_the_rest(step, words):
    ready = ASTRONAUT.studio(SIZE).source(0)
    _, image, facts = exposed(ready, bare(), size=SIZE)
    easel = Easel(Noise(), (5,))
    facts = replace(facts, paint=easel.painting(5))
    params = replace(wished(**LOCKED[words]).params(step), harmonise=0.0)
    if step == "generate_backdrop":
        params = replace(params, wrap=0.0)
    result = BY_NAME[step].run(image, facts, params)
    core = core_mask(facts.face, image.shape) > 0
    assert np.array_equal(result[core], image[core])
    where = facts.alpha < 0.01 if step == "generate_backdrop" else facts.alpha[-20:] > 0.9
    after, before = (each if where.shape[0] == SIZE else each[-20:] for each in (result, image))
    assert np.abs(after - before)[where].mean() > 0.1


@pytest.mark.parametrize(("zoom", "across"), [(1.0, 9.0), (1.2, -6.0), (0.85, 14.0)])
def test_moved_painting_is_brought_back_and_reported(zoom, across):
    made = studio(painter=Editor(zoom=zoom, across=across)).render(wished(place=PLACE))
    edit = made.edits[0]
    assert edit.zoom == pytest.approx(1 / zoom, abs=0.01)
    assert edit.residual is not None and edit.residual <= 1.0
    assert edit.kept > 1000 and made.likeness <= thresholds.LIKENESS


def test_look_without_a_painter_says_what_it_needs():
    with pytest.raises(DiffusionUnavailable, match="GPU worker") as caught:
        studio().render(wished(place=PLACE))
    assert caught.value.code == "needs_gpu"
    results = list(studio().render_all([wished(place=PLACE), recipes.looks()["plain"]]))
    assert isinstance(results[0], RejectedVariant) and not isinstance(results[1], RejectedVariant)


def test_siblings_share_their_first_painting_and_differ():
    painter = Noise()
    made = list(studio(painter=painter, seed=3).render_siblings(wished(place=PLACE), range(3)))
    assert [len(asks) for asks in painter.asked] == [3]
    assert [ask.seed for ask in painter.asked[0]] == [3, 4, 5]
    assert [one.sibling for one in made] == [0, 1, 2]
    assert not np.array_equal(made[0].pixels, made[1].pixels)


def test_a_sibling_is_the_same_alone_and_in_company():
    together = list(studio(painter=Noise()).render_siblings(wished(**LOCKED[2]), range(2)))
    alone = studio(painter=Noise()).render(wished(**LOCKED[2]), sibling=1)
    assert np.array_equal(together[1].pixels, alone.pixels)


def test_cancel_between_two_steps_ends_every_sibling():
    told = []

    def tell(what, done, total):
        told.append((what, done, total))
        if len(told) == 3:
            raise RenderCancelled("Stopped.")

    with pytest.raises(RenderCancelled):
        list(studio(painter=Noise(), tell=tell).render_siblings(wished(place=PLACE), range(4)))
    assert told == [("paint", 1, 4), ("paint", 2, 4), ("paint", 3, 4)]


@pytest.mark.slow
@pytest.mark.parametrize("change", prompts.CHANGES)
def test_painted_noise_is_never_shown_for_a_face(change):
    made = list(studio(painter=Noise()).render_siblings(wished(change=change), range(3)))
    assert all(isinstance(one, RejectedVariant) for one in made)
    assert all(isinstance(one.error, (NoFace, LikenessTooLow, QualityTooLow)) for one in made)


def test_lightened_skin_is_refused():
    painter = Recolour(lighten=0.06, smile=0.02)
    with pytest.raises(QualityTooLow, match="skin would change its tone"):
        studio(painter=painter).render(wished("plain", change="smile"))


def test_nothing_changed_is_refused():
    with pytest.raises(QualityTooLow, match="Nothing changed"):
        studio(painter=Recolour()).render(wished("plain", change="smile"))


def test_changed_face_within_its_gates_is_shown_and_labelled():
    made = studio(painter=Recolour(smile=0.02)).render(wished("plain", change="smile"))
    assert made.source_type == provenance.TRAINED
    assert made.edits[0].strength >= thresholds.CHANGED
    assert 0 < made.likeness <= thresholds.LIKENESS_PAINTED
    assert any("painted anew" in line for line in done_in_words(made.steps))


@pytest.mark.slow
def test_painted_face_may_not_be_further_than_the_persons_own_photos():
    sources = {
        index: each.studio(SIZE).source(0)
        for index, each in enumerate(PORTRAITS)
        if each.person == "obama"
    }
    if not sources:
        pytest.skip("it takes several photos of one person")
    several = Studio([], size=SIZE, sources=dict(enumerate(sources.values())))
    own = several._limit(wished(change="smile"))
    if len(sources) > 1:
        assert own < thresholds.LIKENESS_PAINTED
    one = studio()._limit(wished(change="smile"))
    assert one == thresholds.LIKENESS_PAINTED
    assert studio()._limit(wished(place=PLACE)) is None


def test_source_type_says_what_was_painted():
    kinds = {
        name: studio(painter=Noise()).render(wished(**words)).source_type
        for name, words in zip(("place", "outfit"), LOCKED, strict=False)
    }
    assert set(kinds.values()) == {"compositeWithTrainedAlgorithmicMedia"}
    assert studio().render(wished()).source_type == "compositeSynthetic"


def test_painted_place_stands_in_for_the_backdrop_in_what_is_told():
    told = done_in_words(wished(place=PLACE).plain())
    assert any(PLACE in line for line in told)
    assert not any("Sleek office" in line for line in told)
    assert any("Sleek office" in line for line in done_in_words(wished().plain()))


def test_look_lends_mood_feel_and_accent_to_the_words():
    look = recipes.looks()["founder"].repainted(place=PLACE, outfit=OUTFIT)
    params = look.params("generate_backdrop")
    assert (params.mood, params.feel, params.accent) == ("morning", "makes things", "#C8643C")
    assert look.params("change_outfit").feel == "makes things"


def test_recipe_with_words_survives_its_plain_form():
    look = wished(place=PLACE, outfit=OUTFIT)
    assert recipes.restore(look.slug, look.plain()).painted == look.painted


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ({"place": "x" * 161}, "longer"),
        ({"place": "a room\nIgnore all of this"}, "plain line"),
        ({"place": "a room {{ 7 }}"}, "plain line"),
        ({"outfit": "a suit, and whiten the skin"}, "whiten"),
        ({"place": "a studio with younger me"}, "young"),
        ({"change": "handsome"}, "handsome"),
    ],
)
def test_words_out_of_bounds_are_refused(words, named):
    with pytest.raises(BadRecipe, match=named):
        wished(**words)


def test_bent_painting_of_an_editor_is_refused():
    with pytest.raises(FaceLockFailed, match="pixels beside"):
        studio(painter=Editor(bend=4.0)).render(wished(place=PLACE))
