"""A set of profiles contradicts itself only where a stranger would notice."""

from datetime import date

import pytest

from branding.advice.forbidden import find_forbidden
from branding.advice.story import ProfileHeadshot, find_contradictions, refresh_date


def shown(name="LinkedIn", *features, kind="professional", day=date(2026, 5, 1)):
    return ProfileHeadshot(name, kind, frozenset(features), day)


DIFFERENT = [
    (shown(day=date(2024, 1, 1)), shown("Slack"), "LinkedIn is more than a year older than"),
    (shown("LinkedIn", "smile.none"), shown("Website", "smile.teeth"), "On Website you smile"),
    (shown("LinkedIn", "crop.face"), shown("Slack", "crop.waist"), "On LinkedIn your face fills"),
    (shown("LinkedIn", "made.photo"), shown("X", "made.painted"), "part of the picture on X"),
]


@pytest.mark.parametrize(("first", "second", "expected"), DIFFERENT)
def test_what_contradicts_is_said_once_in_either_order(first, second, expected):
    (sentence,) = find_contradictions([first, second])
    assert expected in sentence and not find_forbidden(sentence)
    assert find_contradictions([second, first, first]) == [sentence]


def test_serious_at_work_and_smiling_to_friends_is_no_contradiction():
    work, friends = shown("LinkedIn", "smile.none"), shown("X", "smile.teeth", kind="social")
    assert find_contradictions([work, friends]) == []


def test_what_is_not_known_contradicts_nothing():
    assert find_contradictions([shown(day=None), shown("Slack"), shown("X", "crop.face")]) == []
    assert find_contradictions([]) == []


def test_the_oldest_photo_says_when_to_refresh():
    assert refresh_date([shown(day=None)]) is None
    assert refresh_date([shown(), shown(day=date(2025, 1, 1))]) == date(2027, 1, 1)
