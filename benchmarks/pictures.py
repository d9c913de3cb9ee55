"""Encodes a headshot for a platform's slot, without the cache of renditions."""

from headshots.engine.io.encode import encode, resize_square
from headshots.storage import pictures


def rendition_bytes(variant, slot):
    """Return the encoded picture at the size and limit of the slot."""
    pixels = pictures.read_pixels(variant.picture)
    return encode(resize_square(pixels, min(slot.pixels, len(pixels))), max_bytes=slot.max_bytes)
