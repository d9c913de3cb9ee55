"""Which of the waiting rows a worker takes next, so that every account gets its turn.

A message to a worker only says that there is work. The worker takes the oldest row of the account
that has the fewest rows under way and, among these, was served the longest time ago: one account
with a hundred renders does not keep another one with a single render waiting.
"""

from typing import Any
from uuid import UUID

from django.db.models import Count, F, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from headshots.models import Photo, Render, lease_start


def next_render(*, paints: bool = False) -> UUID | None:
    """Return the id of the render to make next, None if none waits.

    `paints` selects those that need a worker with an image model.
    """
    unfinished = Render.objects.filter(finished_at=None)
    return _choose_fairly(
        Render.objects.unclaimed().filter(finished_at=None, paints=paints),
        under_way=unfinished,
        done=Render.objects.exclude(finished_at=None),
    )


def next_photo() -> UUID | None:
    """Return the id of the photo to check next, None if none waits."""
    unchecked = Photo.objects.filter(state=Photo.State.CHECKING)
    return _choose_fairly(
        Photo.objects.unclaimed().filter(state=Photo.State.CHECKING),
        under_way=unchecked,
        done=Photo.objects.exclude(state=Photo.State.CHECKING),
    )


def _choose_fairly(
    waiting: QuerySet[Any], *, under_way: QuerySet[Any], done: QuerySet[Any]
) -> UUID | None:
    """Return the id of one of the waiting rows.

    A row was served when it showed its last sign of life, `touched_at`.
    """
    held = under_way.filter(owner=OuterRef("owner"), touched_at__gte=lease_start())
    held_counts = held.exclude(claim=None).order_by().values("owner").annotate(number=Count("pk"))
    served = done.filter(owner=OuterRef("owner")).order_by("-touched_at").values("touched_at")[:1]
    ranked = waiting.annotate(
        held_count=Coalesce(
            Subquery(held_counts.values("number"), output_field=IntegerField()), Value(0)
        ),
        served_at=Subquery(served),
    )
    first = ranked.order_by("held_count", F("served_at").asc(nulls_first=True), _age_of(waiting))
    return first.values_list("pk", flat=True).first()


def _age_of(waiting: QuerySet[Any]) -> str:
    """Return the name of the field that says when a row was added."""
    return "created_at" if waiting.model is Render else "added_at"
