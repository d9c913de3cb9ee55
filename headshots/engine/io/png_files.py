"""Open PNG files: read colour and orientation, and decode the pixels in bands.

A band is decoded by wrapping its compressed rows into a small PNG of their own. Rows of a PNG refer
to the row above (PNG 3, section 9), so the band begins with the last row of the band before.
"""

import io
import struct
import zlib
from collections.abc import Iterator
from typing import Final

import cv2
import numpy as np
from PIL import Image as Pillow

from headshots.engine.io.color_encoding import (
    SRGB,
    SRGB_CURVE,
    SRGB_PRIMARIES,
    ColorEncoding,
    ToneCurve,
    are_usable,
    encoding_from_cicp,
)
from headshots.engine.io.color_management import encoding_of_profile
from headshots.engine.io.exif import find_orientation
from headshots.engine.io.raster import ImageRaster, Raster, Rows

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
HEADER: Final = struct.Struct(">IIBBBBB")  # PNG 3, section 11.2.1
CHANNELS: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by colour type
COLOR_TYPES_OF_DEEP_BANDS: Final = (2, 6)  # 16-bit RGB, and the same with alpha
XMP_KEYWORD: Final = b"XML:com.adobe.xmp\0"
MAX_PROFILE_BYTES: Final = 4_000_000
PIECE_BYTES: Final = 65_536  # compressed data that is fed to zlib at once
UNIT: Final = 100_000  # chromaticities and gamma are stored as multiples of 1/100000
SRGB_GAMMA: Final = 45_455  # what sRGB pictures state (PNG 3, section 11.3.2.5)
GAMMA_RANGE: Final = (0.2, 2.0)  # values beyond are mistakes

Chunks = dict[bytes, list[memoryview]]


def open_png(data: bytes) -> Raster:
    """Open a PNG without decoding pixels; raises SyntaxError if its header is damaged."""
    chunks = _read_chunks(data)
    header = bytes(next(iter(chunks.get(b"IHDR", [])), b""))
    if len(header) != HEADER.size:
        raise SyntaxError("the header of the PNG is damaged")
    _, _, depth, color_type, _, _, interlaced = HEADER.unpack(header)
    encoding, orientation = _read_encoding(chunks), _read_orientation(chunks)
    deep = depth == 16 and color_type in COLOR_TYPES_OF_DEEP_BANDS
    if (deep or depth == 8) and color_type in CHANNELS and not interlaced:
        return BandedPng(chunks, encoding=encoding, orientation=orientation)
    image = Pillow.open(
        io.BytesIO(_build_png(header, chunks, chunks.get(b"IDAT", []))), "r", ["PNG"]
    )
    return ImageRaster(image, encoding=encoding, orientation=orientation)


class BandedPng:
    """A PNG of which only the rows in use are in memory."""

    exif: bytes | None = None
    pixel_bytes: float = 0

    def __init__(self, chunks: Chunks, *, encoding: ColorEncoding, orientation: int) -> None:
        self.encoding, self.orientation = encoding, orientation
        self._chunks = chunks
        width, height, self._depth, self._color_type, *self._methods = HEADER.unpack(
            bytes(chunks[b"IHDR"][0])
        )
        self.size = (width, height)
        self._row_bytes = width * CHANNELS[self._color_type] * self._depth // 8
        self._rewind()

    def prepare(self, *, max_side: int) -> None:
        """Do nothing: rows are decoded when they are read."""

    def read_rows(self, top: int, bottom: int) -> Rows:
        if top < self._first:
            self._rewind()
        if bottom > self._end:
            self._decode_band(keep_from=top, end=bottom)
        if isinstance(self._rows, Pillow.Image):
            return self._rows.crop((0, top - self._first, self.size[0], bottom - self._first))
        return self._rows[top - self._first : bottom - self._first]

    def _rewind(self) -> None:
        self._inflated = _Inflater(self._chunks.get(b"IDAT", []))
        self._row_above = bytes(self._row_bytes)
        self._first = self._end = 0  # the rows in memory
        self._rows: Rows = self._decode_rows(b"", 0)

    def _decode_band(self, *, keep_from: int, end: int) -> None:
        """Decode rows up to `end`, and keep those in memory that are still asked for."""
        compressed = self._inflated.read((end - self._end) * (self._row_bytes + 1))
        fresh = self._decode_rows(compressed, end - self._end)
        kept = min(keep_from, self._end)
        self._rows = _stack(self._rows, kept - self._first, fresh)
        self._first, self._end = kept, end

    def _decode_rows(self, filtered: bytes, count: int) -> Rows:
        header = HEADER.pack(self.size[0], count + 1, self._depth, self._color_type, *self._methods)
        scanlines = b"".join((b"\0", self._row_above, filtered))
        band = _build_png(header, self._chunks, [memoryview(zlib.compress(scanlines, level=0))])
        if self._depth == 16:
            return self._decode_deep(band)
        image = Pillow.open(io.BytesIO(band), "r", ["PNG"])
        image.load()
        self._row_above = image.crop((0, count, image.width, count + 1)).tobytes()
        return image.crop((0, 1, image.width, count + 1))

    def _decode_deep(self, band: bytes) -> Rows:
        samples = cv2.imdecode(np.frombuffer(band, np.uint8), cv2.IMREAD_UNCHANGED)
        if samples is None:
            raise OSError("the rows of the PNG are damaged")
        order = (2, 1, 0, 3)[: samples.shape[2]]
        samples = samples[..., order].astype(np.uint16)
        self._row_above = samples[-1].astype(">u2").tobytes()
        return samples[1:]


class _Inflater:
    """Decompress the data of a PNG, as much as is asked for."""

    def __init__(self, parts: list[memoryview]) -> None:
        self._pieces = _cut(parts)
        self._stream = zlib.decompressobj()
        self._pending = b""

    def read(self, count: int) -> bytes:
        inflated_pieces: list[bytes] = []
        while count > 0:
            if not self._pending:
                self._pending = next(self._pieces, b"")
                if not self._pending:
                    raise OSError("the data of the PNG ends too early")
            inflated = self._stream.decompress(self._pending, count)
            self._pending = self._stream.unconsumed_tail
            inflated_pieces.append(inflated)
            count -= len(inflated)
        return b"".join(inflated_pieces)


def _cut(parts: list[memoryview]) -> Iterator[bytes]:
    for part in parts:
        for start in range(0, len(part), PIECE_BYTES):
            yield bytes(part[start : start + PIECE_BYTES])


def _stack(rows: Rows, start: int, fresh: Rows) -> Rows:
    """Return the rows from `start` on with fresh ones below them."""
    if not isinstance(rows, Pillow.Image) or not isinstance(fresh, Pillow.Image):
        return np.concatenate((np.asarray(rows)[start:], np.asarray(fresh)))
    kept = rows.height - start
    if kept <= 0:
        return fresh
    stacked = fresh.crop((0, -kept, fresh.width, fresh.height))
    stacked.paste(rows.crop((0, start, rows.width, rows.height)), (0, 0))
    return stacked


def _read_chunks(data: bytes) -> Chunks:
    """Return the bodies of all chunks up to the end of the picture, by type."""
    chunks: Chunks = {}
    view, place = memoryview(data), len(SIGNATURE)
    while place + 8 <= len(data):
        length, name = struct.unpack_from(">I4s", data, place)
        body = view[place + 8 : place + 8 + length]
        if name in (b"IHDR", b"PLTE") and not _has_right_checksum(data, place + 4, length):
            raise SyntaxError("the header of the PNG is damaged")
        if name == b"IEND":
            break
        chunks.setdefault(name, []).append(body)
        place += 12 + length
    return chunks


def _has_right_checksum(data: bytes, place: int, length: int) -> bool:
    stated = data[place + 4 + length : place + 8 + length]
    return stated == struct.pack(">I", zlib.crc32(data[place : place + 4 + length]))


def _build_png(header: bytes, chunks: Chunks, parts: list[memoryview]) -> bytes:
    """Build a PNG from nothing but what its pixels need."""
    needed = [(b"IHDR", memoryview(header))]
    needed += [(name, body) for name in (b"PLTE", b"tRNS") for body in chunks.get(name, [])[:1]]
    needed += [(b"IDAT", part) for part in parts] + [(b"IEND", memoryview(b""))]
    pieces: list[bytes | memoryview] = [SIGNATURE]
    for name, body in needed:
        checksum = zlib.crc32(body, zlib.crc32(name))
        pieces += [struct.pack(">I", len(body)), name, body, struct.pack(">I", checksum)]
    return b"".join(pieces)


def _read_encoding(chunks: Chunks) -> ColorEncoding:
    """Read the colours in the order of precedence of PNG 3, section 4.3; broken chunks are none."""
    first = {name: bytes(bodies[0]) for name, bodies in chunks.items() if name != b"IDAT"}
    if len(cicp := first.get(b"cICP", b"")) == 4:
        return encoding_from_cicp(cicp[0], cicp[1])
    if profile := _inflate_profile(first.get(b"iCCP", b"")):
        return encoding_of_profile(profile)
    if b"sRGB" in first:
        return SRGB
    return ColorEncoding(
        primaries=_read_chromaticities(first.get(b"cHRM", b"")),
        curve=_read_gamma(first.get(b"gAMA", b"")),
    )


def _inflate_profile(body: bytes) -> bytes | None:
    """Decompress an ICC profile (PNG 3, section 11.3.2.3): its name, two zero bytes, the data."""
    start = body.find(b"\0") + 2
    try:
        return zlib.decompressobj().decompress(body[start:], MAX_PROFILE_BYTES) or None
    except zlib.error:
        return None


def _read_chromaticities(body: bytes) -> tuple[float, ...]:
    if len(body) != 32:
        return SRGB_PRIMARIES
    stated = tuple(number / UNIT for number in struct.unpack(">8I", body))
    differences = np.abs(np.subtract(stated, SRGB_PRIMARIES))
    return stated if differences.max() > 0.001 and are_usable(stated) else SRGB_PRIMARIES


def _read_gamma(body: bytes) -> ToneCurve:
    stated = struct.unpack(">I", body)[0] if len(body) == 4 else SRGB_GAMMA
    smallest, largest = GAMMA_RANGE
    if stated == SRGB_GAMMA or not smallest <= stated / UNIT <= largest:
        return SRGB_CURVE
    return ToneCurve(UNIT / stated)


def _read_orientation(chunks: Chunks) -> int:
    exif = b"".join(bytes(body) for body in chunks.get(b"eXIf", [])[:1])
    texts = (bytes(body) for body in chunks.get(b"iTXt", []))
    return find_orientation(
        exif, next((text for text in texts if text.startswith(XMP_KEYWORD)), None)
    )
