"""Transforms of points between two pictures, boxes and crops."""

from dataclasses import dataclass, replace
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from headshots.engine.types import Box, Face, Points

Scalar = TypeVar("Scalar", bound=np.generic)


@dataclass(frozen=True)
class Transform:
    """A mapping of source pixels to target pixels: `target = (source - origin) * scale`.

    `left` and `top` are the origin, in source pixels. There is no rotation.
    """

    left: float = 0.0
    top: float = 0.0
    scale: float = 1.0

    def followed_by(self, other: "Transform") -> "Transform":
        """Return one transform that applies this one first and the other one after it."""
        return Transform(
            self.left + other.left / self.scale,
            self.top + other.top / self.scale,
            self.scale * other.scale,
        )

    def apply(self, points: Points) -> Points:
        """Map N×2 or N×3 source points to target pixels; depth is scaled, not shifted."""
        offset = np.array([self.left, self.top, 0.0])[: points.shape[-1]]
        return (points - offset) * self.scale

    def apply_inverse(self, points: Points) -> Points:
        """Map N×2 or N×3 target points back to source pixels."""
        offset = np.array([self.left, self.top, 0.0])[: points.shape[-1]]
        return points / self.scale + offset


def move_face(face: Face, transform: Transform) -> Face:
    """Return the same face in the target pixels of a transform."""
    corners = np.array([[face.box.left, face.box.top], [face.box.right, face.box.bottom]])
    box = Box(*transform.apply(corners).ravel())
    return replace(face, landmarks=transform.apply(face.landmarks), box=box)


def fit_similarity(source_points: Points, target_points: Points) -> NDArray[np.float64]:
    """Fit rotation, scale and shift from one set of N×2 points to another, as a 2×3 matrix.

    Least squares without reflection: S. Umeyama, "Least-Squares Estimation of Transformation
    Parameters Between Two Point Patterns", IEEE TPAMI 13(4), 1991.
    """
    centers = source_points.mean(axis=0), target_points.mean(axis=0)
    centered_source, centered_target = source_points - centers[0], target_points - centers[1]
    left_vectors, singular_values, right_vectors = np.linalg.svd(
        centered_target.T @ centered_source
    )
    reflection = np.array([1.0, np.sign(np.linalg.det(left_vectors @ right_vectors))])
    rotation = (left_vectors * reflection) @ right_vectors
    scale = (singular_values * reflection).sum() / (centered_source**2).sum()
    shift = centers[1] - scale * rotation @ centers[0]
    return np.column_stack([scale * rotation, shift])


def clip_box(box: Box, *, width: int, height: int) -> Box:
    """Return the part of the box that lies on a picture of this size, rounded outwards."""
    return Box(
        max(0, int(np.floor(box.left))),
        max(0, int(np.floor(box.top))),
        min(width, int(np.ceil(box.right))),
        min(height, int(np.ceil(box.bottom))),
    )


def crop_to_box(picture: NDArray[Scalar], crop_box: Box) -> NDArray[Scalar]:
    """Return the pixels inside a box of whole numbers that lies on the picture, as a view."""
    return picture[
        int(crop_box.top) : int(crop_box.bottom), int(crop_box.left) : int(crop_box.right)
    ]


def round_kernel(radius: float) -> NDArray[np.uint8]:
    """Build a round structuring element with a radius in pixels, at least 2."""
    kernel_side = 2 * max(2, round(radius)) + 1
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (kernel_side, kernel_side))
