"""Knitwear: a closed front and a ribbed band around the neck, as structured grids."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from headshots.wardrobe.tailoring.blocks import Block, fold, ripple
from headshots.wardrobe.tailoring.grids import HEM, Panel
from headshots.wardrobe.tailoring.sleeve import sleeve_grid

KNIT_LIFT = 0.3  # distance of the cloth from the block
RIB_PITCH, RIB_HEIGHT = 0.5, 0.05  # centimetres from rib to rib, and how far they stand out
INSIDE_SHARE = 0.45  # how far the inside of the band is seen, of its height
UNDER = 0.9  # how far the front reaches under the band


@dataclass(frozen=True)
class Band:
    """The band around the neck: heights z in front, at the side and behind, and half axes.

    `bulge` is how far a band that is folded over stands off at its lower edge.
    """

    base: tuple[float, float, float]
    top: tuple[float, float, float]
    base_axes: tuple[float, float]
    top_axes: tuple[float, float]
    base_middle: float
    top_middle: float
    bulge: float


ROLL_BAND = Band(
    base=(-0.9, 4.6, 5.6),
    top=(3.7, 6.7, 7.5),
    base_axes=(7.0, 7.3),
    top_axes=(6.3, 6.0),
    base_middle=1.7,
    top_middle=0.6,
    bulge=0.55,
)


class Knit:
    """Builds the panels of a sweater on a block."""

    def __init__(self, block: Block, band: Band) -> None:
        self.block, self.band = block, band

    def panels(self) -> list[Panel]:
        """Return all panels of the right half of the picture."""
        return [
            Panel("front", self.front_grid()),
            Panel("sleeve", sleeve_grid(self.block, KNIT_LIFT), shade=0.99),
            Panel("band", self.band_grid(), shade=0.97),
        ]

    def cloth_front(self, x: np.ndarray, z: np.ndarray) -> np.ndarray:
        """Return the depth y of the front: the block with the soft folds of its cloth."""
        end = self.block.shoulder
        height = (
            fold(x, z, (end - 2.4, -7.5, end - 8.5, -21), 0.40, 1.2)
            + fold(x, z, (end - 1.6, -12, end - 6.0, -30), 0.36, 1.1)
            + fold(x, z, (end - 9.0, 1.5, end - 2.6, -7.5), -0.22, 1.8)
            + ripple(x, z, 11, 0.07, 8.0) * np.clip((1 - z) / 12, 0.1, 1)
        )
        return self.block.front(x, z - KNIT_LIFT * np.clip((z + 6) / 8, 0, 1)) - KNIT_LIFT - height

    def front_grid(self) -> np.ndarray:
        """The front from the middle to under the arm, up to band and shoulder, down behind."""
        columns, down, over = 150, 210, 26
        x = self.block.half_width * 1.008 * np.linspace(0, 1, columns)
        angle = np.arcsin(np.clip(x / self.band.base_axes[0], 0, 1))
        under_band = self._around(self.band.base, angle) + UNDER
        top = np.minimum(self.block.ridge(x) + KNIT_LIFT, under_band)
        top = np.where(x < self.band.base_axes[0], top, self.block.ridge(x) + KNIT_LIFT)
        z = HEM + (top - HEM) * (np.linspace(0, 1, down) ** 0.72)[:, None]
        across = np.broadcast_to(x, z.shape)
        front = np.stack([across, self.cloth_front(across, z), z], axis=-1)
        step = np.linspace(0, 1, over)[1:, None]
        back = front[-1] + np.stack([0 * step, 7.0 * step, -3.5 * step**2], axis=-1)
        return np.concatenate([front, back])

    @staticmethod
    def _around(heights: tuple[float, float, float], angle: np.ndarray) -> np.ndarray:
        """Return the height at an angle around the neck: 0 in front, π behind."""
        front, side, back = heights
        rise = np.sin(np.clip(angle, 0, np.pi / 2)) ** 2
        fall = np.sin(np.clip(angle - np.pi / 2, 0, np.pi / 2)) ** 2
        return front + (side - front) * rise + (back - side) * fall

    def band_grid(self) -> np.ndarray:
        """The band: rows around the neck from the front to the back, columns up and down inside."""
        rows, outside, inside = 420, 60, 30
        angle = np.linspace(0, np.pi, rows)[:, None]
        up = np.concatenate(
            [np.linspace(0, 1, outside), np.linspace(1, 1 - INSIDE_SHARE, inside)[1:]]
        )[None]
        stands_off = np.concatenate([self._profile(outside), np.full(inside - 1, -0.22)])[None]
        stands_off = np.where(up > 0.995, 0, stands_off)
        band = self.band
        ribs = RIB_HEIGHT * np.cos(2 * np.pi * angle * band.top_axes[0] / RIB_PITCH)
        radii = [
            (low + (high - low) * up) + stands_off + ribs
            for low, high in zip(band.base_axes, band.top_axes, strict=True)
        ]
        middle = band.base_middle + (band.top_middle - band.base_middle) * up
        base, top = self._around(band.base, angle), self._around(band.top, angle)
        x = radii[0] * self.block.neck * np.sin(angle)
        y = middle - radii[1] * np.cos(angle)
        return np.stack([x, y, base + (top - base) * up + 0.12 * stands_off], axis=-1)

    def _profile(self, count: int) -> np.ndarray:
        """Return how far the outside stands off from bottom to top: a soft roll."""
        up = np.linspace(0, 1, count)
        edge = np.sqrt(np.clip(1 - (1 - np.clip(up / 0.14, 0, 1)) ** 2, 0, 1))
        rolled = np.sqrt(np.clip(1 - np.clip((up - 0.8) / 0.2, 0, 1) ** 2, 0, 1))
        return self.band.bulge * edge * (1 - 0.55 * up) * (0.4 + 0.6 * rolled)
