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
FACE_HEIGHT = 108  # pixels hairline to chin in the astronaut


@dataclass(frozen=True)
class RejectedPhoto:
    """One bad file; `error` is what must be raised, exactly."""

    name: str
    data: Callable[[], bytes]
    error: type[FacetError]
    code: str


def encode_photo(pixels: np.ndarray) -> bytes:
    return image_files.encode_picture(np.ascontiguousarray(pixels), "PNG")


def truncated_file(form: str) -> bytes:
    data = image_files.encode_picture(portraits.astronaut(), form)
    return data[: len(data) // 2]


def wide_strip() -> bytes:
    return image_files.encode_picture(Image.new("RGB", (20_000, 200), "grey"), "JPEG")


def small_face() -> bytes:
    share = 64 / FACE_HEIGHT
    return encode_photo(cv2.resize(portraits.astronaut(), None, fx=share, fy=share))


def two_equal_faces() -> bytes:
    portrait = portraits.astronaut()[:400, 60:400]
    return encode_photo(np.hstack([portrait, portrait]))


def left_part(width: int) -> Callable[[], bytes]:
    """The astronaut up to this column; the face lies between columns 173 and 277."""
    return lambda: encode_photo(cv2.resize(portraits.astronaut()[:, :width], None, fx=2, fy=2))


def read_shared(name: str) -> Callable[[], bytes]:
    return (portraits.PHOTOS / f"{name}.jpg").read_bytes


BUILT_PHOTOS = (
    RejectedPhoto("zero bytes", lambda: b"", BadImage, "bad_image"),
    RejectedPhoto("text", lambda: b"Dear editor, here is my photo.\n" * 50, BadImage, "bad_image"),
    RejectedPhoto("svg", lambda: SVG, BadImage, "bad_image"),
    RejectedPhoto("pdf", lambda: PDF, BadImage, "bad_image"),
    RejectedPhoto("truncated jpeg", lambda: truncated_file("JPEG"), BadImage, "bad_image"),
    RejectedPhoto("truncated png", lambda: truncated_file("PNG"), BadImage, "bad_image"),
    RejectedPhoto("truncated webp", lambda: truncated_file("WEBP"), BadImage, "bad_image"),
    RejectedPhoto("truncated heic", lambda: truncated_file("HEIF"), BadImage, "bad_image"),
    RejectedPhoto("truncated avif", lambda: truncated_file("AVIF"), BadImage, "bad_image"),
    RejectedPhoto("truncated tiff", lambda: truncated_file("TIFF"), BadImage, "bad_image"),
    RejectedPhoto("truncated bmp", lambda: truncated_file("BMP"), BadImage, "bad_image"),
    RejectedPhoto("truncated gif", lambda: truncated_file("GIF"), BadImage, "bad_image"),
    RejectedPhoto("header alone", lambda: truncated_file("JPEG")[:20], BadImage, "bad_image"),
    RejectedPhoto(
        "bomb", lambda: image_files.build_png(99_999, 99_999, data=b"x"), TooLarge, "too_large"
    ),
    RejectedPhoto("blank bomb", lambda: image_files.build_blank_png(24_000), TooLarge, "too_large"),
    RejectedPhoto("wide strip", wide_strip, TooLarge, "too_large"),
    RejectedPhoto("small face", small_face, TooSmall, "too_small"),
    RejectedPhoto("cat", lambda: encode_photo(portraits.cat()), NoFace, "no_face"),
    RejectedPhoto(
        "white wall", lambda: encode_photo(np.full((600, 600, 3), 250, np.uint8)), NoFace, "no_face"
    ),
    RejectedPhoto("two equal faces", two_equal_faces, SeveralFaces, "several_faces"),
    RejectedPhoto("half a face", left_part(225), NoFace, "no_face"),
    RejectedPhoto("face over the edge", left_part(245), UnusableFace, "unusable_face"),
)

FOLDER_PHOTOS = (
    RejectedPhoto("two people", read_shared("two_people"), SeveralFaces, "several_faces"),
    RejectedPhoto("partial face", read_shared("obama_partial_face"), UnusableFace, "unusable_face"),
)

REJECTED_PHOTOS = BUILT_PHOTOS + tuple(
    photo_with_face
    for photo_with_face, name in zip(
        FOLDER_PHOTOS, ("two_people", "obama_partial_face"), strict=True
    )
    if portraits.is_present(name)
)
