"""The API of Libravatar and Gravatar: hashes, sizes, and fallback pictures.

See https://wiki.libravatar.org/api/ and https://docs.gravatar.com/api/avatars/images/.
"""

import hashlib
from typing import Final

import cv2
import numpy as np

from headshots.engine.types import Pixels

SMALLEST, LARGEST, USUAL = 1, 512, 80  # pixels per side; the default is that of both services
NONE: Final = "404"
PERSON: Final = "mp"
PATTERN: Final = "identicon"
# What is shown for each value of the parameter `d`. A URL, which both services allow, is not
# followed.
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
GROUND: Final = (226, 221, 212)  # sRGB, the background of the web pages
INK: Final = (168, 158, 146)  # sRGB, chosen by eye
# The outline of a person on a canvas of LARGEST pixels: (x, y) and radii in pixels, by eye.
HEAD_CENTER: Final = (256, 200)
HEAD_RADIUS: Final = 92
SHOULDERS_CENTER: Final = (256, 512)
SHOULDERS_RADII: Final = (176, 190)
CELLS: Final = 5  # per side of a pattern
PATTERN_CELL_PIXELS: Final = 73  # 7 cells with the border are about LARGEST pixels
PATTERN_SATURATION, PATTERN_VALUE = 90, 150  # of 255, muted; chosen by eye
MAX_HUE: Final = 179  # of OpenCV, which counts two degrees as one


def digests(email: str) -> tuple[str, str]:
    """Return the MD5 and SHA-256 hashes of an e-mail address, in hex, in any letter case."""
    told = email.strip().lower().encode()
    return hashlib.md5(told, usedforsecurity=False).hexdigest(), hashlib.sha256(told).hexdigest()


def size(told: str, *, usual: int = USUAL, largest: int = LARGEST) -> int:
    """Parse the pixels per side; return `usual` for anything but a number in range."""
    number = int(told) if told.isascii() and told.isdigit() and len(told) <= 5 else 0
    return number if SMALLEST <= number <= largest else usual


def fallback(told: str) -> str:
    """Return the kind of fallback picture that a parameter asks for; a person if it is unknown."""
    return DRAWN.get(told.lower(), PERSON)


def draw(kind: str, digest: str, side: int) -> Pixels:
    """Draw the outline of a person, or a pattern that depends on the hash only.

    Returns sRGB pixels of shape (side, side, 3), uint8.
    """
    drawn = _pattern(digest) if kind == PATTERN else _person()
    method = cv2.INTER_AREA if side < len(drawn) else cv2.INTER_NEAREST
    return cv2.resize(drawn, (side, side), interpolation=method)


def _person() -> Pixels:
    canvas = np.full((LARGEST, LARGEST, 3), GROUND, np.uint8)
    cv2.circle(canvas, HEAD_CENTER, HEAD_RADIUS, INK, cv2.FILLED, cv2.LINE_AA)
    cv2.ellipse(
        canvas, SHOULDERS_CENTER, SHOULDERS_RADII, 0, 180, 360, INK, cv2.FILLED, cv2.LINE_AA
    )
    return canvas


def _pattern(digest: str) -> Pixels:
    """Draw a mirrored pattern of cells in one of 256 muted hues, both taken from the hash."""
    data = hashlib.sha256(digest.lower().encode()).digest()
    hue = np.array([[[data[0] * MAX_HUE // 255, PATTERN_SATURATION, PATTERN_VALUE]]], np.uint8)
    ink = cv2.cvtColor(hue, cv2.COLOR_HSV2RGB)[0, 0]
    half = (np.frombuffer(data[1 : 1 + CELLS * 3], np.uint8) & 1).reshape(CELLS, 3).astype(bool)
    cells = np.concatenate([half, half[:, 1::-1]], axis=1)
    small = np.where(cells[..., None], ink, np.uint8(GROUND)).astype(np.uint8)
    small = np.pad(small, ((1, 1), (1, 1), (0, 0)), constant_values=0)
    small[[0, -1]], small[:, [0, -1]] = GROUND, GROUND
    return np.kron(small, np.ones((PATTERN_CELL_PIXELS, PATTERN_CELL_PIXELS, 1), np.uint8))
