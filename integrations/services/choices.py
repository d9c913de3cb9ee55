"""The verbs of choosing: which headshot is meant to hang where."""

from collections.abc import Iterable

from django.contrib.auth import get_user_model
from django.db import transaction

from headshots.models import Variant
from integrations.errors import NotShowable, UnknownPlace
from integrations.frames import frames
from integrations.models import Choice


def choose(variant: Variant, places: Iterable[str]) -> list[Choice]:
    """Choose a variant for some places, all or none; what hung there stays in their history.

    A chosen variant is kept. Choosing again what hangs there already changes nothing. Raises
    UnknownPlace or NotShowable.
    """
    wanted = list(dict.fromkeys(places))
    unknown = [place for place in wanted if place not in frames()]
    if unknown:
        raise UnknownPlace(f"There is no place '{unknown[0]}'.")
    if not variant.is_ready:
        raise NotShowable("This headshot is not ready.")
    with transaction.atomic():
        get_user_model().objects.select_for_update().get(pk=variant.owner_id)
        Variant.objects.filter(pk=variant.pk).update(kept=True, discarded_at=None)
        mine = Choice.objects.filter(owner=variant.owner_id, current=True, place__in=wanted)
        there = set(mine.filter(variant=variant).values_list("place", flat=True))
        mine.exclude(variant=variant).update(current=False)
        return Choice.objects.bulk_create(
            Choice(owner_id=variant.owner_id, place=place, variant=variant)
            for place in wanted
            if place not in there
        )


def replace(successors: Iterable[Variant]) -> list[Choice]:
    """Let new variants take every place of the ones they come from, all or none."""
    made: list[Choice] = []
    with transaction.atomic():
        for variant in successors:
            held = Choice.objects.filter(
                owner=variant.owner_id, current=True, variant=variant.parent_id
            )
            made += choose(variant, held.values_list("place", flat=True))
    return made


def clear(choice: Choice) -> None:
    """Take the picture off its place here; its history stays."""
    Choice.objects.filter(pk=choice.pk).update(current=False)
