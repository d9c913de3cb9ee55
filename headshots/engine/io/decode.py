"""Decode untrusted bytes to pixels.

Formats and sizes are restricted, orientation and colour profile applied, and all metadata dropped.
"""

import io
import struct
import warnings
import zlib
from typing import Final

import numpy as np
import pillow_heif
from PIL import Image as Pillow
from PIL import ImageCms, ImageOps

from headshots.engine.errors import BadImage, TooLarge
from headshots.engine.types import Pixels

FORMATS: Final = ("JPEG", "PNG", "WEBP", "HEIF", "AVIF", "TIFF", "BMP", "GIF")
MAX_BYTES: Final = 60_000_000
MAX_PIXELS: Final = 100_000_000
MAX_SIDE: Final = 16_384  # pixels
MIN_SIDE: Final = 64  # pixels
SIXTEEN_BIT_MAX: Final = 65535.0
EIGHT_BIT_MAX: Final = 255.0

# What Pillow's decoders raise on broken files; listed so that errors in this code are not hidden.
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
)

pillow_heif.register_heif_opener(thumbnails=False)
pillow_heif.options.DECODE_THREADS = 2
_SRGB_PROFILE = ImageCms.createProfile("sRGB")


def decode(data: bytes) -> Pixels:
    """Decode the bytes of a photo to upright sRGB pixels, H×W×3, 0..255.

    Transparency is composited over white; 16-bit, CMYK and palette pictures become 8-bit RGB; of an
    animation the first frame is used. Raises TooLarge before any pixel is decoded, and BadImage for
    anything that is not a readable photo.
    """
    if len(data) > MAX_BYTES:
        raise TooLarge(
            f"The file has {len(data) / 1e6:.0f} MB; the limit is {MAX_BYTES / 1e6:.0f}."
        )
    if not data:
        raise BadImage("The file is empty.")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's size warning: the limits below are stricter
        picture = _open_picture(data)
        _check_size(*picture.size)
        return _read_pixels(picture)


def _open_picture(data: bytes) -> Pillow.Image:
    """Read the header only; Pillow decodes the pixels when they are asked for."""
    try:
        return Pillow.open(io.BytesIO(data), formats=FORMATS)
    except Pillow.DecompressionBombError as error:
        raise TooLarge("The picture has far too many pixels.") from error
    except DECODER_ERRORS as error:
        raise BadImage("This file is not a photo in a format that can be read.") from error


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise TooLarge(
            f"The picture is {width} × {height} pixels; the limit is {MAX_SIDE:,} a side "
            f"and {MAX_PIXELS // 1_000_000} megapixels."
        )
    if min(width, height) < MIN_SIDE:
        raise BadImage(f"The picture is only {width} × {height} pixels.")


def _read_pixels(picture: Pillow.Image) -> Pixels:
    try:
        picture.seek(0)
        upright = ImageOps.exif_transpose(picture)
        return np.ascontiguousarray(np.asarray(_to_srgb(upright), np.uint8))
    except DECODER_ERRORS as error:
        raise BadImage("The photo is damaged or incomplete and cannot be read.") from error


def _to_srgb(picture: Pillow.Image) -> Pillow.Image:
    if picture.mode.startswith("I") or picture.mode == "F":
        picture = _to_eight_bit(picture)
    if picture.mode in ("P", "PA", "LA", "La", "RGBa") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
    if picture.mode == "RGBA":
        white_ground = Pillow.new("RGB", picture.size, "white")
        white_ground.paste(picture, mask=picture.getchannel("A"))
        white_ground.info["icc_profile"] = picture.info.get("icc_profile")
        picture = white_ground
    return _convert_profile(picture).convert("RGB")


def _to_eight_bit(picture: Pillow.Image) -> Pillow.Image:
    """Convert greyscale of more than eight bits to eight.

    Integers use 16 bits. The range of floats is not stated in the file, so the smallest usual one
    that holds all samples is taken: 1, 255 or 65535.
    """
    samples = np.nan_to_num(np.asarray(picture, np.float32), posinf=0, neginf=0)
    white_level = SIXTEEN_BIT_MAX
    if picture.mode == "F":
        white_level = next(
            (maximum for maximum in (1.0, EIGHT_BIT_MAX) if samples.max(initial=0) <= maximum),
            white_level,
        )
    return Pillow.fromarray(
        np.clip(samples * (EIGHT_BIT_MAX / white_level), 0, EIGHT_BIT_MAX).astype(np.uint8), "L"
    )


def _convert_profile(picture: Pillow.Image) -> Pillow.Image:
    """Convert from the embedded ICC profile to sRGB; a damaged or unsuitable profile is ignored."""
    embedded = picture.info.get("icc_profile")
    if not embedded or picture.mode not in ("RGB", "CMYK", "L", "LAB"):
        return picture
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(embedded))
        if "sRGB" in ImageCms.getProfileDescription(profile):
            return picture
        converted = ImageCms.profileToProfile(picture, profile, _SRGB_PROFILE, outputMode="RGB")
    except (ImageCms.PyCMSError, *DECODER_ERRORS):
        return picture
    return converted or picture
