"""Composite the person over the backdrop, with contact shadow, light wrap and clean edges."""

import cv2
import numpy as np
from numpy.typing import NDArray

from headshots.engine.types import Image, Mask

# Lengths are over the side of the square frame; numbers were chosen by eye on the development
# photos.

# Contact shadow.
SHADOW_SCALE = 8  # computed at an eighth of the size: it is soft
SHADOW_SHIFT = 0.05, 0.02  # sides, away from the key light and downwards
SHADOW_BLUR = 0.035  # sides, standard deviation
SHADOW_DEPTH = 0.45  # share of the backdrop's level that a full shadow takes

# Light wrap.
WRAP_REACH = 0.010  # sides: standard deviation of the blur that finds the edge
WRAP_INSIDE = 0.9  # blurred alpha from which on a pixel lies inside, where no light reaches
WRAP_FALLOFF = 1.1  # how fast the light falls off with blurred alpha
GLOW = 0.6  # share of the backdrop's level that is screened over the very edge
GLOW_BLUR = 0.02  # sides: the glow is the backdrop nearby, not a mirror image of it

# Clean edges.
SOLID_ALPHA = 0.97  # alpha from which on a pixel is the person alone
SPILL_REACH = 0.012  # sides: how far the solid person's colour is looked for
TRUST_GAIN = 8  # an eighth of the neighbourhood being solid is enough to trust its colour
SPILL_SHARE = 0.6  # share of the way that colour is drawn to that of the solid person
MIN_WEIGHT, MIN_GREY = 1e-3, 0.02  # keep divisions finite

BLUR_SCALE = 4  # wide blurs are computed at a quarter of the size


def over(foreground: Image, alpha: Mask, backdrop: Image) -> Image:
    """Composite a foreground over a backdrop, both H×W×3, by alpha, H×W.

    This is the operator *over* of Porter and Duff, "Compositing Digital Images" (1984). Where
    alpha is 1 the foreground is kept bit for bit.
    """
    weight = alpha[..., None]
    return np.asarray(foreground * weight + backdrop * (1 - weight), np.float32)


def shadow(backdrop: Image, alpha: Mask, *, strength: float, azimuth: float) -> Image:
    """Darken the backdrop by the soft shadow that the person casts on a wall close behind.

    `strength` is 0 to 1; the shadow falls away from the key light, whose direction is the sign of
    `azimuth`.
    """
    if strength == 0:
        return backdrop
    side = alpha.shape[0]
    size = (side // SHADOW_SCALE, side // SHADOW_SCALE)
    small = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)
    across = np.sign(azimuth) * SHADOW_SHIFT[0] * side / SHADOW_SCALE
    down = SHADOW_SHIFT[1] * side / SHADOW_SCALE
    move = np.array([[1, 0, across], [0, 1, down]])
    moved = cv2.warpAffine(small, move, small.shape[::-1], borderMode=cv2.BORDER_REPLICATE)
    blurred = cv2.GaussianBlur(moved, (0, 0), SHADOW_BLUR * side / SHADOW_SCALE)
    soft = cv2.resize(blurred, (side, side))
    return np.asarray(backdrop * (1 - SHADOW_DEPTH * strength * soft[..., None]), np.float32)


def light_wrap(foreground: Image, alpha: Mask, backdrop: Image, *, strength: float) -> Image:
    """Screen some of the backdrop's light over the outermost edge of the person.

    `strength` is 0 to 1. It imitates the light from behind that reaches around a person's edge.
    """
    if strength == 0:
        return foreground
    side = alpha.shape[0]
    inner = _soft(alpha, WRAP_REACH * side)
    rows, columns = np.nonzero((inner < WRAP_INSIDE) & (alpha > 0))
    edge = strength * np.clip(1 - WRAP_FALLOFF * inner[rows, columns], 0, 1)[:, None]
    glow = GLOW * _soft(backdrop, GLOW_BLUR * side)[rows, columns]
    result = foreground.copy()
    here = foreground[rows, columns]
    result[rows, columns] = here + edge * (1 - here) * glow  # the blend mode "screen"
    return result


def clean_edges(foreground: Image, alpha: Mask) -> Image:
    """Remove the old background's colour from the soft edge of the person.

    The colour of partly covered pixels moves towards that of the solid person beside them, while
    their lightness stays.
    """
    rows, columns = np.nonzero((alpha > 0) & (alpha < SOLID_ALPHA))
    solid = (alpha > SOLID_ALPHA).astype(np.float32)
    sigma = SPILL_REACH * alpha.shape[0]
    weight = _soft(solid, sigma)[rows, columns][:, None]
    total = _soft(foreground * solid[..., None], sigma)[rows, columns]
    near = total / np.maximum(weight, MIN_WEIGHT)
    sure = np.clip(TRUST_GAIN * weight, 0, 1)
    here = foreground[rows, columns]
    grey, near_grey = here.mean(axis=1, keepdims=True), near.mean(axis=1, keepdims=True)
    matched = near * (grey / np.maximum(near_grey, MIN_GREY))
    result = foreground.copy()
    result[rows, columns] = np.clip(here + SPILL_SHARE * sure * (matched - here), 0, 1)
    return result


def _soft(picture: Image | Mask, sigma: float) -> NDArray[np.float32]:
    """Blur with a wide Gaussian of `sigma` pixels, computed at a fraction of the size."""
    height, width = picture.shape[:2]
    size = (width // BLUR_SCALE, height // BLUR_SCALE)
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return cv2.resize(cv2.GaussianBlur(small, (0, 0), sigma / BLUR_SCALE), (width, height))
