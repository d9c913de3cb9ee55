"""Find the hair that falls below the jaw, by the colour of the hair above it."""

from typing import Final

import cv2
import numpy as np

from headshots.engine import color
from headshots.engine.analysis.landmarks import FACE_OVAL, core_mask, outline_mask
from headshots.engine.errors import ClothesRefused
from headshots.engine.geometry import round_kernel
from headshots.engine.operations.body_measures import MOUTH_POINT, BodyMeasures
from headshots.engine.types import FACE_POINTS, Facts, Image, Mask

# Chosen by eye on the development photos.
MIN_SPREAD: Final = np.array([7.0, 3.0, 3.0], np.float32)  # of L, a and b of hair
SKIN_SPREAD: Final = np.array([14.0, 5.0, 5.0], np.float32)  # the same of skin, in its own shade
FAR_COLOR, COLOR_FADE = 4.2, 1.5  # deviations from the hair's colour at which nothing is hair
MIN_SEEDS: Final = 200  # pixels of hair above the face
MIN_BESIDE: Final = (
    0.3  # square centimetres of hair beside the chin in each of its rows' centimetres
)
# Where own clothes are compared with hair, centimetres beside and below the pit of the neck.
BESIDE_CHEST, BELOW_PIT = 8.0, 1.5
MAX_ALIKE: Final = 0.12  # share of these clothes that may look like hair
BEARD_MARGIN: Final = 1.0  # centimetres around the face within which hair may be a beard
FACE_MARGIN: Final = 0.35  # centimetres around the face that are not looked at


def find_hair(image: Image, facts: Facts, body: BodyMeasures, first_row: int) -> Mask:
    """Return how surely each pixel from `first_row` down is hair that hangs beside the jaw.

    Zero everywhere for short hair.
    """
    empty = np.zeros((image.shape[0] - first_row, image.shape[1]), np.float32)
    lab = color.to_lab(cv2.GaussianBlur(image, (0, 0), 1.0))
    oval = outline_mask(facts.face, FACE_OVAL, image.shape).astype(np.uint8)
    face = cv2.dilate(oval, round_kernel(FACE_MARGIN * body.per_cm))
    upper = np.zeros(oval.shape, bool)
    brows = int(facts.face.landmarks[:FACE_POINTS, 1].min() + 0.35 * facts.face.height)
    upper[max(0, int(facts.head.crown)) : max(0, brows)] = True
    seeds = upper & (face == 0) & (facts.alpha > 0.95)
    if np.count_nonzero(seeds) < MIN_SEEDS:
        return empty
    middle = np.median(lab[seeds], axis=0)
    spread = np.maximum(1.48 * np.median(np.abs(lab[seeds] - middle), axis=0), MIN_SPREAD)
    distance = np.linalg.norm((lab - middle) / spread, axis=-1)
    core = core_mask(facts.face, image.shape) > 0
    skin = np.median(lab[core], axis=0) if core.any() else middle
    is_hair = (face == 0) & (distance < np.linalg.norm((lab - skin) / SKIN_SPREAD, axis=-1))
    likely = np.clip((FAR_COLOR - distance) / COLOR_FADE, 0, 1) * is_hair * facts.alpha
    hair = _keep_hanging(likely.astype(np.float32), facts, body, first_row)
    if hair.any():
        _require_distinct(likely, facts, body)
    return hair


def _require_distinct(likely: Mask, facts: Facts, body: BodyMeasures) -> None:
    """Raise ClothesRefused where the person's own clothes have the colour of their long hair.

    They are looked at beside the chest, where hair seldom falls.
    """
    rows, columns = np.indices(likely.shape, np.float32)
    beside = np.abs(columns - body.middle) > BESIDE_CHEST * body.per_cm
    chest = beside & (rows > body.pit + BELOW_PIT * body.per_cm) & (facts.alpha > 0.9)
    if chest.any() and float((likely[chest] > 0.3).mean()) > MAX_ALIKE:
        raise ClothesRefused(
            "Your own clothes stay: what falls over your shoulders has the same colour.",
            advice="Use a photo in lighter or darker clothes.",
        )


def _keep_hanging(likely: Mask, facts: Facts, body: BodyMeasures, first_row: int) -> Mask:
    """Keep what is joined to hair between mouth and chin; nothing where there is hardly any."""
    hair = (likely[first_row:] > 0.5).astype(np.uint8)
    mouth = int(facts.face.landmarks[MOUTH_POINT, 1])
    oval = outline_mask(facts.face, FACE_OVAL, likely.shape).astype(np.uint8)
    around = cv2.dilate(oval, round_kernel(BEARD_MARGIN * body.per_cm))[first_row:]
    beside = hair * (around == 0)
    beside_rows = max(1, int(body.chin - mouth) // 2)  # the lower half may be a collar
    beside[beside_rows:] = 0
    rows_cm = beside_rows / body.per_cm
    if beside.sum() / body.per_cm**2 < MIN_BESIDE * rows_cm:
        return np.zeros(hair.shape, np.float32)
    _, labels = cv2.connectedComponents(hair)
    joined = np.isin(labels, np.unique(labels[beside > 0])[0:]) & (hair > 0)
    near = cv2.dilate(joined.astype(np.uint8), np.ones((5, 5), np.uint8))
    return np.where(near > 0, likely[first_row:], 0).astype(np.float32)
