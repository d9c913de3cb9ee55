"""For whom a headshot is: role, audience, country and place, and what counts there."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from branding.advice.records import (
    Audience,
    Contexts,
    Library,
    PlaceKind,
    Role,
    Statement,
    UnknownSituation,
    Weight,
    Weights,
)


@dataclass(frozen=True)
class Situation:
    """Who somebody is to whom, where; `own_weights` replace the weights of the data by goal.

    Of several audiences, the weights of each count in equal shares.
    """

    role: Role
    audiences: tuple[Audience, ...]
    place: str
    place_kind: PlaceKind
    country: str = ""  # ISO 3166 code; "" for not said
    own_weights: Mapping[str, float] = field(default_factory=dict)

    def applies(self, contexts: Contexts) -> bool:
        """Whether something that holds in these contexts holds here."""
        named = (
            (contexts.roles, {self.role.slug}),
            (contexts.industries, {self.role.industry}),
            (contexts.audiences, {audience.slug for audience in self.audiences}),
            (contexts.countries, {self.country}),
            (contexts.places, {self.place}),
        )
        return all(not names or values & names for names, values in named)

    def statements(self, library: Library) -> tuple[Statement, ...]:
        """Return the claims and judgements that count here."""
        return tuple(
            statement
            for statement in library.ranking_statements
            if self.applies(statement.contexts)
        )

    def contradictions(self, statement: Statement, library: Library) -> list[Statement]:
        """Return the claims that contradict a statement and hold here."""
        others = [library.claims[number] for number in statement.contradicted_by]
        return [other for other in others if other.is_shown and self.applies(other.contexts)]

    def is_contested(self, statement: Statement, library: Library) -> bool:
        """Whether a claim that holds here contradicts a statement.

        What was found for a role, country or place is not contested by what was found in general.
        """
        is_general = statement.contexts == Contexts()
        return any(
            is_general or other.contexts != Contexts()
            for other in self.contradictions(statement, library)
        )

    def goal_weights(self) -> dict[str, Weight]:
        """Return how much each goal counts, heaviest first; the weights add up to 1.

        Each has the claim on which the heaviest of its parts rests, if that is one.
        """
        parts: dict[str, list[Weight]] = {}
        for weights in (self.role.weights, *self._audience_weights(), self.place_kind.weights):
            for goal, weight in weights.items():
                parts.setdefault(goal, []).append(weight)
        totals = {
            goal: sum(part.value for part in goal_parts) for goal, goal_parts in parts.items()
        }
        totals |= {goal: value for goal, value in self.own_weights.items() if value >= 0}
        whole = sum(totals.values()) or 1
        ordered = sorted(totals, key=lambda goal: (-totals[goal], goal))
        return {
            goal: Weight(totals[goal] / whole, self._basis(goal, parts.get(goal, [])))
            for goal in ordered
            if totals[goal]
        }

    def _audience_weights(self) -> Iterator[Weights]:
        """Yield the weights of each audience, each with its share."""
        for audience in self.audiences:
            yield {
                goal: replace(weight, value=weight.value / len(self.audiences))
                for goal, weight in audience.weights.items()
            }

    def _basis(self, goal: str, parts: list[Weight]) -> int | None:
        """Return the claim of the heaviest part; None for a judgement or an own weight."""
        if goal in self.own_weights or not parts:
            return None
        return max(parts, key=lambda part: part.value).claim


def build_situation(
    library: Library,
    *,
    role: str,
    audiences: Sequence[str],
    place: str,
    country: str = "",
    own_weights: Mapping[str, float] | None = None,
) -> Situation:
    """Return the situation of these slugs; raises UnknownSituation for any that is not known.

    Of several audiences, only those count that look at this kind of place, if any of them does.
    """
    kinds = [kind for kind in library.place_kinds.values() if place in kind.places]
    checks = (
        ("role", role, library.roles),
        *(("audience", audience, library.audiences) for audience in audiences),
        *((("country", country, library.conventions),) if country else ()),
    )
    for kind, slug, known in checks:
        if slug not in known:
            raise UnknownSituation(
                f"There is no {kind} '{slug}'.", advice=f"Choose from: {', '.join(known)}."
            )
    if not kinds:
        raise UnknownSituation(f"There is no place '{place}'.")
    looking = [slug for slug in audiences if slug in kinds[0].audiences] or audiences
    return Situation(
        library.roles[role],
        tuple(library.audiences[audience] for audience in looking),
        place,
        kinds[0],
        country,
        own_weights or {},
    )
