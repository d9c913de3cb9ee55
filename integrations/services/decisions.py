"""What a person decides about a headshot: and with the first decision, their own address shows it.

A newcomer without any account sees a result at once. The address cannot be guessed, and is never
opened again by itself once they closed it.
"""

from collections.abc import Iterable

from django.db import transaction

from headshots.models import Variant
from headshots.services import variants
from integrations.frames import AVATAR
from integrations.models import AvatarAddress, Choice, Connection
from integrations.services import choices


def keep(variant: Variant) -> None:
    """Mark it as one to stay."""
    variants.keep(variant)
    _introduce(variant)


def choose(
    variant: Variant, places: Iterable[str], accounts: Iterable[Connection] = ()
) -> list[Choice]:
    """Choose it for some places and accounts, as `choices.choose` does."""
    made = choices.choose(variant, places, accounts)
    _introduce(variant)
    return made


def _introduce(variant: Variant) -> None:
    """The first headshot that a person decides for hangs at their own address."""
    if not variant.is_ready:
        return
    with transaction.atomic():
        _, new = AvatarAddress.objects.get_or_create(owner_id=variant.owner_id)
        hangs = Choice.objects.filter(owner=variant.owner_id, place=AVATAR, current=True)
        if new and not hangs.exists():
            choices.choose(variant, [AVATAR])
