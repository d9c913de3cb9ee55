"""Find and apply the orientation of a photo.

Only the orientation is read from EXIF and XMP. All other fields are left unread, so a field with a
broken value cannot make a photo unreadable.
"""

import re
import struct
from typing import Final

import numpy as np

from headshots.engine.types import Pixels

UPRIGHT: Final = 1
EXIF_PREFIX: Final = b"Exif\0\0"
ORIENTATION_TAG: Final = 0x0112
ENTRY_BYTES: Final = 12  # of one field in a directory (TIFF 6.0, section 2)
BYTE_ORDERS: Final = {b"II": "<", b"MM": ">"}
# The TIFF field types that hold an unsigned integer, as codes of the struct module.
INTEGER_TYPES: Final = {1: "B", 3: "H", 4: "I"}
XMP_ORIENTATION: Final = re.compile(rb"tiff:Orientation(?:\s*=\s*[\"']|>)\s*([1-8])\b")


def find_orientation(exif: bytes | None, xmp: bytes | None = None) -> int:
    """Return the orientation, 1 to 8, that EXIF or else XMP states; 1 means upright."""
    orientation = _read_exif_orientation(exif or b"")
    if orientation is None and (match := XMP_ORIENTATION.search(xmp or b"")):
        orientation = int(match[1])
    return orientation or UPRIGHT


def _read_exif_orientation(exif: bytes) -> int | None:
    """Read the orientation from the first directory (Exif 2.32, section 4.6.4)."""
    tiff = exif.removeprefix(EXIF_PREFIX)
    order = BYTE_ORDERS.get(tiff[:2])
    if order is None:
        return None
    try:
        start = struct.unpack_from(f"{order}I", tiff, 4)[0]
        count = struct.unpack_from(f"{order}H", tiff, start)[0]
        for i in range(count):
            place = start + 2 + i * ENTRY_BYTES
            tag, field_type = struct.unpack_from(f"{order}HH", tiff, place)
            if tag == ORIENTATION_TAG and field_type in INTEGER_TYPES:
                value = struct.unpack_from(f"{order}{INTEGER_TYPES[field_type]}", tiff, place + 8)[
                    0
                ]
                return value if 1 <= value <= 8 else None
    except struct.error:  # the directory is cut off
        return None
    return None


def turn_upright(pixels: Pixels, orientation: int) -> Pixels:
    """Turn and mirror stored pixels as the orientation says (Exif 2.32, section 4.6.4)."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.transpose(1, 0, 2)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)
