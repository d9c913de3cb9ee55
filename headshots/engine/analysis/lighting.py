"""Estimate the shape of the subject and the light that falls on it in the photo.

Axes of every direction here: x to the picture's right, y up, z towards the camera.
"""

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import RBFInterpolator

from headshots.engine import color
from headshots.engine.analysis.landmarks import core_mask
from headshots.engine.geometry import Transform, move_face
from headshots.engine.types import Face, Head, Image, Light, Mask, Pixels

GRID = 192  # light varies slowly: everything is computed at this size
Grid = NDArray[np.float32]


def read_light(pixels: Pixels, face: Face, head: Head, alpha: Mask) -> Light:
    """Normals and light of a whole canvas, computed once and cut for every frame."""
    scale = GRID / max(alpha.shape)
    size = (round(alpha.shape[1] * scale), round(alpha.shape[0] * scale))
    depth, known = _face_depth(face, scale, size)
    body = _inflate(resize(alpha, size), radius=0.42 * head.height * scale)
    weight = (cv2.GaussianBlur(known, (0, 0), 5) * known)[..., None]
    mixed = weight * _normals(depth) + (1 - weight) * _normals(body)
    normals = (mixed / np.linalg.norm(mixed, axis=2, keepdims=True)).astype(np.float32)
    small = resize(pixels, size).astype(np.float32) / 255
    skin = core_on_grid(face, scale, size)
    return Light(normals, estimate(color.luminance(color.to_linear(small)), normals, skin))


def estimate(luminance: Grid, normals: Grid, skin: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Ambient and directional light (4 numbers) that best explain the skin; robust to shadows.

    Iteratively reweighted least squares with Cauchy weights on L = a + n·d.
    """
    design = np.column_stack([np.ones(int(skin.sum())), normals[skin]]).astype(np.float64)
    observed = luminance[skin].astype(np.float64)
    weights = np.ones_like(observed)
    light = np.array([max(float(np.median(observed)), 1e-3), 0, 0, 0])
    for _ in range(8):
        root = np.sqrt(weights)[:, None]
        light, *_ = np.linalg.lstsq(design * root, observed * root[:, 0], rcond=None)
        error = np.abs(design @ light - observed)
        weights = 1 / (1 + (error / (np.median(error) + 1e-6)) ** 2)
    return light


def resize(picture: Image | Mask | Pixels, size: tuple[int, int]) -> Grid:
    """The picture at another size, `(width, height)`: averaged when smaller, linear when larger."""
    shrinks = picture.shape[1] >= size[0]
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return cv2.resize(picture, size, interpolation=method)


def core_on_grid(face: Face, scale: float, size: tuple[int, int]) -> NDArray[np.bool_]:
    """Where the core of the face lies on a grid of `size` (width, height), `scale` times smaller."""
    return core_mask(move_face(face, Transform(scale=scale)), (size[1], size[0])) > 0.5


def _face_depth(face: Face, scale: float, size: tuple[int, int]) -> tuple[Grid, Grid]:
    """Depth towards the camera on the grid, and where the mesh covers it."""
    points = face.landmarks[:468] * scale
    known = np.zeros((size[1], size[0]), np.float32)
    cv2.fillConvexPoly(known, cv2.convexHull(points[:, :2].astype(np.int32)), 1.0)
    rows, columns = np.nonzero(known)
    where = np.column_stack([columns, rows]) + 0.5
    depth = np.zeros_like(known)
    depth[rows, columns] = RBFInterpolator(points[:, :2], -points[:, 2], smoothing=1.0)(where)
    # Beyond the mesh the depth goes on smoothly, so that the rim of the face has no cliff.
    near = cv2.GaussianBlur(depth, (0, 0), 6) / (cv2.GaussianBlur(known, (0, 0), 6) + 1e-4)
    return np.where(known > 0, depth, near).astype(np.float32), known


def _inflate(alpha: Grid, *, radius: float) -> Grid:
    """Depth of hair, neck and body: the outline blown up to a quarter circle of this radius."""
    solid = cv2.copyMakeBorder((alpha > 0.5).astype(np.uint8), 0, 1, 0, 0, cv2.BORDER_REPLICATE)
    distance = cv2.distanceTransform(solid, cv2.DIST_L2, 5)[:-1]
    inward = np.clip(distance / radius, 0, 1)
    dome = radius * np.sqrt(1 - (1 - inward) ** 2)
    return cv2.GaussianBlur(dome.astype(np.float32), (0, 0), 3)


def _normals(depth: Grid) -> Grid:
    across = cv2.Sobel(depth, cv2.CV_32F, 1, 0, ksize=3) / 8
    down = cv2.Sobel(depth, cv2.CV_32F, 0, 1, ksize=3) / 8
    raw = np.dstack([-across, down, np.ones_like(depth)])
    return np.asarray(raw / np.linalg.norm(raw, axis=2, keepdims=True), np.float32)
