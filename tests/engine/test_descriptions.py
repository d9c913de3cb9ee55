"""Measurements and steps are described in words that a person understands."""

from headshots.engine import recipes, thresholds
from headshots.engine.descriptions import TELL, done_in_words, likeness_in_words
from headshots.engine.steps import STEPS


def test_distance_is_put_in_words_that_change():
    words = [likeness_in_words(distance) for distance in (0.1, 0.2, 0.3)]
    assert len(set(words)) == 3


def test_likeness_words_turn_at_the_gate():
    assert likeness_in_words(thresholds.LIKENESS) != likeness_in_words(thresholds.LIKENESS + 0.01)


def test_every_step_of_every_look_is_told(looks):
    assert set(TELL) == {"frame", *(step.name for step in STEPS)}
    for look in looks.values():
        assert 3 <= len(done_in_words(look.plain())) <= len(TELL)


def test_what_was_not_done_is_not_told():
    still = recipes.parse("still", {"backdrop": "own"})
    assert done_in_words(still.plain()) == [
        "Cropped so that your head takes 55% of the height.",
        "Your own background kept, out of focus.",
    ]


def test_a_smile_and_its_opposite_are_told_apart():
    look = recipes.looks()["linkedin"]
    told = [done_in_words(look.changed("expression", smile=smile).plain()) for smile in (-0.3, 0.3)]
    assert "lowered" in told[0][2] and "raised" in told[1][2]
