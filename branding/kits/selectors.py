"""Queries about brand kits."""

from branding.accounts.models import User
from branding.kits.models import Kit


def kit_of(owner: User) -> Kit:
    """Return the kit of a user, or an unsaved empty one, which changes no headshot."""
    saved_kit = Kit.objects.filter(owner=owner).first()
    return saved_kit or Kit(owner=owner, changed_at=None)  # type: ignore[misc]  # not for saving


def display_name_of(owner: User) -> str:
    """Return the name in the kit, or else the local part of the e-mail address."""
    return kit_of(owner).name or owner.email.partition("@")[0]
