"""The contract of a step, over every step there is."""

import json
from dataclasses import asdict, fields

import numpy as np
import pytest

from headshots.engine.errors import BadRecipe, TooSmall
from headshots.engine.operations.backdrops import BACKDROP_KINDS, Backdrop
from headshots.engine.steps import MIN_SIDE, STEPS, STEPS_BY_NAME
from headshots.engine.types import Facts, Image
from tests.support.rendering import build_bare_recipe, frame_photo

SIZE = 256


def params_at_limit(step, side):
    """Params with every number at one end of its range."""
    return step.parse_params({name: limits[side] for name, limits in step.ranges.items()})


def backdrop(kind):
    scene = build_bare_recipe("scene").step_params("backdrop").scene if kind == "scene" else ""
    return Backdrop(kind=kind, scene=scene, shadow=0.5)


CASES = [
    *((step.name, "default") for step in STEPS),
    *((step.name, end) for step in STEPS for end in ("lowest", "highest")),
    *(("backdrop", kind) for kind in BACKDROP_KINDS),
    ("backdrop", "accent"),
]
cases = pytest.mark.parametrize(("name", "variation"), CASES)
steps = pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
optional = pytest.mark.parametrize(
    "step", [step for step in STEPS if step.identity is not None], ids=lambda step: step.name
)


def params_of(name, variation):
    step = STEPS_BY_NAME[name]
    if variation in BACKDROP_KINDS:
        return backdrop(variation)
    if variation == "accent":
        return Backdrop(kind="scene", scene=backdrop("scene").scene, accent="#0B6E4F")
    return (
        step.params_type()
        if variation == "default"
        else params_at_limit(step, ("lowest", "highest").index(variation))
    )


@pytest.fixture(scope="module")
def exposure(source):
    """The framed astronaut before a scene, with a picture of their own at hand."""
    picture = np.random.default_rng(5).random((300, 400, 3), np.float32)
    return frame_photo(source, build_bare_recipe("scene"), size=SIZE, picture=picture)[1:]


def arrays(image: Image, facts: Facts):
    return {
        "image": image,
        "source": facts.photo,
        "alpha": facts.alpha,
        "landmarks": facts.face.landmarks,
        "normals": facts.light.normals,
        "estimate": facts.light.coefficients,
        "scene": facts.scene.picture,
        "accent": facts.scene.accent,
        "probe": facts.scene.probe,
        "picture": facts.backdrop_picture,
    }


@cases
def test_result_is_a_picture_of_the_same_shape(exposure, name, variation):
    image, facts = exposure
    result = STEPS_BY_NAME[name].run(image, facts, params_of(name, variation))
    assert result.shape == image.shape and result.dtype == np.float32
    assert np.isfinite(result).all()
    assert result.min() >= 0 and result.max() <= 1


@cases
def test_inputs_are_not_touched(exposure, name, variation):
    before = {key: array.copy() for key, array in arrays(*exposure).items()}
    STEPS_BY_NAME[name].run(*exposure, params_of(name, variation))
    for key, array in arrays(*exposure).items():
        assert np.array_equal(array, before[key]), key


@cases
def test_same_inputs_give_same_pixels(exposure, name, variation):
    first, second = (
        STEPS_BY_NAME[name].run(*exposure, params_of(name, variation)) for _ in range(2)
    )
    assert np.array_equal(first, second)


@optional
def test_identity_changes_no_pixel(exposure, step):
    assert np.array_equal(step.run(*exposure, step.identity), exposure[0])


@optional
def test_default_changes_the_picture_unless_it_is_the_identity(exposure, step):
    changed = not np.array_equal(step.run(*exposure, step.params_type()), exposure[0])
    assert changed == (step.params_type() != step.identity)


@cases
def test_params_survive_json(name, variation):
    params = params_of(name, variation)
    assert STEPS_BY_NAME[name].parse_params(json.loads(json.dumps(asdict(params)))) == params


@steps
def test_unknown_param_is_refused(step):
    with pytest.raises(BadRecipe, match="no parameter 'sparkle'"):
        step.parse_params({"sparkle": 1})


@steps
def test_wrong_type_is_refused(step):
    for field in fields(step.params_type):
        for wrong in ([1], None, True, "many" if isinstance(field.default, float) else 3):
            with pytest.raises(BadRecipe, match=field.name):
                step.parse_params({field.name: wrong})


@steps
@pytest.mark.parametrize("bound", ["below", "above", "nan"])
def test_value_out_of_range_is_refused(step, bound):
    for name, (low, high) in step.ranges.items():
        value = {"below": low - 0.01, "above": high + 0.01, "nan": float("nan")}[bound]
        with pytest.raises(BadRecipe, match=name):
            step.parse_params({name: value})


@steps
def test_every_number_has_a_range(step):
    numbers = {
        field.name for field in fields(step.params_type) if isinstance(field.default, (int, float))
    }
    assert numbers == set(step.ranges)


@steps
def test_default_is_within_its_own_ranges(step):
    assert step.parse_params(asdict(step.params_type())) == step.params_type()


@steps
def test_picture_too_small_is_refused(exposure, step):
    image, facts = exposure
    with pytest.raises(TooSmall):
        step.run(image[: MIN_SIDE - 1, : MIN_SIDE - 1], facts, step.params_type())


@pytest.mark.parametrize("kind", ["picture", "scene"])
def test_backdrop_that_is_not_at_hand_is_refused(source, kind):
    _, image, facts = frame_photo(source, build_bare_recipe("plain"), size=SIZE)
    with pytest.raises(BadRecipe, match=kind):
        STEPS_BY_NAME["backdrop"].run(image, facts, Backdrop(kind=kind))


def test_seed_moves_grain_and_nothing_else_is_random(source):
    frames = [
        frame_photo(source, build_bare_recipe("plain"), size=SIZE, seed=seed)[1:] for seed in (0, 1)
    ]
    for step in STEPS:
        first, second = (step.run(*frame, step.params_type()) for frame in frames)
        assert np.array_equal(first, second) == (step.name not in ("grade", "backdrop"))
