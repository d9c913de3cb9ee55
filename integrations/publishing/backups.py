"""Back up the picture that is replaced, and detect pictures that were set by hand."""

import base64
import hashlib
from typing import Any

from headshots.engine.io.decode import decode
from headshots.engine.io.encode import encode
from headshots.errors import FacetError
from integrations import perceptual_hash
from integrations.models import Backup, Publication
from integrations.platforms.base import Client, Picture, Readback, Rendition, Slot
from integrations.publication_states import State
from integrations.renditions import small, square

# Platforms whose identifier of a picture changes with the picture.
KEYED = frozenset({Readback.EXACT, Readback.VERSION, Readback.URL})
RECENT = 5  # earlier publications that a found picture is compared with, at most


def take(publication: Publication, client: Client, live: Picture | None) -> Backup:
    """Back up the account's current picture; a known one is not downloaded again."""
    connection = publication.connection
    kept = Backup.objects.filter(connection=connection, slot=publication.slot).defer("sealed")
    if live is None:
        return _kept(publication, b"", key="", alt_text="")
    if live.key and connection.platform.readback in KEYED:
        known = kept.filter(key=live.key[:500]).first()
        if known:
            return known
    data = live.data or client.door.fetch(live.url).data
    there = kept.filter(digest=_digest(data))
    if there.update(key=live.key[:500]):
        return there.get()
    return _kept(publication, data, key=live.key, alt_text=live.alt_text)


def rendition(backup: Backup, slot: Slot) -> Rendition | None:
    """Return the picture of a backup for a slot, unchanged if the slot takes it; None if empty."""
    if backup.is_none:
        return None
    data = base64.b64decode(backup.unseal()["data"])
    form = backup.media_type.removeprefix("image/")
    if form not in slot.formats or len(data) > slot.max_bytes:
        form = slot.formats[0]
        data = encode(square(decode(data)), form=form, max_bytes=slot.max_bytes)
    return Rendition(data, form=form, alt_text=backup.alt_text, looks=backup.fingerprint)


def is_changed_by_hand(publication: Publication, backup: Backup, wanted: str) -> bool:
    """Return whether the current picture was set by hand and must not be overwritten.

    That is so if earlier publications do not explain it and the person has not agreed to replace
    it. `wanted` is the fingerprint of the picture to be sent.
    """
    if publication.agreed_id == backup.pk or looks_like(backup.fingerprint, wanted):
        return False
    earlier = _recent(publication)
    return bool(earlier) and not any(_accounts_for(one, backup) for one in earlier)


def _recent(publication: Publication) -> list[Publication]:
    """Return what was sent to the slot before, newest first, back to the last published one."""
    sent = Publication.objects.filter(
        connection=publication.connection, slot=publication.slot, sent_at__isnull=False
    ).exclude(pk=publication.pk)
    found = []
    whole = sent.select_related("restores").defer("restores__sealed", "restores__portrait")
    for one in whole.order_by("-sent_at")[:RECENT]:
        found.append(one)
        if one.state == State.PUBLISHED:
            break
    return found


def _accounts_for(earlier: Publication, backup: Backup) -> bool:
    """Return whether the picture is the one that was sent, or the one it has not replaced yet."""
    if earlier.state != State.PUBLISHED and earlier.before_id == backup.pk:
        return True
    if earlier.restores is not None and earlier.restores.is_none:
        return backup.is_none
    if backup.is_none:
        return False
    by_key = bool(earlier.live_key) and earlier.live_key == backup.key
    return by_key or looks_like(backup.fingerprint, earlier.fingerprint)


def looks_like(one: str, other: str) -> bool:
    """Return whether two fingerprints in hex belong to copies of the same picture."""
    return bool(one and other) and perceptual_hash.is_same(int(one, 16), int(other, 16))


def print_of(data: bytes) -> str:
    """Return the fingerprint of an encoded picture in hex, or '' if it cannot be decoded."""
    try:
        return perceptual_hash.text_of(decode(data))
    except FacetError:
        return ""


def _kept(publication: Publication, data: bytes, *, key: str, alt_text: str) -> Backup:
    row = Backup(
        connection=publication.connection,
        slot=publication.slot,
        key=key[:500],
        digest=_digest(data),
        media_type=_media_type(data),
        alt_text=alt_text,
        fingerprint=print_of(data) if data else "",
        portrait=_portrait(data),
    )
    row.seal({"data": base64.b64encode(data).decode()})
    told: dict[str, Any] = {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields}
    same = {name: told.pop(name) for name in ("connection_id", "slot", "digest")}
    return Backup.objects.get_or_create(**same, defaults=told)[0]


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest() if data else ""


def _media_type(data: bytes) -> str:
    """Return the media type by the file's first bytes, or '' if it is unknown."""
    signs = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png", b"GIF8": "image/gif"}
    known = next((kind for sign, kind in signs.items() if data.startswith(sign)), "")
    webp = data[:4] == b"RIFF" and data[8:12] == b"WEBP"
    return known or ("image/webp" if webp else "")


def _portrait(data: bytes) -> bytes:
    try:
        return small(data) if data else b""
    except FacetError:
        return b""
