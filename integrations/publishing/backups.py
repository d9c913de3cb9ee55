"""Back up the picture that is replaced, and detect pictures that were set by hand."""

import base64
import hashlib
from typing import Any

from headshots.engine.io.decode import decode
from headshots.engine.io.encode import encode
from headshots.errors import FacetError
from integrations import perceptual_hash
from integrations.models import Backup, Publication
from integrations.platforms.base import (
    PictureSlot,
    PlatformClient,
    ProfilePicture,
    Readback,
    Rendition,
)
from integrations.publication_states import State
from integrations.renditions import crop_center_square, make_preview

# Platforms whose identifier of a picture changes with the picture.
KEYED_READBACKS = frozenset({Readback.EXACT, Readback.VERSION, Readback.URL})
MAX_COMPARED_PUBLICATIONS = 5  # earlier publications that a found picture is compared with, at most


def back_up_picture(
    publication: Publication, client: PlatformClient, picture: ProfilePicture | None
) -> Backup:
    """Back up the account's current picture; a known one is not downloaded again."""
    connection = publication.connection
    assert connection is not None  # only accounts are sent to
    backups = Backup.objects.filter(connection=connection, slot=publication.slot).defer("sealed")
    if picture is None:
        return _save_backup(publication, b"", key="", alt_text="")
    if picture.key and connection.platform.readback in KEYED_READBACKS:
        known_backup = backups.filter(key=picture.key[:500]).first()
        if known_backup:
            return known_backup
    data = picture.data or client.outbound.download_picture(picture.url).data
    same_picture = backups.filter(digest=_sha256_hex(data))
    if same_picture.update(key=picture.key[:500]):
        return same_picture.get()
    return _save_backup(publication, data, key=picture.key, alt_text=picture.alt_text)


def encode_backup(backup: Backup, slot: PictureSlot) -> Rendition | None:
    """Return the picture of a backup for a slot, unchanged if the slot takes it; None if empty."""
    if backup.is_none:
        return None
    data = base64.b64decode(backup.unseal()["data"])
    form = backup.media_type.removeprefix("image/")
    if form not in slot.formats or len(data) > slot.max_bytes:
        form = slot.formats[0]
        data = encode(crop_center_square(decode(data)), file_format=form, max_bytes=slot.max_bytes)
    return Rendition(
        data, image_format=form, alt_text=backup.alt_text, fingerprint=backup.fingerprint
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
    return has_same_key or is_same_picture(backup.fingerprint, earlier.fingerprint)


def is_same_picture(first: str, second: str) -> bool:
    """Return whether two fingerprints in hex belong to copies of the same picture."""
    return bool(first and second) and perceptual_hash.is_same_picture(
        int(first, 16), int(second, 16)
    )


def compute_fingerprint(data: bytes) -> str:
    """Return the fingerprint of an encoded picture in hex, or '' if it cannot be decoded."""
    try:
        return perceptual_hash.fingerprint_text(decode(data))
    except FacetError:
        return ""


def _save_backup(publication: Publication, data: bytes, *, key: str, alt_text: str) -> Backup:
    backup = Backup(
        connection=publication.connection,
        slot=publication.slot,
        key=key[:500],
        digest=_sha256_hex(data),
        media_type=_detect_media_type(data),
        alt_text=alt_text,
        fingerprint=compute_fingerprint(data) if data else "",
        portrait=_make_portrait(data),
    )
    backup.seal({"data": base64.b64encode(data).decode()})
    values: dict[str, Any] = {
        field.attname: getattr(backup, field.attname) for field in backup._meta.concrete_fields
    }
    identity = {name: values.pop(name) for name in ("connection_id", "slot", "digest")}
    return Backup.objects.get_or_create(**identity, defaults=values)[0]


def _sha256_hex(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest() if data else ""


def _detect_media_type(data: bytes) -> str:
    """Return the media type by the file's first bytes, or '' if it is unknown."""
    signatures = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png", b"GIF8": "image/gif"}
    detected_type = next(
        (media_type for signature, media_type in signatures.items() if data.startswith(signature)),
        "",
    )
    is_webp = data[:4] == b"RIFF" and data[8:12] == b"WEBP"
    return detected_type or ("image/webp" if is_webp else "")


def _make_portrait(data: bytes) -> bytes:
    try:
        return make_preview(data) if data else b""
    except FacetError:
        return b""
