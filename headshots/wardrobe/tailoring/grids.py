"""Grids of points: panels of cloth, and smooth curves that bound them.

Coordinates are those of blocks.py.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

HEM = -40.0  # z at which every panel ends: below all pictures
CLOTH_LIFT = 0.8  # distance of a jacket from the block


@dataclass(frozen=True)
class Panel:
    """A grid of points, rows×columns×3, with its cloth's thickness and shade.

    `shade` is the reflectance over that of the cloth: parts cut in other directions of the weave
    look slightly lighter or darker. `is_inside` is true of what is seen behind the neck only.
    """

    name: str
    points: np.ndarray
    thickness: float = 0.0
    shade: float = 1.0
    is_inside: bool = False


def curve(points: np.ndarray, count: int) -> np.ndarray:
    """Return `count` points of a smooth curve through points (Catmull-Rom, by chord length)."""
    points = np.asarray(points, float)
    ends = np.vstack([2 * points[0] - points[1], points, 2 * points[-1] - points[-2]])
    steps = np.sqrt(np.linalg.norm(np.diff(ends, axis=0), axis=1)) + 1e-9
    knots = np.concatenate([[0], np.cumsum(steps)])
    position = np.linspace(knots[1], knots[-2], count)
    segment = np.clip(np.searchsorted(knots, position, side="right") - 1, 1, len(points) - 1)
    t0, t1, t2, t3 = (knots[segment + offset][:, None] for offset in (-1, 0, 1, 2))
    p0, p1, p2, p3 = (ends[segment + offset] for offset in (-1, 0, 1, 2))
    t = position[:, None]
    a1 = (t1 - t) / (t1 - t0) * p0 + (t - t0) / (t1 - t0) * p1
    a2 = (t2 - t) / (t2 - t1) * p1 + (t - t1) / (t2 - t1) * p2
    a3 = (t3 - t) / (t3 - t2) * p2 + (t - t2) / (t3 - t2) * p3
    b1 = (t2 - t) / (t2 - t0) * a1 + (t - t0) / (t2 - t0) * a2
    b2 = (t3 - t) / (t3 - t1) * a2 + (t - t1) / (t3 - t1) * a3
    return (t2 - t) / (t2 - t1) * b1 + (t - t1) / (t2 - t1) * b2


def resample(points: np.ndarray, count: int) -> np.ndarray:
    """Return `count` points at equal distances along a polyline."""
    lengths = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    wanted = np.linspace(0, lengths[-1], count)
    return np.column_stack([np.interp(wanted, lengths, axis) for axis in points.T])


def smooth(values: np.ndarray, depth: np.ndarray) -> np.ndarray:
    """Round the corners of values that were interpolated linearly over depth."""
    fine = np.linspace(depth[0], depth[-1], 2000)
    width = 40
    padded = np.pad(np.interp(fine, depth, values), width, mode="reflect", reflect_type="odd")
    kernel = np.hanning(2 * width + 1)
    blurred = np.convolve(padded, kernel / kernel.sum(), mode="valid")
    near_top = np.clip(depth / 1.6, 0, 1)  # the head of the sleeve keeps its shape
    return values + near_top * (np.interp(depth, fine, blurred) - values)
