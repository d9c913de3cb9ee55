"""Encode a variant for a place, a platform's slot or a web page, with its provenance metadata."""

from dataclasses import dataclass
from typing import Final

from headshots.engine.io import provenance
from headshots.engine.io.decode import decode
from headshots.engine.io.encode import encode, resize
from headshots.engine.types import Pixels
from headshots.errors import NotReady
from headshots.models import Variant
from headshots.storage import pictures
from integrations import perceptual_hash
from integrations.errors import UnknownPlace
from integrations.places import Frame, frames
from integrations.platforms.base import Rendition, Slot

SMALL: Final = 400  # pixels per side of the stored copies of earlier pictures


def rendition(variant: Variant, frame: Frame) -> bytes:
    """Return the file to upload at a place, in its size and format; never enlarged.

    Raises QualityTooLow if the file cannot be made small enough.
    """
    pixels = pictures.pixels(variant.picture)
    size = min(frame.pixels, len(pixels))
    xmp = provenance.xmp(variant.source_type)
    return encode(resize(pixels, size), form=frame.form, max_bytes=frame.max_bytes, xmp=xmp)


def at_side(variant: Variant, side: int) -> bytes:
    """Return a JPEG with at most `side` pixels per side."""
    fits = (size for size, longest in pictures.SIZES.items() if longest is None or longest >= side)
    stored = decode(pictures.read(variant.picture, next(fits)))
    xmp = provenance.xmp(variant.source_type)
    return encode(resize(stored, min(side, len(stored))), xmp=xmp)


def jpeg(pixels: Pixels) -> bytes:
    """Encode pixels as a JPEG."""
    return encode(pixels)


def for_slot(variant: Variant, slot: Slot) -> Rendition:
    """Return the picture as a platform's slot takes it, with alt text and fingerprint.

    Raises QualityTooLow if the file cannot be made small enough.
    """
    stored = pictures.pixels(variant.picture)
    made, form = resize(stored, min(slot.pixels, len(stored))), slot.formats[0]
    xmp = provenance.xmp(variant.source_type)
    data = encode(made, form=form, max_bytes=slot.max_bytes, xmp=xmp)
    alt_text = variant.alt_text[: slot.alt_text]
    return Rendition(data, form=form, alt_text=alt_text, looks=perceptual_hash.text_of(made))


def square(pixels: Pixels) -> Pixels:
    """Return the largest square in the middle of a picture."""
    height, width = pixels.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return pixels[top : top + side, left : left + side]


def small(data: bytes) -> bytes:
    """Return the middle square of an encoded picture as a small JPEG without metadata."""
    middle = square(decode(data))
    return encode(resize(middle, min(len(middle), SMALL)))


@dataclass(frozen=True)
class Download:
    """A file to download, with its name and format."""

    data: bytes
    name: str
    form: str = "jpeg"


def download(variant: Variant, place: str = "") -> Download:
    """Return a headshot in full size, or as the place with this slug takes it.

    Raises NotReady or UnknownPlace.
    """
    if not variant.is_ready:
        raise NotReady("This headshot is not ready.")
    if not place:
        return Download(pictures.read(variant.picture), f"{variant.label}-{variant.look}.jpg")
    frame = frames().get(place)
    if frame is None:
        raise UnknownPlace(f"There is no place '{place}'.")
    return Download(rendition(variant, frame), f"{variant.label}-{frame.file_name}", frame.form)
