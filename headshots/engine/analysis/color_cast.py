"""Find out whether a photo has colours at all, and whether coloured light covers them.

Skin is no reference: it comes in many colours. The whites of the eyes are nearly neutral in every
face, and the mean of a whole photo usually is; a cast is believed where both have it. Chroma is
compared at equal lightness.
"""

from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from headshots.engine import color
from headshots.engine.analysis.landmarks import LEFT_EYE, RIGHT_EYE, core_mask, outline_mask
from headshots.engine.types import Face, Image, Mask, Pixels

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

# Hue of skin in neutral light, degrees of CIELAB. It hardly differs between people: the development
# photos without a cast, of all tones, lie between 35 and 61.
SKIN_HUES: Final = (35.0, 62.0)
# Degrees by which the direction of a cast is turned at most, so that skin gets such a hue: the
# white of an eye is small, reddish and often shaded.
TURNS: Final = sorted(range(-40, 41, 2), key=abs)
# Where a face has only this share of the cast, its own colour hides the cast (of blue light).
HIDDEN_SHARE: Final = 0.3
SHARE_BLUR: Final = 1.5  # pixels of the shrunken photo, standard deviation
STRIP_ROWS: Final = 256  # that are corrected at once: bounds the memory for floats

MIN_LIGHT = 1e-3  # keeps the gains finite
MIN_LUMINANCE = 1e-6  # keeps the ratio of luminances finite

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


@dataclass(frozen=True, eq=False)
class CastCorrection:
    """How a cast is taken back: gains of linear light, and the share of them for each pixel.

    `shares`, h×w in [0, 1], is a small map that is scaled to the picture.
    """

    gains: NDArray[np.float32]
    shares: Mask

    def apply(self, pixels: Pixels) -> Pixels:
        """Take the cast back; every pixel keeps its luminance, so skin stays as light as it is."""
        corrected = np.empty_like(pixels)
        size = pixels.shape[1::-1]
        shares = np.asarray(cv2.resize(self.shares, size), np.float32)  # bilinear
        for top in range(0, len(pixels), STRIP_ROWS):
            rows = slice(top, top + STRIP_ROWS)
            strip = pixels[rows].astype(np.float32) / 255.0
            adapted = _adapt(strip, self.gains, shares[rows])
            corrected[rows] = np.round(adapted * 255).astype(np.uint8)
        return corrected


def plan_correction(image: Image, face: Face, cast: Chroma) -> CastCorrection:
    """Plan how a share of a cast, as measured in this photo and not (0, 0), is taken back.

    The eyes say how strong the cast is, and nearly of which hue: it is turned until the skin gets a
    hue that skin has. Only what shows the cast is corrected, by as much as it shows it: in mixed
    light, the sky behind a face under a lamp keeps its colour.
    """
    skin = color.to_lab(image)[core_mask(face, image.shape) > 0]
    skin_color = np.median(skin, axis=0) if len(skin) else np.zeros(3)
    share = CORRECTED_SHARE * cast
    gains = _find_gains(share)
    for turn in np.radians(TURNS):
        turned = _find_gains(_rotate(share, float(turn)))
        if SKIN_HUES[0] <= _find_hue(skin_color, turned) <= SKIN_HUES[1]:
            gains = turned
            break
    return CastCorrection(gains, _map_shares(image, skin_color, cast))


def _find_gains(cast: Chroma) -> NDArray[np.float32]:
    """Return gains of linear light that make things with this a and b neutral.

    J. von Kries, "Chromatic adaptation", 1902, applied in linear sRGB.
    """
    lab = np.array([[[COMPARED_LIGHTNESS, *cast]]], np.float32)
    light = color.to_linear(color.from_lab(lab))[0, 0]
    return np.asarray(1 / np.maximum(light, MIN_LIGHT), np.float32)


def _adapt(strip: Image, gains: NDArray[np.float32], shares: Mask) -> Image:
    """Apply a share of the gains to each pixel of a picture, and keep its luminance."""
    linear = color.to_linear(strip)
    adapted = linear * gains
    luminance = np.maximum(color.compute_luminance(adapted), MIN_LUMINANCE)
    adapted *= (color.compute_luminance(linear) / luminance)[..., None]
    return color.to_srgb(linear + (adapted - linear) * shares[..., None])


def _rotate(chroma: Chroma, angle: float) -> Chroma:
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.asarray(np.array([[cosine, -sine], [sine, cosine]]) @ chroma, np.float64)


def _find_hue(lab: NDArray[np.floating[Any]], gains: NDArray[np.float32]) -> float:
    """Return the hue, in degrees, of a colour after the gains."""
    patch = color.from_lab(np.array([[lab]], np.float32))
    _, red, yellow = color.to_lab(_adapt(patch, gains, np.ones((1, 1), np.float32)))[0, 0]
    return float(np.degrees(np.arctan2(yellow, red)))


def _map_shares(image: Image, skin_color: NDArray[np.floating[Any]], cast: Chroma) -> Mask:
    """Map which share of the cast each part of a photo shows, next to what the face shows."""
    blurred = np.asarray(cv2.GaussianBlur(_shrink(image), (0, 0), SHARE_BLUR), np.float32)
    small_lab = color.to_lab(blurred)
    face_share = float(_project(skin_color, cast))
    if face_share < HIDDEN_SHARE:
        return np.ones(small_lab.shape[:2], np.float32)
    shares = _project(small_lab, cast) / min(1.0, face_share)
    return np.clip(shares, 0, 1).astype(np.float32)


def _project(lab: NDArray[np.floating[Any]], cast: Chroma) -> NDArray[np.floating[Any]]:
    """Return the share of a cast in colours, at equal lightness."""
    chroma = lab[..., 1:] / np.maximum(lab[..., :1], DARKEST) * COMPARED_LIGHTNESS
    return np.asarray(chroma @ cast / (cast @ cast))


def _shrink(image: Image) -> Image:
    scale = min(1.0, MEASURED_SIDE / max(image.shape[:2]))
    return np.asarray(
        cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.float32
    )
