"""What strangers may see: the picture at a public address, if its owner opened that address."""

from integrations.models import AvatarAddress, Choice
from integrations.places import AVATAR


def shown_at(token: str) -> Choice:
    """What the secret address shows; Choice.DoesNotExist if it shows nothing."""
    return _chosen(AvatarAddress.objects.filter(token=token, is_open=True), AVATAR)


def shown_under(name: str, place: str) -> Choice:
    """What hangs at a place of the person with this public name; Choice.DoesNotExist if closed."""
    named = AvatarAddress.objects.filter(name=name.lower())
    if not any(place in address.places for address in named):
        raise Choice.DoesNotExist
    return _chosen(named, place)


def shown_for(digest: str) -> Choice:
    """What is shown for the hash of an e-mail address; Choice.DoesNotExist if nothing.

    Its owner may have given the address up since: whoever shows the picture asks whether it is
    still theirs.
    """
    hashed = AvatarAddress.objects.filter(by_email=True, hashes__digest=digest.lower())
    return _chosen(hashed, AVATAR)


def _chosen(addresses: object, place: str) -> Choice:
    hanging = Choice.objects.select_related("variant", "owner")
    return hanging.get(
        place=place, connection=None, current=True, owner__avatar_address__in=addresses
    )
