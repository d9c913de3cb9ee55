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
from headshots.engine.geometry import similarity
from headshots.engine.networks import perception
from headshots.engine.types import FACE_POINTS, Face, Pixels, Points

# Two faces further apart are two people: the threshold that dlib states for its network, measured
# on Labeled Faces in the Wild (http://dlib.net/face_recognition.py.html).
STRANGER = 0.6
CHIP = 150  # pixels a side of what the network takes

# Light is evened out before faces are compared. Half of the large shadows: measured, it halves what
# relighting adds to the distance, while different people stay as far apart (0.78 against 0.79).
SHADOWS = 0.5  # share of the large shadows that is removed
LEVEL = 0.5  # median luma of the face, sRGB-encoded, after it
SHADOW_SIZE = CHIP / 8  # pixels of standard deviation: shadows smaller than it are kept
LOG_OFFSET = 0.03  # sRGB-encoded luma; keeps the logarithm of black finite
GAIN_OFFSET = 1e-3  # sRGB-encoded luma; keeps the gain of black finite
CORE_MARGIN = CHIP // 5  # pixels at each side of the chip that do not count for the median

# The picture is scaled by area to so many times the chip's resolution before it is warped: the warp
# takes too few samples to shrink without aliasing.
WARP_OVERSAMPLING = 1.5

# MediaPipe Face Mesh: corners of both eyes and the base of the nose; and where dlib's
# get_face_chip_details (image_transforms/interpolation.h, padding 0.25) puts them, over the side.
ANCHORS = (263, 362, 33, 133, 2)
SEATS: Points = np.array(
    [[0.7397, 0.3090], [0.5974, 0.3193], [0.2471, 0.3092], [0.3894, 0.3194], [0.4934, 0.5852]]
)


@dataclass(frozen=True, eq=False, repr=False)
class Reference:
    """The photographed face as 128 numbers, in memory for one render only; its repr shows none."""

    _numbers: NDArray[np.float64]
    _seats: Points  # 468×2, its landmarks in its chip

    def distance(self, pixels: Pixels, face: Face) -> float:
        """Compute the Euclidean distance of two descriptors: 0 the same picture, 0.6 two people.

        `face` is the face in `pixels`. Both faces are aligned by all their landmarks, because with
        the five of the network's own alignment an error of half a pixel in one of them changes the
        distance as much as a smile.
        """
        move = similarity(face.landmarks[:FACE_POINTS, :2], self._seats)
        return float(np.linalg.norm(self._numbers - _describe(pixels, move)))

    def is_stranger(self, other: "Reference") -> bool:
        """Whether two photos show two people."""
        return self.apart(other) > STRANGER

    def apart(self, other: "Reference") -> float:
        """Compute the distance to the face of another photo, as `distance` does."""
        return float(np.linalg.norm(self._numbers - other._numbers))


def reference(pixels: Pixels, face: Face) -> Reference:
    """Describe the photographed face once, to compare every variant with it."""
    move = similarity(face.landmarks[list(ANCHORS), :2], SEATS * CHIP)
    seats = face.landmarks[:FACE_POINTS, :2] @ move[:, :2].T + move[:, 2]
    return Reference(_describe(pixels, move), seats)


def require_likeness(distance: float, *, limit: float = thresholds.LIKENESS) -> None:
    """Raise LikenessTooLow if a face distance is above the limit or not a number."""
    if not distance <= limit:  # not `distance > limit`, which NaN would pass
        raise LikenessTooLow(
            f"The result is {distance:.2f} away from the photographed face; "
            f"the limit is {limit:.2f}."
        )


def _describe(pixels: Pixels, move: NDArray[np.float64]) -> NDArray[np.float64]:
    """Align the face as dlib's network expects it, CHIP×CHIP, and return its 128 numbers.

    `move` is a 2×3 matrix from pixels of the picture to pixels of the chip.
    """
    scale = float(np.hypot(move[0, 0], move[1, 0]))
    step = min(1.0, WARP_OVERSAMPLING * scale)
    small = cv2.resize(pixels, None, fx=step, fy=step, interpolation=cv2.INTER_AREA)
    move = move * np.array([1 / step, 1 / step, 1])
    chip = cv2.warpAffine(
        small, move, (CHIP, CHIP), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return perception.describe_chip(_evenly_lit(chip))


def _evenly_lit(chip: Pixels) -> Pixels:
    """Normalise exposure and remove a share of the large shadows, so that light hardly counts.

    Homomorphic filtering of luma (A. Oppenheim, R. Schafer and T. Stockham, "Nonlinear Filtering of
    Multiplied and Convolved Signals", Proceedings of the IEEE 56(8), 1968).
    """
    image = chip.astype(np.float32) / 255
    light = color.luma(image)
    level = np.log(light + LOG_OFFSET)
    even = np.exp(level - SHADOWS * cv2.GaussianBlur(level, (0, 0), SHADOW_SIZE))
    core = slice(CORE_MARGIN, -CORE_MARGIN)
    gain = LEVEL / np.median(even[core, core]) * even / (light + GAIN_OFFSET)
    return np.clip(image * gain[..., None] * 255, 0, 255).astype(np.uint8)
