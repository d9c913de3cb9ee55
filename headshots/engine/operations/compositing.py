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
WRAP_BLUR = 0.010  # sides: standard deviation of the blur that finds the edge
WRAP_INSIDE = 0.9  # blurred alpha from which on a pixel lies inside, where no light reaches
WRAP_FALLOFF = 1.1  # how fast the light falls off with blurred alpha
GLOW_SHARE = 0.6  # share of the backdrop's level that is screened over the very edge
GLOW_BLUR = 0.02  # sides: the glow is the backdrop nearby, not a mirror image of it

# Clean edges.
SOLID_ALPHA = 0.97  # alpha from which on a pixel is the person alone
SPILL_REACH = 0.012  # sides: how far the solid person's colour is looked for
TRUST_GAIN = 8  # an eighth of the neighbourhood being solid is enough to trust its colour
SPILL_SHARE = 0.6  # share of the way that colour is drawn to that of the solid person
MIN_WEIGHT, MIN_GREY = 1e-3, 0.02  # keep divisions finite

BLUR_SCALE = 4  # wide blurs are computed at a quarter of the size


def composite_over(foreground: Image, alpha: Mask, backdrop: Image) -> Image:
    """Composite a foreground over a backdrop, both H×W×3, by alpha, H×W.

    This is the operator *over* of Porter and Duff, "Compositing Digital Images" (1984). Where
    alpha is 1 the foreground is kept bit for bit.
    """
    weight = alpha[..., None]
    return np.asarray(foreground * weight + backdrop * (1 - weight), np.float32)


def cast_shadow(backdrop: Image, alpha: Mask, *, strength: float, azimuth: float) -> Image:
    """Darken the backdrop by the soft shadow that the person casts on a wall close behind.

    `strength` is 0 to 1; the shadow falls away from the key light, whose direction is the sign of
    `azimuth`.
    """
    if strength == 0:
        return backdrop
    side = alpha.shape[0]
    size = (side // SHADOW_SCALE, side // SHADOW_SCALE)
    small_alpha = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)
    shift_across = np.sign(azimuth) * SHADOW_SHIFT[0] * side / SHADOW_SCALE
    shift_down = SHADOW_SHIFT[1] * side / SHADOW_SCALE
    translation = np.array([[1, 0, shift_across], [0, 1, shift_down]])
    moved = cv2.warpAffine(
        small_alpha, translation, small_alpha.shape[::-1], borderMode=cv2.BORDER_REPLICATE
    )
    blurred = cv2.GaussianBlur(moved, (0, 0), SHADOW_BLUR * side / SHADOW_SCALE)
    shadow_mask = cv2.resize(blurred, (side, side))
    return np.asarray(backdrop * (1 - SHADOW_DEPTH * strength * shadow_mask[..., None]), np.float32)


def wrap_light(foreground: Image, alpha: Mask, backdrop: Image, *, strength: float) -> Image:
    """Screen some of the backdrop's light over the outermost edge of the person.

    `strength` is 0 to 1. It imitates the light from behind that reaches around a person's edge.
    """
    if strength == 0:
        return foreground
    side = alpha.shape[0]
    blurred_alpha = _blur_wide(alpha, WRAP_BLUR * side)
    rows, columns = np.nonzero((blurred_alpha < WRAP_INSIDE) & (alpha > 0))
    edge_weight = strength * np.clip(1 - WRAP_FALLOFF * blurred_alpha[rows, columns], 0, 1)[:, None]
    glow = GLOW_SHARE * _blur_wide(backdrop, GLOW_BLUR * side)[rows, columns]
    result = foreground.copy()
    edge_colors = foreground[rows, columns]
    # The blend mode "screen".
    result[rows, columns] = edge_colors + edge_weight * (1 - edge_colors) * glow
    return result


def clean_edges(foreground: Image, alpha: Mask) -> Image:
    """Remove the old background's colour from the soft edge of the person.

    The colour of partly covered pixels moves towards that of the solid person beside them, while
    their lightness stays.
    """
    rows, columns = np.nonzero((alpha > 0) & (alpha < SOLID_ALPHA))
    solid_mask = (alpha > SOLID_ALPHA).astype(np.float32)
    sigma = SPILL_REACH * alpha.shape[0]
    weight = _blur_wide(solid_mask, sigma)[rows, columns][:, None]
    solid_total = _blur_wide(foreground * solid_mask[..., None], sigma)[rows, columns]
    solid_colors = solid_total / np.maximum(weight, MIN_WEIGHT)
    trust = np.clip(TRUST_GAIN * weight, 0, 1)
    edge_colors = foreground[rows, columns]
    edge_lightness = edge_colors.mean(axis=1, keepdims=True)
    solid_lightness = solid_colors.mean(axis=1, keepdims=True)
    matched_colors = solid_colors * (edge_lightness / np.maximum(solid_lightness, MIN_GREY))
    result = foreground.copy()
    result[rows, columns] = np.clip(
        edge_colors + SPILL_SHARE * trust * (matched_colors - edge_colors), 0, 1
    )
    return result


def _blur_wide(picture: Image | Mask, sigma: float) -> NDArray[np.float32]:
    """Blur with a wide Gaussian of `sigma` pixels, computed at a fraction of the size."""
    height, width = picture.shape[:2]
    size = (width // BLUR_SCALE, height // BLUR_SCALE)
    reduced = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return cv2.resize(cv2.GaussianBlur(reduced, (0, 0), sigma / BLUR_SCALE), (width, height))
