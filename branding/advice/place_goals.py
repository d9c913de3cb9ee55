"""What the profiles at a place shall tell a stranger: the person's own weights or the proposal."""

from dataclasses import dataclass
from typing import Final

from branding.advice.library import load_library
from branding.advice.selectors import Wishes, situation_of
from integrations.places import Place

MAX_WEIGHT: Final = 5  # how much a goal counts at most
MAIN_GOALS: Final = 2  # that are named


@dataclass(frozen=True)
class GoalWeight:
    """One goal at a place: its title, and how much it counts, 0 to MAX_WEIGHT."""

    slug: str
    title: str
    weight: int


@dataclass(frozen=True)
class PlaceGoals:
    """What the profiles at one place shall tell a stranger."""

    place: Place
    goals: list[GoalWeight]
    is_own: bool  # chosen by the person

    @property
    def main_goals(self) -> list[GoalWeight]:
        """The goals that count most, heaviest first."""
        weighty_goals = [goal for goal in self.goals if goal.weight]
        return sorted(weighty_goals, key=lambda goal: -goal.weight)[:MAIN_GOALS]


def describe_place(place: Place, wishes: Wishes) -> PlaceGoals:
    """Return what a place shall tell: the person's own weights, or the proposal on their scale."""
    own = wishes.own_weights.get(place.slug)
    weights = situation_of(wishes, place.slug).goal_weights()
    largest = max((weight.value for weight in weights.values()), default=1.0)
    goals = []
    for goal in load_library().goals.values():
        proposed = weights[goal.slug].value if goal.slug in weights else 0.0
        weight = own.get(goal.slug, 0) if own else MAX_WEIGHT * proposed / largest
        goals.append(GoalWeight(goal.slug, goal.title, round(weight)))
    return PlaceGoals(place, goals, is_own=own is not None)
