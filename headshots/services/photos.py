"""The verbs of photos: add, check, delete, forget everything."""

from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
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

SAMPLE: Final = Path(__file__).parent.parent / "samples" / "eileen-collins.jpg"
LONGEST: Final = 4096  # pixels kept: no look shows more of a face than this holds
Owner = Any


@dataclass(frozen=True)
class Verdict:
    """What the coach found in a photo: its checks, or the error that makes it unusable."""

    checks: list[Any]
    head: Box | None
    error: FacetError | None = None


def add(owner: Owner, data: bytes, *, name: str = "", professional: bool = False) -> Photo:
    """Keep a photo, stripped of everything but its pixels; the coach looks at it next.

    A photo that is there already is returned as it is. Raises BadImage, TooLarge, PhotoLimitReached or
    StorageFull, and then keeps nothing.
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


def add_sample(owner: Owner) -> Photo:
    """Keep the portrait that comes with Facet, to try everything with."""
    return add(owner, SAMPLE.read_bytes(), name="Eileen Collins, by NASA")


def claim(pk: UUID) -> Photo | None:
    """The photo if it waits for the coach and no living worker looks at it; else None."""
    mine = uuid4()
    waiting = Photo.objects.unclaimed().filter(pk=pk, state=Photo.State.CHECKING)
    taken = waiting.update(claim=mine, touched_at=timezone.now(), attempts=F("attempts") + 1)
    return Photo.objects.get(pk=pk) if taken else None


def is_worn_out(photo: Photo) -> bool:
    """Whether it ended its worker as often as is tried."""
    return photo.attempts > settings.RENDER_ATTEMPTS


def record(photo: Photo, verdict: Verdict) -> bool:
    """Write down what the coach found, once; False if another run did so before."""
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
    """A box in photo pixels as an SVG viewBox; '' for none."""
    if box is None:
        return ""
    return f"{box.left:.0f} {box.top:.0f} {box.width:.0f} {box.height:.0f}"


def delete(photo: Photo) -> None:
    """Delete the photo and its files; headshots made from it stay until they are deleted."""
    name = photo.picture
    with transaction.atomic():
        photo.delete()
        transaction.on_commit(lambda: forget_unused(photo.owner_id, {name}))


def forget_everything(owner: Owner) -> None:
    """Delete every photo, render and variant of a person, rows first, then the files."""
    with transaction.atomic():
        names = set(photos_of(owner).values_list("picture", flat=True))
        names |= set(Variant.objects.filter(owner=owner).values_list("picture", flat=True))
        Render.objects.filter(owner=owner).delete()
        Photo.objects.filter(owner=owner).delete()
        transaction.on_commit(lambda: forget_unused(owner.pk, names - {""}))


def sweep() -> int:
    """Delete stored pictures that belong to nobody, an hour after they were written; how many.

    A worker that ended between file and row leaves one, if its owner has gone since.
    """
    settled = timezone.now() - timedelta(hours=1)
    used = set(Photo.objects.values_list("picture", flat=True))
    used |= set(Variant.objects.values_list("picture", flat=True))
    lost = [name for name in pictures.stored() - used if pictures.kept_at(name) < settled]
    for name in lost:
        pictures.forget(name)
    return len(lost)


def forget_unused(owner_pk: Any, names: set[str]) -> None:
    """Delete the files of pictures that no row of their owner shows any more."""
    mine = Q(owner=owner_pk, picture__in=names)
    used = set(Photo.objects.filter(mine).values_list("picture", flat=True))
    used |= set(Variant.objects.filter(mine).values_list("picture", flat=True))
    for name in names - used:
        pictures.forget(name)


def _no_larger(pixels: Pixels) -> Pixels:
    scale = LONGEST / max(pixels.shape[:2])
    if scale >= 1:
        return pixels
    return cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
