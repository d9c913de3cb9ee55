"""Prompts are built by a template, limited, and never about the person's body."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headshots.engine import recipes
from headshots.engine.descriptions import CHANGE_PHRASES
from headshots.engine.diffusion import prompts
from headshots.engine.errors import BadRecipe
from headshots.engine.operations import scenes

PLACE_WORDS = "a quiet library with tall windows"


def test_place_is_built_from_words_scene_look_and_brand():
    sentence = prompts.place_prompt(
        PLACE_WORDS, mood="golden", feel="easy to write to", accent="#0B6E4F"
    )
    for part in (PLACE_WORDS, "golden-hour", "easy to write to", "#0B6E4F", "photograph"):
        assert part in sentence
    assert "green" in sentence


def test_what_is_not_said_is_left_out():
    sentence = prompts.place_prompt(PLACE_WORDS)
    assert "accent" not in sentence and "feels" not in sentence and ", ," not in sentence
    assert sentence.endswith(".") and "daylight" in sentence


def test_clothes_are_built_from_words_look_and_brand():
    sentence = prompts.outfit_prompt("a navy blazer", feel="competent", accent="#7A2B30")
    for part in ("a navy blazer", "competent", "burgundy", "#7A2B30"):
        assert part in sentence


def every_sentence():
    yield from (prompts.change_prompt(name) for name in prompts.CHANGES)
    for look in recipes.built_in_looks().values():
        for mood in (*scenes.MOODS, ""):
            yield prompts.place_prompt(PLACE_WORDS, mood=mood, feel=look.feel, accent="#808080")
        yield prompts.outfit_prompt("a grey jumper", feel=look.feel)


def test_no_sentence_asks_for_what_is_never_painted():
    for sentence in every_sentence():
        request_part = sentence.replace(prompts.KEEP_THE_REST, "")
        assert not re.search(
            r"whiten|beautif|lighten|flawless|perfect|smooth|young", request_part, re.I
        )


def test_negative_list_is_fixed_and_names_what_editors_do_unasked():
    listed = prompts.negative_prompt().split(", ")
    assert listed == list(prompts.NEGATIVE_TERMS)
    assert {"whitening", "beautify", "lightened skin", "second person"} <= set(listed)


def test_every_change_keeps_the_person_and_can_be_told_afterwards():
    assert set(CHANGE_PHRASES) == set(prompts.CHANGES)
    for name in prompts.CHANGES:
        assert "same person" in prompts.change_prompt(
            name
        ) and "skin tone" in prompts.change_prompt(name)


@given(st.text(max_size=400))
def test_own_words_come_through_whole_or_not_at_all(words):
    try:
        sentence = prompts.place_prompt(words)
    except BadRecipe as error:
        assert error.advice
        return
    assert words.strip() in sentence
    assert len(words) <= prompts.MAX_WORDS_LENGTH and "\n" not in sentence


@pytest.mark.parametrize(
    "words", ["whiten my teeth", "lighter skin", "a younger me", "make my face slim", "naked"]
)
def test_words_about_the_body_are_refused_by_name(words):
    with pytest.raises(BadRecipe, match="stays as they are"):
        prompts.outfit_prompt(words)


@pytest.mark.parametrize(
    ("colour", "name"),
    [("#FFFFFF", "white"), ("#0B6E4F", "green"), ("#7A2B30", "burgundy"), ("#1A2A52", "navy")],
)
def test_colour_is_named_as_people_would(colour, name):
    assert name in prompts.name_colour(colour)
