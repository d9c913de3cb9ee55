"""Look up the picture at a public address, if its owner opened that address."""

from django.db.models import QuerySet

from integrations.models import AvatarAddress, Choice
from integrations.places import AVATAR_SLUG


def choice_for_token(token: str) -> Choice:
    """Return the choice that a secret address shows; Choice.DoesNotExist if none."""
    return _current_choice(AvatarAddress.objects.filter(token=token, is_open=True), AVATAR_SLUG)


def choice_for_name(name: str, place: str) -> Choice:
    """Return the choice for a place of a public name; Choice.DoesNotExist unless it is open."""
    addresses = AvatarAddress.objects.filter(name=name.lower())
    if not any(place in address.places for address in addresses):
        raise Choice.DoesNotExist
    return _current_choice(addresses, place)


def choice_for_digest(digest: str) -> Choice:
    """Return the choice for the hash of an e-mail address; Choice.DoesNotExist if none.

    The owner may no longer have that address: the caller has to check it before showing the
    picture.
    """
    addresses = AvatarAddress.objects.filter(by_email=True, hashes__digest=digest.lower())
    return _current_choice(addresses, AVATAR_SLUG)


def _current_choice(addresses: QuerySet[AvatarAddress], place: str) -> Choice:
    choices = Choice.objects.select_related("variant", "owner")
    return choices.get(
        place=place, connection=None, current=True, owner__avatar_address__in=addresses
    )
