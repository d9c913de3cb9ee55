"""The verbs of secret addresses, of the avatar and of the calendar: open, close, renew."""

from typing import Any

from integrations.models import AvatarAddress, CalendarAddress, new_token

Owner = Any  # a settings.AUTH_USER_MODEL


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
