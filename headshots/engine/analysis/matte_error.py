"""Predict the error of a cut-out, by region, and say on which background it would show.

The error of a region is how far its outline is off, in face heights: the sum of |alpha - true
alpha| over the length of the outline, so that much hair is not taken for much doubt. It is
predicted from what can be measured, by a linear model without negative weights. The weights were
fitted by `make bench-cut-outs` (benchmarks/cut_outs.py): there cut-outs are laid on known grounds,
recompressed, and cut out again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from headshots.engine.types import CHIN_POINT, FACE_POINTS, Image, Mask, Points

EYE_POINT: Final = 168  # mesh point between the eyes
SHOULDER_REACH: Final = 0.6  # face heights below the chin that are judged
REGIONS: Final = ("crown", "sides", "shoulders")

# Evidence: what is summed over a region.
EVIDENCE: Final = ("softness", "indecision", "disagreement", "similarity")
SIMILAR_DISTANCE: Final = 0.12  # colour distance at which similarity has fallen to 1/e
OUTLINE_BLUR: Final = 0.03  # face heights, standard deviation
MIN_OUTLINE: Final = 0.5  # face heights
EDGE_ALPHA: Final = (0.02, 0.98)
# Fitted by make bench-cut-outs on 180 regions of 13 people before plain, textured and blurred
# grounds; rank correlation with the true error of people left out of the fit 0.88. An offset and
# the residual of the compositing equation got no weight.
WEIGHTS: Final = (0.225, 0.012, 0.133, 0.148)

# Up to this predicted error a region is said to be fine; it is if at most FINE_ERROR is wrong.
# Measured on 16 people: of 190 regions said to be fine 97.9 % were, and 1 of 2 others; what is kept
# of a person behind is not predicted (57.8 % of 45).
MAX_VISIBLE_ERROR: Final = 0.012
FINE_ERROR: Final = 0.015
FULL_CONTRAST: Final = 0.5  # colour distance to a background at which an error shows fully
# Between person and old background: what is left of a ground of the hair's colour looks like hair,
# and only the outline is another. By eye on the development photos.
FULL_SEPARATION: Final = 0.25  # colour distance from which an error shows fully
OUTLINE_SHARE: Final = 0.5  # of an error between equal colours


@dataclass(frozen=True, eq=False)
class RegionQuality:
    """What is known about the edge of one region.

    `error` is predicted, in face heights, and at least `strangers`: what certainly belongs to
    another person. `evidence` is what it was predicted from, in the order of EVIDENCE. The colours,
    RGB in [0, 1], are means over its doubtful pixels: what would be seen there of the person and of
    the old background.
    """

    name: str
    error: float
    evidence: NDArray[np.float64]
    person_color: NDArray[np.float64]
    background_color: NDArray[np.float64]
    strangers: float = 0.0

    def visible_error(self, backdrop_color: NDArray[np.floating[Any]] | None) -> float:
        """Return the part of the error that shows on a background of this colour, RGB in [0, 1].

        What is left of the old background shows by its difference from the new one, and what is
        missing of the person by that of the person. None is a background of unknown colour, on
        which all of it may show.
        """
        separation = float(np.linalg.norm(self.person_color - self.background_color))
        share = min(1.0, OUTLINE_SHARE + (1 - OUTLINE_SHARE) * separation / FULL_SEPARATION)
        visible = max(share * self.error, self.strangers)
        if backdrop_color is None:
            return visible
        contrasts = [
            float(np.linalg.norm(color - backdrop_color)) / FULL_CONTRAST
            for color in (self.person_color, self.background_color)
        ]
        return visible * min(1.0, max(contrasts))


def find_flaw(
    regions: Sequence[RegionQuality], backdrop_color: NDArray[np.floating[Any]] | None
) -> RegionQuality | None:
    """Return the region in which a flaw would show most on a background of this colour, RGB.

    None if the cut-out is safe there: no region's visible error is above MAX_VISIBLE_ERROR.
    """
    worst = max(regions, key=lambda region: region.visible_error(backdrop_color))
    return worst if worst.visible_error(backdrop_color) > MAX_VISIBLE_ERROR else None


def predict_regions(
    person_mask: Mask,
    alpha: Mask,
    layer_colors: Sequence[Image],
    landmarks: Points,
    *,
    strangers: Mask,
) -> tuple[RegionQuality, ...]:
    """Measure evidence of errors and predict the error of each region.

    All arrays are of one size, at which `alpha` was solved; `person_mask` is the segmentation and
    `layer_colors` those of person and background. `strangers` is how much of each
    pixel belongs to another face: certainly an error.
    """
    face_height = float(np.ptp(landmarks[:FACE_POINTS, 1]))
    evidence = _measure_evidence(person_mask, alpha, layer_colors)
    regions = []
    for name, rows in zip(REGIONS, split_rows(len(alpha), landmarks), strict=True):
        outline = measure_outline(alpha, rows, face_height=face_height) * face_height
        sums = evidence[:, rows].sum(axis=(1, 2)) / outline
        doubt = evidence[:, rows].sum(axis=0) + 1e-6
        person_color, background_color = (
            (layer[rows] * doubt[..., None]).sum(axis=(0, 1)) / doubt.sum()
            for layer in layer_colors
        )
        certain = float(strangers[rows].sum()) / outline
        error = max(float(np.dot(WEIGHTS, sums)), certain)
        regions.append(
            RegionQuality(name, error, sums, person_color, background_color, strangers=certain)
        )
    return tuple(regions)


def measure_outline(alpha: Mask, rows: slice, *, face_height: float) -> float:
    """Return the length of the outline within some rows, in pixels, without its curls.

    It is at least MIN_OUTLINE; `face_height` is in pixels.
    """
    smooth = cv2.GaussianBlur(alpha, (0, 0), max(1.0, OUTLINE_BLUR * face_height))
    solid = (smooth > 0.5).astype(np.uint8)
    edge = cv2.morphologyEx(solid, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    # The gradient is two pixels wide.
    return max(float(edge[rows].sum()) / 2, MIN_OUTLINE * face_height)


def split_rows(height: int, landmarks: Points) -> tuple[slice, slice, slice]:
    """Return the rows of crown, sides and shoulders of a picture of this height."""
    reach = SHOULDER_REACH * float(np.ptp(landmarks[:FACE_POINTS, 1]))
    chin_row = landmarks[CHIN_POINT, 1]
    eyes, chin, last = (
        int(np.clip(row, 0, height))
        for row in (landmarks[EYE_POINT, 1], chin_row, chin_row + reach)
    )
    return slice(0, eyes), slice(eyes, chin), slice(chin, last)


def _measure_evidence(
    person_mask: Mask, alpha: Mask, layer_colors: Sequence[Image]
) -> NDArray[np.float32]:
    """Return maps of the evidence in the order of EVIDENCE, 4×H×W."""
    edge = ((alpha > EDGE_ALPHA[0]) & (alpha < EDGE_ALPHA[1])).astype(np.uint8)
    edge = cv2.dilate(edge, np.ones((3, 3), np.uint8))
    distance = np.linalg.norm(layer_colors[0] - layer_colors[1], axis=2)
    return np.stack(
        [
            4 * alpha * (1 - alpha),
            4 * person_mask * (1 - person_mask),
            np.abs(person_mask - alpha),
            edge * np.exp(-distance / SIMILAR_DISTANCE),
        ]
    ).astype(np.float32)
