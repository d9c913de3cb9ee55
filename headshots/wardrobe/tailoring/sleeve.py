"""The sleeve, which every garment has."""

from __future__ import annotations

import numpy as np

from headshots.wardrobe.tailoring.blocks import RIDGE_DEPTH, Block, fold, ripple
from headshots.wardrobe.tailoring.grids import HEM, smooth


def sleeve_grid(block: Block, lift: float) -> np.ndarray:
    """The sleeve as horizontal sections from its head, `lift` above the block's shoulder, down."""
    end, reach = block.shoulder, block.sleeve
    top = float(block.ridge(np.array([end]))[0]) + lift
    depth = np.concatenate([np.linspace(0, 1, 60) ** 2 * 9, np.linspace(9, top - HEM, 110)[1:]])
    outer = end + reach * np.interp(
        depth,
        [0, 0.35, 0.9, 2.0, 3.6, 6, 10, 16, 24, 45],
        [0, 0.20, 0.36, 0.55, 0.72, 0.87, 0.985, 1.06, 1.13, 1.2],
    )
    inner = np.interp(
        depth,
        [0, 0.35, 0.9, 2.5, 5, 14, 24, 45],
        [end, end - 0.9, end - 1.6, end - 3.0, end - 4.4, end - 5, end - 4.2, end - 2],
    )
    thick = 6.6 * np.interp(
        depth, [0, 0.35, 0.9, 2, 4, 7, 12, 45], [0, 0.27, 0.43, 0.62, 0.82, 0.94, 1.0, 0.96]
    )
    middle = np.interp(depth, [0, 2, 5, 10, 20, 45], [RIDGE_DEPTH, 4.1, 2.5, 0.7, 0.2, -1.0])
    outer, inner, thick, middle = (
        smooth(values, depth) for values in (outer, inner, thick, middle)
    )
    angles = np.linspace(-0.4, np.pi + 0.4, 90)  # of what the camera can see
    cos, sin = np.cos(angles), np.sin(angles)
    power = 2 / 2.25
    x = ((outer + inner) / 2)[:, None] + ((outer - inner) / 2)[:, None] * np.sign(cos) * np.abs(
        cos
    ) ** power
    z = np.repeat((top - depth)[:, None], len(angles), axis=1)
    y = middle[:, None] - thick[:, None] * np.sign(sin) * np.abs(sin) ** power
    push = _sleeve_folds(end, x, z)
    return np.stack([x + 0.5 * push * cos, y - push * np.maximum(sin, 0), z], axis=-1)


def _sleeve_folds(end: float, x: np.ndarray, z: np.ndarray) -> np.ndarray:
    return (
        fold(x, z, (end - 0.8, -6, end + 3.6, -19), 0.36, 0.9)
        + fold(x, z, (end + 0.2, -11, end + 5.4, -25), 0.34, 0.85)
        + fold(x, z, (end + 6.2, -13, end + 1.4, -29), -0.30, 0.8)
        + fold(x, z, (end + 1.0, -0.5, end + 3.4, -9), 0.14, 1.1)
        + ripple(x, z, 7, 0.05, 5.0) * np.clip((1 - z) / 5, 0, 1)
    )
