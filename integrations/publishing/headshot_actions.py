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
from integrations.places import AVATAR_SLUG
from integrations.publishing import choices
from integrations.publishing import services as publishing_services
from integrations.selectors import Profile, profiles_of


def keep_headshot(variant: Variant) -> None:
    """Mark a headshot as kept."""
    variants.keep_variant(variant)
    _show_first_headshot(variant)


def choose_headshot(
    variant: Variant, places: Iterable[str], accounts: Iterable[Connection] = ()
) -> list[Choice]:
    """Choose a headshot for places and accounts; see `choices.choose_variant`."""
    new_choices = choices.choose_variant(variant, places, accounts)
    _show_first_headshot(variant)
    return new_choices


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
        choose_headshot(variant, places, own_choice_accounts)
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


def _show_first_headshot(variant: Variant) -> None:
    """Show a person's first headshot at their secret avatar address, if they never had one."""
    if not variant.is_ready:
        return
    with transaction.atomic():
        _, is_new = AvatarAddress.objects.get_or_create(owner_id=variant.owner_id)
        current_choices = Choice.objects.filter(
            owner=variant.owner_id, place=AVATAR_SLUG, current=True
        )
        if is_new and not current_choices.exists():
            choices.choose_variant(variant, [AVATAR_SLUG])
