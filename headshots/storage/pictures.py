"""One stored picture in every size that pages show it at, under a name nobody can guess."""

from contextlib import suppress
from datetime import datetime
from typing import Final

import cv2
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from django.utils.crypto import salted_hmac

from headshots.engine.io.decode import decode
from headshots.engine.io.encode import encode
from headshots.engine.types import Pixels
from headshots.errors import StorageFull

# Longest side in pixels; the full size is written last: where it is, the others are.
SIZES: Final = {"160": 160, "400": 400, "800": 800, "full": None}
NAME: Final = r"[0-9a-f]{40}"


def keep(owner: object, pixels: Pixels, *, file: bytes | None = None) -> str:
    """Store a picture for its owner and return its name; `file` is its full size if already made.

    The name is a keyed hash of owner and content: the same picture of one owner is one picture, two
    owners never share a file, and no name can be guessed. Raises StorageFull and keeps nothing if the
    storage does not take it.
    """
    data = file or encode(pixels)
    name = salted_hmac(f"picture of {owner}", data, algorithm="sha256").hexdigest()[:40]
    try:
        if not default_storage.exists(path(name)):
            _write(name, pixels, data)
    except OSError as error:
        raise StorageFull(f"The picture could not be kept: {error.strerror or error}.") from error
    return name


def _write(name: str, pixels: Pixels, data: bytes) -> None:
    """Every size, or none; what a storage that is gone keeps of it, the sweep removes."""
    try:
        for size, side in SIZES.items():
            content = encode(_within(pixels, side)) if side else data
            default_storage.save(path(name, size), ContentFile(content))
    except OSError:
        with suppress(OSError):
            forget(name)
        raise


def path(name: str, size: str = "full") -> str:
    """Where one size of a picture lies in the storage."""
    return f"pictures/{name[:2]}/{name}/{size}.jpg"


def read(name: str, size: str = "full") -> bytes:
    """The file of one size; FileNotFoundError if there is none."""
    with default_storage.open(path(name, size)) as file:
        return bytes(file.read())


def pixels(name: str) -> Pixels:
    """The full picture, decoded."""
    return decode(read(name))


def stored() -> set[str]:
    """The names of all pictures in the storage, whoever's they are."""
    return {name for shard in _folders("pictures") for name in _folders(f"pictures/{shard}")}


def kept_at(name: str) -> datetime:
    """When its first file was written; now, if it is being written or deleted."""
    try:
        return default_storage.get_modified_time(path(name, next(iter(SIZES))))
    except FileNotFoundError:
        return timezone.now()


def forget(name: str) -> None:
    """Delete every size; what is already gone is gone."""
    for size in SIZES:
        default_storage.delete(path(name, size))


def _folders(path: str) -> list[str]:
    """What lies beneath a folder, which need not exist: a bucket knows no empty ones."""
    try:
        return default_storage.listdir(path)[0]
    except FileNotFoundError:
        return []


def _within(pixels: Pixels, side: int) -> Pixels:
    scale = side / max(pixels.shape[:2])
    if scale >= 1:
        return pixels
    return cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
