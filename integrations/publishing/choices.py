"""Choose which headshot each place and account should show."""

from collections.abc import Iterable

from django.contrib.auth import get_user_model
from django.db import transaction

from headshots.models import Variant
from integrations.errors import NotPublishable, UnknownPlace
from integrations.models import Choice, Connection
from integrations.places import all_places

ChoiceTarget = tuple[str, Connection | None]


def choose_variant(
    variant: Variant, places: Iterable[str], accounts: Iterable[Connection] = ()
) -> list[Choice]:
    """Choose a variant for places (by slug) and accounts, all or none; return the new choices.

    The variant is marked as kept, and the earlier choices become history. A choice that is current
    already is not made again. Raises UnknownPlace or NotPublishable.
    """
    places = list(places)
    unknown_places = [place for place in places if place not in all_places()]
    if unknown_places:
        raise UnknownPlace(f"There is no place '{unknown_places[0]}'.")
    if not variant.is_ready:
        raise NotPublishable("This headshot is not ready.")
    targets: list[ChoiceTarget] = [(place, None) for place in dict.fromkeys(places)]
    targets += [(account.slug, account) for account in dict.fromkeys(accounts)]
    with transaction.atomic():
        get_user_model().objects.select_for_update().get(pk=variant.owner_id)
        Variant.objects.filter(pk=variant.pk).update(kept=True, discarded_at=None)
        new_choices = [_choose_for_target(variant, place, account) for place, account in targets]
    return [choice for choice in new_choices if choice]


def _choose_for_target(variant: Variant, place: str, account: Connection | None) -> Choice | None:
    current_choices = Choice.objects.filter(
        owner=variant.owner_id, place=place, connection=account, current=True
    )
    if current_choices.filter(variant=variant).exists():
        return None
    current_choices.update(current=False)
    return Choice.objects.create(
        owner_id=variant.owner_id, place=place, connection=account, variant=variant
    )


def replace_choices(successors: Iterable[Variant]) -> list[Choice]:
    """Choose new variants wherever the ones they were made from are chosen, all or none."""
    new_choices: list[Choice] = []
    with transaction.atomic():
        for variant in successors:
            replaced_choices = list(
                Choice.objects.filter(
                    owner=variant.owner_id, current=True, variant=variant.parent_id
                ).select_related("connection")
            )
            places = [choice.place for choice in replaced_choices if choice.connection is None]
            new_choices += choose_variant(
                variant,
                places,
                [
                    account_choice.connection
                    for account_choice in replaced_choices
                    if account_choice.connection
                ],
            )
    return new_choices


def clear_choice(choice: Choice) -> None:
    """Make a choice history, without another one in its place."""
    Choice.objects.filter(pk=choice.pk).update(current=False)
