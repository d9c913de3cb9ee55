"""Actions on photos: add, check, delete."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID, uuid4

import cv2
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from headshots.engine.io.decode import decode
from headshots.engine.io.encode import encode
from headshots.engine.types import Box, Pixels
from headshots.errors import FacetError, PhotoLimitReached
from headshots.models import Photo, Render, Variant
from headshots.selectors import photos_of
from headshots.services.queue import CHECK, tell
from headshots.storage import pictures

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

SAMPLE: Final = Path(__file__).parent.parent / "samples" / "eileen-collins.jpg"
LONGEST: Final = 4096  # pixels; larger photos are scaled down, since no look shows more of a face


@dataclass(frozen=True)
class Verdict:
    """Result of checking a photo.

    `checks` are the input checks, `head` is the box around head and shoulders in photo pixels,
    `error` is what makes the photo unusable, if anything.
    """

    checks: list[Any]
    head: Box | None
    error: FacetError | None = None


def add(
    owner: AbstractBaseUser, data: bytes, *, name: str = "", professional: bool = False
) -> Photo:
    """Store the pixels of a photo, without its metadata, and enqueue its check.

    `name` is the file name of the upload; `professional` photos may be used unretouched. If the
    owner has the same photo already, that one is returned unchanged. Raises BadImage, TooLarge,
    PhotoLimitReached or StorageFull, and then stores nothing.
    """
    if photos_of(owner).count() >= settings.PHOTO_LIMIT:
        raise PhotoLimitReached(
            f"You keep {settings.PHOTO_LIMIT} photos already, which is the limit here."
        )
    pixels = _no_larger(decode(data))
    picture = pictures.keep(owner.pk, pixels, file=encode(pixels))
    height, width = pixels.shape[:2]
    with transaction.atomic():
        photo, new = Photo.objects.get_or_create(
            owner=owner,
            picture=picture,
            defaults={
                "name": name[:120],
                "width": width,
                "height": height,
                "professional": professional,
            },
        )
        if new:
            tell(CHECK, photo.pk)
    return photo


def add_sample(owner: AbstractBaseUser) -> Photo:
    """Add the sample portrait that is part of Facet, to try everything with."""
    return add(owner, SAMPLE.read_bytes(), name="Eileen Collins, by NASA")


def claim(pk: UUID) -> Photo | None:
    """Claim a photo for checking; returns None if it is checked or a running worker holds it."""
    mine = uuid4()
    waiting = Photo.objects.unclaimed().filter(pk=pk, state=Photo.State.CHECKING)
    taken = waiting.update(claim=mine, touched_at=timezone.now(), attempts=F("attempts") + 1)
    return Photo.objects.get(pk=pk) if taken else None


def is_worn_out(photo: Photo) -> bool:
    """Whether checking has been tried settings.RENDER_ATTEMPTS times without a result."""
    return photo.attempts > settings.RENDER_ATTEMPTS


def record(photo: Photo, verdict: Verdict) -> bool:
    """Store the result of a check, and return False if another run has stored one before."""
    error = verdict.error
    state = Photo.State.REFUSED if error else Photo.State.USABLE
    waiting = Photo.objects.filter(pk=photo.pk, claim=photo.claim, state=Photo.State.CHECKING)
    return bool(
        waiting.update(
            state=state,
            claim=None,
            checks=[asdict(check) for check in verdict.checks],
            view_box=view_box(verdict.head),
            code=error.code if error else "",
            message=error.message if error else "",
            advice=error.advice if error else "",
        )
    )


def view_box(box: Box | None) -> str:
    """Return a box in photo pixels as the value of an SVG viewBox; '' for None."""
    if box is None:
        return ""
    return f"{box.left:.0f} {box.top:.0f} {box.width:.0f} {box.height:.0f}"


def delete(photo: Photo) -> None:
    """Delete a photo and its files; headshots that were made from it stay."""
    name = photo.picture
    with transaction.atomic():
        photo.delete()
        transaction.on_commit(lambda: forget_unused(photo.owner_id, {name}))


def forget_everything(owner: AbstractBaseUser) -> None:
    """Delete all photos, renders and variants of a person: rows first, then the files."""
    with transaction.atomic():
        names = set(photos_of(owner).values_list("picture", flat=True))
        names |= set(Variant.objects.filter(owner=owner).values_list("picture", flat=True))
        Render.objects.filter(owner=owner).delete()
        Photo.objects.filter(owner=owner).delete()
        transaction.on_commit(lambda: forget_unused(owner.pk, names - {""}))


def sweep() -> int:
    """Delete stored pictures without a row and return how many; recent ones are left alone.

    Such files remain when a process ends after it has written a file and before it has written the
    row. A picture younger than an hour may still get its row.
    """
    settled = timezone.now() - timedelta(hours=1)
    used = set(Photo.objects.values_list("picture", flat=True))
    used |= set(Variant.objects.values_list("picture", flat=True))
    lost = [name for name in pictures.stored() - used if pictures.kept_at(name) < settled]
    for name in lost:
        pictures.forget(name)
    return len(lost)


def forget_unused(owner_pk: Any, names: set[str]) -> None:
    """Delete those of the named pictures that no photo or variant of the owner uses any more."""
    mine = Q(owner=owner_pk, picture__in=names)
    used = set(Photo.objects.filter(mine).values_list("picture", flat=True))
    used |= set(Variant.objects.filter(mine).values_list("picture", flat=True))
    for name in names - used:
        pictures.forget(name)


def _no_larger(pixels: Pixels) -> Pixels:
    """Scale pixels down so that the longer side has at most MAX_PHOTO_SIDE pixels."""
    scale = LONGEST / max(pixels.shape[:2])
    if scale >= 1:
        return pixels
    return cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
