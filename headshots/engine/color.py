"""sRGB, linear light and CIELAB."""

import re
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from headshots.engine.types import Image

HEX: Final = re.compile("#[0-9a-fA-F]{6}")
LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)  # Rec. 709 / sRGB, IEC 61966-2-1


def to_linear(image: NDArray[np.float32]) -> NDArray[np.float32]:
    """sRGB-encoded [0, 1] to linear light [0, 1] (IEC 61966-2-1)."""
    linear = cv2.pow((image + 0.055) * (1 / 1.055), 2.4).reshape(image.shape)
    return np.multiply(image, 1 / 12.92, out=linear, where=image <= 0.04045)


def to_srgb(linear: NDArray[np.float32]) -> NDArray[np.float32]:
    """Linear light to sRGB-encoded, clipped to [0, 1] (IEC 61966-2-1)."""
    clipped = np.clip(linear, 0, 1)
    encoded = cv2.pow(clipped, 1 / 2.4).reshape(linear.shape)
    encoded *= 1.055
    encoded -= 0.055
    return np.multiply(clipped, 12.92, out=encoded, where=clipped <= 0.0031308)


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
    if not HEX.fullmatch(value):
        raise ValueError(f"'{value}' is not a colour like #0B6E4F")
    return np.frombuffer(bytes.fromhex(value[1:]), np.uint8).astype(np.float32) / 255


def from_kelvin(kelvin: float) -> NDArray[np.float32]:
    """Linear RGB of a Planckian radiator relative to 5500 K, green = 1; 3000 to 9000 K.

    A least-squares fit in mired of the Planckian locus (CIE 015:2018) taken to linear sRGB.
    """
    mired = 1e6 / kelvin - 1e6 / 5500
    return np.array([np.exp(0.0030 * mired), 1.0, np.exp(-0.0046 * mired)], np.float32)
