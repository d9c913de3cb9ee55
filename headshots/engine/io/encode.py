"""Encode a finished picture as a file of a given format, size and number of bytes."""

import io
from typing import Any

import cv2
from PIL import Image as Pillow
from PIL.PngImagePlugin import PngInfo

from headshots.engine.errors import QualityTooLow
from headshots.engine.types import Image, Pixels

# Of JPEG and WebP, 0..100. JPEG starts at QUALITY and is lowered by QUALITY_STEP while the file is
# too large; it stays above LOWEST_QUALITY. Chosen by eye on the development photos.
QUALITY = 92
QUALITY_STEP = 6
LOWEST_QUALITY = 50
FULL_CHROMA = 0  # Pillow's number for 4:4:4 subsampling


def to_pixels(image: Image) -> Pixels:
    """Convert sRGB floats in [0, 1] to 8 bits, rounded to the nearest level."""
    return cv2.convertScaleAbs(image, alpha=255.0)


def encode(
    pixels: Pixels,
    *,
    file_format: str = "jpeg",
    max_bytes: int | None = None,
    xmp_packet: bytes = b"",
) -> bytes:
    """Encode the picture as "jpeg", "png" or "webp" with an optional XMP packet.

    JPEG quality is lowered in steps until the file fits `max_bytes`. Deterministic: the same pixels
    give the same bytes. Raises QualityTooLow if the file does not fit.
    """
    qualities = (
        range(QUALITY, LOWEST_QUALITY, -QUALITY_STEP) if file_format == "jpeg" else (QUALITY,)
    )
    for quality in qualities:
        data = _encode_as(pixels, file_format, quality, xmp_packet)
        if max_bytes is None or len(data) <= max_bytes:
            return data
    raise QualityTooLow(f"The picture does not fit into {max_bytes} bytes.")


def resize_square(pixels: Pixels, size: int) -> Pixels:
    """Scale a square picture to `size` × `size` pixels."""
    interpolation = cv2.INTER_AREA if size < pixels.shape[0] else cv2.INTER_CUBIC
    return cv2.resize(pixels, (size, size), interpolation=interpolation)


def _encode_as(pixels: Pixels, file_format: str, quality: int, xmp_packet: bytes) -> bytes:
    picture = Pillow.fromarray(pixels)
    if file_format == "jpeg":
        return _encode_jpeg(picture, quality, xmp_packet)
    target = io.BytesIO()
    if file_format == "png":
        png_metadata = PngInfo()
        png_metadata.add_itxt("XML:com.adobe.xmp", xmp_packet.decode())
        picture.save(target, "PNG", pnginfo=png_metadata)
    else:
        picture.save(target, file_format.upper(), quality=quality, xmp=xmp_packet)
    return target.getvalue()


def _encode_jpeg(picture: Pillow.Image, quality: int, xmp_packet: bytes) -> bytes:
    # Chroma at half resolution would show as a fringe along the edges of the cut-out.
    options: dict[str, Any] = {"quality": quality, "subsampling": FULL_CHROMA, "xmp": xmp_packet}
    target = io.BytesIO()
    try:
        picture.save(target, "JPEG", optimize=True, **options)
    except (
        OSError
    ):  # Pillow optimises in a buffer of one byte a pixel, which is too small for noise
        target = io.BytesIO()
        picture.save(target, "JPEG", **options)
    return target.getvalue()
