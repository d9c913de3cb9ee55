"""Compute how a garment answers light: its visible surface, and its light transfer.

The transfer is the radiance that cloth of reflectance 1 sends to the camera for a unit of each of
nine spherical harmonics of light, with the shadows of the garment on itself and those of a head and
neck that are not seen. See Sloan, Kautz and Snyder, "Precomputed Radiance Transfer" (2002). What
a point sees of the sky is found in the depth of the visible surface, as in Bavoil, Sainz and
Dimitrov, "Image-Space Horizon-Based Ambient Occlusion" (2008). Axes of light: x to the picture's
right, y up, z towards the camera.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from headshots.engine.operations import spherical_harmonics
from headshots.wardrobe.tailoring.grids import Panel

CAMERA_DISTANCE = 170.0  # centimetres before the pit of the neck
CAMERA_HEIGHT = 18.5  # above it: at the eyes
PICTURE_WIDTH = 60.0  # centimetres at the pit of the neck; the right half is computed
PICTURE_TOP, PICTURE_BOTTOM = 12.0, -30.0
SUPERSAMPLING = 2  # points a pixel and axis at which the surface is looked for
POINTS_PER_SAMPLE = 1.3  # of a panel, so that no sample of the surface is missed

AZIMUTHS, ELEVATIONS = 16, 12  # directions in which light is summed up
# Distances at which the surface is looked up, centimetres.
HORIZON_STEPS = np.geomspace(0.08, 16.0, 15)
CELL = 8  # pixels: the shadow of head and neck is soft
MIN_HOLE_DEPTH = 0.4  # centimetres
HORIZON_BLUR = 1.0  # pixels
MIN_WEIGHT = 1e-3  # keeps divisions finite
SOFT_HORIZON = 0.14  # radians over which light fades at the horizon
# Ellipsoids that cast shadows: centre and half axes, x, y, z as in blocks.py.
HEAD = ((0.0, -0.5, 20.0), (7.4, 9.4, 11.9))
NECK = ((0.0, 1.6, 5.0), (5.7, 5.7, 14.0))
BEHIND_DEPTH, BEHIND_WIDTH = 1.5, 7.2  # farther back and nearer to the middle: behind the neck
FAR = 1e6

Array = NDArray[np.floating[Any]]
Mask = NDArray[np.float32]


@dataclass(frozen=True)
class Surface:
    """What the camera sees of the right half, H×W: positions, normals, shade, and a coverage.

    Normals are on the light's axes. `behind` is the share that lies behind the neck.
    """

    position: NDArray[np.float32]
    normal: NDArray[np.float32]
    shade: Mask
    alpha: Mask
    behind: Mask


def find_surface(panels: list[Panel], width: int) -> Surface:
    """Find the nearest surface at every sample, and average samples to pixels.

    `width` is that of the whole picture in pixels.
    """
    samples = width * SUPERSAMPLING
    rows, columns = picture_size(samples)
    depth = np.full(rows * columns, FAR, np.float32)
    sampled_values = np.zeros((rows * columns, 8), np.float32)  # position, normal, shade, behind
    for panel in panels:
        points, normals = refine(panel, samples)
        column, row = project(points, samples)
        column_index, row_index = np.floor(column).astype(int), np.floor(row).astype(int)
        inside = (
            (column_index >= 0) & (column_index < columns) & (row_index >= 0) & (row_index < rows)
        )
        index = (row_index * columns + column_index)[inside]
        order = np.argsort(-points[inside][:, 1], kind="stable")  # the nearest is written last
        index, nearest = index[order], np.flatnonzero(inside)[order]
        closer = points[nearest, 1] < depth[index]
        index, nearest = index[closer], nearest[closer]
        depth[index] = points[nearest, 1]
        behind = (points[nearest, 1] > BEHIND_DEPTH) & (np.abs(points[nearest, 0]) < BEHIND_WIDTH)
        sampled_values[index] = np.column_stack(
            [points[nearest], normals[nearest], np.full(len(nearest), panel.shade), behind]
        )
    close_pinholes(depth.reshape(rows, columns), sampled_values.reshape(rows, columns, 8))
    return average_samples(
        sampled_values.reshape(rows, columns, 8), (depth < FAR).reshape(rows, columns)
    )


def close_pinholes(depth: Mask, sampled_values: Mask) -> None:
    """Fill single samples that no point hit, through which something farther is seen."""
    closed = cv2.morphologyEx(depth, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    holes = np.argwhere(depth - closed > MIN_HOLE_DEPTH)
    holes = holes[((holes > 0) & (holes < np.array(depth.shape) - 1)).all(axis=1)]
    for row, column in holes:
        near = depth[row - 1 : row + 2, column - 1 : column + 2]
        nearest = np.unravel_index(near.argmin(), near.shape)
        sampled_values[row, column] = sampled_values[row - 1 + nearest[0], column - 1 + nearest[1]]
    depth[tuple(holes.T)] = closed[tuple(holes.T)]


def picture_size(width: int) -> tuple[int, int]:
    """Return rows and columns of the right half of a picture of this width."""
    return round(width * (PICTURE_TOP - PICTURE_BOTTOM) / PICTURE_WIDTH), width // 2


def project(points: Array, width: int) -> tuple[Array, Array]:
    """Project points (N×3) to columns and rows of the right half, in pixels."""
    scale = width / PICTURE_WIDTH * CAMERA_DISTANCE / (CAMERA_DISTANCE + points[:, 1])
    row = (CAMERA_HEIGHT - points[:, 2]) * scale - (CAMERA_HEIGHT - PICTURE_TOP) * (
        width / PICTURE_WIDTH
    )
    return points[:, 0] * scale, row


def refine(panel: Panel, width: int) -> tuple[Array, Array]:
    """Return points of a panel dense enough for every sample, N×3, and their normals."""
    grid = panel.points.astype(np.float32)
    spacing = [
        np.linalg.norm(np.diff(grid[..., [0, 2]], axis=axis), axis=-1).max() for axis in (0, 1)
    ]
    per_centimetre = POINTS_PER_SAMPLE * width / PICTURE_WIDTH
    shape = [
        (count - 1) * max(1, int(np.ceil(gap * per_centimetre))) + 1
        for count, gap in zip(grid.shape[:2], spacing, strict=True)
    ]
    fine = resample_grid(grid, shape[0], shape[1])
    slopes = np.gradient(fine, axis=0), np.gradient(fine, axis=1)
    normal: NDArray[np.float32] = np.cross(*slopes).astype(np.float32)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True) + 1e-9
    facing = normal[..., 1][fine[..., 1] < BEHIND_DEPTH] if not panel.is_inside else normal[..., 1]
    normal *= -np.sign(facing.mean())  # the side of the panel that the camera sees
    fine += normal * np.float32(panel.thickness / 2)
    return fine.reshape(-1, 3), normal.reshape(-1, 3)


def resample_grid(grid: NDArray[np.float32], rows: int, columns: int) -> NDArray[np.float32]:
    """Interpolate a grid of points so that its first and last rows and columns stay."""
    row = np.linspace(0, grid.shape[0] - 1, rows, dtype=np.float32)
    column = np.linspace(0, grid.shape[1] - 1, columns, dtype=np.float32)
    columns_map, rows_map = np.meshgrid(column, row)
    return cv2.remap(
        np.ascontiguousarray(grid),
        columns_map,
        rows_map,
        cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REFLECT_101,
    )


def average_samples(sampled_values: NDArray[np.float32], covered: NDArray[np.bool_]) -> Surface:
    """Average the samples of each pixel, with the edge's fringe filled from inside."""
    rows, columns = (side // SUPERSAMPLING for side in covered.shape)
    weight = covered.astype(np.float32)
    alpha = cv2.resize(weight, (columns, rows), interpolation=cv2.INTER_AREA)
    means = [
        cv2.resize(
            sampled_values[..., channel] * weight, (columns, rows), interpolation=cv2.INTER_AREA
        )
        / np.maximum(alpha, 1e-3)
        for channel in range(8)
    ]
    mean = np.stack(means, axis=-1)
    normal = np.stack([mean[..., 3], mean[..., 5], -mean[..., 4]], axis=-1)  # light's axes
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True) + 1e-9
    return Surface(mean[..., :3], normal, mean[..., 6], alpha, mean[..., 7])


def compute_transfer(surface: Surface, width: int, neck: float) -> NDArray[np.float32]:
    """Return the answer of every pixel to nine harmonics, H×W×9.

    The light of all directions is summed up, where nothing is in its way, with the cosine of the
    angle at which it falls on the surface.
    """
    covered = surface.alpha > 0
    normals, positions = surface.normal[covered], average_positions(surface)
    angles = (np.arange(ELEVATIONS) + 0.5) * np.pi / ELEVATIONS
    solid_angles = 2 * np.pi / AZIMUTHS * np.pi / ELEVATIONS * np.sin(angles)
    total = np.zeros((len(normals), 9), np.float32)
    for azimuth in (np.arange(AZIMUTHS) + 0.5) * 2 * np.pi / AZIMUTHS:
        directions = np.column_stack(
            [np.sin(angles) * np.cos(azimuth), np.sin(angles) * np.sin(azimuth), np.cos(angles)]
        )
        received = np.clip(normals @ directions.T.astype(np.float32), 0, 1)
        horizon = find_horizon(surface, azimuth, width)[covered][:, None]
        received *= np.clip((horizon - angles.astype(np.float32)) / SOFT_HORIZON + 0.5, 0, 1)
        for column, direction in enumerate(directions):
            free = enlarge(see_past_head(positions, direction, neck), surface)
            received[:, column] *= free[covered]
        harmonics = spherical_harmonics.evaluate_harmonics(directions)
        total += received @ (harmonics * solid_angles[:, None] / np.pi).astype(np.float32)
    transfer = np.zeros((*covered.shape, 9), np.float32)
    transfer[covered] = total * surface.shade[covered][:, None]
    return transfer


def find_horizon(surface: Surface, azimuth: float, width: int) -> Mask:
    """Return the angle from the camera's axis at which the surface ends the view, H×W, radians."""
    covered = surface.alpha > 0.5
    height = np.where(covered, -surface.position[..., 1], -FAR).astype(np.float32)
    mirrored = np.concatenate([height[:, ::-1], height], axis=1)  # the left half casts shadows, too
    rows, columns = height.shape
    steepest = np.full(height.shape, -FAR, np.float32)
    grid_x, grid_y = np.meshgrid(
        np.arange(columns, 2 * columns, dtype=np.float32), np.arange(rows, dtype=np.float32)
    )
    per_centimetre = width / PICTURE_WIDTH
    for distance in HORIZON_STEPS.astype(np.float32):
        column = grid_x + np.float32(distance * per_centimetre * np.cos(azimuth))
        row = grid_y - np.float32(distance * per_centimetre * np.sin(azimuth))
        sampled = cv2.remap(
            mirrored,
            column,
            row,
            cv2.INTER_NEAREST,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=-FAR,
        )
        steepest = np.maximum(steepest, (sampled - height) / distance)
    horizon = np.where(covered, np.arctan2(1, steepest), 0).astype(np.float32)
    weight = cv2.GaussianBlur(covered.astype(np.float32), (0, 0), HORIZON_BLUR)
    return cv2.GaussianBlur(horizon, (0, 0), HORIZON_BLUR) / np.maximum(weight, MIN_WEIGHT)


def average_positions(surface: Surface) -> NDArray[np.float32]:
    """Return mean positions in cells of CELL×CELL pixels, continued beyond the edge."""
    rows, columns = surface.alpha.shape
    size = (max(1, columns // CELL), max(1, rows // CELL))
    covered = (surface.alpha > 0.5).astype(np.float32)
    weight = cv2.resize(covered, size, interpolation=cv2.INTER_AREA)
    total = cv2.resize(surface.position * covered[..., None], size, interpolation=cv2.INTER_AREA)
    near_weight = np.where(weight > 0, weight, cv2.blur(weight, (5, 5)))
    near_total = np.where(weight[..., None] > 0, total, cv2.blur(total, (5, 5)))
    return near_total / np.maximum(near_weight, MIN_WEIGHT)[..., None]


def see_past_head(positions: NDArray[np.float32], direction: Array, neck: float) -> Mask:
    """Return 0 where head or neck are in the way of light from a direction, else 1, H×W."""
    ray = np.array([direction[0], -direction[2], direction[1]])  # axes of the garment
    free = np.ones(positions.shape[:2], np.float32)
    for center, axes in (HEAD, NECK):
        scale = np.array([axes[0] * (neck if axes is NECK[1] else 1.0), *axes[1:]])
        origin, along = (positions - np.array(center)) / scale, ray / scale
        nearest = np.maximum(-(origin @ along) / (along @ along), 0)
        distance = np.linalg.norm(origin + nearest[..., None] * along, axis=-1)
        free = np.minimum(free, np.clip((distance - 0.92) / 0.16, 0, 1)).astype(np.float32)
    return free


def enlarge(values: Mask, surface: Surface) -> Mask:
    """Enlarge values of cells to the pixels of a surface."""
    return cv2.resize(values, surface.alpha.shape[::-1], interpolation=cv2.INTER_LINEAR)
