"""The API of Libravatar and Gravatar: hashes, sizes, and fallback pictures.

See https://wiki.libravatar.org/api/ and https://docs.gravatar.com/api/avatars/images/.
"""

import hashlib
from typing import Final

import cv2
import numpy as np

from headshots.engine.types import Pixels

MIN_SIZE, MAX_SIZE, DEFAULT_SIZE = (
    1,
    512,
    80,
)  # pixels per side; the default is that of both services
SIZE_DIGITS: Final = 5  # digits after which a size is the largest whatever the number
NO_PICTURE: Final = "404"
PERSON: Final = "mp"
PATTERN: Final = "identicon"
BLANK: Final = "blank"
# What is shown for each value of the parameter `d`. A URL is not followed, as Libravatar does with
# every URL that it does not trust: redirecting anywhere would lend this server's name to others.
FALLBACK_KINDS: Final = {
    "404": NO_PICTURE,
    "blank": BLANK,
    "mp": PERSON,
    "mm": PERSON,
    "mysteryperson": PERSON,
    "identicon": PATTERN,
    "monsterid": PATTERN,
    "wavatar": PATTERN,
    "retro": PATTERN,
    "robohash": PATTERN,
    "pagan": PATTERN,
}
BACKGROUND_COLOR: Final = (226, 221, 212)  # sRGB, the background of the web pages
FOREGROUND_COLOR: Final = (168, 158, 146)  # sRGB, chosen by eye
# The outline of a person on a canvas of LARGEST pixels: (x, y) and radii in pixels, by eye.
HEAD_CENTER: Final = (256, 200)
HEAD_RADIUS: Final = 92
SHOULDERS_CENTER: Final = (256, 512)
SHOULDERS_RADII: Final = (176, 190)
PATTERN_CELLS: Final = 5  # per side of a pattern
PATTERN_CELL_PIXELS: Final = 73  # 7 cells with the border are about LARGEST pixels
PATTERN_SATURATION, PATTERN_VALUE = 90, 150  # of 255, muted; chosen by eye
MAX_HUE: Final = 179  # of OpenCV, which counts two degrees as one


def hash_email(email: str) -> tuple[str, str]:
    """Return the MD5 and SHA-256 hashes of an e-mail address, in hex, in any letter case."""
    address = email.strip().lower().encode()
    return hashlib.md5(address, usedforsecurity=False).hexdigest(), hashlib.sha256(
        address
    ).hexdigest()


def parse_size(text: str, *, default: int = DEFAULT_SIZE, largest: int = MAX_SIZE) -> int:
    """Parse the pixels per side; more than `largest` is `largest`, and no number is `default`.

    Gravatar takes sizes up to 2048 and Libravatar up to 512, so clients ask for more than there is;
    0 is the default at both.
    """
    digits = text.strip().lstrip("0")
    if not (digits.isascii() and digits.isdigit()):
        return default
    return largest if len(digits) > SIZE_DIGITS else min(int(digits), largest)


def parse_fallback(text: str) -> str:
    """Return the kind of fallback picture that a parameter asks for; a person if it is unknown."""
    return FALLBACK_KINDS.get(text.strip().lower(), PERSON)


def draw_fallback(kind: str, digest: str, side: int) -> Pixels:
    """Draw the outline of a person, or a pattern that depends on the hash only.

    Returns sRGB pixels of shape (side, side, 3), uint8.
    """
    picture = _draw_pattern(digest) if kind == PATTERN else _draw_person()
    method = cv2.INTER_AREA if side < len(picture) else cv2.INTER_NEAREST
    return cv2.resize(picture, (side, side), interpolation=method)


def encode_blank(side: int) -> bytes:
    """Return a transparent PNG of `side` x `side` pixels."""
    return cv2.imencode(".png", np.zeros((side, side, 4), np.uint8))[1].tobytes()


def _draw_person() -> Pixels:
    canvas = np.full((MAX_SIZE, MAX_SIZE, 3), BACKGROUND_COLOR, np.uint8)
    cv2.circle(canvas, HEAD_CENTER, HEAD_RADIUS, FOREGROUND_COLOR, cv2.FILLED, cv2.LINE_AA)
    cv2.ellipse(
        canvas,
        SHOULDERS_CENTER,
        SHOULDERS_RADII,
        0,
        180,
        360,
        FOREGROUND_COLOR,
        cv2.FILLED,
        cv2.LINE_AA,
    )
    return canvas


def _draw_pattern(digest: str) -> Pixels:
    """Draw a mirrored pattern of cells in one of 256 muted hues, both taken from the hash."""
    data = hashlib.sha256(digest.lower().encode()).digest()
    hue = np.array([[[data[0] * MAX_HUE // 255, PATTERN_SATURATION, PATTERN_VALUE]]], np.uint8)
    foreground = cv2.cvtColor(hue, cv2.COLOR_HSV2RGB)[0, 0]
    left_half = (
        (np.frombuffer(data[1 : 1 + PATTERN_CELLS * 3], np.uint8) & 1)
        .reshape(PATTERN_CELLS, 3)
        .astype(bool)
    )
    cells = np.concatenate([left_half, left_half[:, 1::-1]], axis=1)
    background = np.array(BACKGROUND_COLOR, np.uint8)
    pattern = np.where(cells[..., None], foreground, background).astype(np.uint8)
    pattern = np.pad(pattern, ((1, 1), (1, 1), (0, 0)), constant_values=0)
    pattern[[0, -1]], pattern[:, [0, -1]] = BACKGROUND_COLOR, BACKGROUND_COLOR
    return np.kron(pattern, np.ones((PATTERN_CELL_PIXELS, PATTERN_CELL_PIXELS, 1), np.uint8))
