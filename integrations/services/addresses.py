"""The verbs of the avatar address: open, close, renew."""

from typing import Any

from integrations.models import AvatarAddress, new_token

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
