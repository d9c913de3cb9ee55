"""What a person decides about a headshot: and with the first decision, their own address shows it.

A newcomer without any account sees a result at once. The address cannot be guessed, and is never
opened again by itself once they closed it.
"""

from collections.abc import Iterable

from django.db import transaction

from headshots.models import Variant
from headshots.services import variants
from integrations.models import AvatarAddress, Choice, Connection, Publication
from integrations.places import AVATAR
from integrations.publishing import choices
from integrations.publishing import services as publishing_services
from integrations.selectors import Profile, profiles_of


def keep(variant: Variant) -> None:
    """Mark it as one to stay."""
    variants.keep(variant)
    _introduce(variant)


def choose(
    variant: Variant, places: Iterable[str], accounts: Iterable[Connection] = ()
) -> list[Choice]:
    """Choose it for some places and accounts, as `choices.choose` does."""
    made = choices.choose(variant, places, accounts)
    _introduce(variant)
    return made


def send(variant: Variant, profiles: Iterable[Profile]) -> list[Publication]:
    """Choose it for some profiles and send it there, all or none; raises what both do.

    A place is chosen for as a whole, unless one of its accounts is not meant or has a choice of
    its own.
    """
    profiles = list(profiles)
    meant = {one.key for one in profiles}
    others = {one.frame.slug for one in profiles_of(variant.owner) if one.key not in meant}
    single = [
        one.connection
        for one in profiles
        if one.connection and (one.frame.slug in others or (one.choice and one.choice.connection))
    ]
    places = [one.frame.slug for one in profiles if one.connection not in single]
    with transaction.atomic():
        choose(variant, places, single)
        return publishing_services.publish(variant, profiles)


def _introduce(variant: Variant) -> None:
    """The first headshot that a person decides for hangs at their own address."""
    if not variant.is_ready:
        return
    with transaction.atomic():
        _, new = AvatarAddress.objects.get_or_create(owner_id=variant.owner_id)
        hangs = Choice.objects.filter(owner=variant.owner_id, place=AVATAR, current=True)
        if new and not hangs.exists():
            choices.choose(variant, [AVATAR])
