"""Every photo the engine must reject: how to build it, and the error and code it must get."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

from headshots.engine.errors import BadImage, NoFace, SeveralFaces, TooLarge, TooSmall, UnusableFace
from headshots.errors import FacetError
from tests.support import image_files, portraits

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="600" height="600"><circle r="300"/></svg>'
PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
FACE = 108  # pixels hairline to chin in the astronaut


@dataclass(frozen=True)
class Refusal:
    """One bad file; `error` is what must be raised, exactly."""

    name: str
    data: Callable[[], bytes]
    error: type[FacetError]
    code: str


def photo(pixels: np.ndarray) -> bytes:
    return image_files.encoded(np.ascontiguousarray(pixels), "PNG")


def truncated(form: str) -> bytes:
    data = image_files.encoded(portraits.astronaut(), form)
    return data[: len(data) // 2]


def strip() -> bytes:
    return image_files.encoded(Image.new("RGB", (20_000, 200), "grey"), "JPEG")


def small_face() -> bytes:
    share = 64 / FACE
    return photo(cv2.resize(portraits.astronaut(), None, fx=share, fy=share))


def two_equal_faces() -> bytes:
    one = portraits.astronaut()[:400, 60:400]
    return photo(np.hstack([one, one]))


def left_part(width: int) -> Callable[[], bytes]:
    """The astronaut up to this column; the face lies between columns 173 and 277."""
    return lambda: photo(cv2.resize(portraits.astronaut()[:, :width], None, fx=2, fy=2))


def shared(name: str) -> Callable[[], bytes]:
    return (portraits.PHOTOS / f"{name}.jpg").read_bytes


ALWAYS = (
    Refusal("zero bytes", lambda: b"", BadImage, "bad_image"),
    Refusal("text", lambda: b"Dear editor, here is my photo.\n" * 50, BadImage, "bad_image"),
    Refusal("svg", lambda: SVG, BadImage, "bad_image"),
    Refusal("pdf", lambda: PDF, BadImage, "bad_image"),
    Refusal("truncated jpeg", lambda: truncated("JPEG"), BadImage, "bad_image"),
    Refusal("truncated png", lambda: truncated("PNG"), BadImage, "bad_image"),
    Refusal("truncated webp", lambda: truncated("WEBP"), BadImage, "bad_image"),
    Refusal("truncated heic", lambda: truncated("HEIF"), BadImage, "bad_image"),
    Refusal("truncated avif", lambda: truncated("AVIF"), BadImage, "bad_image"),
    Refusal("truncated tiff", lambda: truncated("TIFF"), BadImage, "bad_image"),
    Refusal("truncated bmp", lambda: truncated("BMP"), BadImage, "bad_image"),
    Refusal("truncated gif", lambda: truncated("GIF"), BadImage, "bad_image"),
    Refusal("header alone", lambda: truncated("JPEG")[:20], BadImage, "bad_image"),
    Refusal("bomb", lambda: image_files.png(99_999, 99_999, data=b"x"), TooLarge, "too_large"),
    Refusal("blank bomb", lambda: image_files.blank_png(24_000), TooLarge, "too_large"),
    Refusal("wide strip", strip, TooLarge, "too_large"),
    Refusal("small face", small_face, TooSmall, "too_small"),
    Refusal("cat", lambda: photo(portraits.cat()), NoFace, "no_face"),
    Refusal("white wall", lambda: photo(np.full((600, 600, 3), 250, np.uint8)), NoFace, "no_face"),
    Refusal("two equal faces", two_equal_faces, SeveralFaces, "several_faces"),
    Refusal("half a face", left_part(225), NoFace, "no_face"),
    Refusal("face over the edge", left_part(245), UnusableFace, "unusable_face"),
)

WITH_PHOTOS = (
    Refusal("two people", shared("two_people"), SeveralFaces, "several_faces"),
    Refusal("partial face", shared("obama_partial_face"), UnusableFace, "unusable_face"),
)

REFUSALS = ALWAYS + tuple(
    photo_with_face
    for photo_with_face, name in zip(WITH_PHOTOS, ("two_people", "obama_partial_face"), strict=True)
    if portraits.present(name)
)
