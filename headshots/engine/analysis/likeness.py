"""The distance between two faces, which every variant is checked by.

A descriptor that could identify a person exists only while two pictures are compared; it is never
returned to a caller that stores, logs or sends it (docs/privacy.md).
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from headshots.engine import color, thresholds
from headshots.engine.errors import LikenessTooLow
from headshots.engine.geometry import fit_similarity
from headshots.engine.networks import perception
from headshots.engine.types import FACE_POINTS, Face, Pixels, Points

# Two faces further apart are two people: the threshold that dlib states for its network, measured
# on Labeled Faces in the Wild (http://dlib.net/face_recognition.py.html).
STRANGER_DISTANCE = 0.6
CHIP_SIDE = 150  # pixels a side of what the network takes

# Light is evened out before faces are compared. Half of the large shadows: measured, it halves what
# relighting adds to the distance, while different people stay as far apart (0.78 against 0.79).
SHADOW_REMOVAL = 0.5  # share of the large shadows that is removed
TARGET_LUMA = 0.5  # median luma of the face, sRGB-encoded, after it
SHADOW_SIZE = CHIP_SIDE / 8  # pixels of standard deviation: shadows smaller than it are kept
LOG_OFFSET = 0.03  # sRGB-encoded luma; keeps the logarithm of black finite
GAIN_OFFSET = 1e-3  # sRGB-encoded luma; keeps the gain of black finite
CORE_MARGIN = CHIP_SIDE // 5  # pixels at each side of the chip that do not count for the median

# The picture is scaled by area to so many times the chip's resolution before it is warped: the warp
# takes too few samples to shrink without aliasing.
WARP_OVERSAMPLING = 1.5

# MediaPipe Face Mesh: corners of both eyes and the base of the nose; and where dlib's
# get_face_chip_details (image_transforms/interpolation.h, padding 0.25) puts them, over the side.
ANCHOR_POINTS = (263, 362, 33, 133, 2)
ANCHOR_POSITIONS: Points = np.array(
    [[0.7397, 0.3090], [0.5974, 0.3193], [0.2471, 0.3092], [0.3894, 0.3194], [0.4934, 0.5852]]
)


@dataclass(frozen=True, eq=False, repr=False)
class ReferenceFace:
    """The photographed face as 128 numbers, in memory for one render only; its repr shows none."""

    _descriptor: NDArray[np.float64]
    _chip_landmarks: Points  # 468×2, its landmarks in its chip

    def distance(self, pixels: Pixels, face: Face) -> float:
        """Compute the Euclidean distance of two descriptors: 0 the same picture, 0.6 two people.

        `face` is the face in `pixels`. Both faces are aligned by all their landmarks, because with
        the five of the network's own alignment an error of half a pixel in one of them changes the
        distance as much as a smile.
        """
        alignment = fit_similarity(face.landmarks[:FACE_POINTS, :2], self._chip_landmarks)
        return float(np.linalg.norm(self._descriptor - _describe_face(pixels, alignment)))

    def is_stranger(self, other: "ReferenceFace") -> bool:
        """Whether two photos show two people."""
        return self.distance_to(other) > STRANGER_DISTANCE

    def distance_to(self, other: "ReferenceFace") -> float:
        """Compute the distance to the face of another photo, as `distance` does."""
        return float(np.linalg.norm(self._descriptor - other._descriptor))


def describe_reference(pixels: Pixels, face: Face) -> ReferenceFace:
    """Describe the photographed face once, to compare every variant with it."""
    alignment = fit_similarity(
        face.landmarks[list(ANCHOR_POINTS), :2], ANCHOR_POSITIONS * CHIP_SIDE
    )
    chip_landmarks = face.landmarks[:FACE_POINTS, :2] @ alignment[:, :2].T + alignment[:, 2]
    return ReferenceFace(_describe_face(pixels, alignment), chip_landmarks)


def require_likeness(distance: float, *, limit: float = thresholds.MAX_LIKENESS_DISTANCE) -> None:
    """Raise LikenessTooLow if a face distance is above the limit or not a number."""
    if not distance <= limit:  # not `distance > limit`, which NaN would pass
        raise LikenessTooLow(
            f"The result is {distance:.2f} away from the photographed face; "
            f"the limit is {limit:.2f}."
        )


def _describe_face(pixels: Pixels, alignment: NDArray[np.float64]) -> NDArray[np.float64]:
    """Align the face as dlib's network expects it, CHIP×CHIP, and return its 128 numbers.

    `alignment` is a 2×3 matrix from pixels of the picture to pixels of the chip.
    """
    scale = float(np.hypot(alignment[0, 0], alignment[1, 0]))
    shrink_factor = min(1.0, WARP_OVERSAMPLING * scale)
    small_pixels = cv2.resize(
        pixels, None, fx=shrink_factor, fy=shrink_factor, interpolation=cv2.INTER_AREA
    )
    alignment = alignment * np.array([1 / shrink_factor, 1 / shrink_factor, 1])
    chip = cv2.warpAffine(
        small_pixels,
        alignment,
        (CHIP_SIDE, CHIP_SIDE),
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return perception.describe_chip(_normalize_light(chip))


def _normalize_light(chip: Pixels) -> Pixels:
    """Normalise exposure and remove a share of the large shadows, so that light hardly counts.

    Homomorphic filtering of luma (A. Oppenheim, R. Schafer and T. Stockham, "Nonlinear Filtering of
    Multiplied and Convolved Signals", Proceedings of the IEEE 56(8), 1968).
    """
    image = chip.astype(np.float32) / 255.0
    face_luma = color.compute_luma(image)
    log_luma = np.log(face_luma + LOG_OFFSET)
    even_luma = np.exp(log_luma - SHADOW_REMOVAL * cv2.GaussianBlur(log_luma, (0, 0), SHADOW_SIZE))
    core_slice = slice(CORE_MARGIN, -CORE_MARGIN)
    gain = (
        TARGET_LUMA
        / float(np.median(even_luma[core_slice, core_slice]))
        * even_luma
        / (face_luma + GAIN_OFFSET)
    )
    return np.clip(image * gain[..., None] * 255, 0, 255).astype(np.uint8)
