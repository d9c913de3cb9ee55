"""Put the person in front of the backdrop: over, contact shadow, light wrap."""

import cv2
import numpy as np
from numpy.typing import NDArray

from headshots.engine.types import Image, Mask

WRAP_REACH = 0.010  # of the side


def over(foreground: Image, alpha: Mask, backdrop: Image) -> Image:
    """Porter and Duff 1984. Where alpha is 1 the foreground comes through bit for bit."""
    weight = alpha[..., None]
    return np.asarray(foreground * weight + backdrop * (1 - weight), np.float32)


def shadow(backdrop: Image, alpha: Mask, *, strength: float, azimuth: float) -> Image:
    """The soft shadow the person throws on a wall close behind, away from the key light."""
    if strength == 0:
        return backdrop
    side = alpha.shape[0]
    small = cv2.resize(alpha, (side // 8, side // 8), interpolation=cv2.INTER_AREA)
    move = np.array([[1, 0, np.sign(azimuth) * 0.05 * side / 8], [0, 1, 0.02 * side / 8]])
    moved = cv2.warpAffine(small, move, small.shape[::-1], borderMode=cv2.BORDER_REPLICATE)
    soft = cv2.resize(cv2.GaussianBlur(moved, (0, 0), 0.035 * side / 8), (side, side))
    return np.asarray(backdrop * (1 - 0.45 * strength * soft[..., None]), np.float32)


def light_wrap(foreground: Image, alpha: Mask, backdrop: Image, *, strength: float) -> Image:
    """A little of the backdrop's light around the very edge of the person, none inside."""
    if strength == 0:
        return foreground
    side = alpha.shape[0]
    inner = _soft(alpha, WRAP_REACH * side)
    rows, columns = np.nonzero((inner < 0.9) & (alpha > 0))
    edge = strength * np.clip(1 - 1.1 * inner[rows, columns], 0, 1)[:, None]
    glow = 0.6 * _soft(backdrop, 0.02 * side)[rows, columns]
    result = foreground.copy()
    here = foreground[rows, columns]
    result[rows, columns] = here + edge * (1 - here) * glow  # screen
    return result


def clean_edges(foreground: Image, alpha: Mask) -> Image:
    """Remove spill: in the soft band, colour is drawn to that of the solid person beside it."""
    rows, columns = np.nonzero((alpha > 0) & (alpha < 0.97))
    solid = (alpha > 0.97).astype(np.float32)
    sigma = 0.012 * alpha.shape[0]
    weight = _soft(solid, sigma)[rows, columns][:, None]
    near = _soft(foreground * solid[..., None], sigma)[rows, columns] / np.maximum(weight, 1e-3)
    sure = np.clip(8 * weight, 0, 1)
    here = foreground[rows, columns]
    grey, near_grey = here.mean(axis=1, keepdims=True), near.mean(axis=1, keepdims=True)
    matched = near * (grey / np.maximum(near_grey, 0.02))
    result = foreground.copy()
    result[rows, columns] = np.clip(here + 0.6 * sure * (matched - here), 0, 1)
    return result


def _soft(picture: Image | Mask, sigma: float) -> NDArray[np.float32]:
    """A wide Gaussian, computed at a quarter of the size."""
    height, width = picture.shape[:2]
    small = cv2.resize(picture, (width // 4, height // 4), interpolation=cv2.INTER_AREA)
    return cv2.resize(cv2.GaussianBlur(small, (0, 0), sigma / 4), (width, height))
