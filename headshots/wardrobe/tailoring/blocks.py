"""Blocks: the measures of a cut, and the surface of the body that its cloth lies on.

Lengths are centimetres: x to the picture's right, y away from the camera, z up. The origin is the
pit of the neck. Only the right half of the picture is made; the left one is its mirror image.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

CHEST_HEIGHT = -14.0  # z at which the chest is deepest; below it the front hangs straight
SECTION_EXPONENT = 2.5  # of the superellipse that a section of the chest is
ROUNDING = 0.08  # of the length of the shoulder, over which its slope begins
RIDGE_DEPTH = 4.6  # y of the line that runs along the top of the shoulder


@dataclass(frozen=True)
class Block:
    """The measures of one cut.

    `half_width` and `depth` are half axes of the chest, `shoulder` the x at which the shoulder ends
    and the sleeve begins, `sleeve` how far the sleeve reaches beyond it, `neck` a factor on the
    neck's width, `bust` how far the chest is filled, `lapel` a factor on the lapel's width,
    `slope` how far the shoulder falls.
    """

    half_width: float
    depth: float
    shoulder: float
    sleeve: float
    neck: float
    bust: float
    lapel: float = 1.0
    slope: float = 3.9

    def ridge(self, x: np.ndarray) -> np.ndarray:
        """Return the height z of the shoulder at |x|: a slope, slightly hollow before its end."""
        neck, end = 7.0 * self.neck, self.shoulder
        share = (np.abs(x) - neck) / (end - neck)
        share = np.minimum((share + np.hypot(share, ROUNDING)) / 2, 1.3)  # level near the neck
        return 5.2 - self.slope * share - 0.35 * np.sin(np.pi * np.clip(share, 0, 1))

    def front(self, x: np.ndarray, z: np.ndarray) -> np.ndarray:
        """Return the depth y of the smooth front at (x, z): an arc from the chest to the ridge."""
        x = np.abs(x)
        share = np.clip(x / self.half_width, 0, 0.995)
        chest = 3.0 - self.depth * (1 - share**SECTION_EXPONENT) ** (1 / SECTION_EXPONENT)
        chest -= self.bust * np.exp(-(((x - 8.5) / 5.0) ** 2) - ((z + 18) / 6.5) ** 2)
        rise = np.clip((z - CHEST_HEIGHT) / (self.ridge(x) - CHEST_HEIGHT), 0, 1)
        return RIDGE_DEPTH - (RIDGE_DEPTH - chest) * np.sqrt(1 - rise**2)


STRAIGHT = Block(
    half_width=19.6, depth=12.4, shoulder=20.0, sleeve=6.4, neck=1.0, bust=0.0, lapel=1.0
)
FITTED = Block(
    half_width=17.6, depth=11.4, shoulder=17.9, sleeve=5.5, neck=0.92, bust=1.9, lapel=0.86
)
KNITTED = Block(
    half_width=18.6, depth=11.6, shoulder=17.6, sleeve=5.6, neck=1.0, bust=0.5, slope=5.3
)


def fold(
    x: np.ndarray,
    z: np.ndarray,
    ends: tuple[float, float, float, float],
    height: float,
    width: float,
) -> np.ndarray:
    """Return the height of one fold in cloth between two points (x0, z0, x1, z1).

    It rises softly on one side and falls sharply into a hollow on the other.
    """
    x0, z0, x1, z1 = ends
    dx, dz = x1 - x0, z1 - z0
    length = np.hypot(dx, dz)
    along = ((x - x0) * dx + (z - z0) * dz) / length**2
    across = ((x - x0) * dz - (z - z0) * dx) / length
    fade = np.sin(np.pi * np.clip(along, 0, 1)) ** 0.8
    ridge = np.exp(-((across / width) ** 2)) - 0.55 * np.exp(
        -(((across - 1.25 * width) / width) ** 2)
    )
    return height * fade * ridge


def ripple(x: np.ndarray, z: np.ndarray, seed: int, height: float, size: float) -> np.ndarray:
    """Return the unevenness of hanging cloth: a sum of waves, longer down than across."""
    rng = np.random.default_rng(seed)
    total = np.zeros(np.broadcast(x, z).shape)
    for _ in range(9):
        wave_x, wave_z = rng.normal(0, 1 / size), rng.normal(0, 0.45 / size)
        total += np.sin(2 * np.pi * (wave_x * x + wave_z * z + rng.random()))
    return height * total / 3
