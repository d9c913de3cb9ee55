"""Say where the person's own clothes or hair do not go with a garment of the wardrobe.

Pictures are CIELAB, from some row of the frame down; `skin` is the colour of the face, `per_cm` the
pixels a centimetre.
"""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from headshots.engine.errors import ClothesRefused
from headshots.engine.types import Image, Mask

# Chosen by eye on the development photos.
# Cloth above a closed garment: nearly as light as the face (L*) with less of its colour, or blue.
LIT, PALE, BLUE = 0.65, 0.45, -4.0
MAX_FOREIGN: Final = 1.0  # square centimetres above a closed garment that are not skin
MAX_HAIR_OVER: Final = 5.0  # square centimetres of hair on a closed garment
CHEST_ROWS: Final = 6.0  # centimetres below the pit of the neck in which tops are compared
EDGE_WIDTH: Final = 1.4  # centimetres beside the garment that belong to a jacket, if there is one
MIN_SEEN: Final = 0.8  # square centimetres of cloth that are enough for a colour
# Distance in CIELAB from the sides of a top, and the share of its middle that may be farther off.
OTHER_COLOR, MAX_OTHER_COLOR = 30.0, 0.15


def require_bare_neck(lab: Image, skin: NDArray[np.float32], seen: Mask, per_cm: float) -> None:
    """Raise ClothesRefused where cloth or a pale beard is seen above a closed garment.

    `seen` is what stays of the photo around the neck, H×W.
    """
    pale = (lab[..., 0] > LIT * skin[0]) & (_skin_chroma(lab, skin) < PALE)
    foreign = seen * (pale | (lab[..., 2] < BLUE))
    if float(foreign.sum()) > MAX_FOREIGN * per_cm**2:
        raise ClothesRefused(
            "Your own clothes stay: a collar or beard would be seen above this garment.",
            advice="Try a blazer, or use a photo with a bare neck.",
        )


def require_short_hair(hair_over: Mask, per_cm: float) -> None:
    """Raise ClothesRefused where hair, H×W, lies on a closed garment, of which much is seen."""
    if float(hair_over.sum()) > MAX_HAIR_OVER * per_cm**2:
        raise ClothesRefused(
            "Your own clothes stay: your hair falls over your shoulders.",
            advice="Try a blazer, or put your hair behind your shoulders.",
        )


def require_one_top(
    lab: Image, skin: NDArray[np.float32], inside: Mask, front: Mask, per_cm: float
) -> None:
    """Raise ClothesRefused where a jacket of one's own would be seen under an open one.

    `inside` is what stays of the photo in the opening of the garment, whose alpha is `front`. A
    jacket has another colour, at one side of the opening or both, than what is worn under it.
    """
    cloth = (inside > 0.5) & ~((_skin_chroma(lab, skin) > 0.7) & (lab[..., 0] > 0.4 * skin[0]))
    width = 2 * int(EDGE_WIDTH * per_cm) + 1
    beside = cv2.dilate((front > 0.5).astype(np.uint8), np.ones((1, width), np.uint8)) > 0
    enough = MIN_SEEN * per_cm**2
    middle = cloth & ~beside
    if np.count_nonzero(middle) < enough:
        return
    columns = np.arange(lab.shape[1])
    center = float(np.nonzero(middle)[1].mean())
    for side in (columns < center, columns >= center):
        edge = cloth & beside & side
        if np.count_nonzero(edge) < enough:
            continue
        distance = np.linalg.norm(lab[middle] - np.median(lab[edge], axis=0), axis=-1)
        if float((distance > OTHER_COLOR).mean()) > MAX_OTHER_COLOR:
            raise ClothesRefused(
                "Your own clothes stay: a jacket of your own would be seen under this one.",
                advice="Try a sweater, or use a photo without a jacket.",
            )


def _skin_chroma(lab: Image, skin: NDArray[np.float32]) -> Mask:
    """Return how much of the skin's colour each pixel has: 1 is as much as the face."""
    squared = max(float(skin[1:] @ skin[1:]), 1.0)
    return np.asarray(lab[..., 1:] @ skin[1:].astype(np.float32) / squared, np.float32)
