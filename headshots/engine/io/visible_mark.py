"""Mark a picture visibly as made with AI, as it leaves Facet.

A label that is seen at once, always in the same place, is what the code of practice on marking and
labelling of AI-generated content (European Commission, June 2026) asks of whoever shows a realistic
generated person (Regulation (EU) 2024/1689, Article 50(4)). It stands inside the circle that most
platforms cut out of a picture.
"""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from headshots.engine.types import Pixels

# Shares of the picture's side.
HEIGHT: Final = 0.075
BOTTOM: Final = 0.9625  # of the label, which stands in the middle
MIN_HEIGHT: Final = 10  # pixels, in which two letters can just be read
# Shares of the label's height.
WIDTH: Final = 1.7
STROKE: Final = 0.11
LETTERS: Final = (  # polylines of A and I, from the label's centre
    ((-0.62, 0.28), (-0.32, -0.28), (-0.02, 0.28)),
    ((-0.50, 0.09), (-0.14, 0.09)),
    ((0.42, -0.28), (0.42, 0.28)),
)
OPACITY: Final = 0.72
DARK, LIGHT = 20, 255
OVERSAMPLING: Final = 8  # so that edges are smooth


def draw_visible_mark(pixels: Pixels) -> Pixels:
    """Return a copy of a picture (H×W×3) with the letters AI in a dark label at its lower edge."""
    side = min(pixels.shape[:2])
    height = min(max(round(HEIGHT * side), MIN_HEIGHT), int(side / WIDTH))
    label, letters = _draw_label(height)
    rows, columns = label.shape
    top = int(BOTTOM * pixels.shape[0]) - rows
    left = (pixels.shape[1] - columns) // 2
    marked = pixels.copy()
    area = marked[top : top + rows, left : left + columns].astype(np.float32)
    area += OPACITY * label[..., None] * (DARK - area)
    area += letters[..., None] * (LIGHT - area)
    marked[top : top + rows, left : left + columns] = area.round().astype(np.uint8)
    return marked


def _draw_label(height: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return how much of each pixel the label and its letters cover, from 0 to 1."""
    width, large = round(WIDTH * height), OVERSAMPLING * height
    canvas = np.zeros((large, OVERSAMPLING * width), np.float32)
    radius = large // 2
    ends = ((radius, radius), (canvas.shape[1] - radius, radius))
    label = cv2.line(canvas.copy(), *ends, 1.0, thickness=large - 2 * OVERSAMPLING)
    letters = canvas.copy()
    for line in LETTERS:
        points = [(canvas.shape[1] / 2 + x * large, large / 2 + y * large) for x, y in line]
        polyline = np.array(points).round().astype(np.int32)
        cv2.polylines(letters, [polyline], False, 1.0, thickness=round(STROKE * large))
    size = (width, height)
    return (
        cv2.resize(label, size, interpolation=cv2.INTER_AREA),
        cv2.resize(letters, size, interpolation=cv2.INTER_AREA),
    )
