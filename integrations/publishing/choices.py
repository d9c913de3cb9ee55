"""Choose which headshot each place and account should show."""

from collections.abc import Iterable

from django.contrib.auth import get_user_model
from django.db import transaction

from headshots.models import Variant
from integrations.errors import NotPublishable, UnknownPlace
from integrations.models import Choice, Connection
from integrations.places import frames

Spot = tuple[str, Connection | None]


def choose(
    variant: Variant, places: Iterable[str], accounts: Iterable[Connection] = ()
) -> list[Choice]:
    """Choose a variant for places (by slug) and accounts, all or none; return the new choices.

    The variant is marked as kept, and the earlier choices become history. A choice that is current
    already is not made again. Raises UnknownPlace or NotPublishable.
    """
    places = list(places)
    unknown = [place for place in places if place not in frames()]
    if unknown:
        raise UnknownPlace(f"There is no place '{unknown[0]}'.")
    if not variant.is_ready:
        raise NotPublishable("This headshot is not ready.")
    wanted: list[Spot] = [(place, None) for place in dict.fromkeys(places)]
    wanted += [(account.slug, account) for account in dict.fromkeys(accounts)]
    with transaction.atomic():
        get_user_model().objects.select_for_update().get(pk=variant.owner_id)
        Variant.objects.filter(pk=variant.pk).update(kept=True, discarded_at=None)
        made = [_hang(variant, place, account) for place, account in wanted]
    return [choice for choice in made if choice]


def _hang(variant: Variant, place: str, account: Connection | None) -> Choice | None:
    there = Choice.objects.filter(
        owner=variant.owner_id, place=place, connection=account, current=True
    )
    if there.filter(variant=variant).exists():
        return None
    there.update(current=False)
    return Choice.objects.create(
        owner_id=variant.owner_id, place=place, connection=account, variant=variant
    )


def replace(successors: Iterable[Variant]) -> list[Choice]:
    """Choose new variants wherever the ones they were made from are chosen, all or none."""
    made: list[Choice] = []
    with transaction.atomic():
        for variant in successors:
            held = list(
                Choice.objects.filter(
                    owner=variant.owner_id, current=True, variant=variant.parent_id
                ).select_related("connection")
            )
            places = [choice.place for choice in held if choice.connection is None]
            made += choose(variant, places, [one.connection for one in held if one.connection])
    return made


def clear(choice: Choice) -> None:
    """Make a choice history, without another one in its place."""
    Choice.objects.filter(pk=choice.pk).update(current=False)
