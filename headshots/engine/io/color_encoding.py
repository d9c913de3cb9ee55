"""Describe what the numbers in a picture file mean as colours.

Files state it by an ICC profile, by code points for primaries and transfer function (CICP: ITU-T
H.273, which HEIF and AVIF call nclx), or by chromaticities and a gamma (PNG). Without any of these,
the colours are sRGB.
"""

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Chromaticities: TypeAlias = tuple[float, ...]  # x and y of white, red, green and blue: 8 numbers

WHITE_D65: Final = (0.3127, 0.3290)
WHITE_C: Final = (0.310, 0.316)
WHITE_E: Final = (1 / 3, 1 / 3)
WHITE_DCI: Final = (0.314, 0.351)

SRGB_PRIMARIES: Final = (*WHITE_D65, 0.640, 0.330, 0.300, 0.600, 0.150, 0.060)
# ITU-T H.273, table 2. Code 2 means unspecified.
CICP_PRIMARIES: Final[dict[int, Chromaticities]] = {
    1: SRGB_PRIMARIES,  # BT.709, sRGB
    4: (*WHITE_C, 0.670, 0.330, 0.210, 0.710, 0.140, 0.080),  # BT.470 System M
    5: (*WHITE_D65, 0.640, 0.330, 0.290, 0.600, 0.150, 0.060),  # BT.601, 625 lines
    6: (*WHITE_D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070),  # BT.601, 525 lines
    7: (*WHITE_D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070),  # SMPTE ST 240
    8: (*WHITE_C, 0.681, 0.319, 0.243, 0.692, 0.145, 0.049),  # film
    9: (*WHITE_D65, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046),  # BT.2020 and BT.2100
    10: (*WHITE_E, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0),  # CIE 1931 XYZ, SMPTE ST 428-1
    11: (*WHITE_DCI, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),  # DCI-P3, SMPTE RP 431-2
    12: (*WHITE_D65, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),  # Display P3, SMPTE EG 432-1
    22: (*WHITE_D65, 0.630, 0.340, 0.295, 0.605, 0.155, 0.077),  # EBU Tech 3213-E
}

PQ_TRANSFER: Final = 16  # code of SMPTE ST 2084 in ITU-T H.273, table 3
HLG_TRANSFER: Final = 18  # code of the hybrid log-gamma of ITU-R BT.2100

# Bradford's matrix from XYZ to cone responses (ICC.1:2022, annex E).
BRADFORD: Final = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)


@dataclass(frozen=True)
class ToneCurve:
    """Convert encoded values to linear ones: (a·x + b)^gamma, but c·x where x is less than d.

    These are the parameters of a parametric curve of type 3 (ICC.1:2022, section 10.18).
    """

    gamma: float
    a: float = 1.0
    b: float = 0.0
    c: float = 0.0
    d: float = 0.0


SRGB_CURVE: Final = ToneCurve(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)  # IEC 61966-2-1
DCI_GAMMA: Final = 2.6  # SMPTE ST 428-1, as the scale below
DCI_SCALE: Final = 52.37 / 48.0
# ITU-T H.273, table 3. The curves of BT.709 and its relatives (1, 6, 7, 11, 14, 15) describe
# cameras; pictures that state them are made on and shown by sRGB displays, so they are left out
# here and read as sRGB, as are unspecified ones.
CICP_CURVES: Final = {
    4: ToneCurve(2.2),
    5: ToneCurve(2.8),
    8: ToneCurve(1.0),
    17: ToneCurve(DCI_GAMMA, a=DCI_SCALE ** (1 / DCI_GAMMA)),
}


@dataclass(frozen=True)
class ColorEncoding:
    """How a file encodes colours; an ICC profile takes precedence over all other fields.

    `hdr_transfer` is PQ_TRANSFER or HLG_TRANSFER for pictures with a high dynamic range.
    """

    icc_profile: bytes | None = None
    primaries: Chromaticities = SRGB_PRIMARIES
    curve: ToneCurve = SRGB_CURVE
    hdr_transfer: int | None = None

    @property
    def is_srgb(self) -> bool:
        return self == SRGB


SRGB: Final = ColorEncoding()


def encoding_from_cicp(primaries: int, transfer: int) -> ColorEncoding:
    """Return the encoding of two code points of ITU-T H.273; unknown ones count as sRGB's."""
    return ColorEncoding(
        primaries=CICP_PRIMARIES.get(primaries, SRGB_PRIMARIES),
        curve=CICP_CURVES.get(transfer, SRGB_CURVE),
        hdr_transfer=transfer if transfer in (PQ_TRANSFER, HLG_TRANSFER) else None,
    )


def are_usable(primaries: Chromaticities) -> bool:
    """Whether chromaticities describe a triangle with the white point in it."""
    points = np.array(primaries).reshape(4, 2)
    if points[:, 1].min() < 0 or points[0, 1] <= 0 or points.max() > 1:
        return False
    columns = np.array([points[1:, 0], points[1:, 1], 1 - points[1:].sum(axis=1)])
    if abs(np.linalg.det(columns)) < 1e-3:
        return False
    return bool(np.linalg.solve(columns, _white_to_xyz(primaries)).min() > 0)


def rgb_to_xyz(primaries: Chromaticities) -> NDArray[np.float64]:
    """Return the matrix from linear RGB to XYZ, in which white has Y = 1 (SMPTE RP 177)."""
    points = np.array(primaries).reshape(4, 2)[1:]
    columns = np.array([points[:, 0], points[:, 1], 1 - points.sum(axis=1)])
    luminance: NDArray[np.float64] = np.linalg.solve(columns, _white_to_xyz(primaries))
    return columns * luminance


def adapted_rgb_to_xyz(
    primaries: Chromaticities, target_white: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the same with the white point adapted to another, in XYZ, by Bradford's method."""
    cones = (BRADFORD @ target_white) / (BRADFORD @ _white_to_xyz(primaries))
    adaptation = np.linalg.inv(BRADFORD) @ np.diag(cones) @ BRADFORD
    return adaptation @ rgb_to_xyz(primaries)


def rgb_to_linear_srgb(primaries: Chromaticities) -> NDArray[np.float64]:
    """Return the matrix from linear RGB with these primaries to linear sRGB."""
    srgb_to_xyz = rgb_to_xyz(SRGB_PRIMARIES)
    white = srgb_to_xyz.sum(axis=1)
    return np.linalg.inv(srgb_to_xyz) @ adapted_rgb_to_xyz(primaries, white)


def _white_to_xyz(primaries: Chromaticities) -> NDArray[np.float64]:
    x, y = primaries[:2]
    return np.array([x / y, 1.0, (1 - x - y) / y])
