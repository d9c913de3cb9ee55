"""Find a picture in the picture: a face on a screen, a card or a print.

A person in a photo leaves it through its bottom edge. A printed or displayed portrait ends at four
straight edges inside the photo, with the whole face between them.
"""

from itertools import product
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from headshots.engine.types import FACE_POINTS, Face, Pixels, Points

SEARCH_SIDE = 640  # pixels of the longer side in which edges are looked for
SMOOTHING = 0.8  # pixels of standard deviation before gradients are taken
SLANT = 25.0  # degrees by which an edge may lean
SIDE_LENGTH, CROSS_LENGTH = 0.4, 0.3  # face heights: shortest piece of an edge, upright and level
BELOW_CHIN = 0.1  # face heights: an edge below the face lies at least so far below the chin
LINES_TRIED = 14  # longest ones of each direction
PHOTO_MARGIN = 0.01  # of the photo: a corner nearer to its edge is the photo's own

# A point of an edge has such a gradient, in levels of 255 per pixel, across the edge.
MIN_GRADIENT = 2.0
MIN_ALIGNMENT = 0.9  # cosine of the angle between gradient and normal
POINT_SPACING = 2.0  # pixels between the points at which an edge is tested
OFFSETS = (-1.5, -0.75, 0.0, 0.75, 1.5)  # pixels across the edge in which a point may lie
ENDS = 0.03  # of an edge, at its corners, that are not tested

Lines = NDArray[np.float64]  # N×4: x, y, x, y


class LevelEdge(NamedTuple):
    """A level edge between two upright lines: the share that is there, and its two corners."""

    share: float
    left: Points
    right: Points


def measure_picture_frame(pixels: Pixels, face: Face) -> float:
    """Measure how completely four straight edges frame the face inside the photo, [0, 1].

    `face` is in pixels of the photo. Returns the share of the worst edge that is there, of the
    best of all frames.
    """
    scale = min(1.0, SEARCH_SIDE / max(pixels.shape[:2]))
    small_pixels = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    gray = cv2.cvtColor(small_pixels, cv2.COLOR_RGB2GRAY)
    landmarks = face.landmarks[:FACE_POINTS, :2] * scale
    lefts, rights, tops, bottoms = _list_edges(gray, landmarks)
    gradients = _measure_gradients(gray)
    best = 0.0
    for left, right in product(lefts, rights):
        lower = _best_side(gradients, left, right, bottoms)
        if lower is None or lower.share <= best:
            continue
        upper = _best_side(gradients, left, right, tops)
        if upper is None or upper.share <= best:
            continue
        sides = (
            _edge_share(gradients, upper.left, lower.left),
            _edge_share(gradients, upper.right, lower.right),
        )
        best = max(best, min(lower.share, upper.share, *sides))
    return best


def _list_edges(gray: NDArray[np.uint8], landmarks: Points) -> tuple[Lines, Lines, Lines, Lines]:
    """Return the longest straight lines to the left, right, above and below a face."""
    segments = cv2.createLineSegmentDetector(cv2.LSD_REFINE_STD).detect(gray)[0]
    lines = np.zeros((0, 4)) if segments is None else segments[:, 0].astype(np.float64)
    directions = lines[:, 2:] - lines[:, :2]
    lengths = np.hypot(directions[:, 0], directions[:, 1])
    angles = np.degrees(np.arctan2(directions[:, 1], directions[:, 0])) % 180
    order = np.argsort(-lengths)
    (left, top), (right, bottom) = landmarks.min(axis=0), landmarks.max(axis=0)
    height = bottom - top
    columns, rows = lines[:, [0, 2]], lines[:, [1, 3]]
    is_upright = (np.abs(angles - 90) < SLANT) & (lengths > SIDE_LENGTH * height)
    is_level = (np.minimum(angles, 180 - angles) < SLANT) & (lengths > CROSS_LENGTH * height)
    choices = (
        is_upright & (columns.max(axis=1, initial=-np.inf) < left),
        is_upright & (columns.min(axis=1, initial=np.inf) > right),
        is_level & (rows.max(axis=1, initial=-np.inf) < top),
        is_level & (rows.min(axis=1, initial=np.inf) > bottom + BELOW_CHIN * height),
    )
    lefts, rights, tops, bottoms = (lines[order[choice[order]]][:LINES_TRIED] for choice in choices)
    return lefts, rights, tops, bottoms


def _measure_gradients(gray: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the gradient, H×W×2 (x, y), in levels per pixel."""
    smooth = cv2.GaussianBlur(gray, (0, 0), SMOOTHING).astype(np.float32)
    return np.stack(
        [cv2.Sobel(smooth, cv2.CV_32F, *order, ksize=3) / 8 for order in ((1, 0), (0, 1))], axis=-1
    )


def _best_side(
    gradients: NDArray[np.float32], left: Points, right: Points, levels: Lines
) -> LevelEdge | None:
    """Return the most complete level edge between two upright lines, if any is there."""
    sides: list[LevelEdge] = []
    height, width = gradients.shape[:2]
    margin = PHOTO_MARGIN * np.array([width, height])
    for level in levels:
        corners = _intersect(left, level), _intersect(right, level)
        inside = [
            (margin < corner).all() and (corner < (width, height) - margin).all()
            for corner in corners
        ]
        if all(inside):
            sides.append(LevelEdge(_edge_share(gradients, *corners), *corners))
    return max(sides, key=lambda side: side.share, default=None)


def _intersect(first: Points, second: Points) -> Points:
    """Return the point (x, y) in which two lines meet; far outside where they are parallel."""
    first_line, second_line = (
        np.cross([*line[:2], 1.0], [*line[2:], 1.0]) for line in (first, second)
    )
    x, y, weight = np.cross(first_line, second_line)
    return np.array([x, y]) / weight if weight else np.array([np.inf, np.inf])


def _edge_share(gradients: NDArray[np.float32], start: Points, end: Points) -> float:
    """Return the share of the straight line between two points that is an edge."""
    length = float(np.linalg.norm(end - start))
    if length < POINT_SPACING:
        return 0.0
    along = (end - start) / length
    normal = np.array([-along[1], along[0]])
    steps = np.linspace(ENDS, 1 - ENDS, max(2, int(length / POINT_SPACING)))
    points = start + steps[:, None] * (end - start)
    positions = points[:, None, :] + np.array(OFFSETS)[:, None] * normal
    height, width = gradients.shape[:2]
    columns = np.clip(np.round(positions[..., 0]).astype(int), 0, width - 1)
    rows = np.clip(np.round(positions[..., 1]).astype(int), 0, height - 1)
    values = gradients[rows, columns]
    across, strength = np.abs(values @ normal), np.linalg.norm(values, axis=-1)
    is_edge = (across > MIN_GRADIENT) & (across > MIN_ALIGNMENT * strength)
    return float(is_edge.any(axis=1).mean())
