"""Encodes a headshot for a platform's slot, without the cache of renditions."""

from headshots.engine.io.encode import encode, resize
from headshots.storage import pictures


def made(variant, slot):
    """Return the encoded picture at the size and limit of the slot."""
    pixels = pictures.pixels(variant.picture)
    return encode(resize(pixels, min(slot.pixels, len(pixels))), max_bytes=slot.max_bytes)
