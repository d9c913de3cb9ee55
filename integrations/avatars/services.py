"""Open, close and renew the public addresses of a person's pictures."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from django.db import IntegrityError, transaction

from integrations.avatars.libravatar import hash_email
from integrations.errors import BadName, NameTaken
from integrations.models import AvatarAddress, EmailHash, new_token
from integrations.places import all_places

if TYPE_CHECKING:
    from headshots.models import User

PUBLIC_NAME_PATTERN: Final = re.compile(r"[a-z0-9](?:[a-z0-9_-]{1,28})[a-z0-9]")


def open_address(owner: User) -> AvatarAddress:
    """Open the secret avatar address; an earlier one is used again."""
    address, _ = AvatarAddress.objects.update_or_create(owner=owner, defaults={"is_open": True})
    return address


def close_address(owner: User) -> None:
    """Close the secret avatar address."""
    AvatarAddress.objects.filter(owner=owner).update(is_open=False)


def renew_address(owner: User) -> AvatarAddress:
    """Replace the secret avatar address by a new, open one."""
    address, _ = AvatarAddress.objects.update_or_create(
        owner=owner, defaults={"is_open": True, "token": new_token()}
    )
    return address


def claim_public_name(owner: User, name: str, places: Iterable[str]) -> AvatarAddress:
    """Set the owner's public name and the places that are shown under it.

    The earlier name becomes free. Raises BadName or NameTaken and then changes nothing.
    """
    name = name.strip().removeprefix("@").lower()
    if not PUBLIC_NAME_PATTERN.fullmatch(name):
        raise BadName(
            "This cannot be a public name.",
            advice="Take 3 to 30 letters, digits, hyphens or underscores of a to z.",
        )
    values = {"name": name, "places": sorted(set(places) & set(all_places()))}
    try:
        with transaction.atomic():
            return _update_address(owner, values)
    except IntegrityError as error:
        raise NameTaken("Somebody else has this name.") from error


def release_public_name(owner: User) -> None:
    """Remove the owner's public name."""
    AvatarAddress.objects.filter(owner=owner).update(name=None, places=[])


def enable_email_lookup(owner: User, emails: Iterable[str]) -> AvatarAddress:
    """Let Libravatar clients find the owner's picture by these confirmed e-mail addresses.

    Only hashes are stored. A hash that belonged to somebody else moves to this owner, who confirmed
    the address last.
    """
    email_digests = [digest for email in emails for digest in hash_email(email)]
    with transaction.atomic():
        address = _update_address(owner, {"by_email": True})
        EmailHash.objects.filter(digest__in=email_digests).delete()
        address.hashes.all().delete()
        EmailHash.objects.bulk_create(
            EmailHash(address=address, digest=email_digest) for email_digest in email_digests
        )
    return address


def disable_email_lookup(owner: User) -> None:
    """Disable the lookup by e-mail address and delete the hashes."""
    AvatarAddress.objects.filter(owner=owner).update(by_email=False)
    EmailHash.objects.filter(address__owner=owner).delete()


def _update_address(owner: User, values: dict[str, Any]) -> AvatarAddress:
    """Update the owner's addresses; a new row leaves the secret address closed."""
    address, _ = AvatarAddress.objects.update_or_create(
        owner=owner, defaults=values, create_defaults={"is_open": False, **values}
    )
    return address
