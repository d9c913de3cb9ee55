"""The benchmark of photos prints every law, and says which is broken."""

import pytest

from benchmarks.photos import Outcome, list_laws
from benchmarks.skin_tone import ToneChange


def outcome(photo, *, looks=10, in_place=10, likeness=0.1, group="tan", lightness=0.2, angle=0.5):
    changes = (ToneChange(photo, group, "linkedin", lightness, angle),) * looks
    return Outcome(photo, (likeness,) * looks, in_place, (), changes)


RIGHT = [
    outcome("bald-1"),
    outcome("long-hair-1", group="light"),
    outcome("braids-1", group="dark"),
    outcome("unusable-mask-1", looks=0),
]


def broken(outcomes):
    return [law.title for law in list_laws(outcomes) if not law.is_kept]


def test_every_law_is_a_row():
    rows = "\n".join(map(str, list_laws(RIGHT)))
    for words in (
        "fewer than 9 looks, 8 in place",
        "no kind below another",
        "median likeness, at most 0.12",
        "largest likeness, at most 0.25",
        "usable photos refused",
        "unusable photos that give headshots",
        "L* of skin, linkedin",
        "between groups",
        *(f"L* of {group} skin" for group in ("light", "tan", "dark")),
        *(f"ITA of {group} skin" for group in ("light", "tan", "dark")),
        *(f"share of {group} skin lightened" for group in ("light", "tan", "dark")),
    ):
        assert words in rows
    assert broken(RIGHT) == []


@pytest.mark.parametrize(
    ("changed", "title"),
    [
        (outcome("hat-1", looks=8), "fewer than 9 looks"),
        (outcome("hat-1", in_place=7), "8 in place"),
        (outcome("hat-1", in_place=7), "no kind below another"),
        (outcome("hat-1", looks=0), "usable photos refused"),
        (outcome("hat-1", likeness=0.26), "largest likeness"),
        (outcome("unusable-screen-1"), "unusable photos that give headshots"),
        (outcome("hat-1", looks=40, lightness=1.4), "share of tan skin lightened"),
        (outcome("hat-1", looks=40, lightness=-1.4), "L* of tan skin"),
        (outcome("hat-1", looks=40, lightness=-1.4), "between groups"),
        (outcome("hat-1", looks=40, angle=-2.5), "ITA of tan skin"),
    ],
)
def test_a_broken_law_is_told(changed, title):
    assert any(title in law for law in broken([*RIGHT, changed]))
