"""pHash: the signs of a picture's lowest cosine frequencies, 64 bits that survive small changes."""

import numpy as np
from PIL import Image

SIDE, KEPT = 32, 8


def perceptual_hash(picture: Image.Image) -> np.ndarray:
    grey = np.asarray(picture.convert("L").resize((SIDE, SIDE), Image.Resampling.LANCZOS), float)
    waves = cosines()
    low = (waves @ grey @ waves.T)[:KEPT, :KEPT].ravel()
    return low > np.median(low[1:])


def cosines() -> np.ndarray:
    places, frequencies = np.arange(SIDE) + 0.5, np.arange(SIDE)
    return np.cos(np.pi * np.outer(frequencies, places) / SIDE)


def distance(one: np.ndarray, other: np.ndarray) -> int:
    return int(np.count_nonzero(one != other))
