"""Rank headshots for one situation: a pure function, so the same input gives the same answer."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from branding.advice.records import JUDGEMENT, Library, Statement
from branding.advice.situations import Situation

# How much an effect counts by the grade of its evidence: an editorial choice. A judgement counts
# less than any claim but the weakest.
GRADE_WEIGHTS: Final = {"A": 1.0, "B": 0.8, "C": 0.5, "D": 0.2, JUDGEMENT: 0.3}
CONTESTED_WEIGHT: Final = 0.5  # of a claim that another one that holds here contradicts
# How much it counts what people who were asked about these very headshots said: as much as a change
# of one step in everything that counts. What holds for this person goes before what holds for most.
VERDICT_WEIGHT: Final = 0.6
DECIMALS: Final = 6  # of scores, so that the order of a sum never decides


@dataclass(frozen=True)
class Verdict:
    """What people who were asked said about a headshot: evidence about this person alone.

    `value` goes from -1 (they like all others more) to 1; `text` is a sentence.
    """

    text: str
    value: float


@dataclass(frozen=True)
class Candidate:
    """A headshot, or a look that a photo would give, with the features that it shows.

    `verdict` is what people said who were asked about it, if somebody was.
    """

    key: str
    features: frozenset[str]
    verdict: Verdict | None = None


@dataclass(frozen=True)
class Contribution:
    """What one statement adds to the score of a headshot because of one feature."""

    statement: Statement
    feature: str
    value: float


@dataclass(frozen=True)
class Ranked:
    """A candidate with its score and what it is made of, largest part first."""

    candidate: Candidate
    score: float
    contributions: tuple[Contribution, ...]


def rank_candidates(
    candidates: Iterable[Candidate], situation: Situation, library: Library
) -> list[Ranked]:
    """Return the candidates, best first; equal ones keep their order."""
    values = feature_values(situation, library)
    ranked = [_rate(candidate, values) for candidate in candidates]
    return sorted(ranked, key=lambda entry: -entry.score)


def feature_values(situation: Situation, library: Library) -> Mapping[str, Sequence[Contribution]]:
    """Return what each feature adds here, by the statements that say so."""
    weights = situation.goal_weights()
    values: dict[str, list[Contribution]] = defaultdict(list)
    for statement in situation.statements(library):
        trust = GRADE_WEIGHTS[statement.grade]
        if situation.is_contested(statement, library):
            trust *= CONTESTED_WEIGHT
        by_feature: dict[str, float] = defaultdict(float)
        for effect in statement.effects:
            weight = weights[effect.goal].value if effect.goal in weights else 0.0
            by_feature[effect.feature] += weight * effect.change * trust
        for feature, value in by_feature.items():
            if round(value, DECIMALS):
                values[feature].append(Contribution(statement, feature, round(value, DECIMALS)))
    return values


def _rate(candidate: Candidate, values: Mapping[str, Sequence[Contribution]]) -> Ranked:
    parts = [part for feature in sorted(candidate.features) for part in values.get(feature, ())]
    parts.sort(key=lambda part: (-abs(part.value), part.feature, part.statement.number or 0))
    verdict_value = VERDICT_WEIGHT * candidate.verdict.value if candidate.verdict else 0.0
    score = sum(part.value for part in parts) + verdict_value
    return Ranked(candidate, round(score, DECIMALS), tuple(parts))
