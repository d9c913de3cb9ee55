"""A look that changes the face too much is tried once more, with gentler light."""

import pytest

from headshots.engine import recipe_fitting, recipes
from headshots.engine.analysis import output_checks
from headshots.engine.errors import LikenessTooLow
from headshots.engine.render import Renderer

SPEAKER = recipes.built_in_looks()["speaker"]


@pytest.fixture(scope="module")
def renderer(astronaut):
    return Renderer([astronaut], size=128)


@pytest.fixture
def refuse_likeness(monkeypatch):
    """Refuse so many pictures before one is accepted; returns the list of those that were."""
    check_output, refused = output_checks.check_output, []

    def set_count(count):
        def refuse_first(image, *args, **kwargs):
            if len(refused) < count:
                refused.append(image)
                raise LikenessTooLow("too far away")
            return check_output(image, *args, **kwargs)

        monkeypatch.setattr(output_checks, "check_output", refuse_first)

    return set_count


def params_of(variant, name):
    return next(step["params"] for step in variant.steps if step["name"] == name)


@pytest.mark.slow
def test_look_that_changes_the_face_too_much_is_softened_and_says_so(renderer, refuse_likeness):
    refuse_likeness(1)
    variant = renderer.render(SPEAKER)
    relight = params_of(variant, "relight")
    assert relight["strength"] == SPEAKER.step_params("relight").strength / 2
    assert relight["rim"] == 0 and params_of(variant, "retouch")["strength"] == 0
    assert recipe_fitting.SOFTENED in variant.notes


def test_look_that_still_changes_the_face_too_much_is_refused(renderer, refuse_likeness):
    refuse_likeness(2)
    with pytest.raises(LikenessTooLow):
        renderer.render(SPEAKER)


def test_look_that_keeps_the_face_is_not_softened(renderer, refuse_likeness):
    refuse_likeness(0)
    variant = renderer.render(SPEAKER)
    assert params_of(variant, "relight")["rim"] > 0
    assert recipe_fitting.SOFTENED not in variant.notes
