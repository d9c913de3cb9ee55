"""Say in plain sentences why a headshot was ranked first, how sure that is, and what is better.

Every sentence rests on a claim, on the custom of a country, or is marked as an editorial judgement.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from branding.advice.ranking import (
    Candidate,
    Contribution,
    Ranked,
    feature_values,
    rank_candidates,
)
from branding.advice.records import ASKED, CV, JUDGEMENT, Convention, Library, Statement, Use
from branding.advice.situations import Situation

REASONS: Final = 3  # sentences at most
DRAWBACKS: Final = 1
IMPROVEMENTS: Final = 2
SMALLEST_GAIN: Final = 0.08  # of a score, from which something is worth a new photo
CLOSE_SCORES: Final = 0.05  # a difference below which the first two suit about equally well
# Among reasons, what all candidates share counts a tenth, and a judgement half as much as a claim.
SHARED_WEIGHT, JUDGEMENT_WEIGHT = 0.1, 0.5
GRADE_POINTS: Final = {"A": 3, "B": 2, "C": 1, "D": 0, JUDGEMENT: 0}
FAIRLY_SURE, SOMEWHAT_SURE = 1.8, 0.8  # mean points of what decided


@dataclass(frozen=True)
class Sentence:
    """A sentence, and the claim or custom on which it rests.

    Without one, `grade` says on what: an editorial judgement, or people who were asked.
    """

    text: str
    claim: int | None = None
    grade: str = JUDGEMENT


@dataclass(frozen=True)
class Improvement:
    """What would suit better: `by` a look, a slider or a photo; `feature` is what it gives."""

    by: str
    feature: str
    sentence: Sentence
    reason: Sentence


@dataclass(frozen=True)
class PlaceAdvice:
    """Which headshot suits one place, best first, and why.

    `reasons` are about the first. `conflicts` are pairs of claims that contradict each other,
    `no_effect` claims that found none, `notes` what else is known about the situation.
    """

    place: str
    goal: Sentence
    ranked: tuple[Ranked, ...]
    reasons: tuple[Sentence, ...] = ()
    drawbacks: tuple[Sentence, ...] = ()
    confidence: str = ""  # fair, some or weak
    is_close: bool = False
    conflicts: tuple[tuple[Sentence, Sentence], ...] = ()
    no_effect: tuple[Sentence, ...] = ()
    improvements: tuple[Improvement, ...] = ()
    convention: Sentence | None = None
    is_discouraged: bool = False  # a photo is better left out there

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """Every sentence that is shown."""
        pairs = [sentence for pair in self.conflicts for sentence in pair]
        better = [text for entry in self.improvements for text in (entry.sentence, entry.reason)]
        convention = [self.convention] if self.convention else []
        fixed = (self.goal, *self.reasons, *self.drawbacks, *self.no_effect)
        return (*fixed, *pairs, *better, *convention)


def advise(candidates: Sequence[Candidate], situation: Situation, library: Library) -> PlaceAdvice:
    """Rank the candidates for a situation and explain the result; no candidate gives no reasons."""
    ranked = tuple(rank_candidates(candidates, situation, library))
    custom = library.conventions.get(situation.country) if situation.place == CV else None
    without_reasons = PlaceAdvice(
        situation.place,
        _describe_goal(situation, library),
        ranked,
        convention=_describe_convention(custom) if custom else None,
        is_discouraged=bool(custom and custom.cv_photo == "discouraged"),
    )
    return _add_reasons(without_reasons, situation, library) if ranked else without_reasons


def _add_reasons(advice: PlaceAdvice, situation: Situation, library: Library) -> PlaceAdvice:
    """Add what speaks for the first candidate and against it, and how sure that is."""
    ranked = advice.ranked
    deciding = _find_deciding(ranked)
    shown = _merge(ranked[0].contributions)
    reasons = _choose_reasons(ranked[0].contributions, deciding)
    drawbacks = [part for part in shown if part.value < 0][:DRAWBACKS]
    improvements = _find_improvements(ranked[0], situation, library)
    statements = _statements_of((*reasons, *drawbacks, *deciding))
    statements += _reason_statements(improvements, library)
    return replace(
        advice,
        reasons=(
            *_cite_verdict(ranked[0], supports=True),
            *(_explain(part, library) for part in reasons),
        )[:REASONS],
        drawbacks=(
            *_cite_verdict(ranked[0], supports=False),
            *(_explain(part, library) for part in drawbacks),
        )[:DRAWBACKS],
        confidence=_rate_confidence(deciding or ranked[0].contributions),
        is_close=len(ranked) > 1 and ranked[0].score - ranked[1].score < CLOSE_SCORES,
        conflicts=_find_conflicts(statements, situation, library),
        no_effect=_find_no_effect((*reasons, *drawbacks), situation, library),
        improvements=improvements,
    )


def explain_candidate(
    entry: Ranked, library: Library, deciding: Iterable[Contribution] = ()
) -> tuple[Sentence, ...]:
    """Return what speaks for a candidate, what decided first, three sentences at most."""
    reasons = _choose_reasons(entry.contributions, deciding)
    explained = (_explain(part, library) for part in reasons)
    return (*_cite_verdict(entry, supports=True), *explained)[:REASONS]


def _cite_verdict(entry: Ranked, *, supports: bool) -> tuple[Sentence, ...]:
    """Return what people who were asked said, if that speaks for the headshot or against it."""
    verdict = entry.candidate.verdict
    if verdict is None or (verdict.value > 0) != supports:
        return ()
    return (Sentence(verdict.text, grade=ASKED),)


def _describe_goal(situation: Situation, library: Library) -> Sentence:
    """Say what counts most, and on what that rests."""
    weights = situation.goal_weights()
    first, second = [*weights, *weights][:2]
    goal, second_goal = library.goals[first].text, library.goals[second].text
    role = situation.role.title
    audience = ", ".join(audience.title for audience in situation.audiences)
    if first == second and audience:
        text = f"For your role ({role}), seen by {audience}, {goal} counts most."
    elif first == second:
        text = f"For your role ({role}), {goal} counts most."
    elif audience:
        text = f"For your role ({role}), seen by {audience}, {goal} and {second_goal} count most."
    else:
        text = f"For your role ({role}), {goal} and {second_goal} count most."
    return Sentence(text, weights[first].claim)


def _merge(contributions: Iterable[Contribution]) -> list[Contribution]:
    """Keep of each feature and direction the contribution that weighs most, in their order."""
    merged: dict[tuple[str, bool], Contribution] = {}
    for part in contributions:
        merged.setdefault((part.feature, part.value > 0), part)
    return list(merged.values())


def _find_deciding(ranked: Sequence[Ranked]) -> list[Contribution]:
    """Return what tells the first candidate from the others, by how many of them it does.

    Those are its contributions that others lack, and those of others that it lacks; the value of
    each is multiplied by the share of the other candidates that differ in it.
    """
    best, others = ranked[0], ranked[1:]
    own = {(part.statement, part.feature) for part in best.contributions}
    shares: Counter[tuple[Statement, str]] = Counter()
    values: dict[tuple[Statement, str], float] = {}
    for entry in others:
        parts = {(part.statement, part.feature): part.value for part in entry.contributions}
        shares.update(own ^ parts.keys())
        values |= parts
    values |= {(part.statement, part.feature): part.value for part in best.contributions}
    return [Contribution(*key, values[key] * count / len(others)) for key, count in shares.items()]


def _choose_reasons(
    contributions: Iterable[Contribution], deciding: Iterable[Contribution]
) -> list[Contribution]:
    """Return the reasons for a candidate, first what tells it from others and rests on claims."""
    decided = {(part.statement, part.feature): abs(part.value) for part in deciding}

    def rate(part: Contribution) -> float:
        telling = decided.get((part.statement, part.feature), 0.0) + SHARED_WEIGHT * part.value
        return telling if part.statement.number else JUDGEMENT_WEIGHT * telling

    supporting = [part for part in contributions if part.value > 0]
    return _merge(sorted(supporting, key=rate, reverse=True))[:REASONS]


def _explain(part: Contribution, library: Library) -> Sentence:
    """Say what the headshot shows and what is known about that."""
    feature = library.features[part.feature].text
    sentences = (f"It shows {feature}.", part.statement.text)
    return Sentence(" ".join(sentences), part.statement.number)


def _statements_of(contributions: Iterable[Contribution]) -> list[Statement]:
    return list(dict.fromkeys(part.statement for part in contributions))


def _rate_confidence(contributions: Iterable[Contribution]) -> str:
    """Return how sure the order is, from the grades of what decided it, weighed by its effect."""
    weighed = [(abs(part.value), GRADE_POINTS[part.statement.grade]) for part in contributions]
    total = sum(value for value, _ in weighed)
    points = sum(value * grade for value, grade in weighed) / total if total else 0.0
    if points >= FAIRLY_SURE:
        return "fair"
    return "some" if points >= SOMEWHAT_SURE else "weak"


def _find_conflicts(
    statements: Iterable[Statement], situation: Situation, library: Library
) -> tuple[tuple[Sentence, Sentence], ...]:
    """Return each pair of claims that contradict each other and both hold in this situation."""
    pairs: dict[frozenset[int | None], tuple[Sentence, Sentence]] = {}
    for statement in statements:
        for other in situation.contradictions(statement, library):
            numbers = frozenset({statement.number, other.number})
            pairs.setdefault(numbers, (_cite(statement), _cite(other)))
    return tuple(pairs.values())


def _find_no_effect(
    shown: Iterable[Contribution], situation: Situation, library: Library
) -> tuple[Sentence, ...]:
    """Return the claims that found no effect of something that is given as a reason."""
    groups = {library.features[part.feature].group for part in shown}
    return tuple(
        _cite(claim)
        for claim in library.claims.values()
        if claim.use is Use.NOTE
        and groups & set(claim.no_effect)
        and situation.applies(claim.contexts)
    )


def _cite(statement: Statement) -> Sentence:
    return Sentence(statement.text, statement.number)


def _find_improvements(
    best: Ranked, situation: Situation, library: Library
) -> tuple[Improvement, ...]:
    """Return what would raise the score of the best candidate most, one for each group."""
    values = feature_values(situation, library)
    worth = {feature: sum(part.value for part in parts) for feature, parts in values.items()}
    present = {library.features[name].group: name for name in best.candidate.features}
    gains: dict[str, tuple[float, str]] = {}
    for feature in library.features.values():
        if not feature.better_by or feature.group not in present:
            continue
        gain = worth.get(feature.name, 0.0) - worth.get(present[feature.group], 0.0)
        gains[feature.group] = max(gains.get(feature.group, (0.0, "")), (gain, feature.name))
    ordered = sorted((gain for gain in gains.values() if gain[0] >= SMALLEST_GAIN), reverse=True)
    return tuple(
        _describe_improvement(name, present, values, library) for _, name in ordered[:IMPROVEMENTS]
    )


def _describe_improvement(
    name: str,
    present: Mapping[str, str],
    values: Mapping[str, Sequence[Contribution]],
    library: Library,
) -> Improvement:
    """Say how to get a feature, and why: the statement that gains most by the change."""
    feature = library.features[name]
    shown = present[feature.group]
    gains: dict[Statement, float] = {}
    for sign, parts in ((1, values.get(name, ())), (-1, values.get(shown, ()))):
        for part in parts:
            gains[part.statement] = gains.get(part.statement, 0.0) + sign * part.value
    reason = max(gains, key=lambda statement: gains[statement])
    by, text = feature.better_by, feature.better_text
    if feature.slider_from == shown:
        by, text = "slider", feature.slider_text
    return Improvement(by, name, Sentence(text, reason.number), _cite(reason))


def _reason_statements(improvements: Iterable[Improvement], library: Library) -> list[Statement]:
    numbers = [entry.reason.claim for entry in improvements]
    return [library.claims[number] for number in numbers if number is not None]


def _describe_convention(custom: Convention) -> Sentence:
    """Say whether a photo on a CV is usual in a country."""
    country, detail = custom.name, custom.detail
    texts = {
        "expected": f"In {country}, a photo on a CV is expected.",
        "usual": f"In {country}, a photo on a CV is usual.",
        "optional": f"In {country}, a photo on a CV is up to you.",
        "discouraged": f"In {country}, leave the photo out of a CV unless they ask for one.",
        "not known": f"We do not know what is usual on a CV in {country}.",
    }
    sentences = [
        texts[custom.cv_photo],
        f"Note: {detail}." if detail else "",
        "The source is more than ten years old." if custom.old else "",
    ]
    number = custom.number if custom.source else None
    return Sentence(" ".join(sentence for sentence in sentences if sentence), number)
