"""Open, close and renew the public addresses of a person's pictures."""

import re
from collections.abc import Iterable
from typing import Any, Final

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import IntegrityError, transaction

from integrations.avatars.libravatar import digests
from integrations.errors import BadName, NameTaken
from integrations.models import AvatarAddress, EmailHash, new_token
from integrations.places import frames

NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9_-]{1,28})[a-z0-9]")


def open_address(owner: AbstractBaseUser) -> AvatarAddress:
    """Open the secret avatar address; an earlier one is used again."""
    address, _ = AvatarAddress.objects.update_or_create(owner=owner, defaults={"is_open": True})
    return address


def close_address(owner: AbstractBaseUser) -> None:
    """Close the secret avatar address."""
    AvatarAddress.objects.filter(owner=owner).update(is_open=False)


def renew_address(owner: AbstractBaseUser) -> AvatarAddress:
    """Replace the secret avatar address by a new, open one."""
    address, _ = AvatarAddress.objects.update_or_create(
        owner=owner, defaults={"is_open": True, "token": new_token()}
    )
    return address


def claim(owner: AbstractBaseUser, name: str, places: Iterable[str]) -> AvatarAddress:
    """Set the owner's public name and the places that are shown under it.

    The earlier name becomes free. Raises BadName or NameTaken and then changes nothing.
    """
    name = name.strip().removeprefix("@").lower()
    if not NAME.fullmatch(name):
        raise BadName(
            "This cannot be a public name.",
            advice="Take 3 to 30 letters, digits, hyphens or underscores of a to z.",
        )
    told = {"name": name, "places": sorted(set(places) & set(frames()))}
    try:
        with transaction.atomic():
            return _changed(owner, told)
    except IntegrityError as error:
        raise NameTaken("Somebody else has this name.") from error


def release(owner: AbstractBaseUser) -> None:
    """Remove the owner's public name."""
    AvatarAddress.objects.filter(owner=owner).update(name=None, places=[])


def answer_emails(owner: AbstractBaseUser, emails: Iterable[str]) -> AvatarAddress:
    """Let Libravatar clients find the owner's picture by these confirmed e-mail addresses.

    Only hashes are stored. A hash that belonged to somebody else moves to this owner, who confirmed
    the address last.
    """
    wanted = [digest for email in emails for digest in digests(email)]
    with transaction.atomic():
        address = _changed(owner, {"by_email": True})
        EmailHash.objects.filter(digest__in=wanted).delete()
        address.hashes.all().delete()
        EmailHash.objects.bulk_create(EmailHash(address=address, digest=one) for one in wanted)
    return address


def ignore_emails(owner: AbstractBaseUser) -> None:
    """Disable the lookup by e-mail address and delete the hashes."""
    AvatarAddress.objects.filter(owner=owner).update(by_email=False)
    EmailHash.objects.filter(address__owner=owner).delete()


def _changed(owner: AbstractBaseUser, told: dict[str, Any]) -> AvatarAddress:
    """Update the owner's addresses; a new row leaves the secret address closed."""
    address, _ = AvatarAddress.objects.update_or_create(
        owner=owner, defaults=told, create_defaults={"is_open": False, **told}
    )
    return address
