"""sRGB, linear light, CIELAB and colour difference."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from headshots.engine.types import Image

LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)  # Rec. 709 / sRGB, IEC 61966-2-1


def to_linear(image: NDArray[np.float32]) -> NDArray[np.float32]:
    """sRGB-encoded [0, 1] to linear light [0, 1] (IEC 61966-2-1)."""
    high = cv2.pow((image + 0.055) * (1 / 1.055), 2.4).reshape(image.shape)
    return np.where(image <= 0.04045, image * (1 / 12.92), high).astype(np.float32, copy=False)


def to_srgb(linear: NDArray[np.float32]) -> NDArray[np.float32]:
    """Linear light to sRGB-encoded, clipped to [0, 1] (IEC 61966-2-1)."""
    clipped = np.clip(linear, 0, 1)
    high = cv2.pow(clipped, 1 / 2.4).reshape(linear.shape) * 1.055 - 0.055
    return np.where(clipped <= 0.0031308, clipped * 12.92, high).astype(np.float32, copy=False)


def luminance(linear: NDArray[np.float32]) -> NDArray[np.float32]:
    """Relative luminance Y of linear RGB, last axis 3."""
    return linear @ LUMINANCE


def luma(image: Image) -> NDArray[np.float32]:
    """Rec. 601 luma of an sRGB-encoded image: a cheap stand-in for lightness."""
    return cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2GRAY)


def to_lab(image: Image) -> Image:
    """sRGB-encoded to CIELAB (D65): L in [0, 100], a and b about ±128."""
    return cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2Lab)


def from_lab(lab: Image) -> Image:
    """CIELAB (D65) to sRGB-encoded, clipped to [0, 1]."""
    return np.clip(cv2.cvtColor(np.ascontiguousarray(lab), cv2.COLOR_Lab2RGB), 0, 1)


def from_hex(value: str) -> NDArray[np.float32]:
    """'#RRGGBB' to three sRGB-encoded floats; ValueError if it is not that."""
    digits = value.removeprefix("#")
    if len(digits) != 6:
        raise ValueError(f"'{value}' is not a colour like #0B6E4F")
    return np.array([int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)], np.float32)


def from_kelvin(kelvin: float) -> NDArray[np.float32]:
    """Linear RGB of a Planckian radiator relative to 5500 K, green = 1; 3000 to 9000 K.

    A least-squares fit in mired of the Planckian locus (CIE 015:2018) taken to linear sRGB.
    """
    mired = 1e6 / kelvin - 1e6 / 5500
    return np.array([np.exp(0.0030 * mired), 1.0, np.exp(-0.0046 * mired)], np.float32)


def delta_e00(first: NDArray[Any], second: NDArray[Any]) -> NDArray[np.float64]:
    """CIEDE2000 between CIELAB arrays, last axis 3 (Sharma, Wu and Dalal 2005, all k = 1)."""
    l1, a1, b1 = np.moveaxis(np.asarray(first, np.float64), -1, 0)
    l2, a2, b2 = np.moveaxis(np.asarray(second, np.float64), -1, 0)
    c_mean7 = ((np.hypot(a1, b1) + np.hypot(a2, b2)) / 2) ** 7
    g = 0.5 * (1 - np.sqrt(c_mean7 / (c_mean7 + 25.0**7)))
    a1, a2 = a1 * (1 + g), a2 * (1 + g)
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = np.arctan2(b1, a1) % (2 * np.pi), np.arctan2(b2, a2) % (2 * np.pi)
    turn = (h2 - h1 + np.pi) % (2 * np.pi) - np.pi
    grey = c1 * c2 == 0
    turn = np.where(grey, 0, turn)
    d_l, d_c, d_h = l2 - l1, c2 - c1, 2 * np.sqrt(c1 * c2) * np.sin(turn / 2)
    l_m, c_m = (l1 + l2) / 2, (c1 + c2) / 2
    h_m = np.where(grey, h1 + h2, (h1 + _half_turn(h1, h2)) % (2 * np.pi))
    t = _hue_weight(h_m)
    s_l = 1 + 0.015 * (l_m - 50) ** 2 / np.sqrt(20 + (l_m - 50) ** 2)
    s_c, s_h = 1 + 0.045 * c_m, 1 + 0.015 * c_m * t
    theta = np.radians(30) * np.exp(-(((np.degrees(h_m) - 275) / 25) ** 2))
    r_t = -2 * np.sqrt(c_m**7 / (c_m**7 + 25.0**7)) * np.sin(2 * theta)
    x, y, z = d_l / s_l, d_c / s_c, d_h / s_h
    return np.sqrt(np.maximum(x * x + y * y + z * z + r_t * y * z, 0))


def _half_turn(h1: NDArray[np.float64], h2: NDArray[np.float64]) -> NDArray[np.float64]:
    """Half the shorter way round from one hue to the other, radians."""
    return ((h2 - h1 + np.pi) % (2 * np.pi) - np.pi) / 2


def _hue_weight(hue: NDArray[np.float64]) -> NDArray[np.float64]:
    """T of the CIEDE2000 formula."""
    return (
        1
        - 0.17 * np.cos(hue - np.radians(30))
        + 0.24 * np.cos(2 * hue)
        + 0.32 * np.cos(3 * hue + np.radians(6))
        - 0.20 * np.cos(4 * hue - np.radians(63))
    )
