"""Compare encoded pictures by their fingerprints, in hexadecimal digits as they are stored."""

from headshots.engine.io.decode import decode
from headshots.errors import FacetError
from integrations import perceptual_hash


def is_same_picture(first: str, second: str) -> bool:
    """Return whether two fingerprints in hex belong to copies of the same picture."""
    return bool(first and second) and perceptual_hash.is_same_picture(
        int(first, 16), int(second, 16)
    )


def compute_fingerprint(data: bytes) -> str:
    """Return the fingerprint of an encoded picture in hex, or '' if it cannot be decoded."""
    try:
        return perceptual_hash.fingerprint_text(decode(data))
    except FacetError:
        return ""
