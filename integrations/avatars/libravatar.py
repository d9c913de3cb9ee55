"""How Libravatar and Gravatar ask for a picture: hashes, sizes, and what is shown if there is none.

https://wiki.libravatar.org/api/ and https://docs.gravatar.com/api/avatars/images/.
"""

import hashlib
from typing import Final

import cv2
import numpy as np

from headshots.engine.types import Pixels

SMALLEST, LARGEST, USUAL = 1, 512, 80  # pixels a side
NONE: Final = "404"
PERSON: Final = "mp"
PATTERN: Final = "identicon"
# What other servers draw in a way of their own; an address that is given instead is never followed.
DRAWN: Final = {
    "404": NONE,
    "mp": PERSON,
    "mm": PERSON,
    "identicon": PATTERN,
    "monsterid": PATTERN,
    "wavatar": PATTERN,
    "retro": PATTERN,
    "robohash": PATTERN,
    "pagan": PATTERN,
}
GROUND: Final = (226, 221, 212)  # sRGB, as the paper of the pages
INK: Final = (168, 158, 146)
CELLS: Final = 5  # a side


def digests(email: str) -> tuple[str, str]:
    """MD5 and SHA-256 of an e-mail address, in hex."""
    told = email.strip().lower().encode()
    return hashlib.md5(told, usedforsecurity=False).hexdigest(), hashlib.sha256(told).hexdigest()


def size(told: str, *, usual: int = USUAL, largest: int = LARGEST) -> int:
    """Pixels a side; what is no number in range is ignored."""
    number = int(told) if told.isascii() and told.isdigit() and len(told) <= 5 else 0
    return number if SMALLEST <= number <= largest else usual


def fallback(told: str) -> str:
    """What to show where there is no picture; an unknown word or an address is the person."""
    return DRAWN.get(told.lower(), PERSON)


def draw(kind: str, digest: str, side: int) -> Pixels:
    """A person of no likeness, or a pattern that is the same for the same hash."""
    drawn = _pattern(digest) if kind == PATTERN else _person()
    method = cv2.INTER_AREA if side < len(drawn) else cv2.INTER_NEAREST
    return cv2.resize(drawn, (side, side), interpolation=method)


def _person() -> Pixels:
    canvas = np.full((LARGEST, LARGEST, 3), GROUND, np.uint8)
    cv2.circle(canvas, (256, 200), 92, INK, -1, cv2.LINE_AA)
    cv2.ellipse(canvas, (256, 512), (176, 190), 0, 180, 360, INK, -1, cv2.LINE_AA)
    return canvas


def _pattern(digest: str) -> Pixels:
    """Cells that are mirrored, in one of 256 muted hues."""
    data = hashlib.sha256(digest.lower().encode()).digest()
    hue = np.array([[[data[0] * 179 // 255, 90, 150]]], np.uint8)
    ink = cv2.cvtColor(hue, cv2.COLOR_HSV2RGB)[0, 0]
    half = (np.frombuffer(data[1 : 1 + CELLS * 3], np.uint8) & 1).reshape(CELLS, 3).astype(bool)
    cells = np.concatenate([half, half[:, 1::-1]], axis=1)
    small = np.where(cells[..., None], ink, np.uint8(GROUND)).astype(np.uint8)
    small = np.pad(small, ((1, 1), (1, 1), (0, 0)), constant_values=0)
    small[[0, -1]], small[:, [0, -1]] = GROUND, GROUND
    return np.kron(small, np.ones((73, 73, 1), np.uint8))
