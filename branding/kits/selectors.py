"""Reading a person's kit."""

from typing import Any

from branding.kits.models import Kit

Owner = Any  # a settings.AUTH_USER_MODEL


def kit_of(owner: Owner) -> Kit:
    """The person's kit; an empty, unsaved one, which changes nothing, if there is none yet."""
    return Kit.objects.filter(owner=owner).first() or Kit(owner=owner, changed_at=None)


def called(owner: Owner) -> str:
    """What the person calls themselves, or the beginning of their e-mail address."""
    return kit_of(owner).name or owner.email.partition("@")[0]
