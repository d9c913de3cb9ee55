"""pHash: the signs of a picture's lowest cosine frequencies, 64 bits that survive small changes."""

import numpy as np
from PIL import Image

SAMPLE_SIDE, KEPT_FREQUENCIES = 32, 8


def perceptual_hash(picture: Image.Image) -> np.ndarray:
    grey = np.asarray(
        picture.convert("L").resize((SAMPLE_SIDE, SAMPLE_SIDE), Image.Resampling.LANCZOS), float
    )
    basis = cosine_basis()
    low_frequencies = (basis @ grey @ basis.T)[:KEPT_FREQUENCIES, :KEPT_FREQUENCIES].ravel()
    return low_frequencies > np.median(low_frequencies[1:])


def cosine_basis() -> np.ndarray:
    places, frequencies = np.arange(SAMPLE_SIDE) + 0.5, np.arange(SAMPLE_SIDE)
    return np.cos(np.pi * np.outer(frequencies, places) / SAMPLE_SIDE)


def distance(first_hash: np.ndarray, second_hash: np.ndarray) -> int:
    return int(np.count_nonzero(first_hash != second_hash))
