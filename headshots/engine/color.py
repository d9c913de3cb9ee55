"""Conversions between sRGB, linear light and CIELAB."""

import re
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from headshots.engine.types import Image

HEX_PATTERN: Final = re.compile("#[0-9a-fA-F]{6}")
LUMINANCE_WEIGHTS = np.array([0.2126, 0.7152, 0.0722], np.float32)  # Rec. 709 / sRGB, IEC 61966-2-1

# The transfer function of sRGB, IEC 61966-2-1: a straight line near black, a power above it.
SRGB_GAMMA: Final = 2.4
SRGB_OFFSET: Final = 0.055
SRGB_GAIN: Final = 1.055  # 1 + SRGB_OFFSET
SRGB_SLOPE: Final = 12.92
SRGB_ENCODED_KNEE: Final = 0.04045
SRGB_LINEAR_KNEE: Final = 0.0031308

# Logarithmic slopes of red and blue against green, per mired: a least-squares fit over 3000 to
# 9000 K of the Planckian locus (CIE 015:2018) converted to linear sRGB.
REFERENCE_KELVIN: Final = 5500
RED_PER_MIRED: Final = 0.0030
BLUE_PER_MIRED: Final = -0.0046


def to_linear(image: NDArray[np.float32]) -> NDArray[np.float32]:
    """Convert sRGB-encoded values in [0, 1] to linear light in [0, 1] (IEC 61966-2-1)."""
    linear = cv2.pow((image + SRGB_OFFSET) * (1 / SRGB_GAIN), SRGB_GAMMA).reshape(image.shape)
    return np.multiply(image, 1 / SRGB_SLOPE, out=linear, where=image <= SRGB_ENCODED_KNEE)


def to_srgb(linear: NDArray[np.float32]) -> NDArray[np.float32]:
    """Convert linear light to sRGB-encoded values, clipped to [0, 1] (IEC 61966-2-1)."""
    clipped = np.clip(linear, 0, 1)
    encoded = cv2.pow(clipped, 1 / SRGB_GAMMA).reshape(linear.shape)
    encoded *= SRGB_GAIN
    encoded -= SRGB_OFFSET
    return np.multiply(clipped, SRGB_SLOPE, out=encoded, where=clipped <= SRGB_LINEAR_KNEE)


def compute_luminance(linear: NDArray[np.float32]) -> NDArray[np.float32]:
    """Compute the relative luminance Y of linear RGB; the last axis, of length 3, is dropped."""
    return linear @ LUMINANCE_WEIGHTS


def compute_luma(image: Image) -> NDArray[np.float32]:
    """Compute Rec. 601 luma of an sRGB-encoded image: a cheap approximation of lightness."""
    return cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2GRAY)


def to_lab(image: Image) -> Image:
    """Convert an sRGB-encoded image to CIELAB (D65): L in [0, 100], a and b about ±128."""
    return cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2Lab)


def from_lab(lab: Image) -> Image:
    """Convert CIELAB (D65) to an sRGB-encoded image, clipped to [0, 1]."""
    return np.clip(cv2.cvtColor(np.ascontiguousarray(lab), cv2.COLOR_Lab2RGB), 0, 1)


def from_hex(value: str) -> NDArray[np.float32]:
    """Parse '#RRGGBB' into three sRGB-encoded floats in [0, 1]; ValueError for anything else."""
    if not HEX_PATTERN.fullmatch(value):
        raise ValueError(f"'{value}' is not a colour like #0B6E4F")
    return np.frombuffer(bytes.fromhex(value[1:]), np.uint8).astype(np.float32) / 255.0


def from_kelvin(kelvin: float) -> NDArray[np.float32]:
    """Compute the linear RGB of a Planckian radiator relative to 5500 K, with green = 1.

    Accurate from 3000 to 9000 K; see RED_PER_MIRED.
    """
    mired = 1e6 / kelvin - 1e6 / REFERENCE_KELVIN
    return np.array(
        [np.exp(RED_PER_MIRED * mired), 1.0, np.exp(BLUE_PER_MIRED * mired)], np.float32
    )
