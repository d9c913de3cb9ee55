"""Pack the layers of a garment into one grey picture of tiles."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from headshots.wardrobe.tailoring.raycasting import Surface

MAX_BYTES = 400_000
QUALITIES = (95, 92, 88, 84, 80, 75, 70)  # of WebP, best first
FILL_ROUNDS = 24  # pixels by which cloth is continued beyond its edge, against dark fringes
MIN_KNOWN = 0.99  # alpha from which the light of a pixel is trusted
EDGE = np.ones((3, 3), np.uint8)  # beside the edge, a pixel's normal is mixed with what lies behind


def pack(surface: Surface, transfer: NDArray[np.float32]) -> tuple[bytes, list[list[float]]]:
    """Return a WebP of tiles one below the other, and the lowest and highest value of each.

    Tiles are alpha, the share that lies behind the neck, and nine answers to light.
    """
    known = cv2.erode((surface.alpha > MIN_KNOWN).astype(np.uint8), EDGE) > 0
    answers = [continue_outwards(answer, known) for answer in np.moveaxis(transfer, -1, 0)]
    behind = continue_outwards(surface.behind, known)
    tiles = [surface.alpha, behind, *answers]
    ranges = [[0.0, 1.0], [0.0, 1.0]]
    ranges += [[round(float(tile.min()), 4), round(float(tile.max()), 4)] for tile in answers]
    levels = [
        np.round(255 * np.clip((tile - low) / (high - low), 0, 1)).astype(np.uint8)
        for tile, (low, high) in zip(tiles, ranges, strict=True)
    ]
    atlas = cv2.cvtColor(np.vstack(levels), cv2.COLOR_GRAY2BGR)
    for quality in QUALITIES:
        encoded = cv2.imencode(".webp", atlas, [cv2.IMWRITE_WEBP_QUALITY, quality])[1]
        if encoded.size <= MAX_BYTES:
            break
    return encoded.tobytes(), ranges


def continue_outwards(values: NDArray[np.float32], known: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Continue values, H×W, from known pixels outwards by the means of their neighbours."""
    weight = known.astype(np.float32)
    total = values * weight
    for _ in range(FILL_ROUNDS):
        near_weight, near_total = cv2.blur(weight, (3, 3)), cv2.blur(total, (3, 3))
        new = (weight == 0) & (near_weight > 1e-4)
        total[new] = near_total[new] / near_weight[new]
        weight[new] = 1
    return np.where(weight > 0, total, values[known].mean()).astype(np.float32)
