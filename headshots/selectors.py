"""Queries; rows of another owner are treated as if they did not exist."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Count, Min, QuerySet

from headshots.engine import recipes
from headshots.engine.recipes import UNTOUCHED, Recipe
from headshots.models import Photo, Render, Variant

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

# Fields that only the page of one variant shows: JSON is slow to decode for hundreds of rows.
ALONE = ("wished", "steps", "notes", "photo__checks")


def photos_of(owner: AbstractBaseUser) -> QuerySet[Photo]:
    """Return all photos of an owner, newest first."""
    return Photo.objects.filter(owner=owner)


def photo_for(owner: AbstractBaseUser, pk: UUID) -> Photo:
    """Return one photo; raises Photo.DoesNotExist unless it is this owner's."""
    return photos_of(owner).get(pk=pk)


def photos_for(owner: AbstractBaseUser, pks: list[UUID]) -> list[Photo]:
    """Return photos in the order of `pks`, without those that are not this owner's."""
    found = {photo.pk: photo for photo in photos_of(owner).filter(pk__in=pks)}
    return [found[pk] for pk in pks if pk in found]


def newest_usable_photo(owner: AbstractBaseUser) -> Photo | None:
    """Return the photo that a refresh is made from; None without a usable one."""
    return photos_of(owner).filter(state=Photo.State.USABLE).first()


def renders_of(owner: AbstractBaseUser) -> QuerySet[Render]:
    """Return all renders of an owner, newest first."""
    return Render.objects.filter(owner=owner)


def render_for(owner: AbstractBaseUser, pk: UUID) -> Render:
    """Return one render; raises Render.DoesNotExist unless it is this owner's."""
    return renders_of(owner).get(pk=pk)


def latest_sheet(owner: AbstractBaseUser) -> Render | None:
    """Return the newest contact sheet, whether asked for or made by a refresh."""
    kinds = (Render.Kind.SHEET, Render.Kind.REFRESH)
    return renders_of(owner).filter(kind__in=kinds).first()


def variants_of(owner: AbstractBaseUser) -> QuerySet[Variant]:
    """Return all variants of an owner by number, with photo and parent loaded."""
    return Variant.objects.filter(owner=owner).select_related("photo", "parent")


def variant_called(owner: AbstractBaseUser, name: str) -> Variant:
    """Return one variant by id or by number and suffix ('7', '07B').

    Raises Variant.DoesNotExist if the owner has none of that name.
    """
    numbered = re.fullmatch(r"0*(\d{1,9})([A-Z]*)", name.upper())
    if numbered:
        return variants_of(owner).get(number=numbered[1], suffix=numbered[2])
    try:
        return variants_of(owner).get(pk=UUID(name))
    except ValueError as error:
        raise Variant.DoesNotExist from error


def laid_out(frames: QuerySet[Variant]) -> QuerySet[Variant]:
    """Leave out what only the page of a single variant shows; for pages that list many."""
    return frames.select_related(None).select_related("photo").defer(*ALONE)


def variant_for(owner: AbstractBaseUser, pk: UUID) -> Variant:
    """Return one variant; raises Variant.DoesNotExist unless it is this owner's."""
    return variants_of(owner).get(pk=pk)


def kept_by(owner: AbstractBaseUser) -> QuerySet[Variant]:
    """Return the finished variants that the owner keeps, newest first."""
    return variants_of(owner).filter(kept=True, state=Variant.State.READY).order_by("-made_at")


def frames_of(render: Render) -> QuerySet[Variant]:
    """Return the variants of one render by number."""
    own = Variant.objects.filter(owner=render.owner_id, render=render)
    return own.select_related("photo", "parent")


def recipe_of(variant: Variant) -> Recipe:
    """Return the recipe that was requested when the variant was made."""
    return recipes.restore(variant.look, variant.wished, title=variant.title)


def can_be_made_again(variant: Variant) -> bool:
    """Whether a variant can be made again with another recipe: it needs its photo and a look."""
    return variant.is_ready and variant.photo is not None and variant.look != UNTOUCHED.slug


def can_be_adjusted(variant: Variant) -> bool:
    """Whether the sliders apply: they do not to variants with diffusion steps."""
    return can_be_made_again(variant) and not recipe_of(variant).painted


def owns_picture(owner: AbstractBaseUser, name: str) -> bool:
    """Whether a stored picture belongs to a photo or variant of this owner."""
    return (
        photos_of(owner).filter(picture=name).exists()
        or Variant.objects.filter(owner=owner, picture=name).exists()
    )


def backlog() -> dict[str, tuple[int, datetime | None]]:
    """Return, by kind of work, how many rows no worker holds and since when the oldest waits.

    The kinds are `check` (photos) and `render`; the time is None if nothing waits.
    """
    checks = Photo.objects.filter(state=Photo.State.CHECKING, claim=None)
    sheets = Render.objects.filter(finished_at=None, claim=None)
    found = {
        "check": checks.aggregate(many=Count("pk"), since=Min("added_at")),
        "render": sheets.aggregate(many=Count("pk"), since=Min("created_at")),
    }
    return {work: (row["many"], row["since"]) for work, row in found.items()}
