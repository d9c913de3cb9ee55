"""Queries; rows of another owner are treated as if they did not exist."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Count, Min, Q, QuerySet, prefetch_related_objects

from headshots.engine import recipes
from headshots.engine.descriptions import OWN_BACKGROUND
from headshots.engine.recipes import UNTOUCHED, Recipe
from headshots.models import Photo, Render, Variant

if TYPE_CHECKING:
    from headshots.models import User

# Fields that only the page of one variant shows: JSON is slow to decode for hundreds of rows.
DETAIL_FIELDS = ("wished", "steps", "notes", "photo__checks")


def photos_of(owner: User) -> QuerySet[Photo]:
    """Return all photos of an owner, newest first."""
    return Photo.objects.filter(owner=owner)


def photo_for(owner: User, photo_id: UUID) -> Photo:
    """Return one photo; raises Photo.DoesNotExist unless it is this owner's."""
    return photos_of(owner).get(pk=photo_id)


def photos_by_id(owner: User, photo_ids: list[UUID]) -> list[Photo]:
    """Return photos in the order of `photo_ids`, without those that are not this owner's."""
    photos = {photo.pk: photo for photo in photos_of(owner).filter(pk__in=photo_ids)}
    return [photos[photo_id] for photo_id in photo_ids if photo_id in photos]


def newest_usable_photo(owner: User, variants: Sequence[Variant] = ()) -> Photo | None:
    """Return the photo that a refresh of some variants is made from; None without a usable one.

    It shows the person of the variants. Where they are known to show several, or where their photos
    are gone and the owner's other photos show several, there is none; nor where another face was
    chosen in their photos since.
    """
    usable_photos = photos_of(owner).filter(state=Photo.State.USABLE)
    prefetch_related_objects(list(variants), "render")
    if any(variant.shows_other_face for variant in variants):
        return None
    shown = {variant.photo.person for variant in variants if variant.photo} - {None}
    known = shown or set(usable_photos.exclude(person=None).values_list("person", flat=True))
    if variants and len(known) > 1:
        return None
    if shown:
        usable_photos = usable_photos.filter(Q(person__in=shown) | Q(person=None))
    return usable_photos.first()


def group_by_person(photos: Iterable[Photo]) -> list[list[Photo]]:
    """Group photos by the person that they show, in their order; unknown people are one group."""
    groups: dict[UUID | None, list[Photo]] = {}
    for photo in photos:
        groups.setdefault(photo.person, []).append(photo)
    return sorted(groups.values(), key=lambda group: group[0].person is None)


def renders_of(owner: User) -> QuerySet[Render]:
    """Return all renders of an owner, newest first."""
    return Render.objects.filter(owner=owner)


def render_for(owner: User, render_id: UUID) -> Render:
    """Return one render; raises Render.DoesNotExist unless it is this owner's."""
    return renders_of(owner).get(pk=render_id)


def latest_sheet(owner: User) -> Render | None:
    """Return the newest contact sheet, whether asked for or made by a refresh."""
    kinds = (Render.Kind.SHEET, Render.Kind.REFRESH)
    return renders_of(owner).filter(kind__in=kinds).first()


def variants_of(owner: User) -> QuerySet[Variant]:
    """Return all variants of an owner by number, with photo and parent loaded."""
    return Variant.objects.filter(owner=owner).select_related("photo", "parent")


def variant_by_name(owner: User, name: str) -> Variant:
    """Return one variant by id or by number and suffix ('7', '07B').

    Raises Variant.DoesNotExist if the owner has none of that name.
    """
    number_match = re.fullmatch(r"0*(\d{1,9})([A-Z]*)", name.upper())
    if number_match:
        return variants_of(owner).get(number=number_match[1], suffix=number_match[2])
    try:
        return variants_of(owner).get(pk=UUID(name))
    except ValueError as error:
        raise Variant.DoesNotExist from error


def without_details(variants: QuerySet[Variant]) -> QuerySet[Variant]:
    """Leave out what only the page of a single variant shows; for pages that list many."""
    return variants.select_related(None).select_related("photo").defer(*DETAIL_FIELDS)


def variant_for(owner: User, variant_id: UUID) -> Variant:
    """Return one variant; raises Variant.DoesNotExist unless it is this owner's."""
    return variants_of(owner).get(pk=variant_id)


def only_usable(variants: QuerySet[Variant]) -> QuerySet[Variant]:
    """Leave out variants that are not finished, and those that were discarded."""
    return variants.filter(state=Variant.State.READY, discarded_at=None)


def kept_variants_of(owner: User) -> QuerySet[Variant]:
    """Return the finished variants that the owner keeps, newest first."""
    return variants_of(owner).filter(kept=True, state=Variant.State.READY).order_by("-made_at")


def variants_of_render(render: Render) -> QuerySet[Variant]:
    """Return the variants of one render by number; each knows the render without a query."""
    own_variants = render.variants.filter(owner=render.owner_id)
    return own_variants.select_related("photo", "parent")


def background_notes(render: Render) -> list[str]:
    """Return why headshots of a render kept the photo's own background, each sentence once."""
    own_variants = Variant.objects.filter(owner=render.owner_id, render=render)
    notes = [note for notes in own_variants.values_list("notes", flat=True) for note in notes]
    return list(dict.fromkeys(note for note in notes if note.startswith(OWN_BACKGROUND)))


def recipe_of(variant: Variant) -> Recipe:
    """Return the recipe that was requested when the variant was made."""
    return recipes.restore_recipe(variant.look, variant.wished, title=variant.title)


def can_be_rerendered(variant: Variant) -> bool:
    """Whether a variant can be made again with another recipe: it needs its photo and a look."""
    return variant.is_ready and variant.photo is not None and variant.look != UNTOUCHED.slug


def can_be_adjusted(variant: Variant) -> bool:
    """Whether the sliders apply: they do not to variants with diffusion steps."""
    return can_be_rerendered(variant) and not recipe_of(variant).diffusion_steps


def owns_picture(owner: User, name: str) -> bool:
    """Whether a stored picture belongs to a photo or variant of this owner."""
    return (
        photos_of(owner).filter(picture=name).exists()
        or Variant.objects.filter(owner=owner, picture=name).exists()
    )


def used_picture_names() -> set[str]:
    """Return the names of all pictures that a photo or a variant of anybody uses."""
    photo_names = set(Photo.objects.values_list("picture", flat=True))
    return (photo_names | set(Variant.objects.values_list("picture", flat=True))) - {""}


def count_backlog() -> dict[str, tuple[int, datetime | None]]:
    """Return, by kind of work, how many rows no worker holds and since when the oldest waits.

    The kinds are `check` (photos) and `render`; the time is None if nothing waits.
    """
    checks = Photo.objects.filter(state=Photo.State.CHECKING, claim=None)
    renders = Render.objects.filter(finished_at=None, claim=None)
    summaries = {
        "check": checks.aggregate(many=Count("pk"), since=Min("added_at")),
        "render": renders.aggregate(many=Count("pk"), since=Min("created_at")),
    }
    return {
        work_kind: (summary["many"], summary["since"]) for work_kind, summary in summaries.items()
    }
