"""Find out whether a photo has colours at all, and whether coloured light covers them.

Skin is no reference: it comes in many colours. The whites of the eyes are nearly neutral in every
face, and the mean of a whole photo usually is; a cast is believed where both have it. Chroma is
compared at equal lightness.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from headshots.engine import color
from headshots.engine.analysis.landmarks import LEFT_EYE, RIGHT_EYE, outline_mask
from headshots.engine.types import Face, Image, Pixels

MEASURED_SIDE = 160  # pixels of the shrunken photo that is measured
COLORFUL_PERCENTILE = 98  # of chroma: a few coloured pixels may be noise
EYE_WHITE_PERCENTILE = 70  # of lightness in the eyes: from it a pixel is white of the eye
COMPARED_LIGHTNESS, DARKEST = 60.0, 10.0  # L
SHADED_EYE = 20.0  # L of the white of an eye below which its colour says nothing

# Of the white of an eye in neutral light: a little warm. Median of the development photos.
NEUTRAL_EYE_WHITE = np.array([9.0, 7.0])
STRONG_CAST = 27.0  # Δab from which a cast is told and corrected; photos in good light stay below
SUPPORT_SHARE = 0.25  # of the cast that the whole photo must show
CORRECTED_SHARE = 0.5  # of a cast that is taken back: evening light shall stay evening light

MIN_LIGHT = 1e-3  # keeps the gains finite

Chroma = NDArray[np.float64]  # a and b of CIELAB


def measure_colorfulness(image: Image) -> float:
    """Measure the chroma that a photo reaches, in CIELAB: near 0 where it is black and white."""
    lab = color.to_lab(_shrink(image))
    chroma = np.hypot(lab[..., 1], lab[..., 2])
    return float(np.percentile(chroma, COLORFUL_PERCENTILE))


def measure_cast(image: Image, face: Face) -> Chroma:
    """Measure the cast, as a and b that neutral things have; (0, 0) where there is none to tell.

    `face` is in pixels of the image.
    """
    eyes = np.maximum(
        outline_mask(face, LEFT_EYE, image.shape), outline_mask(face, RIGHT_EYE, image.shape)
    )
    eye_colors = color.to_lab(image[eyes > 0][None])[0] if eyes.any() else np.zeros((0, 3))
    if not len(eye_colors):
        return np.zeros(2)
    lightness = eye_colors[:, 0]
    eye_white = np.median(
        eye_colors[lightness >= np.percentile(lightness, EYE_WHITE_PERCENTILE)], axis=0
    )
    if eye_white[0] < SHADED_EYE:
        return np.zeros(2)
    cast = eye_white[1:] / max(eye_white[0], DARKEST) * COMPARED_LIGHTNESS - NEUTRAL_EYE_WHITE
    strength = float(np.linalg.norm(cast))
    mean = color.to_lab(_shrink(image))[..., 1:].mean(axis=(0, 1))
    if not strength or float(mean @ cast) / strength < SUPPORT_SHARE * strength:
        return np.zeros(2)
    return np.asarray(cast, np.float64)


def correct_cast(pixels: Pixels, cast: Chroma) -> Pixels:
    """Take a share of a cast back, by gains of linear light that keep a neutral's luminance.

    J. von Kries, "Chromatic adaptation", 1902, applied in linear sRGB.
    """
    share = CORRECTED_SHARE * cast
    lab = np.array([[[COMPARED_LIGHTNESS, *share]]], np.float32)
    light = color.to_linear(color.from_lab(lab))[0, 0]
    gains = 1 / np.maximum(light, MIN_LIGHT)
    gains *= color.compute_luminance(light)
    levels = np.arange(256, dtype=np.float32) / 255.0
    linear = color.to_linear(levels)
    table = color.to_srgb((linear[:, None] * gains).astype(np.float32))
    lookup = np.round(table * 255).astype(np.uint8).reshape(1, 256, 3)
    return np.asarray(cv2.LUT(pixels, lookup))


def _shrink(image: Image) -> Image:
    scale = min(1.0, MEASURED_SIDE / max(image.shape[:2]))
    return np.asarray(
        cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.float32
    )
