"""Back up the picture that is replaced, and detect pictures that were set by hand."""

import base64
import hashlib
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings

from headshots.engine.io.decode import decode
from headshots.engine.io.encode import encode
from integrations.errors import PlatformError
from integrations.models import Backup, Publication
from integrations.platforms.base import (
    PictureSlot,
    PlatformAdapter,
    PlatformClient,
    ProfilePicture,
    Rendition,
)
from integrations.publication_states import State
from integrations.publishing.fingerprints import compute_fingerprint, is_same_picture
from integrations.publishing.placeholders import is_placeholder
from integrations.renditions import crop_center_square, make_portrait

SIGNATURES: Final = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG": "image/png",
    b"GIF8": "image/gif",
    b"BM": "image/bmp",
}
ISO_MEDIA_TYPES: Final = {
    b"avif": "image/avif",
    b"avis": "image/avif",
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"mif1": "image/heif",
}
MAX_COMPARED_PUBLICATIONS = 5  # earlier publications that a found picture is compared with, at most


def read_current_picture(
    publication: Publication, adapter: PlatformAdapter, client: PlatformClient, slot: PictureSlot
) -> Backup | None:
    """Read and back up the picture that the account shows; None if it cannot be read.

    A picture that is gone, forbidden, too large or no picture does not stop a publication: its
    `backup_error` says why nothing could be kept. An error that may pass is raised, except in the
    last attempt.
    """
    publication.backup_error = ""
    try:
        picture = adapter.read_current_picture(client, slot)
    except PlatformError as error:
        if not (error.is_about_picture and _is_final(publication, error)):
            raise
        _note_missing_picture(publication, error.message)
        return None
    if picture is None:
        return _save_backup(publication, b"", key="", alt_text="")
    return _back_up_picture(publication, client, picture)


def _back_up_picture(
    publication: Publication, client: PlatformClient, picture: ProfilePicture
) -> Backup | None:
    """Back up a picture; one whose key guarantees its bytes is downloaded only once."""
    connection = publication.connection
    assert connection is not None  # only accounts are sent to
    backups = Backup.objects.filter(connection=connection, slot=publication.slot).defer("sealed")
    if picture.key and connection.platform.key_guarantee:
        known_backup = backups.filter(key=picture.key[:500]).first()
        if known_backup:
            return known_backup
    try:
        data = picture.data or _download_original(client, picture)
    except PlatformError as error:
        if not _is_final(publication, error):
            raise
        _note_missing_picture(publication, error.message)
        return None
    same_picture = backups.filter(digest=_sha256_hex(data))
    if same_picture.update(key=picture.key[:500]):
        return same_picture.get()
    if not detect_media_type(data):
        _note_missing_picture(publication, "What the platform shows is no picture file.")
        return None
    if shows_placeholder(publication, client, picture, data):
        return _save_backup(publication, b"", key="", alt_text="")
    return _save_backup(publication, data, key=picture.key, alt_text=picture.alt_text)


def _download_original(client: PlatformClient, picture: ProfilePicture) -> bytes:
    """Return the file as it was uploaded, or as it is shown where the platform has no other."""
    if picture.original_url:
        try:
            data = download_picture(client, picture.original_url)
        except PlatformError as error:
            if not error.is_lasting:
                raise
        else:
            if detect_media_type(data):
                return data
    return download_picture(client, picture.url)


def shows_placeholder(
    publication: Publication, client: PlatformClient, picture: ProfilePicture, data: bytes
) -> bool:
    """Return whether a picture is the one that the server shows for an account without any."""
    connection = publication.connection
    assert connection is not None  # only accounts are sent to
    return bool(picture.url) and is_placeholder(connection, client.outbound, picture.url, data)


def download_picture(client: PlatformClient, url: str) -> bytes:
    """Return the file of a picture; a server of the account that refuses it is asked signed."""
    try:
        return client.outbound.download_picture(url).data
    except PlatformError as error:
        if error.status not in (401, 403) or urlsplit(url).netloc != client.host:
            raise
    return client.download_picture(url).data


def _is_final(publication: Publication, error: PlatformError) -> bool:
    """Return whether waiting is of no use (any more)."""
    return error.is_lasting or publication.attempts + 1 >= settings.PUBLISH_ATTEMPTS


def _note_missing_picture(publication: Publication, reason: str) -> None:
    publication.backup_error = f"The picture that was there could not be kept: {reason}"[:300]


def encode_backup(backup: Backup, slot: PictureSlot) -> Rendition | None:
    """Return the picture of a backup for a slot, unchanged if the slot takes it; None if empty.

    Formats that only earlier pictures have, such as GIF, are never encoded anew: that would end an
    animation, and the platform had the file already.
    """
    if backup.is_none:
        return None
    data = base64.b64decode(backup.unseal()["data"])
    form = backup.media_type.removeprefix("image/")
    takes_file = form in slot.also_restores or (
        form in slot.formats and len(data) <= slot.max_bytes
    )
    if not takes_file:
        form = slot.formats[0]
        data = encode(crop_center_square(decode(data)), file_format=form, max_bytes=slot.max_bytes)
    return Rendition(
        data,
        image_format=form,
        alt_text=backup.alt_text,
        fingerprint=backup.fingerprint,
        earlier_key=backup.key,
    )


def is_changed_by_hand(publication: Publication, backup: Backup, wanted: str) -> bool:
    """Return whether the current picture was set by hand and must not be overwritten.

    That is so if earlier publications do not explain it and the person has not agreed to replace
    it. `wanted` is the fingerprint of the picture to be sent.
    """
    if publication.agreed_id == backup.pk or is_same_picture(backup.fingerprint, wanted):
        return False
    earlier_publications = _recent_publications(publication)
    return bool(earlier_publications) and not any(
        _explains_picture(sent, backup) for sent in earlier_publications
    )


def _recent_publications(publication: Publication) -> list[Publication]:
    """Return what was sent to the slot before, newest first, back to the last published one."""
    sent_publications = Publication.objects.filter(
        connection=publication.connection, slot=publication.slot, sent_at__isnull=False
    ).exclude(pk=publication.pk)
    publications = []
    with_restores = sent_publications.select_related("restores").defer(
        "restores__sealed", "restores__portrait"
    )
    for earlier in with_restores.order_by("-sent_at")[:MAX_COMPARED_PUBLICATIONS]:
        publications.append(earlier)
        if earlier.state == State.PUBLISHED:
            break
    return publications


def _explains_picture(earlier: Publication, backup: Backup) -> bool:
    """Return whether the picture is the one that was sent, or the one it has not replaced yet."""
    if earlier.state != State.PUBLISHED and earlier.before_id == backup.pk:
        return True
    if earlier.restores is not None and earlier.restores.is_none:
        return backup.is_none
    if backup.is_none:
        return False
    has_same_key = bool(earlier.live_key) and earlier.live_key == backup.key
    is_known_by_key = has_same_key and bool(backup.connection.platform.key_guarantee)
    return is_known_by_key or is_same_picture(backup.fingerprint, earlier.fingerprint)


def _save_backup(publication: Publication, data: bytes, *, key: str, alt_text: str) -> Backup:
    backup = Backup(
        connection=publication.connection,
        slot=publication.slot,
        key=key[:500],
        digest=_sha256_hex(data),
        media_type=detect_media_type(data),
        alt_text=alt_text,
        fingerprint=compute_fingerprint(data) if data else "",
        portrait=make_portrait(data),
    )
    backup.seal({"data": base64.b64encode(data).decode()})
    values: dict[str, Any] = {
        field.attname: getattr(backup, field.attname) for field in backup._meta.concrete_fields
    }
    identity = {name: values.pop(name) for name in ("connection_id", "slot", "digest")}
    return Backup.objects.get_or_create(**identity, defaults=values)[0]


def _sha256_hex(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest() if data else ""


def detect_media_type(data: bytes) -> str:
    """Return the media type by the file's first bytes, or '' if it is no picture that is known."""
    if data[4:8] == b"ftyp":  # ISO/IEC 14496-12
        return ISO_MEDIA_TYPES.get(data[8:12], "")
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return next(
        (media_type for start, media_type in SIGNATURES.items() if data.startswith(start)), ""
    )
