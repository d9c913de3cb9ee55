"""BlazeFace: find the boxes and six key points of all faces in a picture.

V. Bazarevsky et al., "BlazeFace: Sub-millisecond Neural Face Detection on Mobile GPUs", 2019
(https://arxiv.org/abs/1907.05047). Anchors, ranges and thresholds are those that MediaPipe gives
with its networks (mediapipe/modules/face_detection).
"""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from headshots.engine.networks.litert import Network, Tensor, sample_square
from headshots.engine.types import Box, Pixels, Points

KEY_POINTS: Final = 6  # both eyes (first the one at the picture's left), nose, mouth, both ears
HALF_RANGE: Final = 127.5  # the network takes values in [-1, 1]
MAX_LOGIT: Final = 100.0  # beyond it the logistic function overflows
MAX_OVERLAP: Final = 0.3  # intersection over union from which two boxes are of one face

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Grid:
    """One grid of anchors over the input of the network: so many cells a side, and per cell."""

    cells: int
    anchors_per_cell: int


@dataclass(frozen=True, eq=False)
class Detection:
    """A face in pixels of the picture: its box, six key points (6×2) and score in [0, 1]."""

    box: Box
    key_points: Points
    score: float


class FaceDetector:
    """One detection network with its anchors."""

    def __init__(
        self, model: bytes, *, side: int, grids: tuple[Grid, ...], min_score: float
    ) -> None:
        """Load a network that takes side×side pixels and has these grids of anchors.

        Anchors that score less than `min_score` are no faces.
        """
        self._network = Network(model)
        self._side = side
        self._min_score = min_score
        self._anchors = np.concatenate([_anchor_centers(grid) for grid in grids])

    def detect(self, pixels: Pixels) -> list[Detection]:
        """Find the faces, best first; an empty list if there is none."""
        height, width = pixels.shape[:2]
        longer_side = max(height, width)
        corner = np.array([(width - longer_side) / 2, (height - longer_side) / 2])
        scale = longer_side / self._side
        square = sample_square(
            pixels,
            np.array([[scale, 0, corner[0]], [0, scale, corner[1]]]),
            self._side,
            border=cv2.BORDER_CONSTANT,
        )
        tensors = self._network.run(square[None].astype(np.float32) / HALF_RANGE - 1)
        coordinates, logits = sorted(tensors, key=lambda tensor: -tensor.shape[-1])
        points, scores = self._decode(coordinates[0], logits[0, :, 0])
        return [
            _describe(face_points * longer_side + corner, score)
            for face_points, score in _merge_overlapping(points, scores)
        ]

    def _decode(self, coordinates: Tensor, logits: Tensor) -> tuple[Values, Values]:
        """Return N×8×2 points (box corners, then key points; shares of the square) and scores."""
        scores = 1 / (1 + np.exp(-np.clip(logits.astype(np.float64), -MAX_LOGIT, MAX_LOGIT)))
        kept = scores >= self._min_score
        values = coordinates[kept].astype(np.float64).reshape(-1, 2 + KEY_POINTS, 2) / self._side
        anchors = self._anchors[kept]
        centers, half_sizes = values[:, 0] + anchors, values[:, 1] / 2
        corners = np.stack([centers - half_sizes, centers + half_sizes], axis=1)
        return np.concatenate([corners, values[:, 2:] + anchors[:, None]], axis=1), scores[kept]


def _anchor_centers(grid: Grid) -> Values:
    """Return the centres of all anchors of a grid, row by row, as shares of the square."""
    centers = (np.arange(grid.cells) + 0.5) / grid.cells
    columns, rows = np.meshgrid(centers, centers)
    return np.repeat(np.stack([columns.ravel(), rows.ravel()], axis=1), grid.anchors_per_cell, 0)


def _merge_overlapping(points: Values, scores: Values) -> list[tuple[Values, float]]:
    """Average overlapping detections, weighted by score, and keep the best score of each group."""
    merged = []
    order = np.argsort(-scores, kind="stable")
    while order.size:
        best = order[0]
        is_same = _overlap(points[best], points[order]) > MAX_OVERLAP
        is_same[0] = True
        group = order[is_same]
        merged.append(
            (np.average(points[group], axis=0, weights=scores[group]), float(scores[best]))
        )
        order = order[~is_same]
    return merged


def _overlap(points: Values, others: Values) -> Values:
    """Compute the intersection over union of one box (8×2 points) with others (N×8×2)."""
    lowest = np.maximum(points[0], others[:, 0])
    highest = np.minimum(points[1], others[:, 1])
    shared = np.prod(np.clip(highest - lowest, 0, None), axis=1)
    areas = np.prod(others[:, 1] - others[:, 0], axis=1)
    union = np.prod(points[1] - points[0]) + areas - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)


def _describe(points: Values, score: float) -> Detection:
    (left, top), (right, bottom) = points[:2].tolist()
    return Detection(Box(left, top, right, bottom), points[2:], score)
