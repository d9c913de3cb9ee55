"""Face distance: the gate every variant passes.

A descriptor that could identify a person exists only while two pictures are compared; it is never
returned to a caller that stores, logs or sends (README, Privacy).
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from headshots.engine.errors import NotThisPerson
from headshots.engine.models import perception
from headshots.engine.types import Face, Pixels, Points

GATE = 0.25  # two photos of one person are 0.35 apart, the nearest two people 0.64
FACE = 220.0  # pixels hairline to chin at which faces are compared
LEVEL = 0.5  # median of the face, sRGB-encoded, at which they are compared
CORNERS = (263, 362, 33, 133, 2)  # MediaPipe Face Mesh: corners of both eyes, base of the nose


@dataclass(frozen=True, eq=False, repr=False)
class Reference:
    """The source face as 128 numbers, in memory for one render only; its repr shows nothing."""

    _numbers: NDArray[np.float64]

    def distance(self, pixels: Pixels, face: Face) -> float:
        """Euclidean distance of the two descriptors: 0 the same picture, 0.6 another person."""
        return float(np.linalg.norm(self._numbers - _describe(pixels, face)))


def reference(pixels: Pixels, face: Face) -> Reference:
    """Read the source face once, to compare every variant with it."""
    return Reference(_describe(pixels, face))


def require_likeness(distance: float) -> None:
    """Raise NotThisPerson for a variant that went too far."""
    if distance > GATE:
        raise NotThisPerson(
            f"The result is {distance:.2f} away from the photographed face; the limit is {GATE}."
        )


def in_words(distance: float) -> str:
    """What a distance means, for a person."""
    if distance <= 0.12:
        return "closer than two photos of you taken a minute apart"
    if distance <= GATE:
        return "closer than two photos of you on the same day"
    return "further than this project lets pass"


def _describe(pixels: Pixels, face: Face) -> NDArray[np.float64]:
    """At one scale and exposure, so that size and print do not count as another person."""
    scale = FACE / face.height
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    view = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=method)
    points = face.landmarks[:468, :2] * scale
    view = _even_exposure(view, points.min(axis=0), points.max(axis=0))
    return perception.describe_face(view, face.landmarks[list(CORNERS), :2] * scale)


def _even_exposure(view: Pixels, low: Points, high: Points) -> Pixels:
    """Median of the face at one level, so that a darker print is not a different person."""
    inside = view[max(0, int(low[1])) : int(high[1]), max(0, int(low[0])) : int(high[0])]
    middle = max(float(np.median(inside)), 8.0) / 255
    power = np.clip(np.log(LEVEL) / np.log(min(middle, 0.98)), 0.5, 2.0)
    table = np.round(255 * (np.arange(256) / 255) ** power).astype(np.uint8)
    return cv2.LUT(view, table)
