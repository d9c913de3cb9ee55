"""Stored pictures: each in several sizes, under a name that cannot be guessed."""

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

# Longest side in pixels. The full size is written last, so if it exists the others do, too.
SIZES: Final = {"160": 160, "400": 400, "800": 800, "full": None}
NAME_PATTERN: Final = r"[0-9a-f]{40}"


def store_picture(owner: object, pixels: Pixels, *, full_size_file: bytes | None = None) -> str:
    """Store a picture in all sizes and return its name.

    The name is a keyed hash (HMAC-SHA-256, 160 bits) of owner and content: a picture that the owner
    has already is stored once, two owners never share a file, and no name can be guessed.

    `full_size_file` is the encoded picture, if there is one already. Raises StorageFull if the
    storage does not take the files, and then stores none.
    """
    file_bytes = full_size_file or encode(pixels)
    name = salted_hmac(f"picture of {owner}", file_bytes, algorithm="sha256").hexdigest()[:40]
    try:
        if not default_storage.exists(storage_path(name)):
            _write_sizes(name, pixels, file_bytes)
    except OSError as error:
        raise StorageFull(f"The picture could not be kept: {error.strerror or error}.") from error
    return name


def _write_sizes(name: str, pixels: Pixels, full_size_file: bytes) -> None:
    """Write all sizes or none; what a failing storage keeps, `delete_orphans` deletes."""
    try:
        for size, max_side in SIZES.items():
            content = encode(_limit_size(pixels, max_side)) if max_side else full_size_file
            default_storage.save(storage_path(name, size), ContentFile(content))
    except OSError:
        with suppress(OSError):
            delete_files(name)
        raise


def storage_path(name: str, size_name: str = "full") -> str:
    """Return the path of one size within the storage."""
    return f"pictures/{name[:2]}/{name}/{size_name}.jpg"


def read_file(name: str, size_name: str = "full") -> bytes:
    """Return the JPEG file of one size; raises FileNotFoundError if there is none."""
    with default_storage.open(storage_path(name, size_name)) as file:
        return bytes(file.read())


def read_pixels(name: str) -> Pixels:
    """Return the pixels of the full size."""
    return decode(read_file(name))


def list_names() -> set[str]:
    """Return the names of all stored pictures, of all owners."""
    return {
        name for shard in _list_folders("pictures") for name in _list_folders(f"pictures/{shard}")
    }


def find_stored_time(name: str) -> datetime:
    """Return when the first file was written; now, if the picture is being written or deleted."""
    try:
        return default_storage.get_modified_time(storage_path(name, next(iter(SIZES))))
    except FileNotFoundError:
        return timezone.now()


def delete_files(name: str) -> None:
    """Delete all sizes; no error if there are none."""
    for size_name in SIZES:
        default_storage.delete(storage_path(name, size_name))


def _list_folders(folder_path: str) -> list[str]:
    """Return the folders in a folder, which need not exist: buckets have no empty folders."""
    try:
        return default_storage.listdir(folder_path)[0]
    except FileNotFoundError:
        return []


def _limit_size(pixels: Pixels, max_side: int) -> Pixels:
    """Scale pixels down so that the longer side has at most `max_side` pixels."""
    scale = max_side / max(pixels.shape[:2])
    if scale >= 1:
        return pixels
    return cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
