"""A headshot as a slot takes it, made with nothing else around it."""

from headshots.engine.io.encode import encode, resize
from headshots.storage import pictures


def made(variant, slot):
    """The bytes to send."""
    pixels = pictures.pixels(variant.picture)
    return encode(resize(pixels, min(slot.pixels, len(pixels))), max_bytes=slot.max_bytes)
