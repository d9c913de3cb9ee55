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
from headshots.engine.types import FACE_POINTS, Face, Head, Image, Light, Mask, Pixels

GRID_SIDE = 192  # pixels of the longer side: light varies slowly, so a coarse grid suffices

# Of the normals. Radii and standard deviations in grid pixels unless said otherwise; chosen by eye
# on the development photos.
BODY_RADIUS = 0.42  # head heights over which the depth of hair and body rises to its full value
FACE_FEATHER = 5  # of the blend between the face's mesh and the body
DEPTH_SMOOTHING = 1.0  # of the thin-plate spline through the landmarks
RIM_FEATHER = 6  # of the depth beyond the mesh
BODY_FEATHER = 3  # of the depth of the body
SOBEL_GAIN = 8  # a 3×3 Sobel kernel answers with eight times the slope
EPSILON = 1e-4  # keeps the division finite where the mesh is far away

# Of the robust fit of the light.
FIT_ROUNDS = 8  # chosen: the coefficients hardly change in the last rounds
MIN_AMBIENT = 1e-3  # linear luminance
MIN_SPREAD = 1e-6  # linear luminance; keeps the weights finite when every pixel fits
GridArray = NDArray[np.float32]


def measure_light(pixels: Pixels, face: Face, head: Head, alpha: Mask) -> Light:
    """Measure normals and light on a whole canvas; every framing then crops them.

    `alpha` is the matte of the person on the canvas, all lengths are canvas pixels.
    """
    scale = GRID_SIDE / max(alpha.shape)
    grid_size = (round(alpha.shape[1] * scale), round(alpha.shape[0] * scale))
    face_depth, mesh_mask = _compute_face_depth(face, scale, grid_size)
    body_depth = _inflate_outline(
        resize_picture(alpha, grid_size), radius=BODY_RADIUS * head.height * scale
    )
    normals = _blend_normals(face_depth, body_depth, mesh_mask)
    small_pixels = resize_picture(pixels, grid_size).astype(np.float32) / 255.0
    core_mask_on_grid = draw_core(face, scale, grid_size)
    return Light(
        normals,
        estimate_light(
            color.compute_luminance(color.to_linear(small_pixels)), normals, core_mask_on_grid
        ),
    )


def _blend_normals(face_depth: GridArray, body_depth: GridArray, mesh_mask: GridArray) -> GridArray:
    """Return the normals of the face inside the mesh and of the body around it, blended softly."""
    mesh_weight = (cv2.GaussianBlur(mesh_mask, (0, 0), FACE_FEATHER) * mesh_mask)[..., None]
    face_normals, body_normals = _compute_normals(face_depth), _compute_normals(body_depth)
    blended = mesh_weight * face_normals + (1 - mesh_weight) * body_normals
    return (blended / np.linalg.norm(blended, axis=2, keepdims=True)).astype(np.float32)


def estimate_light(
    luminance: GridArray, normals: GridArray, skin_mask: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Fit ambient and directional light (4 numbers) to the luminance of skin, robust to shadows.

    Iteratively reweighted least squares with Cauchy weights (P. Holland and R. Welsch, "Robust
    Regression Using Iteratively Reweighted Least-Squares", 1977) on the model L = a + n·d, with the
    luminance L, the ambient light a, the unit normal n and the directional light d.

    `luminance` is H×W and linear, `normals` H×W×3; `skin_mask`, H×W, is true where it is fitted.
    """
    design = np.column_stack([np.ones(int(skin_mask.sum())), normals[skin_mask]]).astype(np.float64)
    observed = luminance[skin_mask].astype(np.float64)
    weights = np.ones_like(observed)
    coefficients = np.array([max(float(np.median(observed)), MIN_AMBIENT), 0, 0, 0])
    for _ in range(FIT_ROUNDS):
        roots = np.sqrt(weights)
        coefficients, *_ = np.linalg.lstsq(design * roots[:, None], observed * roots, rcond=None)
        residuals = np.abs(design @ coefficients - observed)
        weights = 1 / (1 + (residuals / (np.median(residuals) + MIN_SPREAD)) ** 2)
    return coefficients


def resize_picture(picture: Image | Mask | Pixels, size: tuple[int, int]) -> GridArray:
    """Scale to `size`, `(width, height)`: by area when it shrinks, bilinearly when it grows."""
    is_shrinking = picture.shape[1] >= size[0]
    method = cv2.INTER_AREA if is_shrinking else cv2.INTER_LINEAR
    return cv2.resize(picture, size, interpolation=method)


def draw_core(face: Face, scale: float, grid_size: tuple[int, int]) -> NDArray[np.bool_]:
    """Draw the core of the face on a grid of `grid_size` (width, height).

    `scale` is the number of grid pixels for one pixel of the face's landmarks.
    """
    return core_mask(move_face(face, Transform(scale=scale)), (grid_size[1], grid_size[0])) > 0.5


def _compute_face_depth(
    face: Face, scale: float, grid_size: tuple[int, int]
) -> tuple[GridArray, GridArray]:
    """Compute depth towards the camera on the grid, and a mask of where the mesh covers it."""
    points = face.landmarks[:FACE_POINTS] * scale
    mesh_mask = np.zeros((grid_size[1], grid_size[0]), np.float32)
    cv2.fillConvexPoly(mesh_mask, cv2.convexHull(points[:, :2].astype(np.int32)), 1.0)
    rows, columns = np.nonzero(mesh_mask)
    positions = np.column_stack([columns, rows]) + 0.5
    depth = np.zeros_like(mesh_mask)
    depth[rows, columns] = RBFInterpolator(points[:, :2], -points[:, 2], smoothing=DEPTH_SMOOTHING)(
        positions
    )
    # Beyond the mesh the depth is extrapolated, so that it has no step at the rim of the face.
    blurred = cv2.GaussianBlur(depth, (0, 0), RIM_FEATHER)
    extrapolated = blurred / (cv2.GaussianBlur(mesh_mask, (0, 0), RIM_FEATHER) + EPSILON)
    return np.where(mesh_mask > 0, depth, extrapolated).astype(np.float32), mesh_mask


def _inflate_outline(alpha: GridArray, *, radius: float) -> GridArray:
    """Estimate the depth of hair, neck and body from the outline alone.

    It rises from the outline inwards along a quarter circle of `radius` grid pixels. The bottom
    edge of the canvas is no outline: the body continues there.
    """
    solid_mask = cv2.copyMakeBorder(
        (alpha > 0.5).astype(np.uint8), 0, 1, 0, 0, cv2.BORDER_REPLICATE
    )
    distance = cv2.distanceTransform(solid_mask, cv2.DIST_L2, 5)[:-1]
    relative_distance = np.clip(distance / radius, 0, 1)
    dome = radius * np.sqrt(1 - (1 - relative_distance) ** 2)
    return cv2.GaussianBlur(dome.astype(np.float32), (0, 0), BODY_FEATHER)


def _compute_normals(depth: GridArray) -> GridArray:
    """Compute unit normals, H×W×3, from the slopes of a depth map."""
    column_slope = cv2.Sobel(depth, cv2.CV_32F, 1, 0, ksize=3) / SOBEL_GAIN
    row_slope = cv2.Sobel(depth, cv2.CV_32F, 0, 1, ksize=3) / SOBEL_GAIN
    directions = np.dstack([-column_slope, row_slope, np.ones_like(depth)])
    return np.asarray(directions / np.linalg.norm(directions, axis=2, keepdims=True), np.float32)
