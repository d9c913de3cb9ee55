"""Keep, choose and send headshots, as a person decides.

With their first decision, a person's secret avatar address is opened and shows the headshot, so
that somebody without connected accounts sees a result at once. Once closed, it is not opened
again.
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
    """Mark a headshot as kept."""
    variants.keep(variant)
    _introduce(variant)


def choose(
    variant: Variant, places: Iterable[str], accounts: Iterable[Connection] = ()
) -> list[Choice]:
    """Choose a headshot for places and accounts; see `choices.choose_variant`."""
    made = choices.choose(variant, places, accounts)
    _introduce(variant)
    return made


def send(variant: Variant, profiles: Iterable[Profile]) -> list[Publication]:
    """Choose a headshot for some profiles and publish it there, all or none.

    The choice is for the whole place, unless one of its accounts is not among the profiles or has a
    choice of its own. Raises what `choices.choose_variant` and `publish_variant` raise.
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
    """Show a person's first headshot at their secret avatar address, if they never had one."""
    if not variant.is_ready:
        return
    with transaction.atomic():
        _, new = AvatarAddress.objects.get_or_create(owner_id=variant.owner_id)
        hangs = Choice.objects.filter(owner=variant.owner_id, place=AVATAR, current=True)
        if new and not hangs.exists():
            choices.choose(variant, [AVATAR])
