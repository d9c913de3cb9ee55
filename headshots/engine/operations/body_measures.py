"""Measure where neck and shoulders are, to fit clothes to them, and refuse where they cannot be.

Lengths called centimetres are real ones: the scale comes from the size of the face, by the means of
adults (see FACE_WIDTH).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from headshots.engine.errors import ClothesRefused
from headshots.engine.types import Facts, Mask

# Means of adults, centimetres: distance of the pupils, width of the face before the ears, height
# from hairline to chin as the mesh has them. The median of the three estimates is robust.
PUPIL_DISTANCE: Final = 6.3
FACE_WIDTH: Final = 14.6
FACE_HEIGHT: Final = 18.3
CHEEK_POINTS: Final = (234, 454)
JAW_POINTS: Final = (172, 397)
MOUTH_POINT: Final = 13

LEVEL_PITCH: Final = -8.0  # degrees that a level head measures
CHIN_TO_PIT: Final = 8.2  # centimetres from the chin down to the pit of the neck, head level
PIT_RANGE: Final = (6.2, 10.0)  # centimetres below the chin in which it is believed
LOWERED_CHIN: Final = 0.08  # centimetres by which a degree of pitch lowers the chin
SHOULDER_COLUMNS: Final = np.arange(12.0, 17.1, 0.5)  # centimetres beside the middle of the neck
SHOULDER_COVER: Final = 0.5  # centimetres by which a jacket lies above the shoulder it covers
MIN_SHOULDER_COLUMNS: Final = 4  # of one side, for a shoulder to be believed
SOLID_ALPHA: Final = 0.5

MAX_ROLL, MAX_CLOSED_ROLL, MAX_YAW = 10.0, 13.0, 18.0  # degrees; a band hides a tilted neck
MAX_SHOULDER_TILT: Final = 8.0  # degrees; what is more is hair or an arm, not shoulders
# Centimetres that the picture must show below the pit of the neck.
MIN_CHEST, MIN_CLOSED_CHEST = 2.0, 0.5


@dataclass(frozen=True)
class BodyMeasures:
    """Where a body is in the frame; pixels unless said otherwise.

    `per_cm` is pixels a centimetre, `pit` the row of the pit of the neck, `middle` its column,
    `tilt` the angle of the shoulders in degrees, > 0 if the right one in the picture is lower.
    """

    per_cm: float
    chin: float
    jaw: float
    middle: float
    pit: float
    tilt: float


def measure_scale(facts: Facts) -> float:
    """Return the pixels a centimetre at the person, from the size of their face."""
    face = facts.face
    turn = np.cos(np.radians(face.yaw))
    left_cheek, right_cheek = face.landmarks[list(CHEEK_POINTS), :2]
    estimates = (
        face.eye_distance / PUPIL_DISTANCE / max(turn, 0.8),
        float(np.linalg.norm(left_cheek - right_cheek)) / FACE_WIDTH / max(turn, 0.85),
        face.height / FACE_HEIGHT / max(np.cos(np.radians(face.pitch - LEVEL_PITCH)), 0.85),
    )
    return float(np.median(estimates))


def measure_body(facts: Facts, silhouette: NDArray[np.float64]) -> BodyMeasures:
    """Measure the body, with shoulders where they can be seen and means of adults elsewhere.

    `silhouette` is the height in centimetres of the garment's outline above the pit of the neck at
    each of SHOULDER_COLUMNS.
    """
    face, per_cm = facts.face, measure_scale(facts)
    chin = float(face.chin[1])
    jaw = float(face.landmarks[list(JAW_POINTS), 1].mean())
    cheeks = face.landmarks[list(CHEEK_POINTS), 0].mean()
    middle = float(0.55 * cheeks + 0.45 * face.chin[0])
    lowered = max(0.0, LOWERED_CHIN * (LEVEL_PITCH - face.pitch))
    expected = chin + (CHIN_TO_PIT - min(lowered, 0.8)) * per_cm
    mouth = float(face.landmarks[MOUTH_POINT, 1])
    pit_rows = [
        _find_pit(facts.alpha, middle + side * SHOULDER_COLUMNS * per_cm, silhouette, per_cm, mouth)
        for side in (-1, 1)
    ]
    known_rows = [row for row in pit_rows if row is not None]
    pit = float(np.mean(known_rows)) - SHOULDER_COVER * per_cm if known_rows else expected
    lowest, highest = (chin + length * per_cm for length in PIT_RANGE)
    tilt = 0.0
    if pit_rows[0] is not None and pit_rows[1] is not None:
        span = 2 * float(SHOULDER_COLUMNS.mean()) * per_cm
        tilt = float(np.degrees(np.arctan2(pit_rows[1] - pit_rows[0], span)))
    if abs(tilt) > MAX_SHOULDER_TILT:
        pit, tilt = expected, 0.0
    return BodyMeasures(per_cm, chin, jaw, middle, float(np.clip(pit, lowest, highest)), tilt)


def _find_pit(
    alpha: Mask,
    columns: NDArray[np.float64],
    silhouette: NDArray[np.float64],
    per_cm: float,
    mouth: float,
) -> float | None:
    """Return the row of the pit of the neck that one shoulder speaks for; None if it is not seen.

    The shoulder is the upper end of the person in columns beside the neck, unless that is hair,
    which reaches above the mouth.
    """
    rows = []
    for column, height in zip(columns, silhouette, strict=True):
        if not 0 <= column < alpha.shape[1]:
            continue
        empty = np.flatnonzero(alpha[:, int(column)] < SOLID_ALPHA)
        top = int(empty[-1]) + 1 if empty.size else 0
        if mouth < top < alpha.shape[0] - 1:
            rows.append(top + height * per_cm)
    return float(np.median(rows)) if len(rows) >= MIN_SHOULDER_COLUMNS else None


def require_dressable(facts: Facts, body: BodyMeasures, *, is_closed: bool) -> None:
    """Raise ClothesRefused where clothes, open or closed, would not sit right on this photo."""
    face, side = facts.face, facts.alpha.shape[0]
    refusals = (
        (
            abs(face.roll) > (MAX_CLOSED_ROLL if is_closed else MAX_ROLL),
            "Your own clothes stay: your head is tilted.",
            "Hold your head upright.",
        ),
        (
            abs(face.yaw) > MAX_YAW,
            "Your own clothes stay: your head is turned to the side.",
            "Look towards the camera.",
        ),
        (
            side - body.pit < (MIN_CLOSED_CHEST if is_closed else MIN_CHEST) * body.per_cm,
            "Your own clothes stay: the picture ends at your neck.",
            "Take the photo from farther away, so that shoulders and chest are seen.",
        ),
    )
    for applies, message, advice in refusals:
        if applies:
            raise ClothesRefused(message, advice=advice)
