"""Read the boxes of HEIF and AVIF files (ISO/IEC 14496-12 and 23008-12)."""

import struct
from collections.abc import Iterator
from typing import Final

from headshots.engine.io.color_encoding import SRGB, ColorEncoding, encoding_from_cicp
from headshots.engine.io.color_management import encoding_of_profile

FULL_BOX_BYTES: Final = 4  # version and flags, which begin some boxes
MAX_BRANDS: Final = 64
# Flags in the third byte of the box av1C: AV1 Codec ISO Media File Format Binding, section 2.3.3.
AV1_DEEP, AV1_MONOCHROME, AV1_HALF_WIDTH, AV1_HALF_HEIGHT = 0x40, 0x10, 0x08, 0x04
Span = tuple[int, int]  # where the content of a box begins and ends


def read_brands(data: bytes) -> set[bytes]:
    """Return the brands that the file states; empty if it is no file of this family."""
    if data[4:8] != b"ftyp":
        return set()
    end = min(int.from_bytes(data[:4], "big"), 16 + 4 * MAX_BRANDS, len(data))
    return {data[8:12], *(data[i : i + 4] for i in range(16, end, 4))}


def find_meta(data: bytes) -> Span | None:
    """Return where the box is that describes the pictures in the file."""
    return next((span for name, span in _list_boxes(data, (0, len(data))) if name == b"meta"), None)


def read_encoding(data: bytes) -> ColorEncoding:
    """Return the colour encoding of the primary picture; an ICC profile takes precedence."""
    try:
        encodings = _read_color_boxes(data)
    except (struct.error, IndexError, KeyError, TypeError):  # a box is missing or cut off
        return SRGB
    with_profile = [encoding for encoding in encodings if encoding.icc_profile]
    return next(iter([*with_profile, *encodings]), SRGB)


def list_av1_samples(data: bytes) -> list[tuple[float, bool]]:
    """Return the samples per pixel, 1 to 3, of each AV1 picture, and whether they are deep.

    Deep samples have more than 8 bits. Pictures are the tiles of a grid and alpha, too; empty if
    the file does not say.
    """
    try:
        _, properties = _read_properties(data)
        flags = [data[start + 2] for name, (start, _) in properties if name == b"av1C"]
    except (struct.error, IndexError, KeyError):
        return []
    return [(_count_samples(flag), bool(flag & AV1_DEEP)) for flag in flags]


def _count_samples(flag: int) -> float:
    if flag & AV1_MONOCHROME:
        return 1.0
    width, height = (0.5 if flag & half else 1.0 for half in (AV1_HALF_WIDTH, AV1_HALF_HEIGHT))
    return 1.0 + 2 * width * height


def _read_color_boxes(data: bytes) -> list[ColorEncoding]:
    boxes, properties = _read_properties(data)
    primary = _read_number(data, boxes[b"pitm"][0] + FULL_BOX_BYTES, data[boxes[b"pitm"][0]] >= 1)
    indices = _list_associations(data, boxes[b"ipma"][0], primary)
    chosen = [properties[i - 1] for i in indices if 0 < i <= len(properties)]
    return [_read_color_box(data, span) for name, span in chosen if name == b"colr"]


def _read_properties(data: bytes) -> tuple[dict[bytes, Span], list[tuple[bytes, Span]]]:
    """Return the boxes that describe the pictures, and the properties to which they refer."""
    start, end = find_meta(data) or (0, 0)
    boxes = dict(_list_boxes(data, (start + FULL_BOX_BYTES, end)))
    boxes |= dict(_list_boxes(data, boxes[b"iprp"]))
    return boxes, list(_list_boxes(data, boxes[b"ipco"]))


def _read_color_box(data: bytes, span: Span) -> ColorEncoding:
    kind = data[span[0] : span[0] + 4]
    if kind == b"nclx":
        primaries, transfer = struct.unpack_from(">HH", data, span[0] + 4)
        return encoding_from_cicp(primaries, transfer)
    return encoding_of_profile(data[span[0] + 4 : span[1]] if kind in (b"prof", b"rICC") else None)


def _list_boxes(data: bytes, span: Span) -> Iterator[tuple[bytes, Span]]:
    place, end = span
    while place + 8 <= end:
        size, name = struct.unpack_from(">I4s", data, place)
        header = 8
        if size == 1:  # the size has 64 bits
            size, header = struct.unpack_from(">Q", data, place + 8)[0], 16
        elif size == 0:  # to the end of the file
            size = end - place
        if size < header or place + size > len(data):
            return
        yield name, (place + header, place + size)
        place += size


def _list_associations(data: bytes, start: int, item: int) -> list[int]:
    """Return the 1-based indices of the properties of one item, from the ipma box."""
    is_long_id, is_long_index = data[start] >= 1, bool(data[start + 3] & 1)
    count, place = _read_number(data, start + FULL_BOX_BYTES, True), start + FULL_BOX_BYTES + 4
    for _ in range(count):
        item_id = _read_number(data, place, is_long_id)
        place += 4 if is_long_id else 2
        step, length = (2 if is_long_index else 1), data[place]
        values = data[place + 1 : place + 1 + step * length]
        place += 1 + step * length
        if item_id == item:
            mask = 0x7FFF if is_long_index else 0x7F  # the first bit says that it is essential
            return [
                int.from_bytes(values[i : i + step], "big") & mask
                for i in range(0, len(values), step)
            ]
    return []


def _read_number(data: bytes, place: int, is_long: bool) -> int:
    return struct.unpack_from(">I" if is_long else ">H", data, place)[0]
