"""Reading what hangs where, owner first."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from integrations.frames import AVATAR, Frame
from integrations.models import AvatarAddress, Choice

Owner = Any  # a settings.AUTH_USER_MODEL


def choices_of(owner: Owner) -> QuerySet[Choice]:
    """Every decision ever made, newest first, with its variant at hand."""
    return Choice.objects.filter(owner=owner).select_related("variant__photo")


def current_choices(owner: Owner) -> dict[str, Choice]:
    """What hangs where, by place."""
    return {choice.place: choice for choice in choices_of(owner).filter(current=True)}


def places_of_variants(owner: Owner) -> dict[UUID, list[Frame]]:
    """Where each chosen variant hangs, by its id."""
    found: dict[UUID, list[Frame]] = defaultdict(list)
    for choice in Choice.objects.filter(owner=owner, current=True):
        found[choice.variant_id].append(choice.frame)
    return dict(found)


def address_of(owner: Owner) -> AvatarAddress | None:
    """The person's own avatar address, if they ever opened one."""
    return AvatarAddress.objects.filter(owner=owner).first()


def shown_at(token: str) -> Choice:
    """What an open avatar address shows; Choice.DoesNotExist if it shows nothing."""
    return Choice.objects.select_related("variant").get(
        place=AVATAR,
        current=True,
        owner__avatar_address__token=token,
        owner__avatar_address__is_open=True,
    )
