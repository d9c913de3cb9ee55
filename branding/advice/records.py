"""What the data files of the advice declare: claims, roles, audiences and so on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from headshots.errors import ServiceError

ASKED: Final = "asked"  # the grade of what people said who were asked about these headshots
JUDGEMENT: Final = "judgement"  # the grade and basis of what the editors think
GRADES: Final = ("A", "B", "C", "D", JUDGEMENT)
SENTENCE_GRADES: Final = (*GRADES, ASKED)
CV: Final = "cv"  # slug of the place of photos on applications, which is no profile


class InvalidAdviceData(ValueError):
    """A data file breaks its schema, or advises on what must not be advised on."""


class UnknownSituation(ServiceError):
    """A role, an audience, a country or a place that the advice does not know."""

    code = "unknown_situation"


class Use(StrEnum):
    """What a claim may be used for."""

    RANKING = "ranking"
    NOTE = "note"
    ON_REQUEST = "on request"  # about groups of people: never applied
    NEVER = "never"  # about what must not be advised on


@dataclass(frozen=True)
class Contexts:
    """Where a statement applies; an empty set stands for everywhere."""

    roles: frozenset[str] = frozenset()
    industries: frozenset[str] = frozenset()
    audiences: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Effect:
    """What a visible feature changes in how people are seen, from -3 to 3."""

    feature: str
    goal: str
    change: int


@dataclass(frozen=True)
class Statement:
    """A claim, with its source, or an editorial judgement, which has neither number nor source."""

    text: str
    number: int | None = None
    grade: str = JUDGEMENT
    shows: str = ""
    figure: str = ""  # empty unless it was read in the source
    n: str = ""
    year: int | None = None
    year_means: str = ""  # "read": the year in which it was read, as the source names none
    studied_in: str = ""
    replicated: str = ""
    source: str = "editorial judgement"
    checked: date | None = None
    use: Use = Use.RANKING
    why_never: str = ""
    effects: tuple[Effect, ...] = ()
    contexts: Contexts = field(default_factory=Contexts)
    contradicted_by: tuple[int, ...] = ()
    no_effect: tuple[str, ...] = ()  # groups of features

    @property
    def is_shown(self) -> bool:
        """Whether the advice may show it unasked."""
        return self.use in (Use.RANKING, Use.NOTE)


@dataclass(frozen=True)
class Feature:
    """Something that can be seen in a headshot: `group.name`; of a group at most one applies."""

    name: str
    text: str
    better_by: str = ""  # look or photo: what gives it; "" if nothing shall
    better_text: str = ""
    slider_from: str = ""  # the feature from which adjusting leads to this one
    slider_text: str = ""
    scenes: frozenset[str] = frozenset()

    @property
    def group(self) -> str:
        return self.name.partition(".")[0]


@dataclass(frozen=True)
class Weight:
    """How much a goal counts, and on which claim that rests; None for an editorial judgement."""

    value: float
    claim: int | None = None


Weights = Mapping[str, Weight]  # by goal


@dataclass(frozen=True)
class Goal:
    """What a headshot can tell a stranger."""

    slug: str
    title: str
    text: str


@dataclass(frozen=True)
class Role:
    """What somebody does."""

    slug: str
    title: str
    industry: str
    weights: Weights


@dataclass(frozen=True)
class Audience:
    """Who looks at the headshot."""

    slug: str
    title: str
    weights: Weights


@dataclass(frozen=True)
class PlaceKind:
    """A kind of places, what counts more there, and which audiences look there before others."""

    slug: str
    title: str
    places: frozenset[str]
    weights: Weights
    audiences: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Convention:
    """Whether a photo on a CV is usual in a country."""

    code: str
    name: str
    number: int
    cv_photo: str  # expected, usual, optional, discouraged or not known
    detail: str = ""
    source: str = ""
    year: int | None = None
    grade: str = ""
    old: bool = False


@dataclass(frozen=True)
class Trend:
    """What is said to be in fashion; it changes no ranking."""

    number: int
    text: str
    year: int
    grade: str
    source: str


@dataclass(frozen=True)
class Library:
    """Everything that the data files declare."""

    claims: Mapping[int, Statement]
    judgements: tuple[Statement, ...]
    features: Mapping[str, Feature]
    goals: Mapping[str, Goal]
    roles: Mapping[str, Role]
    audiences: Mapping[str, Audience]
    place_kinds: Mapping[str, PlaceKind]
    conventions: Mapping[str, Convention]
    trends: tuple[Trend, ...]

    @property
    def ranking_statements(self) -> tuple[Statement, ...]:
        """The claims and judgements whose effects count, claims first, by number."""
        used = [claim for claim in self.claims.values() if claim.use is Use.RANKING]
        return (*used, *self.judgements)
