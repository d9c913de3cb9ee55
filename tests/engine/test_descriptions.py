"""Measurements and steps are described in words that a person understands."""

from headshots.engine import recipes, thresholds
from headshots.engine.descriptions import DESCRIBERS, describe_likeness, describe_steps
from headshots.engine.steps import STEPS


def test_distance_is_put_in_words_that_change():
    words = [describe_likeness(distance) for distance in (0.1, 0.2, 0.3)]
    assert len(set(words)) == 3


def test_likeness_words_turn_at_the_gate():
    assert describe_likeness(thresholds.MAX_LIKENESS_DISTANCE) != describe_likeness(
        thresholds.MAX_LIKENESS_DISTANCE + 0.01
    )


def test_every_step_of_every_look_is_told(looks):
    assert set(DESCRIBERS) == {"frame", *(step.name for step in STEPS)}
    for look in looks.values():
        assert 3 <= len(describe_steps(look.to_plain_data())) <= len(DESCRIBERS)


def test_what_was_not_done_is_not_told():
    still = recipes.parse_recipe("still", {"backdrop": "own"})
    assert describe_steps(still.to_plain_data()) == [
        "Cropped so that your head takes 55% of the height.",
        "Your own background kept, out of focus.",
    ]


def test_a_smile_and_its_opposite_are_told_apart():
    look = recipes.built_in_looks()["linkedin"]
    descriptions = [
        describe_steps(look.with_params("expression", smile=smile).to_plain_data())
        for smile in (-0.3, 0.3)
    ]
    assert "lowered" in descriptions[0][2] and "raised" in descriptions[1][2]
