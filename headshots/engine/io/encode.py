"""Fit a finished picture into a slot: pixels, bytes, format, and nothing else."""

import io
from typing import Any

import cv2
from PIL import Image as Pillow
from PIL.PngImagePlugin import PngInfo

from headshots.engine.errors import QualityTooLow
from headshots.engine.types import Image, Pixels

QUALITY = 92


def to_pixels(image: Image) -> Pixels:
    """sRGB floats to 8 bits, rounded to nearest."""
    return cv2.convertScaleAbs(image, alpha=255.0)


def encode(
    pixels: Pixels, *, form: str = "jpeg", max_bytes: int | None = None, xmp: bytes = b""
) -> bytes:
    """Bytes of the picture; JPEG quality is lowered in steps until it fits `max_bytes`.

    Deterministic: the same pixels give the same bytes. Raises QualityTooLow if nothing fits.
    """
    qualities = range(QUALITY, 50, -6) if form == "jpeg" else (QUALITY,)
    for level in qualities:
        data = _write(pixels, form, level, xmp)
        if max_bytes is None or len(data) <= max_bytes:
            return data
    raise QualityTooLow(f"The picture does not fit into {max_bytes} bytes.")


def resize(pixels: Pixels, size: int) -> Pixels:
    """A square picture at another size."""
    method = cv2.INTER_AREA if size < pixels.shape[0] else cv2.INTER_CUBIC
    return cv2.resize(pixels, (size, size), interpolation=method)


def _write(pixels: Pixels, form: str, level: int, xmp: bytes) -> bytes:
    picture = Pillow.fromarray(pixels)
    if form == "jpeg":
        return _jpeg(picture, level, xmp)
    target = io.BytesIO()
    if form == "png":
        notes = PngInfo()
        notes.add_itxt("XML:com.adobe.xmp", xmp.decode())
        picture.save(target, "PNG", pnginfo=notes)
    else:
        picture.save(target, form.upper(), quality=level, xmp=xmp)
    return target.getvalue()


def _jpeg(picture: Pillow.Image, level: int, xmp: bytes) -> bytes:
    # 4:4:4: halved colour would show as a fringe on the edges of the cut-out.
    options: dict[str, Any] = {"quality": level, "subsampling": 0, "xmp": xmp}
    target = io.BytesIO()
    try:
        picture.save(target, "JPEG", optimize=True, **options)
    except OSError:  # Pillow optimises in a buffer of a byte a pixel, and noise needs more
        target = io.BytesIO()
        picture.save(target, "JPEG", **options)
    return target.getvalue()
