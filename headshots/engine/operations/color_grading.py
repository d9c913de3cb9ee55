"""Parametric colour curves, and small ones that make subject and backdrop one photograph."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from headshots.engine import color
from headshots.engine.types import Facts, Image, Mask

LEVELS = 4096
MIDDLE = 0.45  # what a contrast curve leaves in place
PRINT_WHITE = 0.83  # linear luminance at which a print wants the subject's highlights (L 93)
EXPOSURE = (-0.15, 0.60)  # EV that the subject may darken or brighten towards it
ROOM = 0.25  # mean linear luminance of a backdrop as bright as a day-lit room
MAX_DIM = 0.35  # EV
MAX_TINT = 0.010  # what the backdrop's colour may add to a channel
MAX_BLACK = 0.035  # how far black may move towards the backdrop's


@dataclass(frozen=True)
class Grade:
    """A finished picture's curve. `contrast`, `fade`, `vignette` and `grain` 0 to 1.

    `exposure` in EV; `saturation` 1 keeps colour; `shadows` and `highlights` warm (> 0) or cool
    (< 0) that end, up to 1. `strength` 0 is the identity.
    """

    exposure: float = 0.0
    contrast: float = 0.1
    fade: float = 0.0
    saturation: float = 1.0
    shadows: float = 0.0
    highlights: float = 0.0
    vignette: float = 0.1
    grain: float = 0.15
    strength: float = 1.0


def grade(image: Image, facts: Facts, params: Grade) -> Image:
    """Tone curve, colour, vignette around the head, then a fine even grain.

    The curve moves lightness only: on single channels it would deepen the colour of skin.
    """
    if params.strength == 0:
        return image
    grey = color.luma(image)
    offsets = _look_up(_tones(params), grey)
    toned = grey[..., None] + (image - grey[..., None]) * np.float32(params.saturation) + offsets
    light = _vignette(facts, params.vignette) + _grain(image.shape, facts.seed, params.grain)
    toned = np.clip(toned * light[..., None], 0, 1)
    return np.asarray(image + np.float32(params.strength) * (toned - image), np.float32)


def harmonise(foreground: Image, alpha: Mask, backdrop: Image, *, strength: float) -> Image:
    """Bring exposure, black and a breath of colour of the subject towards the backdrop.

    Exposure follows the subject's own highlights (a collar, an eye, a shine), never the skin's
    lightness: dark skin stays as dark as it was photographed.
    """
    small = (96, 96)
    mine, theirs = (
        cv2.resize(each, small, interpolation=cv2.INTER_AREA) for each in (foreground, backdrop)
    )
    solid = cv2.resize(alpha, small, interpolation=cv2.INTER_AREA) > 0.95
    if strength == 0 or not solid.any():
        return foreground
    gain = (_exposure(mine[solid]) * _dimmed(theirs)) ** strength
    levels = np.linspace(0, 1, LEVELS, dtype=np.float32)
    lift = _exposed(levels, gain) - levels
    black = _black_point(theirs.reshape(-1, 3)) - _black_point(mine[solid])
    lift += np.clip(0.3 * black, -MAX_BLACK, MAX_BLACK) * strength * (1 - levels) ** 6
    cast = theirs.reshape(-1, 3).mean(axis=0)
    tint = np.clip(0.05 * (cast - cast.mean()), -MAX_TINT, MAX_TINT) * strength
    curve = (lift[:, None] + tint).astype(np.float32)
    return np.clip(foreground + _look_up(curve, color.luma(foreground)), 0, 1)


def _look_up(curve: NDArray[np.float32], grey: Mask) -> Image:
    """LEVELS×3 offsets, looked up by lightness."""
    codes = np.clip(grey * (LEVELS - 1) + 0.5, 0, LEVELS - 1).astype(np.uint16)
    return np.asarray(np.take(curve, codes, axis=0), np.float32)


def _exposure(pixels: NDArray[np.float32]) -> float:
    """Linear gain that brings the subject's highlights to where a print wants them; N×3."""
    light = color.luminance(color.to_linear(pixels))
    stops = np.log2(PRINT_WHITE / max(float(np.percentile(light, 98)), 0.05))
    return float(2 ** np.clip(stops, *EXPOSURE))


def _dimmed(backdrop: Image) -> float:
    """Linear gain of a person who stands in this room: a dim room dims a little."""
    light = max(float(color.luminance(color.to_linear(backdrop)).mean()), 0.01)
    return float(2 ** np.clip(0.25 * np.log2(light / ROOM), -MAX_DIM, 0))


def _exposed(levels: NDArray[Any], gain: float) -> NDArray[np.float32]:
    """sRGB levels after multiplying their light."""
    return color.to_srgb(color.to_linear(levels.astype(np.float32)) * np.float32(gain))


def _black_point(pixels: NDArray[np.float32]) -> float:
    return float(np.percentile(pixels.mean(axis=1), 1))


def _tones(params: Grade) -> NDArray[np.float32]:
    """LEVELS×3 offsets: contrast around MIDDLE, faded black, warm or cool ends."""
    x = np.linspace(0, 1, LEVELS)
    exposed = _exposed(x, 2**params.exposure)
    bend = 1 + 1.2 * params.contrast
    low = MIDDLE * (exposed / MIDDLE) ** bend
    high = 1 - (1 - MIDDLE) * ((1 - exposed) / (1 - MIDDLE)) ** bend
    curve = np.where(exposed < MIDDLE, low, high)
    curve = curve + params.fade * 0.12 * (1 - curve) ** 3 - params.fade * 0.03 * curve**3
    dark, bright = (1 - x) ** 3 * x**0.3, x**2
    warm = 0.030 * params.shadows * dark + 0.018 * params.highlights * bright
    return (
        np.stack([curve + warm, curve, curve - 1.15 * warm], axis=1).astype(np.float32)
        - x.astype(np.float32)[:, None]
    )


def _vignette(facts: Facts, amount: float) -> Mask:
    """1 around the head, darker towards the corners."""
    side = facts.alpha.shape[0]
    axis = np.arange(side, dtype=np.float32) / side
    across = (axis - facts.head.axis / side) ** 2
    down = (axis - facts.head.eyes / side - 0.08) ** 2
    far = across[None, :] + down[:, None]
    return np.asarray(1 - amount * np.clip((far - 0.10) / 0.55, 0, 1), np.float32)


def _grain(shape: tuple[int, ...], seed: int, amount: float) -> Mask:
    """Fine film grain, equal over person and backdrop, so that both seem one exposure."""
    if amount == 0:
        return np.zeros(shape[:2], np.float32)
    return _film(shape[:2], seed) * np.float32(0.035 * amount)


@lru_cache(maxsize=2)
def _film(shape: tuple[int, ...], seed: int) -> Mask:
    """Gaussian noise, a little coarser than a pixel; never written to."""
    noise = np.random.default_rng(seed + 2).standard_normal(shape, dtype=np.float32)
    return cv2.GaussianBlur(noise, (0, 0), 0.7)
