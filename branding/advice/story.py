"""What a set of profiles tells together: where their headshots agree, contradict, and grow old."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations
from typing import Final

from django.utils.translation import gettext as _

from branding.advice.appearance import RECENT_DAYS
from branding.advice.records import Library

LARGE_AGE_GAP: Final = 365  # days between two photos from which people may wonder
# What is compared, as groups of features, and what is said where two profiles differ.
SERIOUS, SMILING = "smile.none", "smile.teeth"
CLOSE, WIDE = "crop.face", ("crop.waist", "crop.body")


@dataclass(frozen=True)
class ProfileHeadshot:
    """What one profile shows now: the features of its headshot, and when its photo was added."""

    name: str
    kind: str  # of places
    features: frozenset[str]
    photo_date: date | None

    def feature(self, group: str) -> str:
        """Return the feature of a group; "" where it is not known."""
        return next((name for name in self.features if name.partition(".")[0] == group), "")

    def describe(self, group: str, library: Library) -> str:
        """Return the feature of a group in words; "" where it is not known."""
        name = self.feature(group)
        return library.features[name].text if name else ""


def find_contradictions(headshots: Sequence[ProfileHeadshot]) -> list[str]:
    """Return what contradicts itself in a set of profiles, one sentence for each kind.

    Each is an editorial judgement: no study that we know compares the photos of one person on
    several profiles.
    """
    checks = (_compare_dates, _compare_expressions, _compare_crops, _compare_making)
    sentences = (
        _first(check(first, second) for first, second in combinations(headshots, 2))
        for check in checks
    )
    return [sentence for sentence in sentences if sentence]


def _first(sentences: Iterable[str]) -> str:
    return next((sentence for sentence in sentences if sentence), "")


def _compare_dates(first: ProfileHeadshot, second: ProfileHeadshot) -> str:
    if first.photo_date is None or second.photo_date is None:
        return ""
    older, newer = sorted((first, second), key=lambda headshot: headshot.photo_date or date.max)
    if abs((first.photo_date - second.photo_date).days) <= LARGE_AGE_GAP:
        return ""
    return _(
        "The photo on %(older)s is more than a year older than that on %(newer)s. People who know"
        " one may not know you on the other."
    ) % {"older": older.name, "newer": newer.name}


def _compare_expressions(first: ProfileHeadshot, second: ProfileHeadshot) -> str:
    """Compare profiles of one kind only: to be serious at work and to smile to friends is fine."""
    smiles = {first.feature("smile"): first, second.feature("smile"): second}
    if first.kind != second.kind or smiles.keys() != {SERIOUS, SMILING}:
        return ""
    return _(
        "On %(smiling)s you smile, on %(serious)s you are serious, and the same people look at"
        " both."
    ) % {"smiling": smiles[SMILING].name, "serious": smiles[SERIOUS].name}


def _compare_crops(first: ProfileHeadshot, second: ProfileHeadshot) -> str:
    crops = {first.feature("crop"): first, second.feature("crop"): second}
    wide = next((crops[name] for name in WIDE if name in crops), None)
    if wide is None or CLOSE not in crops:
        return ""
    return _(
        "On %(close)s your face fills the picture, on %(wide)s it is small. A similar crop is"
        " easier to know again."
    ) % {"close": crops[CLOSE].name, "wide": wide.name}


def _compare_making(first: ProfileHeadshot, second: ProfileHeadshot) -> str:
    makings = {first.feature("made"): first, second.feature("made"): second}
    if makings.keys() != {"made.painted", "made.photo"}:
        return ""
    return _(
        "An image model painted a part of the picture on %(painted)s, and that on %(photo)s is a"
        " photo."
    ) % {"painted": makings["made.painted"].name, "photo": makings["made.photo"].name}


def refresh_date(headshots: Iterable[ProfileHeadshot]) -> date | None:
    """Return from when the oldest photo should be replaced; None where no date is known."""
    dates = [headshot.photo_date for headshot in headshots if headshot.photo_date]
    return min(dates) + timedelta(days=RECENT_DAYS) if dates else None
