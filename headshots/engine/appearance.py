"""Measure what a photo shows besides who is in it: expression, pose, light and background.

The numbers are for advice on which headshot suits whom. Only how the picture was taken is measured,
nothing about the person: no skin, age, shape or beauty, and nothing by which a face is recognised.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from headshots.engine import color
from headshots.engine.analysis.subject import Subject

BACKGROUND_ALPHA: Final = 0.05  # below it a pixel belongs to the background
BACKGROUND_STRIDE: Final = 4  # every fourth row and column is enough
# Percentiles of the lightness of the background between which its spread is measured.
SPREAD_PERCENTILES: Final = (10, 90)
MIN_AMBIENT: Final = 1e-3  # linear luminance; keeps the ratio finite
LARGEST_RATIO: Final = 16.0  # key to fill: beyond it the shadows are black
DECIMALS: Final = 3


@dataclass(frozen=True)
class Appearance:
    """What was measured of one photo.

    `smile`, `teeth`, `yaw` and `pitch` are those of `Face`; `gaze` is the distance of the irises
    from the middle of the eyes in eye widths. `light_azimuth` (> 0 from the left) and
    `light_elevation` (> 0 from above) are degrees from the camera, `light_ratio` is key to fill, 1
    for light without a direction. `head_height` is crown to chin in photo pixels, and
    `background_spread` by how much L the background varies; None where none is visible.
    """

    smile: float
    teeth: float
    gaze: float
    yaw: float
    pitch: float
    light_azimuth: float
    light_elevation: float
    light_ratio: float
    head_height: float
    background_spread: float | None


def measure_appearance(subject: Subject) -> Appearance:
    """Measure a prepared photo; every number is rounded to three decimals."""
    face = subject.face
    azimuth, elevation, ratio = _measure_light(subject.light.coefficients)
    spread = _measure_background_spread(subject)
    return Appearance(
        smile=_round(face.smile),
        teeth=_round(face.teeth),
        gaze=_round(float(np.hypot(*face.gaze))),
        yaw=_round(face.yaw),
        pitch=_round(face.pitch),
        light_azimuth=_round(azimuth),
        light_elevation=_round(elevation),
        light_ratio=_round(ratio),
        head_height=_round(subject.head.height / subject.to_canvas.scale),
        background_spread=None if spread is None else _round(spread),
    )


def _measure_light(coefficients: NDArray[np.float64]) -> tuple[float, float, float]:
    """Return azimuth and elevation of the directional light in degrees, and key to fill.

    `coefficients` are those of `Light`: ambient, then x to the right, y up, z to the camera.
    """
    ambient, x, y, z = (float(value) for value in coefficients)
    strength = float(np.linalg.norm(coefficients[1:]))
    azimuth = np.degrees(np.arctan2(-x, max(z, 0.0)))
    elevation = np.degrees(np.arctan2(y, np.hypot(x, z)))
    ratio = (max(ambient, MIN_AMBIENT) + strength) / max(ambient, MIN_AMBIENT)
    return float(azimuth), float(elevation), min(ratio, LARGEST_RATIO)


def _measure_background_spread(subject: Subject) -> float | None:
    """Return by how much lightness L the background of the canvas varies; None without one."""
    rows = slice(None, None, BACKGROUND_STRIDE)
    pixels = subject.canvas[rows, rows].astype(np.float32) / 255.0
    lightness = color.to_lab(pixels)[..., 0][subject.matte.alpha[rows, rows] < BACKGROUND_ALPHA]
    if not lightness.size:
        return None
    low, high = np.percentile(lightness, SPREAD_PERCENTILES)
    return float(high - low)


def _round(value: float) -> float:
    return round(float(value), DECIMALS)
