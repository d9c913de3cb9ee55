"""Open JPEG files: only what the pixels need reaches the decoder."""

import io
import struct
import zlib
from typing import Final

from PIL import Image as Pillow
from PIL.JpegImagePlugin import JpegImageFile

from headshots.engine.io.color_encoding import SRGB, ColorEncoding
from headshots.engine.io.color_management import encoding_of_profile
from headshots.engine.io.exif import EXIF_PREFIX, find_orientation

SIGNATURE: Final = b"\xff\xd8"
# Markers (ITU-T T.81, table B.1).
START_OF_SCAN: Final = 0xDA
END_OF_IMAGE: Final = b"\xff\xd9"
APP0, APP1, APP2, APP14, APP15, COMMENT = 0xE0, 0xE1, 0xE2, 0xEE, 0xEF, 0xFE
JFIF_BYTES: Final = 16  # of the shortest whole JFIF segment, with its length
ICC_PREFIX: Final = b"ICC_PROFILE\0"  # followed by the number of the part and how many there are
XMP_PREFIX: Final = b"http://ns.adobe.com/xap/1.0/\0"
CHECKSUM_ROWS: Final = 64  # rows that are summed up at once
# Scan data and restart markers that change the picture if any of its pixels is missing.
_FILLER: Final = b"\x5a\xa5\x3c" * 40
MISSING_PIXELS_TEST: Final = _FILLER + b"".join(bytes((0xFF, 0xD0 + i)) + _FILLER for i in range(8))


class JpegRaster:
    """A JPEG file; embedded previews, gain maps and other further pictures are left out."""

    pixel_bytes: float = 0  # large pictures are reduced while they are decoded

    def __init__(self, data: bytes) -> None:
        self._stream, segments = _split_segments(data)
        self._image: Pillow.Image = JpegImageFile(io.BytesIO(self._stream))
        self.exif = next((body for body in segments if body.startswith(EXIF_PREFIX)), None)
        xmp = next((body for body in segments if body.startswith(XMP_PREFIX)), None)
        self.orientation = find_orientation(self.exif, xmp)
        self.encoding = _read_encoding(segments)

    @property
    def size(self) -> tuple[int, int]:
        return self._image.size

    def read_rows(self, top: int, bottom: int) -> Pillow.Image:
        return self._image.crop((0, top, self._image.width, bottom))

    def prepare(self, *, max_side: int) -> None:
        """Decode the picture, at a half, quarter or eighth if that is still large enough.

        A file without its end marker is whole if no pixel depends on what would follow.
        """
        try:
            self._image = _load(self._stream, max_side)
        except OSError:
            self._stream = self._stream.rstrip(b"\xff")
            filler = MISSING_PIXELS_TEST + END_OF_IMAGE
            expected = _find_checksum(_load(self._stream + filler, max_side))
            self._image = _load(self._stream + END_OF_IMAGE, max_side)
            if _find_checksum(self._image) != expected:
                raise


def _load(stream: bytes, max_side: int) -> Pillow.Image:
    image = JpegImageFile(io.BytesIO(stream))
    share = max_side / max(image.size)
    if share < 1:
        width, height = image.size
        image.draft(image.mode, (max(1, int(width * share)), max(1, int(height * share))))
    image.load()
    return image


def _split_segments(data: bytes) -> tuple[bytes, list[bytes]]:
    """Return a stream without metadata, and the bodies of the application segments.

    The stream keeps the two segments that tell how colours are stored: JFIF and Adobe's.
    """
    kept, segments, place = [SIGNATURE], [], len(SIGNATURE)
    while place + 4 <= len(data):
        marker = data[place + 1]
        if data[place] != 0xFF or marker in (0x00, 0xFF) or 0xD0 <= marker <= 0xD8:
            place += 1  # fill bytes, or what a wrong length left over
            continue
        if marker == START_OF_SCAN or marker == END_OF_IMAGE[1]:
            break
        length = struct.unpack_from(">H", data, place + 2)[0]
        body = data[place + 4 : place + 2 + length]
        if APP0 <= marker <= APP15:
            segments.append(body)
        if _is_needed(marker, length):
            kept.append(data[place : place + 2 + length])
        place += 2 + length
    return b"".join((*kept, memoryview(data)[place:])), segments


def _is_needed(marker: int, length: int) -> bool:
    """Whether a decoder needs a segment to decode pixels."""
    if marker == APP0:
        return length >= JFIF_BYTES
    return marker == APP14 or not (APP1 <= marker <= APP15 or marker == COMMENT)


def _read_encoding(segments: list[bytes]) -> ColorEncoding:
    """Read the ICC profile, whose parts are numbered from 1 (ICC.1:2022, annex B.4)."""
    parts = [body[len(ICC_PREFIX) :] for body in segments if body.startswith(ICC_PREFIX)]
    parts = sorted((part for part in parts if len(part) > 2), key=lambda part: part[0])
    profile = b"".join(part[2:] for part in parts)
    if not profile or len(parts) != parts[0][1]:
        return SRGB
    return encoding_of_profile(profile)


def _find_checksum(image: Pillow.Image) -> int:
    checksum = 0
    for top in range(0, image.height, CHECKSUM_ROWS):
        bottom = min(top + CHECKSUM_ROWS, image.height)
        checksum = zlib.crc32(image.crop((0, top, image.width, bottom)).tobytes(), checksum)
    return checksum
