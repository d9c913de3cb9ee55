"""Choose a headshot for profiles and send it there, or show it at the private avatar address.

No address is opened by anything else than its owner's decision to open it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import transaction

from headshots.models import Variant
from headshots.selectors import variants_of
from integrations.avatars import services as avatar_services
from integrations.models import AvatarAddress, Choice, Connection, Publication
from integrations.places import AVATAR_SLUG
from integrations.publishing import choices
from integrations.publishing import services as publishing_services
from integrations.selectors import Profile, profiles_of

if TYPE_CHECKING:
    from headshots.models import User


def choose_and_publish(variant: Variant, profiles: Iterable[Profile]) -> list[Publication]:
    """Choose a headshot for some profiles and publish it there, all or none.

    The choice is for the whole place, unless one of its accounts is not among the profiles or has a
    choice of its own. Raises what `choices.choose_variant` and `publish_variant` raise.
    """
    profiles = list(profiles)
    own_choice_accounts = _accounts_with_own_choice(variant, profiles)
    places = [
        profile.place.slug for profile in profiles if profile.connection not in own_choice_accounts
    ]
    with transaction.atomic():
        choices.choose_variant(variant, places, own_choice_accounts)
        return publishing_services.publish_variant(variant, profiles)


def _accounts_with_own_choice(variant: Variant, profiles: list[Profile]) -> list[Connection]:
    """Return the accounts of these profiles for which a choice of their own must be stored."""
    profile_keys = {profile.key for profile in profiles}
    other_places = {
        profile.place.slug
        for profile in profiles_of(variant.owner)
        if profile.key not in profile_keys
    }
    return [
        profile.connection
        for profile in profiles
        if profile.connection
        and (profile.place.slug in other_places or (profile.choice and profile.choice.connection))
    ]


def open_avatar_address(owner: User) -> AvatarAddress:
    """Open the private avatar address; it shows the newest headshot if none was chosen for it.

    A headshot that is kept comes before others. Without any, it shows nothing yet.
    """
    with transaction.atomic():
        address = avatar_services.open_address(owner)
        if not Choice.objects.filter(owner=owner, place=AVATAR_SLUG, current=True).exists():
            ready = variants_of(owner).filter(state=Variant.State.READY, discarded_at=None)
            newest = ready.order_by("-kept", "-made_at").first()
            if newest:
                choices.choose_variant(newest, [AVATAR_SLUG])
    return address
