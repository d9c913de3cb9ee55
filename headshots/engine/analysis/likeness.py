"""Face distance: the gate every variant passes.

A descriptor that could identify a person exists only while two pictures are compared; it is never
returned to a caller that stores, logs or sends (README, Privacy).
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from headshots.engine import color, thresholds
from headshots.engine.errors import LikenessTooLow
from headshots.engine.geometry import similarity
from headshots.engine.networks import perception
from headshots.engine.types import Face, Pixels, Points

STRANGER = 0.6  # dlib's own operating point on Labeled Faces in the Wild
CHIP = 150  # pixels a side of what the network reads
SHADOWS = 0.5  # share of the large shadows that is taken out before comparing
LEVEL = 0.5  # median of the face, sRGB-encoded, at which faces are compared

# MediaPipe Face Mesh: corners of both eyes and the base of the nose; and where dlib's
# get_face_chip_details (image_transforms/interpolation.h, padding 0.25) puts them, over the side.
ANCHORS = (263, 362, 33, 133, 2)
SEATS: Points = np.array(
    [[0.7397, 0.3090], [0.5974, 0.3193], [0.2471, 0.3092], [0.3894, 0.3194], [0.4934, 0.5852]]
)


@dataclass(frozen=True, eq=False, repr=False)
class Reference:
    """The source face as 128 numbers, in memory for one render only; its repr shows nothing."""

    _numbers: NDArray[np.float64]
    _seats: Points  # its landmarks in its chip

    def distance(self, pixels: Pixels, face: Face) -> float:
        """Euclidean distance of the two descriptors: 0 the same picture, 0.6 another person.

        Both faces are aligned by all their landmarks: by the five of the network's own alignment,
        half a pixel in one of them counts as much as a smile.
        """
        move = similarity(face.landmarks[:468, :2], self._seats)
        return float(np.linalg.norm(self._numbers - _describe(pixels, move)))

    def is_stranger(self, other: "Reference") -> bool:
        """Whether two photos show two people."""
        return self.apart(other) > STRANGER

    def apart(self, other: "Reference") -> float:
        """How far two photos are from each other, as `distance`."""
        return float(np.linalg.norm(self._numbers - other._numbers))


def reference(pixels: Pixels, face: Face) -> Reference:
    """Read the source face once, to compare every variant with it."""
    move = similarity(face.landmarks[list(ANCHORS), :2], SEATS * CHIP)
    seats = face.landmarks[:468, :2] @ move[:, :2].T + move[:, 2]
    return Reference(_describe(pixels, move), seats)


def require_likeness(distance: float, *, limit: float = thresholds.LIKENESS) -> None:
    """Raise LikenessTooLow for a variant that went too far."""
    if not distance <= limit:  # so that NaN does not pass
        raise LikenessTooLow(
            f"The result is {distance:.2f} away from the photographed face; "
            f"the limit is {limit:.2f}."
        )


def _describe(pixels: Pixels, move: NDArray[np.float64]) -> NDArray[np.float64]:
    """The face as dlib's network was trained to see it, CHIP×CHIP, and what it says of it."""
    scale = float(np.hypot(move[0, 0], move[1, 0]))
    step = min(1.0, 1.5 * scale)  # nearly to size by area first: a warp alone would alias
    small = cv2.resize(pixels, None, fx=step, fy=step, interpolation=cv2.INTER_AREA)
    move = move * np.array([1 / step, 1 / step, 1])
    chip = cv2.warpAffine(
        small, move, (CHIP, CHIP), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return perception.describe_chip(_evenly_lit(chip))


def _evenly_lit(chip: Pixels) -> Pixels:
    """Exposure and half of the large shadows taken out: the gate asks who it is, not in what light.

    Homomorphic filtering of lightness (Oppenheim 1968). It halves what relighting adds to the
    distance and leaves different people as far apart as they were (0.78 against 0.79).
    """
    image = chip.astype(np.float32) / 255
    light = color.luma(image)
    level = np.log(light + 0.03)
    even = np.exp(level - SHADOWS * cv2.GaussianBlur(level, (0, 0), CHIP / 8))
    core = slice(CHIP // 5, -CHIP // 5)
    gain = LEVEL / np.median(even[core, core]) * even / (light + 1e-3)
    return np.clip(image * gain[..., None] * 255, 0, 255).astype(np.uint8)
