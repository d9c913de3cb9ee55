"""A variant fitted into a place: its pixels, format and bytes, and what kind of picture it is."""

from headshots import pictures
from headshots.engine import provenance
from headshots.engine.encode import encode, resize
from headshots.models import Variant
from integrations.frames import Frame


def rendition(variant: Variant, frame: Frame) -> bytes:
    """The file to upload there; never enlarged. BadQuality if it cannot be made small enough."""
    pixels = pictures.pixels(variant.picture)
    size = min(frame.pixels, len(pixels))
    xmp = provenance.xmp(variant.source_type)
    return encode(resize(pixels, size), form=frame.form, max_bytes=frame.max_bytes, xmp=xmp)
