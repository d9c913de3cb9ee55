"""Give the photos and headshots of one account to another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Max

from headshots.models import Photo, Render, Variant
from headshots.services.photo_corrections import check_again
from headshots.services.photos import require_below_limit

if TYPE_CHECKING:
    from headshots.models import User


def give_everything(giver: User, receiver: User) -> None:
    """Make another account the owner of all photos, renders and headshots; unfinished ones go on.

    Headshots are numbered after the receiver's own ones. Photos are checked again, so that they are
    compared with the receiver's: photos of one person belong together. Stored pictures keep their
    names. Raises PhotoLimitReached if the receiver may not add a photo, and then changes nothing.
    """
    with transaction.atomic():
        # The lock keeps the receiver from starting a render meanwhile, which would number it alike.
        get_user_model().objects.select_for_update().get(pk=receiver.pk)
        require_below_limit(receiver)
        Render.objects.filter(owner=giver).update(owner=receiver)
        own_variants = Variant.objects.filter(owner=receiver)
        last_number = own_variants.aggregate(last=Max("number"))["last"] or 0
        for variant in Variant.objects.filter(owner=giver):
            Variant.objects.filter(pk=variant.pk).update(
                owner=receiver, number=last_number + variant.number
            )
        for photo in Photo.objects.filter(owner=giver):
            Photo.objects.filter(pk=photo.pk).update(owner=receiver)
            if photo.state != Photo.State.REFUSED:
                check_again(photo)
