"""The open blazer, as structured grids: front, sleeve, lapel, collar and its stand.

Every panel is a grid of rows and columns, so that its edges are smooth curves. Coordinates are
those of blocks.py.
"""

from __future__ import annotations

import numpy as np

from headshots.wardrobe.tailoring.blocks import RIDGE_DEPTH, Block, fold, ripple
from headshots.wardrobe.tailoring.grids import CLOTH_LIFT, HEM, Panel, curve, resample
from headshots.wardrobe.tailoring.sleeve import sleeve_grid

# The line along which the lapel turns outwards, (z, x); it goes on as the roll of the collar.
BREAK_LINE = np.array(
    [(-40, 3.2), (-30, 4.3), (-22, 5.35), (-14, 6.35), (-8, 6.95), (-3, 7.25), (1, 7.35), (5, 7.4)]
)
GORGE = np.array([(7.3, 0.0), (11.0, -2.9), (14.7, -5.1)])  # (x, z): collar end, notch, tip
# The outer edge of the lapel below its tip, (x, z).
LAPEL_EDGE = np.array(
    [(14.7, -5.1), (14.55, -9.0), (13.5, -15), (11.5, -22), (8.6, -30), (4.4, -39.5)]
)
# The roll of the collar around the neck, from its middle at the back to the gorge, (x, y, z).
ROLL_LINE = np.array(
    [(0, 9.4, 8.4), (4.9, 7.9, 7.9), (6.95, 3.4, 6.6), (7.3, -1.2, 4.6), (7.25, -4.4, 2.1)]
)
# The edge of the collar on back and shoulder, up to where it comes to the front, (x, y, z).
COLLAR_BACK = np.array([(0, 12.2, 3.9), (5.6, 10.4, 4.7)])
COLLAR_FRONT = np.array(
    [(10.7, 3.9), (11.8, 2.2), (12.6, 0.4), (13.0, -1.1)]
)  # (x, z), on the front

LAPEL_LIFT, COLLAR_LIFT = 0.34, 0.62  # distance of the cloth's middle from what it lies on
PADDING = 0.22  # by which the head of the sleeve stands above the shoulder
TUCKED = 0.4  # how far the lapel reaches beyond the seam of the collar


class Blazer:
    """Builds the panels of a blazer on a block."""

    def __init__(self, block: Block) -> None:
        self.block = block
        smooth = curve(BREAK_LINE, 200)
        self._break_z, self._break_x = smooth[:, 0], smooth[:, 1] * block.neck

    def panels(self) -> list[Panel]:
        """Return all panels of the right half of the picture."""
        return [
            Panel("front", self.front_grid()),
            Panel("sleeve", sleeve_grid(self.block, CLOTH_LIFT + PADDING), shade=0.98),
            Panel("lapel", self.lapel_grid(), thickness=0.26, shade=1.07),
            Panel("collar", self.collar_grid(), thickness=0.26, shade=0.94),
            Panel("stand", self.stand_grid(), shade=0.9, is_inside=True),
        ]

    def break_x(self, z: np.ndarray) -> np.ndarray:
        return np.interp(z, self._break_z, self._break_x)

    def cloth_front(self, x: np.ndarray, z: np.ndarray) -> np.ndarray:
        """Return the depth y of the jacket's front: the block with the folds of its cloth."""
        end = self.block.shoulder
        height = (
            fold(x, z, (end - 2.6, -7.5, end - 7.0, -24), 0.42, 1.05)
            + fold(x, z, (end - 1.9, -12, end - 4.2, -34), 0.40, 0.95)
            + fold(x, z, (end - 8.0, 2.2, end - 2.4, -7.0), -0.34, 1.9)
            + fold(x, z, (end - 6.0, -14, end - 9.5, -38), 0.26, 1.5)
            + ripple(x, z, 4, 0.055, 9.0) * np.clip((2 - z) / 12, 0.1, 1)
        )
        sunk = z - CLOTH_LIFT * np.clip((z + 6) / 8, 0, 1)  # over the shoulder the cloth lies above
        return self.block.front(x, sunk) - CLOTH_LIFT - height

    def front_grid(self) -> np.ndarray:
        """The front from the break line to under the arm, up over the shoulder and down behind."""
        columns, down, over = 150, 210, 26
        share = np.linspace(0, 1, columns)
        z_shares = np.linspace(0, 1, down) ** 0.72  # denser near the shoulder
        rows = []
        outer = self.block.half_width * 1.008
        for height in z_shares:
            x_top = 7.0 * self.block.neck + (outer - 7.0 * self.block.neck) * share
            top = self.block.ridge(x_top) + CLOTH_LIFT
            z = HEM + (top - HEM) * height
            inner = self.break_x(z) + 0.35
            x = inner + (outer - inner) * share
            top = self.block.ridge(x) + CLOTH_LIFT
            z = HEM + (top - HEM) * height
            rows.append(np.column_stack([x, self.cloth_front(x, z), z]))
        for step in np.linspace(0, 1, over)[1:]:
            last = rows[down - 1]
            rows.append(last + np.array([0, 7.0 * step, -3.5 * step**2]))
        return np.array(rows)

    def lapel_grid(self) -> np.ndarray:
        """The lapel: rows from the gorge down, columns from the break line to the outer edge."""
        rows, columns = 170, 60
        scale = np.array([self.block.neck, 1.0])
        wide = np.array([self.block.lapel, 1.0])
        gorge = GORGE * np.array([scale, wide, wide]) + [0, TUCKED]
        heights = gorge[0, 1] + (HEM + 0.5 - gorge[0, 1]) * np.linspace(0, 1, rows) ** 1.15
        inner = np.column_stack([self.break_x(heights), heights])
        outer = resample(curve(LAPEL_EDGE * wide, 200), rows)
        share = np.linspace(0, 1, columns)
        grid = inner[:, None] + (outer - inner)[:, None] * share[None, :, None]
        bend = resample(curve(gorge, 60), columns) - grid[0]
        grid += bend[None] * np.exp(-((np.linspace(0, 1, rows) / 0.05) ** 2))[:, None, None]
        grid += (
            self._belly(np.linspace(0, 1, rows))[:, None, None]
            * np.sin(np.pi * share / 2)[None, :, None]
            * np.array([1.0, 0])
        )
        return self._lift_lapel(grid, share)

    @staticmethod
    def _belly(down: np.ndarray) -> np.ndarray:
        """Return by how much the lapel's edge is rounded outwards, from top to bottom."""
        return 0.25 * np.sin(np.pi * np.clip(down, 0, 1))

    def _lift_lapel(self, grid: np.ndarray, share: np.ndarray) -> np.ndarray:
        """Lay a flat grid of (x, z) onto the front, with a soft roll beside the break line."""
        x, z = grid[..., 0], grid[..., 1]
        distance = np.linalg.norm(grid - grid[:, :1], axis=-1)
        roll = 1.05 * np.exp(-(((distance - 0.6) / 2.4) ** 2)) * np.clip((z + 42) / 16, 0.3, 1)
        turn = np.sqrt(np.clip(1 - (1 - np.clip(distance / 0.55, 0, 1)) ** 2, 0, 1))
        wave = 0.10 * np.sin(z / 3.1 + 0.6) * share**2
        y = self.cloth_front(x, z) - (LAPEL_LIFT + roll + wave) * (0.2 + 0.8 * turn)
        return np.stack([x, y, z], axis=-1)

    def collar_grid(self) -> np.ndarray:
        """The collar's leaf: rows around the neck from the back, columns from roll to edge."""
        rows, columns = 190, 44
        inner, outer = self._collar_edges(rows)
        share = np.linspace(0, 1, columns)
        grid = inner[:, None] + (outer - inner)[:, None] * share[None, :, None]
        along = np.linspace(0, 1, rows)[:, None]
        bulge = np.sin(np.pi * share**0.65)[None] * (0.62 - 0.30 * along)
        outward = grid - np.array([0, 1.5, 0])
        outward[..., 2] = 0
        outward /= np.linalg.norm(outward, axis=-1, keepdims=True)
        grid += outward * bulge[..., None]
        grid[..., 2] += 0.4 * bulge * (1 - share)
        on_front = np.clip((along - 0.62) / 0.2, 0, 1) * np.clip(share / 0.35, 0, 1)[None]
        lying = self.cloth_front(grid[..., 0], grid[..., 2])
        lying -= COLLAR_LIFT + 0.35 * np.sin(np.pi * share)[None] * (1 - along)
        grid[..., 1] += on_front * (np.minimum(grid[..., 1], lying) - grid[..., 1])
        return grid

    def _collar_edges(self, rows: int) -> tuple[np.ndarray, np.ndarray]:
        """Return roll line and outer edge of the collar; the last rows are the end at the notch."""
        scale = np.array([self.block.neck, 1.0, 1.0])
        gorge = GORGE * np.array(
            [[self.block.neck, 1], [self.block.lapel, 1], [self.block.lapel, 1]]
        )
        start = self._on_front(gorge[:1], LAPEL_LIFT + 0.55)
        inner = resample(curve(np.vstack([ROLL_LINE * scale, start]), 300), rows)
        tip_scale = np.array([(self.block.neck + self.block.lapel) / 2, 1.0])
        edge = self._on_front(COLLAR_FRONT * tip_scale, COLLAR_LIFT)
        over_x = 9.4 * self.block.neck
        over_z = float(self.block.ridge(np.array([over_x]))[0]) + CLOTH_LIFT + COLLAR_LIFT
        edge = curve(np.vstack([COLLAR_BACK * scale, [(over_x, RIDGE_DEPTH, over_z)], edge]), 300)
        notch = self._on_front(gorge[1:2], LAPEL_LIFT + 0.5)[0]
        end_rows = 16
        end = np.linspace(edge[-1], notch, end_rows + 1)[1:]
        return inner, np.vstack([resample(edge, rows - end_rows), end])

    def _on_front(self, flat: np.ndarray, lift: float) -> np.ndarray:
        """Lift points (x, z) onto the front, as (x, y, z)."""
        x, z = flat[:, 0], flat[:, 1]
        return np.column_stack([x, self.cloth_front(x, z) - lift, z])

    def stand_grid(self) -> np.ndarray:
        """The inside of the collar's stand, seen beside and behind the neck."""
        inner, _ = self._collar_edges(190)
        share = np.linspace(0, 1, 8)
        grid = np.repeat(inner[:, None], len(share), axis=1)
        toward_neck = np.array([0.985, 0.985, 1.0])
        grid = grid * (1 + (toward_neck - 1) * np.sqrt(share)[None, :, None])
        grid[..., 2] += 0.2 - 4.6 * share[None]
        return grid
