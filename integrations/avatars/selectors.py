"""Look up the picture at a public address, if its owner opened that address."""

from integrations.models import AvatarAddress, Choice
from integrations.places import AVATAR


def shown_at(token: str) -> Choice:
    """Return the choice that a secret address shows; Choice.DoesNotExist if none."""
    return _chosen(AvatarAddress.objects.filter(token=token, is_open=True), AVATAR)


def shown_under(name: str, place: str) -> Choice:
    """Return the choice for a place of a public name; Choice.DoesNotExist unless it is open."""
    named = AvatarAddress.objects.filter(name=name.lower())
    if not any(place in address.places for address in named):
        raise Choice.DoesNotExist
    return _chosen(named, place)


def shown_for(digest: str) -> Choice:
    """Return the choice for the hash of an e-mail address; Choice.DoesNotExist if none.

    The owner may no longer have that address: the caller has to check it before showing the
    picture.
    """
    hashed = AvatarAddress.objects.filter(by_email=True, hashes__digest=digest.lower())
    return _chosen(hashed, AVATAR)


def _chosen(addresses: object, place: str) -> Choice:
    hanging = Choice.objects.select_related("variant", "owner")
    return hanging.get(
        place=place, connection=None, current=True, owner__avatar_address__in=addresses
    )
