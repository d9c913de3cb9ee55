"""The verbs of public addresses: those of the avatar and of the calendar open, close and renew."""

import re
from collections.abc import Iterable
from typing import Any, Final

from django.db import IntegrityError, transaction

from integrations.avatars.libravatar import digests
from integrations.errors import BadName, NameTaken
from integrations.models import AvatarAddress, CalendarAddress, EmailHash, new_token
from integrations.places import frames

Owner = Any  # a settings.AUTH_USER_MODEL
NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9_-]{1,28})[a-z0-9]")


def open_address(owner: Owner) -> AvatarAddress:
    """Make the address answer; the one that was there before is used again."""
    address, _ = AvatarAddress.objects.update_or_create(owner=owner, defaults={"is_open": True})
    return address


def close_address(owner: Owner) -> None:
    """Make the address answer nothing."""
    AvatarAddress.objects.filter(owner=owner).update(is_open=False)


def renew_address(owner: Owner) -> AvatarAddress:
    """A new address; the old one answers nothing from now on."""
    address, _ = AvatarAddress.objects.update_or_create(
        owner=owner, defaults={"is_open": True, "token": new_token()}
    )
    return address


def claim(owner: Owner, name: str, places: Iterable[str]) -> AvatarAddress:
    """A public name, and which places show under it; the name before is free again.

    Raises BadName or NameTaken and changes nothing.
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


def release(owner: Owner) -> None:
    """Give the public name up; nothing shows under it any more."""
    AvatarAddress.objects.filter(owner=owner).update(name=None, places=[])


def answer_emails(owner: Owner, emails: Iterable[str]) -> AvatarAddress:
    """Let programs that know one of these addresses find the picture; they have to be the owner's.

    Only their hashes are kept. Whoever confirmed an address last has it.
    """
    wanted = [digest for email in emails for digest in digests(email)]
    with transaction.atomic():
        address = _changed(owner, {"by_email": True})
        EmailHash.objects.filter(digest__in=wanted).delete()
        address.hashes.all().delete()
        EmailHash.objects.bulk_create(EmailHash(address=address, digest=one) for one in wanted)
    return address


def ignore_emails(owner: Owner) -> None:
    """Let nobody find the picture by an e-mail address; the hashes are forgotten."""
    AvatarAddress.objects.filter(owner=owner).update(by_email=False)
    EmailHash.objects.filter(address__owner=owner).delete()


def _changed(owner: Owner, told: dict[str, Any]) -> AvatarAddress:
    """The owner's addresses with something changed; a secret one that is new stays closed."""
    address, _ = AvatarAddress.objects.update_or_create(
        owner=owner, defaults=told, create_defaults={"is_open": False, **told}
    )
    return address


def open_calendar(owner: Owner) -> CalendarAddress:
    """Let calendar programs read; the address that was there before is used again."""
    return CalendarAddress.objects.update_or_create(owner=owner, defaults={"is_open": True})[0]


def close_calendar(owner: Owner) -> None:
    """Let the calendar's address answer nothing."""
    CalendarAddress.objects.filter(owner=owner).update(is_open=False)


def renew_calendar(owner: Owner) -> CalendarAddress:
    """A new address of the calendar; the old one answers nothing from now on."""
    told = {"is_open": True, "token": new_token()}
    return CalendarAddress.objects.update_or_create(owner=owner, defaults=told)[0]
