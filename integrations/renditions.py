"""A variant fitted into a place: its pixels, format and bytes, and what kind of picture it is."""

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

SMALL: Final = 400  # pixels a side of what hung somewhere, kept to be shown


def rendition(variant: Variant, frame: Frame) -> bytes:
    """The file to upload there; never enlarged. QualityTooLow if it cannot be made small enough."""
    pixels = pictures.pixels(variant.picture)
    size = min(frame.pixels, len(pixels))
    xmp = provenance.xmp(variant.source_type)
    return encode(resize(pixels, size), form=frame.form, max_bytes=frame.max_bytes, xmp=xmp)


def at_side(variant: Variant, side: int) -> bytes:
    """A JPEG of that many pixels a side, for anyone's page; never enlarged."""
    fits = (size for size, longest in pictures.SIZES.items() if longest is None or longest >= side)
    stored = decode(pictures.read(variant.picture, next(fits)))
    xmp = provenance.xmp(variant.source_type)
    return encode(resize(stored, min(side, len(stored))), xmp=xmp)


def jpeg(pixels: Pixels) -> bytes:
    """Any pixels as a JPEG."""
    return encode(pixels)


def for_slot(variant: Variant, slot: Slot) -> Rendition:
    """The picture as a platform's slot takes it, with its alt text; QualityTooLow as above."""
    stored = pictures.pixels(variant.picture)
    made, form = resize(stored, min(slot.pixels, len(stored))), slot.formats[0]
    xmp = provenance.xmp(variant.source_type)
    data = encode(made, form=form, max_bytes=slot.max_bytes, xmp=xmp)
    alt_text = variant.alt_text[: slot.alt_text]
    return Rendition(data, form=form, alt_text=alt_text, looks=perceptual_hash.text_of(made))


def square(pixels: Pixels) -> Pixels:
    """The middle of a picture."""
    height, width = pixels.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return pixels[top : top + side, left : left + side]


def small(data: bytes) -> bytes:
    """The middle of any picture as a small JPEG, without anything else that was in it."""
    middle = square(decode(data))
    return encode(resize(middle, min(len(middle), SMALL)))


@dataclass(frozen=True)
class Download:
    """A file with the name it is saved under."""

    data: bytes
    name: str
    form: str = "jpeg"


def download(variant: Variant, place: str = "") -> Download:
    """A headshot as made, or as a place wants it; UnknownPlace or NotReady if there is none."""
    if not variant.is_ready:
        raise NotReady("This headshot is not ready.")
    if not place:
        return Download(pictures.read(variant.picture), f"{variant.label}-{variant.look}.jpg")
    frame = frames().get(place)
    if frame is None:
        raise UnknownPlace(f"There is no place '{place}'.")
    return Download(rendition(variant, frame), f"{variant.label}-{frame.file_name}", frame.form)
