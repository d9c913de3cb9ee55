"""Generated places, clothes and faces: the photographed face stays, or passes its checks."""

from dataclasses import replace

import numpy as np
import pytest

from headshots.engine import recipe_fitting, recipes, thresholds
from headshots.engine.analysis.landmarks import core_mask
from headshots.engine.descriptions import describe_steps
from headshots.engine.diffusion import prompts
from headshots.engine.diffusion.batch import DiffusionBatch
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
from headshots.engine.render import RejectedVariant, Renderer
from headshots.engine.steps import STEPS_BY_NAME
from tests.support.diffusion_pipelines import EditorPipeline, NoisePipeline, RecolourPipeline
from tests.support.portraits import ASTRONAUT, PORTRAITS
from tests.support.rendering import build_bare_recipe, frame_photo

SIZE = 512
PLACE, OUTFIT = "a bright atelier with plants", "a navy linen blazer over a white shirt"
LOCKED_CHANGES = {"place": PLACE}, {"outfit": OUTFIT}, {"place": PLACE, "outfit": OUTFIT}


def create_renderer(portrait=ASTRONAUT, pipeline=None, **options) -> Renderer:
    prepared = portrait.renderer(SIZE)
    return Renderer([], size=SIZE, prepared=dict(prepared.prepared), pipeline=pipeline, **options)


def wished_recipe(slug="linkedin", **words):
    return recipes.built_in_looks()[slug].with_diffusion(**words)


@pytest.mark.parametrize("words", LOCKED_CHANGES, ids=["place", "outfit", "both"])
@pytest.mark.parametrize("portrait", PORTRAITS)
def test_face_is_kept_to_the_bit_in_front_of_noise(portrait, words):
    prepared = portrait.renderer(SIZE).prepare_photo(0)
    if recipe_fitting.find_flaw(wished_recipe(**words), prepared):
        pytest.skip("this cut-out is not sure enough for another place")
    variant = create_renderer(portrait, NoisePipeline()).render(wished_recipe(**words))
    assert variant.edits and all(edit.kept > 1000 for edit in variant.edits)
    assert [edit.step for edit in variant.edits] == [
        step
        for step, name in (("generate_backdrop", "place"), ("change_outfit", "outfit"))
        if name in words
    ]
    assert variant.likeness <= thresholds.MAX_LIKENESS_DISTANCE
    assert variant.skin_delta_e <= thresholds.MAX_SKIN_DELTA_E


@pytest.mark.parametrize(("step", "words"), [("generate_backdrop", 0), ("change_outfit", 1)])
def test_step_leaves_the_core_alone_and_paints_the_rest(step, words):
    prepared = ASTRONAUT.renderer(SIZE).prepare_photo(0)
    _, image, facts = frame_photo(prepared, build_bare_recipe(), size=SIZE)
    batch = DiffusionBatch(NoisePipeline(), (5,))
    facts = replace(facts, generate=batch.bind_seed(5))
    params = replace(wished_recipe(**LOCKED_CHANGES[words]).step_params(step), harmonise=0.0)
    if step == "generate_backdrop":
        params = replace(params, wrap=0.0)
    result = STEPS_BY_NAME[step].run(image, facts, params)
    core = core_mask(facts.face, image.shape) > 0
    assert np.array_equal(result[core], image[core])
    changed_area = facts.alpha < 0.01 if step == "generate_backdrop" else facts.alpha[-20:] > 0.9
    after, before = (
        picture if changed_area.shape[0] == SIZE else picture[-20:] for picture in (result, image)
    )
    assert np.abs(after - before)[changed_area].mean() > 0.1


@pytest.mark.parametrize(("zoom", "across"), [(1.0, 9.0), (1.2, -6.0), (0.85, 14.0)])
def test_moved_painting_is_brought_back_and_reported(zoom, across):
    variant = create_renderer(pipeline=EditorPipeline(zoom=zoom, across=across)).render(
        wished_recipe(place=PLACE)
    )
    edit = variant.edits[0]
    assert edit.zoom == pytest.approx(1 / zoom, abs=0.01)
    assert edit.residual is not None and edit.residual <= 1.0
    assert edit.kept > 1000 and variant.likeness <= thresholds.MAX_LIKENESS_DISTANCE


def test_look_without_a_painter_says_what_it_needs():
    with pytest.raises(DiffusionUnavailable, match="GPU worker") as caught:
        create_renderer().render(wished_recipe(place=PLACE))
    assert caught.value.code == "needs_gpu"
    results = list(
        create_renderer().render_all(
            [wished_recipe(place=PLACE), recipes.built_in_looks()["plain"]]
        )
    )
    assert isinstance(results[0], RejectedVariant) and not isinstance(results[1], RejectedVariant)


@pytest.mark.slow
def test_siblings_share_their_first_painting_and_differ():
    pipeline = NoisePipeline()
    variants = list(
        create_renderer(pipeline=pipeline, seed=3).render_variants(
            wished_recipe(place=PLACE), range(3)
        )
    )
    assert [len(requests) for requests in pipeline.requested] == [3]
    assert [request.seed for request in pipeline.requested[0]] == [3, 4, 5]
    assert [variant.variant_index for variant in variants] == [0, 1, 2]
    assert not np.array_equal(variants[0].pixels, variants[1].pixels)


def test_a_sibling_is_the_same_alone_and_in_company():
    together = list(
        create_renderer(pipeline=NoisePipeline()).render_variants(
            wished_recipe(**LOCKED_CHANGES[2]), range(2)
        )
    )
    alone = create_renderer(pipeline=NoisePipeline()).render(
        wished_recipe(**LOCKED_CHANGES[2]), variant_index=1
    )
    assert np.array_equal(together[1].pixels, alone.pixels)


def test_cancel_between_two_steps_ends_every_sibling():
    reports = []

    def cancel_third(activity, done_count, total_count):
        reports.append((activity, done_count, total_count))
        if len(reports) == 3:
            raise RenderCancelled("Stopped.")

    with pytest.raises(RenderCancelled):
        list(
            create_renderer(pipeline=NoisePipeline(), on_progress=cancel_third).render_variants(
                wished_recipe(place=PLACE), range(4)
            )
        )
    assert reports == [("paint", 1, 4), ("paint", 2, 4), ("paint", 3, 4)]


@pytest.mark.slow
@pytest.mark.parametrize("change", prompts.CHANGES)
def test_painted_noise_is_never_shown_for_a_face(change):
    outcomes = list(
        create_renderer(pipeline=NoisePipeline()).render_variants(
            wished_recipe(change=change), range(3)
        )
    )
    assert all(isinstance(outcome, RejectedVariant) for outcome in outcomes)
    assert all(
        isinstance(outcome.error, (NoFace, LikenessTooLow, QualityTooLow)) for outcome in outcomes
    )


def test_lightened_skin_is_refused():
    pipeline = RecolourPipeline(lighten=0.06, smile=0.02)
    with pytest.raises(QualityTooLow, match="skin would change its tone"):
        create_renderer(pipeline=pipeline).render(wished_recipe("plain", change="smile"))


def test_nothing_changed_is_refused():
    with pytest.raises(QualityTooLow, match="Nothing changed"):
        create_renderer(pipeline=RecolourPipeline()).render(wished_recipe("plain", change="smile"))


def test_changed_face_within_its_gates_is_shown_and_labelled():
    variant = create_renderer(pipeline=RecolourPipeline(smile=0.02)).render(
        wished_recipe("plain", change="smile")
    )
    assert variant.source_type == provenance.TRAINED
    assert variant.edits[0].strength >= thresholds.MIN_CHANGED_SHARE
    assert 0 < variant.likeness <= thresholds.MAX_REPAINTED_DISTANCE
    assert any("painted anew" in line for line in describe_steps(variant.steps))


@pytest.mark.slow
def test_painted_face_may_not_be_further_than_the_persons_own_photos():
    sources = {
        index: portrait.renderer(SIZE).prepare_photo(0)
        for index, portrait in enumerate(PORTRAITS)
        if portrait.person == "obama"
    }
    if not sources:
        pytest.skip("it takes several photos of one person")
    with_several = Renderer([], size=SIZE, prepared=dict(enumerate(sources.values())))
    own_limit = with_several._likeness_limit(wished_recipe(change="smile"))
    if len(sources) > 1:
        assert own_limit < thresholds.MAX_REPAINTED_DISTANCE
    default_limit = create_renderer()._likeness_limit(wished_recipe(change="smile"))
    assert default_limit == thresholds.MAX_REPAINTED_DISTANCE
    assert create_renderer()._likeness_limit(wished_recipe(place=PLACE)) is None


def test_source_type_says_what_was_painted():
    kinds = {
        name: create_renderer(pipeline=NoisePipeline()).render(wished_recipe(**words)).source_type
        for name, words in zip(("place", "outfit"), LOCKED_CHANGES, strict=False)
    }
    assert set(kinds.values()) == {"compositeWithTrainedAlgorithmicMedia"}
    assert create_renderer().render(wished_recipe()).source_type == "compositeSynthetic"


def test_painted_place_stands_in_for_the_backdrop_in_what_is_told():
    descriptions = describe_steps(wished_recipe(place=PLACE).to_plain_data())
    assert any(PLACE in line for line in descriptions)
    assert not any("Sleek office" in line for line in descriptions)
    assert any("Sleek office" in line for line in describe_steps(wished_recipe().to_plain_data()))


def test_look_lends_mood_feel_and_accent_to_the_words():
    look = recipes.built_in_looks()["founder"].with_diffusion(place=PLACE, outfit=OUTFIT)
    params = look.step_params("generate_backdrop")
    assert (params.mood, params.feel, params.accent) == ("morning", "makes things", "#C8643C")
    assert look.step_params("change_outfit").feel == "makes things"


def test_recipe_with_words_survives_its_plain_form():
    look = wished_recipe(place=PLACE, outfit=OUTFIT)
    assert (
        recipes.restore_recipe(look.slug, look.to_plain_data()).diffusion_steps
        == look.diffusion_steps
    )


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
        wished_recipe(**words)


def test_bent_painting_of_an_editor_is_refused():
    with pytest.raises(FaceLockFailed, match="pixels beside"):
        create_renderer(pipeline=EditorPipeline(bend=4.0)).render(wished_recipe(place=PLACE))
