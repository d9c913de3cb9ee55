"""Decode untrusted bytes to pixels.

Formats and sizes are restricted, orientation and colours applied, and all metadata dropped.
"""

import io
import struct
import warnings
import zlib
from typing import Final, NamedTuple

import cv2
from PIL import ExifTags
from PIL import Image as Pillow

from headshots.engine.errors import BadImage, TooLarge
from headshots.engine.io import heif_files, isobmff, jpeg_files, png_files
from headshots.engine.io.color_management import encoding_of_profile
from headshots.engine.io.exif import UPRIGHT, find_focal_share, turn_upright
from headshots.engine.io.heif_files import HeifRaster, open_avif
from headshots.engine.io.jpeg_files import JpegRaster
from headshots.engine.io.raster import ImageRaster, Raster, read_srgb
from headshots.engine.io.webp_files import open_webp
from headshots.engine.types import Pixels

OTHER_FORMATS: Final = ("TIFF", "BMP", "GIF")  # decoded by Pillow as a whole
MAX_BYTES: Final = 60_000_000
MAX_PIXELS: Final = 100_000_000
MAX_SIDE: Final = 16_384  # pixels
MIN_SIDE: Final = 64  # pixels
# Bytes that a decoder which cannot reduce may take. With 80 MB for the strips and the reduced
# picture, a file costs at most 500 MB: `make bench-decode`.
MAX_DECODER_BYTES: Final = 420_000_000
MAX_DECODED_SIDE: Final = 4_096  # pixels; larger pictures are reduced while they are decoded

# What decoders raise on broken files; listed so that errors in this code are not hidden.
DECODER_ERRORS: Final = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    EOFError,
    OverflowError,
    RuntimeError,
    struct.error,
    zlib.error,
    cv2.error,
)


class DecodedPhoto(NamedTuple):
    """Upright sRGB pixels of a photo, and its focal length over its longer side, if it is known."""

    pixels: Pixels
    focal_share: float | None


def decode(data: bytes) -> Pixels:
    """Decode the bytes of a photo to pixels as `decode_photo` does, without its focal length."""
    return decode_photo(data).pixels


def decode_photo(data: bytes) -> DecodedPhoto:
    """Decode the bytes of a photo to upright sRGB pixels, H×W×3, 0..255.

    The longer side has at most MAX_DECODED_SIDE pixels: larger photos are reduced. Transparency is
    composited over white; 16-bit, CMYK and palette pictures become 8-bit RGB; a high dynamic range
    is tone-mapped; of an animation the first frame is used, of a HEIF file the primary picture.
    Metadata that is broken is ignored, and but for orientation, colours and focal length nothing of
    it is read. Raises TooLarge before any pixel is decoded, and BadImage
    for anything that is not a readable photo.
    """
    if len(data) > MAX_BYTES:
        raise TooLarge(
            f"The file has {len(data) / 1e6:.0f} MB; the limit is {MAX_BYTES / 1e6:.0f}."
        )
    if not data:
        raise BadImage("The file is empty.")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's size warning: the limits below are stricter
        raster = _open_picture(data)
        _check_size(*raster.size)
        _check_memory(raster)
        focal_share = find_focal_share(raster.exif, raster.size)
        return DecodedPhoto(_read_pixels(raster), focal_share)


def _open_picture(data: bytes) -> Raster:
    """Read the header only; the pixels are decoded when they are asked for."""
    try:
        return _open_by_content(data)
    except Pillow.DecompressionBombError as error:
        raise TooLarge("The picture has far too many pixels.") from error
    except DECODER_ERRORS as error:
        raise BadImage("This file is not a photo in a format that can be read.") from error


def _open_by_content(data: bytes) -> Raster:
    if data.startswith(jpeg_files.SIGNATURE):
        return JpegRaster(data)
    if data.startswith(png_files.SIGNATURE):
        return png_files.open_png(data)
    if data.startswith(b"RIFF"):
        return open_webp(data)
    brands = isobmff.read_brands(data)
    if brands & heif_files.AVIF_BRANDS:
        return open_avif(data)
    if brands & heif_files.HEIF_BRANDS:
        return HeifRaster(data)
    return _open_other(data)


def _open_other(data: bytes) -> ImageRaster:
    image = Pillow.open(io.BytesIO(data), formats=OTHER_FORMATS)
    if image.format == "TIFF":  # Pillow turns it upright, for which only the orientation is needed
        exif = image.getexif()
        for tag in set(exif) - {ExifTags.Base.Orientation}:
            del exif[tag]
    encoding = encoding_of_profile(image.info.get("icc_profile"))
    return ImageRaster(image, encoding=encoding, orientation=UPRIGHT)


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise TooLarge(
            f"The picture is {width} × {height} pixels; the limit is {MAX_SIDE:,} a side "
            f"and {MAX_PIXELS // 1_000_000} megapixels."
        )
    share = min(1, MAX_DECODED_SIDE / max(width, height, 1))
    if min(width, height) * share < MIN_SIDE:
        raise BadImage(f"The picture is only {width} × {height} pixels.")


def _check_memory(raster: Raster) -> None:
    width, height = raster.size
    if width * height * raster.pixel_bytes > MAX_DECODER_BYTES:
        limit = MAX_DECODER_BYTES / raster.pixel_bytes / 1e6
        raise TooLarge(
            f"The picture has {width * height / 1e6:.0f} megapixels; in this format, which cannot "
            f"be reduced while it is read, the limit is {int(limit)}.",
            advice=(
                f"Save it as a JPEG, which may have {MAX_PIXELS // 1_000_000} megapixels, or "
                "export it smaller: 4,000 pixels on the long side are plenty."
            ),
        )


def _read_pixels(raster: Raster) -> Pixels:
    try:
        raster.prepare(max_side=MAX_DECODED_SIDE)
        _check_size(*raster.size)  # some files state another size than they have
        pixels = read_srgb(raster, max_side=MAX_DECODED_SIDE)
    except DECODER_ERRORS as error:
        raise BadImage("The photo is damaged or incomplete and cannot be read.") from error
    return turn_upright(pixels, raster.orientation)
