"""Reading, owner first: what belongs to someone else does not exist."""

import re
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Min, QuerySet

from headshots.engine import recipes
from headshots.engine.recipes import UNTOUCHED, Recipe
from headshots.models import Photo, Render, Variant

Owner = Any  # a settings.AUTH_USER_MODEL
# What only the page of one frame tells; JSON of a film's every frame is slow to read.
ALONE = ("wished", "steps", "notes", "photo__checks")


def photos_of(owner: Owner) -> QuerySet[Photo]:
    """Every photo, newest first."""
    return Photo.objects.filter(owner=owner)


def photo_for(owner: Owner, pk: UUID) -> Photo:
    """One photo; Photo.DoesNotExist if it is not this owner's."""
    return photos_of(owner).get(pk=pk)


def photos_for(owner: Owner, pks: list[UUID]) -> list[Photo]:
    """Photos by id in the order given; what is not this owner's is left out."""
    found = {photo.pk: photo for photo in photos_of(owner).filter(pk__in=pks)}
    return [found[pk] for pk in pks if pk in found]


def newest_usable_photo(owner: Owner) -> Photo | None:
    """What a refresh is made from."""
    return photos_of(owner).filter(state=Photo.State.USABLE).first()


def renders_of(owner: Owner) -> QuerySet[Render]:
    """Every press of the button, newest first."""
    return Render.objects.filter(owner=owner)


def render_for(owner: Owner, pk: UUID) -> Render:
    """One render; Render.DoesNotExist if it is not this owner's."""
    return renders_of(owner).get(pk=pk)


def latest_sheet(owner: Owner) -> Render | None:
    """The contact sheet made last."""
    kinds = (Render.Kind.SHEET, Render.Kind.REFRESH)
    return renders_of(owner).filter(kind__in=kinds).first()


def variants_of(owner: Owner) -> QuerySet[Variant]:
    """Every frame ever wished, in the order of the film, with photo and parent at hand."""
    return Variant.objects.filter(owner=owner).select_related("photo", "parent")


def variant_called(owner: Owner, name: str) -> Variant:
    """One variant by id or by its number on the film ('7', '07B'); Variant.DoesNotExist if none."""
    numbered = re.fullmatch(r"0*(\d{1,9})([A-Z]*)", name.upper())
    if numbered:
        return variants_of(owner).get(number=numbered[1], suffix=numbered[2])
    try:
        return variants_of(owner).get(pk=UUID(name))
    except ValueError as error:
        raise Variant.DoesNotExist from error


def laid_out(frames: QuerySet[Variant]) -> QuerySet[Variant]:
    """Frames as they lie side by side on a page, by the dozen: without what each tells alone."""
    return frames.select_related(None).select_related("photo").defer(*ALONE)


def variant_for(owner: Owner, pk: UUID) -> Variant:
    """One variant; Variant.DoesNotExist if it is not this owner's."""
    return variants_of(owner).get(pk=pk)


def kept_by(owner: Owner) -> QuerySet[Variant]:
    """The headshots a person decided to keep, newest first."""
    return variants_of(owner).filter(kept=True, state=Variant.State.READY).order_by("-made_at")


def frames_of(render: Render) -> QuerySet[Variant]:
    """The variants of one render in the order of the film."""
    return variants_of(render.owner_id).filter(render=render)


def recipe_of(variant: Variant) -> Recipe:
    """What was wished for when the variant was made."""
    return recipes.restore(variant.look, variant.wished, title=variant.title)


def can_be_made_again(variant: Variant) -> bool:
    """Whether its photo is still there to make it otherwise; never what is shown untouched."""
    return variant.is_ready and variant.photo is not None and variant.look != UNTOUCHED.slug


def can_be_adjusted(variant: Variant) -> bool:
    """Whether sliders move it: not what is painted."""
    return can_be_made_again(variant) and not recipe_of(variant).painted


def owns_picture(owner: Owner, name: str) -> bool:
    """Whether a stored picture shows this person's photo or variant."""
    return (
        photos_of(owner).filter(picture=name).exists()
        or Variant.objects.filter(owner=owner, picture=name).exists()
    )


def backlog() -> dict[str, tuple[int, datetime | None]]:
    """For whoever runs this: how much work no worker holds, and since when the oldest waits."""
    checks = Photo.objects.filter(state=Photo.State.CHECKING, claim=None)
    sheets = Render.objects.filter(finished_at=None, claim=None)
    found = {
        "check": checks.aggregate(many=Count("pk"), since=Min("added_at")),
        "render": sheets.aggregate(many=Count("pk"), since=Min("created_at")),
    }
    return {work: (row["many"], row["since"]) for work, row in found.items()}
