"""A variant fitted into a place: its pixels, format and bytes, and what kind of picture it is."""

from dataclasses import dataclass

from headshots import pictures
from headshots.engine import provenance
from headshots.engine.encode import encode, resize
from headshots.errors import NotReady
from headshots.models import Variant
from integrations.errors import UnknownPlace
from integrations.frames import Frame, frames


def rendition(variant: Variant, frame: Frame) -> bytes:
    """The file to upload there; never enlarged. BadQuality if it cannot be made small enough."""
    pixels = pictures.pixels(variant.picture)
    size = min(frame.pixels, len(pixels))
    xmp = provenance.xmp(variant.source_type)
    return encode(resize(pixels, size), form=frame.form, max_bytes=frame.max_bytes, xmp=xmp)


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
