"""The open blazer, as structured grids: front, sleeve, lapel, collar and its stand.

Every panel is a grid of rows and columns, so that its edges are smooth curves. Coordinates are
those of blocks.py.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from headshots.wardrobe.tailoring.blocks import RIDGE_DEPTH, Block, fold, ripple

HEM = -40.0  # z at which every panel ends: below all pictures
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
TUCKED = 0.4  # how far the lapel reaches beyond the seam of the collar
CLOTH_LIFT = 0.8  # distance of the jacket from the block


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
            Panel("sleeve", self.sleeve_grid(), shade=0.98),
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

    def sleeve_grid(self) -> np.ndarray:
        """The sleeve as horizontal sections, from its head, a little above the shoulder, down."""
        end, reach = self.block.shoulder, self.block.sleeve
        top = float(self.block.ridge(np.array([end]))[0]) + CLOTH_LIFT + 0.22
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
        push = self._sleeve_folds(x, z)
        return np.stack([x + 0.5 * push * cos, y - push * np.maximum(sin, 0), z], axis=-1)

    def _sleeve_folds(self, x: np.ndarray, z: np.ndarray) -> np.ndarray:
        end = self.block.shoulder
        return (
            fold(x, z, (end - 0.8, -6, end + 3.6, -19), 0.36, 0.9)
            + fold(x, z, (end + 0.2, -11, end + 5.4, -25), 0.34, 0.85)
            + fold(x, z, (end + 6.2, -13, end + 1.4, -29), -0.30, 0.8)
            + fold(x, z, (end + 1.0, -0.5, end + 3.4, -9), 0.14, 1.1)
            + ripple(x, z, 7, 0.05, 5.0) * np.clip((1 - z) / 5, 0, 1)
        )

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


def smooth(values: np.ndarray, depth: np.ndarray) -> np.ndarray:
    """Round the corners of values that were interpolated linearly over depth."""
    fine = np.linspace(depth[0], depth[-1], 2000)
    width = 40
    padded = np.pad(np.interp(fine, depth, values), width, mode="reflect", reflect_type="odd")
    kernel = np.hanning(2 * width + 1)
    blurred = np.convolve(padded, kernel / kernel.sum(), mode="valid")
    near_top = np.clip(depth / 1.6, 0, 1)  # the head of the sleeve keeps its shape
    return values + near_top * (np.interp(depth, fine, blurred) - values)
