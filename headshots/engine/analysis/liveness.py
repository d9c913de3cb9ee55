"""Measure whether a face has the eyes and colours of a living person, or is of one material."""

import cv2
import numpy as np
from numpy.typing import NDArray

from headshots.engine import color
from headshots.engine.analysis.landmarks import (
    LEFT_EYE,
    LIPS,
    RIGHT_EYE,
    core_mask,
    outline_mask,
)
from headshots.engine.types import FIRST_IRIS_CENTER, SECOND_IRIS_CENTER, Face, Image

# Mesh points around each iris.
IRIS_RINGS = (
    (FIRST_IRIS_CENTER, (469, 470, 471, 472)),
    (SECOND_IRIS_CENTER, (474, 475, 476, 477)),
)
IRIS_SHARE = 0.8  # of the radius that certainly is iris
EYE_WHITE_PERCENTILE = 60  # lightest part of the eye outside the iris

# What living faces have at least, about: measured on the development photos, whose statue has 0
# and 2.4.
EYE_CONTRAST = 10.0  # ΔL between eye white and iris
COLOR_VARIETY = 8.0  # Δab between skin and lips, iris or eye white, at COMPARED_LIGHTNESS
COMPARED_LIGHTNESS, DARKEST = 60.0, 10.0  # L
UNKNOWN = 1.0  # where an eye is too small or too closed to be measured


def measure_liveness(face_image: Image, face: Face) -> float:
    """Measure how far eyes and lips differ from the skin: above 1 for people, near 0 for stone.

    `face_image` is a close-up of the face. Colour is compared at equal lightness, so that shadow
    does not count as another material.
    """
    lab = color.to_lab(np.clip(face_image, 0, 1))
    eyes = (
        np.maximum(
            outline_mask(face, LEFT_EYE, lab.shape), outline_mask(face, RIGHT_EYE, lab.shape)
        )
        > 0
    )
    irises = _draw_irises(face, lab.shape)
    areas = (
        lab[outline_mask(face, LIPS, lab.shape) > 0],
        lab[irises & eyes],
        _lightest(lab[eyes & ~irises]),
        lab[core_mask(face, lab.shape) > 0],
    )
    if not all(len(area) for area in areas):
        return UNKNOWN
    lips, iris, eye_white, skin = (np.median(area, axis=0) for area in areas)
    variety = max(
        float(np.linalg.norm(_even_color(part) - _even_color(skin)))
        for part in (lips, iris, eye_white)
    )
    contrast = float(eye_white[0] - iris[0])
    return float(np.hypot(max(contrast, 0) / EYE_CONTRAST, variety / COLOR_VARIETY))


def _draw_irises(face: Face, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Draw the inner part of both irises."""
    mask = np.zeros(shape[:2], np.uint8)
    for center_point, ring_points in IRIS_RINGS:
        center = face.landmarks[center_point, :2]
        radius = np.linalg.norm(face.landmarks[list(ring_points), :2] - center, axis=1).mean()
        cv2.circle(
            mask,
            (round(float(center[0])), round(float(center[1]))),
            max(2, round(float(radius) * IRIS_SHARE)),
            1,
            -1,
        )
    return mask > 0


def _lightest(values: Image) -> Image:
    """Return the lightest colours of some."""
    if not len(values):
        return values
    return values[values[:, 0] >= np.percentile(values[:, 0], EYE_WHITE_PERCENTILE)]


def _even_color(lab: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a and b of a colour as they would be at COMPARED_LIGHTNESS in more or less light."""
    return np.asarray(lab[1:] / max(float(lab[0]), DARKEST) * COMPARED_LIGHTNESS, np.float32)
