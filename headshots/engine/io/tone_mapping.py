"""Convert pictures with a high dynamic range (PQ and HLG, ITU-R BT.2100) to sRGB."""

from functools import cache
from typing import Final, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from headshots.engine.io.color_encoding import (
    HLG_TRANSFER,
    ColorEncoding,
    rgb_to_linear_srgb,
)
from headshots.engine.types import Pixels

# Brightness of a white sheet of paper in a picture with a high dynamic range (ITU-R BT.2408-7,
# section 2.1). It becomes the white of sRGB.
REFERENCE_WHITE: Final = 203.0  # cd/m²
CODES: Final = 65_536  # values of a 16-bit sample

# SMPTE ST 2084, equation 4.1; also ITU-R BT.2100-2, table 4.
PQ_PEAK: Final = 10_000.0  # cd/m²
PQ_M1: Final = 2610 / 16384
PQ_M2: Final = 2523 / 4096 * 128
PQ_C1: Final = 3424 / 4096
PQ_C2: Final = 2413 / 4096 * 32
PQ_C3: Final = 2392 / 4096 * 32

# ITU-R BT.2100-2, table 5.
HLG_A: Final = 0.17883277
HLG_B: Final = 1 - 4 * HLG_A
HLG_C: Final = 0.5 - HLG_A * np.log(4 * HLG_A)
HLG_PEAK: Final = 1000.0  # cd/m², of the nominal display
HLG_GAMMA: Final = 1.2  # of the whole system on the nominal display
HLG_LUMA: Final = np.array([0.2627, 0.6780, 0.0593], np.float32)

# The share of the brightest samples that may be clipped, so that single specks count for nothing.
CLIPPED_SHARE: Final = 0.001
SRGB_CODES: Final = 16_384  # entries of the table from linear values to sRGB
Linear: TypeAlias = NDArray[np.float32]
FloatsT = TypeVar("FloatsT", NDArray[np.float32], NDArray[np.float64], np.float64)


def decode_pq(signal: FloatsT) -> FloatsT:
    """Convert a PQ signal, 0 to 1, to cd/m² (SMPTE ST 2084, equation 4.1)."""
    powered = signal ** (1 / PQ_M2)
    share = np.maximum(powered - PQ_C1, 0) / (PQ_C2 - PQ_C3 * powered)
    return PQ_PEAK * share ** (1 / PQ_M1)


def encode_pq(luminance: FloatsT) -> FloatsT:
    """Convert cd/m² to a PQ signal, 0 to 1 (SMPTE ST 2084, equation 5.2)."""
    powered = np.clip(luminance / PQ_PEAK, 0, 1) ** PQ_M1
    return ((PQ_C1 + PQ_C2 * powered) / (1 + PQ_C3 * powered)) ** PQ_M2


def decode_hlg(signal: NDArray[np.float64]) -> NDArray[np.float64]:
    """Convert an HLG signal to light in the scene, both 0 to 1 (ITU-R BT.2100-2, table 5)."""
    dark = signal**2 / 3
    bright = (np.exp((np.maximum(signal, 0.5) - HLG_C) / HLG_A) + HLG_B) / 12
    return np.where(signal <= 0.5, dark, bright)


class ToneMapper:
    """Convert rows of one picture to sRGB: first measure() all of them, then convert() them."""

    def __init__(self, encoding: ColorEncoding) -> None:
        self._is_hlg = encoding.hdr_transfer == HLG_TRANSFER
        self._matrix = rgb_to_linear_srgb(encoding.primaries).astype(np.float32)
        self._histogram = np.zeros(1024, np.int64)  # of PQ signals of the largest channel

    def measure(self, codes: NDArray[np.uint16]) -> None:
        """Count how bright these rows are; every fourth row and column is enough."""
        brightest = self._to_linear_srgb(codes[::4, ::4]).max(axis=2) * REFERENCE_WHITE
        bins = np.round(encode_pq(brightest) * 1023).astype(np.int64)
        self._histogram += np.bincount(bins.ravel(), minlength=1024)

    def convert(self, codes: NDArray[np.uint16]) -> Pixels:
        """Convert 16-bit samples, H×W×3, to sRGB pixels."""
        linear = self._to_linear_srgb(codes)
        brightest = linear.max(axis=2, keepdims=True)
        mapped = _compress_highlights(brightest, peak=self._find_peak())
        linear *= mapped / np.maximum(brightest, 1e-6)
        return _srgb_table()[(np.clip(linear, 0, 1) * (SRGB_CODES - 1) + 0.5).astype(np.uint16)]

    def _find_peak(self) -> float:
        """Return the brightness of the content, relative to the reference white."""
        shares = np.cumsum(self._histogram) / max(self._histogram.sum(), 1)
        signal = np.searchsorted(shares, 1 - CLIPPED_SHARE) / 1023
        return float(decode_pq(np.float64(signal))) / REFERENCE_WHITE

    def _to_linear_srgb(self, codes: NDArray[np.uint16]) -> Linear:
        """Return linear sRGB in which 1 is the reference white; brighter values exceed 1."""
        light = _signal_table(self._is_hlg)[codes]
        if self._is_hlg:  # the display makes mid-tones darker: OOTF of ITU-R BT.2100-2, table 5
            scene = np.maximum(light @ HLG_LUMA, 1e-9)[..., None]
            light = light * scene ** (HLG_GAMMA - 1) * (HLG_PEAK / REFERENCE_WHITE)
        return np.maximum(light @ self._matrix.T, 0).astype(np.float32)


def _compress_highlights(brightness: Linear, *, peak: float) -> Linear:
    """Map 0…peak to 0…1 and leave dark and middle tones as they are.

    This is the spline of ITU-R BT.2390-10, section 5.4.1, which BT.2408 refers to: in PQ signals
    relative to that of the peak, tones up to the knee stay, and those above it are compressed.
    """
    if peak <= 1:
        return np.minimum(brightness, 1)
    peak_signal = float(encode_pq(np.float64(peak * REFERENCE_WHITE)))
    white = float(encode_pq(np.float64(REFERENCE_WHITE))) / peak_signal
    knee = 1.5 * white - 0.5
    signal = np.minimum(encode_pq(brightness * REFERENCE_WHITE) / peak_signal, 1)
    t = np.maximum(signal - knee, 0) / (1 - knee)
    spline = (
        (2 * t**3 - 3 * t**2 + 1) * knee
        + (t**3 - 2 * t**2 + t) * (1 - knee)
        + (3 * t**2 - 2 * t**3) * white
    )
    mapped = np.where(signal < knee, brightness, decode_pq(spline * peak_signal) / REFERENCE_WHITE)
    return mapped.astype(np.float32)


@cache
def _signal_table(is_hlg: bool) -> Linear:
    """Return light for each 16-bit code: 0…1 of the scene for HLG, reference whites for PQ."""
    signal = np.arange(CODES) / (CODES - 1)
    light = decode_hlg(signal) if is_hlg else decode_pq(signal) / REFERENCE_WHITE
    return light.astype(np.float32)


@cache
def _srgb_table() -> Pixels:
    """Return the sRGB value of each of SRGB_CODES linear values from 0 to 1 (IEC 61966-2-1)."""
    linear = np.arange(SRGB_CODES) / (SRGB_CODES - 1)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.round(255 * encoded).astype(np.uint8)
