"""Find and apply the orientation of a photo, and find the focal length it was taken with.

Only plain numbers are read from EXIF, and the orientation from XMP. All other fields are left
unread, so a field with a broken value cannot make a photo unreadable.
"""

import re
import struct
from contextlib import suppress
from typing import Final

import numpy as np

from headshots.engine.types import Pixels

UPRIGHT: Final = 1
EXIF_PREFIX: Final = b"Exif\0\0"
# Tags (Exif 2.32, section 4.6).
ORIENTATION_TAG: Final = 0x0112
EXIF_DIRECTORY_TAG: Final = 0x8769
WIDTH_TAG, HEIGHT_TAG = 0xA002, 0xA003
FILM_FOCAL_LENGTH_TAG: Final = 0xA405  # FocalLengthIn35mmFilm, millimetres
ENTRY_BYTES: Final = 12  # of one field in a directory (TIFF 6.0, section 2)
BYTE_ORDERS: Final = {b"II": "<", b"MM": ">"}
# The TIFF field types that hold an unsigned integer, as codes of the struct module.
INTEGER_TYPES: Final = {1: "B", 3: "H", 4: "I"}
# The stated focal length has the angle of the lens across the diagonal of 35 mm film, 43.27 mm.
# This is the longer side of a picture of 4:3 with that diagonal; other cameras are up to 4 % off.
FILM_LONGER_SIDE: Final = 34.6  # millimetres
FOCAL_LENGTHS: Final = range(8, 1_001)  # millimetres that are believed
MIN_ORIGINAL_SIDE: Final = 2_500  # pixels: the longer side of what cameras of phones write
MIN_ORIGINAL_ASPECT: Final = 1.3  # cameras write 4:3 and wider; a square was cropped
MAX_ASPECT_CHANGE: Final = 0.02  # share, between stated and present size: more was cropped
XMP_ORIENTATION: Final = re.compile(rb"tiff:Orientation(?:\s*=\s*[\"']|>)\s*([1-8])\b")


def find_orientation(exif: bytes | None, xmp: bytes | None = None) -> int:
    """Return the orientation, 1 to 8, that EXIF or else XMP states; 1 means upright."""
    orientation = _read_integers(exif).get(ORIENTATION_TAG, 0)
    if not 1 <= orientation <= 8 and (match := XMP_ORIENTATION.search(xmp or b"")):
        orientation = int(match[1])
    return orientation if 1 <= orientation <= 8 else UPRIGHT


def find_focal_share(exif: bytes | None, size: tuple[int, int]) -> float | None:
    """Return the focal length over the longer side of a picture; None if it is not known.

    `size` is width and height as stored. Of a picture that was cropped, or made too small to tell,
    it is not known: the stated focal length is that of the whole picture.
    """
    directory = _read_integers(exif).get(EXIF_DIRECTORY_TAG, 0)
    fields = _read_integers(exif, start=directory) if directory else {}
    focal_length = fields.get(FILM_FOCAL_LENGTH_TAG, 0)
    stated_size = fields.get(WIDTH_TAG, 0), fields.get(HEIGHT_TAG, 0)
    if focal_length not in FOCAL_LENGTHS or not _is_original(size, stated_size):
        return None
    return focal_length / FILM_LONGER_SIDE


def _is_original(size: tuple[int, int], stated_size: tuple[int, int]) -> bool:
    """Whether a picture is as a camera writes it: large, of a usual shape, not cropped since."""
    aspect = max(size) / max(1, min(size))
    stated_aspect = max(stated_size) / min(stated_size) if all(stated_size) else aspect
    is_cropped = abs(stated_aspect / aspect - 1) > MAX_ASPECT_CHANGE
    return max(size) >= MIN_ORIGINAL_SIDE and aspect >= MIN_ORIGINAL_ASPECT and not is_cropped


def _read_integers(exif: bytes | None, *, start: int = 0) -> dict[int, int]:
    """Read the integers of a directory by their tags, by default the first (Exif 2.32, 4.6.2).

    Of a directory that is cut off, those before its end are read.
    """
    tiff = (exif or b"").removeprefix(EXIF_PREFIX)
    order = BYTE_ORDERS.get(tiff[:2])
    integers: dict[int, int] = {}
    if order is None:
        return integers
    with suppress(struct.error):  # beyond the end
        start = start or struct.unpack_from(f"{order}I", tiff, 4)[0]
        count = struct.unpack_from(f"{order}H", tiff, start)[0]
        for i in range(count):
            place = start + 2 + i * ENTRY_BYTES
            tag, field_type = struct.unpack_from(f"{order}HH", tiff, place)
            if field_type in INTEGER_TYPES and tag not in integers:
                code = INTEGER_TYPES[field_type]
                integers[tag] = struct.unpack_from(f"{order}{code}", tiff, place + 8)[0]
    return integers


def turn_upright(pixels: Pixels, orientation: int) -> Pixels:
    """Turn and mirror stored pixels as the orientation says (Exif 2.32, section 4.6.4)."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.transpose(1, 0, 2)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)
