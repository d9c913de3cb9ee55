"""Actions on photos: add, check, delete."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from headshots.engine.io.decode import decode_photo
from headshots.engine.io.encode import encode
from headshots.engine.types import Box
from headshots.errors import FacetError, PhotoLimitReached
from headshots.models import Photo, Render, Variant
from headshots.selectors import photos_of, used_picture_names
from headshots.services.focal_lengths import remember_focal_share
from headshots.services.queue import CHECK_TASK, enqueue_task
from headshots.services.upload_slots import upload_slot
from headshots.storage import pictures
from headshots.wording import CONSENT_VERSION, NO_CONSENT

if TYPE_CHECKING:
    from typing import IO

    from django.core.files.base import File

    from headshots.models import User

    UploadedBytes = bytes | IO[bytes] | File[bytes]

SAMPLE: Final = Path(__file__).parent.parent / "samples" / "eileen-collins.jpg"


@dataclass(frozen=True)
class StoredUpload:
    """The stored picture of an upload that is not a photo of the account yet.

    `focal_share` is the focal length over the longer side, if the file states it; it is not stored.
    """

    picture: str
    width: int
    height: int
    focal_share: float | None = None


@dataclass(frozen=True)
class CheckResult:
    """Result of checking a photo.

    `checks` are the input checks, `head_box` is the box around head and shoulders in photo pixels,
    `prediction` is what the photo will give and `appearance` what it shows, both as plain data,
    `faces` are the boxes of all faces, as `Photo.faces` keeps them, and `error` is what makes the
    photo unusable, if anything.
    """

    checks: list[Any]
    head_box: Box | None
    error: FacetError | None = None
    prediction: dict[str, Any] | None = None
    faces: list[list[float]] | None = None
    appearance: dict[str, Any] | None = None


def add_photo(
    owner: User,
    file: UploadedBytes,
    *,
    name: str = "",
    professional: bool = False,
    consent_version: str = CONSENT_VERSION,
) -> Photo:
    """Store the pixels of a photo, without its metadata, and enqueue its check.

    `file` are its bytes or an open file, `name` is the file name of the upload; `professional`
    photos may be used unretouched. Whoever uploads a photo says by it what
    headshots.wording.CONSENT_TEXT says; `consent_version` and the time are kept with it. If the
    owner has the same photo already, that one is returned unchanged. Raises BadImage, TooLarge,
    PhotoLimitReached, TooManyAtOnce, WorkerBusy or StorageFull, and then stores nothing.
    """
    upload = store_upload(owner, file)
    return add_stored_photo(
        owner, upload, name=name, professional=professional, consent_version=consent_version
    )


def store_upload(owner: User, file: UploadedBytes) -> StoredUpload:
    """Decode an upload and store its picture, which takes seconds; to be called without a lock.

    Raises what `add_photo` raises. Without a row soon, `delete_orphans` deletes the picture.
    """
    require_below_limit(owner)
    with upload_slot(owner.pk):  # a large file, too, is in memory only now
        pixels, focal_share = decode_photo(file if isinstance(file, bytes) else file.read())
        picture = pictures.store_picture(owner.pk, pixels, full_size_file=encode(pixels))
    height, width = pixels.shape[:2]
    return StoredUpload(picture, width, height, focal_share)


def add_stored_photo(
    owner: User,
    upload: StoredUpload,
    *,
    name: str = "",
    professional: bool = False,
    consent_version: str = CONSENT_VERSION,
) -> Photo:
    """Add a stored upload to the owner's photos, as `add_photo` describes it."""
    details = {
        "name": name[:120],
        "width": upload.width,
        "height": upload.height,
        "professional": professional,
        "consent_version": consent_version,
        "consented_at": timezone.now() if consent_version else None,
    }
    try:
        with transaction.atomic():
            # The lock keeps simultaneous uploads from exceeding the limit together.
            get_user_model().objects.select_for_update().get(pk=owner.pk)
            photo = photos_of(owner).filter(picture=upload.picture).first()
            if photo is None:
                require_below_limit(owner)
                photo = Photo.objects.create(owner=owner, picture=upload.picture, **details)
                remember_focal_share(photo.pk, upload.focal_share)
                enqueue_task(CHECK_TASK, photo.pk)
    except PhotoLimitReached:
        delete_unused_pictures(owner.pk, {upload.picture})
        raise
    return photo


def require_below_limit(owner: User) -> None:
    """Raise PhotoLimitReached if the owner may not add another photo."""
    if photos_of(owner).count() >= settings.PHOTO_LIMIT:
        raise PhotoLimitReached(
            f"You keep {settings.PHOTO_LIMIT} photos already, which is the limit here."
        )


def add_sample_photo(owner: User) -> Photo:
    """Add the sample portrait that is part of Facet, to try everything with."""
    return add_photo(
        owner,
        SAMPLE.read_bytes(),
        name="Eileen Collins, by NASA",
        consent_version=NO_CONSENT,
    )


def claim_photo(photo_id: UUID) -> Photo | None:
    """Claim a photo for checking; returns None if it is checked or a running worker holds it."""
    claim_id = uuid4()
    claimable = Photo.objects.unclaimed().filter(pk=photo_id, state=Photo.State.CHECKING)
    claimed_count = claimable.update(
        claim=claim_id, touched_at=timezone.now(), attempts=F("attempts") + 1
    )
    return Photo.objects.get(pk=photo_id) if claimed_count else None


def has_used_all_attempts(photo: Photo) -> bool:
    """Whether checking has been tried settings.RENDER_ATTEMPTS times without a result."""
    return photo.attempts > settings.RENDER_ATTEMPTS


def record_check(photo: Photo, check_result: CheckResult) -> bool:
    """Store the result of a check, and return False if another run has stored one before."""
    error = check_result.error
    state = Photo.State.REFUSED if error else Photo.State.USABLE
    claimed_photos = Photo.objects.filter(
        pk=photo.pk, claim=photo.claim, state=Photo.State.CHECKING
    )
    return bool(
        claimed_photos.update(
            state=state,
            claim=None,
            checks=[asdict(check) for check in check_result.checks],
            view_box=format_view_box(check_result.head_box),
            prediction=check_result.prediction,
            faces=check_result.faces,
            appearance=check_result.appearance,
            code=error.code if error else "",
            message=error.message if error else "",
            advice=error.advice if error else "",
        )
    )


def format_view_box(box: Box | None) -> str:
    """Return a box in photo pixels as the value of an SVG viewBox; '' for None."""
    if box is None:
        return ""
    return f"{box.left:.0f} {box.top:.0f} {box.width:.0f} {box.height:.0f}"


def delete_photo(photo: Photo) -> None:
    """Delete a photo and its files; headshots that were made from it stay."""
    picture_name = photo.picture
    with transaction.atomic():
        photo.delete()
        transaction.on_commit(lambda: delete_unused_pictures(photo.owner_id, {picture_name}))


def delete_all_pictures(owner: User) -> None:
    """Delete all photos, renders and variants of a person: rows first, then the files."""
    with transaction.atomic():
        picture_names = set(photos_of(owner).values_list("picture", flat=True))
        picture_names |= set(Variant.objects.filter(owner=owner).values_list("picture", flat=True))
        Render.objects.filter(owner=owner).delete()
        Photo.objects.filter(owner=owner).delete()
        transaction.on_commit(lambda: delete_unused_pictures(owner.pk, picture_names - {""}))


def delete_orphans() -> int:
    """Delete stored pictures without a row and return how many; recent ones are left alone.

    Such files remain when a process ends after it has written a file and before it has written the
    row. A picture younger than an hour may still get its row.
    """
    newest_orphan = timezone.now() - timedelta(hours=1)
    orphans = [
        picture_name
        for picture_name in pictures.list_names() - used_picture_names()
        if pictures.find_stored_time(picture_name) < newest_orphan
    ]
    for picture_name in orphans:
        pictures.delete_files(picture_name)
    return len(orphans)


def delete_unused_pictures(owner_id: Any, picture_names: set[str]) -> None:
    """Delete those of the named pictures that no photo or variant of the owner uses any more."""
    own_pictures = Q(owner=owner_id, picture__in=picture_names)
    used_names = set(Photo.objects.filter(own_pictures).values_list("picture", flat=True))
    used_names |= set(Variant.objects.filter(own_pictures).values_list("picture", flat=True))
    for picture_name in picture_names - used_names:
        pictures.delete_files(picture_name)
