"""Which looks people use on this installation, where its operator allows to say so."""

from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db.models import Count

from headshots.engine.recipes import built_in_looks
from integrations.models import Choice
from integrations.places import Place, all_places

SMALLEST_GROUP: Final = 20  # people; fewer are never told of
SHOWN: Final = 3


@dataclass(frozen=True)
class LocalTrend:
    """How many people here use a look at a place."""

    place: Place
    title: str
    people: int


def local_trends() -> list[LocalTrend]:
    """Return the looks that the largest groups of people use at a place, largest first.

    There are none unless the operator allows it (LOCAL_TRENDS), and none of fewer people than
    SMALLEST_GROUP.
    """
    if not settings.LOCAL_TRENDS:
        return []
    groups = (
        Choice.objects.filter(current=True, variant__look__in=list(built_in_looks()))
        .order_by()
        .values_list("place", "variant__look")
        .annotate(people=Count("owner", distinct=True))
        .filter(people__gte=SMALLEST_GROUP)
        .order_by("-people", "place", "variant__look")[:SHOWN]
    )
    return [
        LocalTrend(all_places()[place], built_in_looks()[look].title, people)
        for place, look, people in groups
        if place in all_places()
    ]
