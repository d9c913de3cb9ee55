"""Put the person in front of the backdrop: over, contact shadow, light wrap."""

import cv2
import numpy as np

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
    inner = cv2.GaussianBlur(alpha, (0, 0), WRAP_REACH * side)
    edge = np.clip(1 - 1.1 * inner, 0, 1)[..., None] * strength
    quarter = cv2.resize(backdrop, (side // 4, side // 4), interpolation=cv2.INTER_AREA)
    glow = cv2.resize(cv2.GaussianBlur(quarter, (0, 0), 0.02 * side / 4), (side, side))
    screen = 1 - (1 - foreground) * (1 - glow * 0.6)
    return np.asarray(np.where(edge > 0, foreground + edge * (screen - foreground), foreground))


def clean_edges(foreground: Image, alpha: Mask) -> Image:
    """Remove spill: in the soft band, colour is drawn to that of the solid person beside it."""
    side = alpha.shape[0]
    rows, columns = np.nonzero((alpha > 0) & (alpha < 0.97))
    solid = (alpha > 0.97).astype(np.float32)
    small = (side // 4, side // 4)
    weight = cv2.resize(solid, small, interpolation=cv2.INTER_AREA)
    total = cv2.resize(foreground * solid[..., None], small, interpolation=cv2.INTER_AREA)
    sigma = 0.012 * side / 4
    weight = cv2.GaussianBlur(weight, (0, 0), sigma)[..., None]
    near = cv2.GaussianBlur(total, (0, 0), sigma) / np.maximum(weight, 1e-3)
    near = cv2.resize(near, (side, side))[rows, columns]
    sure = np.clip(cv2.resize(weight[..., 0], (side, side))[rows, columns] * 8, 0, 1)[:, None]
    here = foreground[rows, columns]
    grey, near_grey = here.mean(axis=1, keepdims=True), near.mean(axis=1, keepdims=True)
    matched = near * (grey / np.maximum(near_grey, 0.02))
    result = foreground.copy()
    result[rows, columns] = np.clip(here + 0.6 * sure * (matched - here), 0, 1)
    return result
