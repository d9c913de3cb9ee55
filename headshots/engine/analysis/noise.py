"""Reduce the noise of photos taken in little light, so that no later step makes grain of it."""

import cv2
import numpy as np

from headshots.engine import color
from headshots.engine.analysis import quality
from headshots.engine.types import Face, Pixels

# Standard deviation of L on the cheeks, at the scale of the canvas, from which noise is reduced.
# Measured: the development photos, whose skin has texture, stay below it.
VISIBLE_NOISE = 2.0

LIGHTNESS_REACH = 2.0  # times the noise: smaller differences of L are smoothed, edges are kept
LIGHTNESS_SIGMA = 1.5  # pixels
CHROMA_REACH = 4.0  # times the noise: colour noise is the larger one and carries no detail
CHROMA_SIGMA = 3.0  # pixels
DIAMETER = 9  # pixels of the neighbourhood that is averaged


def measure_canvas_noise(pixels: Pixels, face: Face) -> float:
    """Measure the noise in L on the cheeks, as a standard deviation, at the scale of the canvas."""
    return quality.measure_noise(pixels.astype(np.float32) / 255.0, face)


def reduce_noise(pixels: Pixels, noise_level: float) -> Pixels:
    """Return the photo with less noise, or the same pixels where it has none to be seen.

    Bilateral filter in CIELAB, as strong as the noise (C. Tomasi and R. Manduchi, "Bilateral
    Filtering for Gray and Color Images", ICCV 1998). `noise_level` is that of measure_canvas_noise.
    """
    if noise_level < VISIBLE_NOISE:
        return pixels
    lab = color.to_lab(pixels.astype(np.float32) / 255.0)
    lightness = cv2.bilateralFilter(
        np.ascontiguousarray(lab[..., 0]), DIAMETER, LIGHTNESS_REACH * noise_level, LIGHTNESS_SIGMA
    )
    smooth = cv2.bilateralFilter(lab, DIAMETER, CHROMA_REACH * noise_level, CHROMA_SIGMA)
    smooth[..., 0] = lightness
    return np.round(color.from_lab(np.asarray(smooth, np.float32)) * 255).astype(np.uint8)
