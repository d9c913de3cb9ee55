"""Convert pictures to sRGB by ICC profiles: embedded ones, and ones built from other metadata.

What a profile does to colours is what counts; its name is never looked at.
"""

import io
import struct
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageCms

from headshots.engine.io.color_encoding import (
    SRGB,
    ColorEncoding,
    ToneCurve,
    adapted_rgb_to_xyz,
    encoding_from_cicp,
)

# The white point of the profile connection space (ICC.1:2022, section 6.3.4.3), in XYZ.
D50: Final = (0.9642, 1.0, 0.8249)
ICC_HEADER_BYTES: Final = 128
ICC_TAG_BYTES: Final = 12  # of one entry in the table of tags
MAX_ICC_TAGS: Final = 200
# Modes of Pillow whose pixels a profile of each colour space can describe.
PROFILE_MODES: Final = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK", "Lab": "LAB"}
NOT_APPLICABLE: Final = (
    ImageCms.PyCMSError,
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    KeyError,
    struct.error,
)
_SRGB_PROFILE = ImageCms.createProfile("sRGB")


class SrgbTransform:
    """Convert rows of one picture; a damaged or unsuitable profile leaves them as they are."""

    def __init__(self, encoding: ColorEncoding) -> None:
        self._profile_bytes = encoding.icc_profile
        if encoding.icc_profile is None and not encoding.is_srgb:
            self._profile_bytes = build_profile(encoding)
        self._transforms: dict[str, tuple[str, ImageCms.ImageCmsTransform] | None] = {}

    def convert(self, rows: Pillow.Image) -> Pillow.Image:
        """Return the rows in mode RGB, converted to sRGB."""
        if rows.mode not in self._transforms:
            self._transforms[rows.mode] = _find_transform(self._profile_bytes, rows.mode)
        mode_and_transform = self._transforms[rows.mode]
        if mode_and_transform is None:
            return rows.convert("RGB")
        mode, transform = mode_and_transform
        return ImageCms.applyTransform(rows.convert(mode), transform) or rows.convert("RGB")


def encoding_of_profile(profile: bytes | None) -> ColorEncoding:
    """Return the encoding that an embedded ICC profile describes."""
    if not profile:
        return SRGB
    cicp = _read_cicp_tag(profile)
    return cicp if cicp and cicp.hdr_transfer else ColorEncoding(icc_profile=profile)


def _read_cicp_tag(profile: bytes) -> ColorEncoding | None:
    """Return what the cicp tag of a profile states (ICC.1:2022, section 9.2.17), if it has one.

    Profiles of pictures with a high dynamic range carry it; their tables describe another display.
    """
    try:
        count = struct.unpack_from(">I", profile, ICC_HEADER_BYTES)[0]
        for i in range(min(count, MAX_ICC_TAGS)):
            place = ICC_HEADER_BYTES + 4 + i * ICC_TAG_BYTES
            signature, start = struct.unpack_from(">4sI", profile, place)
            if signature == b"cicp":
                return encoding_from_cicp(*struct.unpack_from(">8x2B", profile, start))
    except struct.error:  # the profile is cut off
        return None
    return None


def build_profile(encoding: ColorEncoding) -> bytes:
    """Build an ICC profile with three primaries and a curve (ICC.1:2022, section 8.4.3)."""
    matrix = adapted_rgb_to_xyz(encoding.primaries, np.array(D50))
    curve = _encode_curve(encoding.curve)
    tags = {
        b"wtpt": _encode_xyz(np.array(D50)),
        **{name: _encode_xyz(matrix[:, i]) for i, name in enumerate((b"rXYZ", b"gXYZ", b"bXYZ"))},
        **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve),
    }
    table, body = struct.pack(">I", len(tags)), b""
    for name, data in tags.items():
        start = ICC_HEADER_BYTES + 4 + ICC_TAG_BYTES * len(tags) + len(body)
        table += name + struct.pack(">II", start, len(data))
        body += data
    size = ICC_HEADER_BYTES + len(table) + len(body)
    header = struct.pack(">I4xI4s4s4s12x4s", size, 0x04300000, b"mntr", b"RGB ", b"XYZ ", b"acsp")
    header += bytes(28) + _encode_xyz(np.array(D50))[8:]
    return header.ljust(ICC_HEADER_BYTES, b"\0") + table + body


def _find_transform(
    profile_bytes: bytes | None, mode: str
) -> tuple[str, ImageCms.ImageCmsTransform] | None:
    """Return the transform for pixels of this mode and the mode that it takes.

    None means that there is nothing to convert, or that the profile does not fit.
    """
    if not profile_bytes:
        return None
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(profile_bytes))
        profile_mode = PROFILE_MODES.get(profile.profile.xcolor_space.strip())
        if profile_mode is None or (profile_mode != mode and (mode, profile_mode) != ("L", "RGB")):
            return None
        transform = ImageCms.buildTransform(profile, _SRGB_PROFILE, profile_mode, "RGB")
        if profile_mode == "RGB" and _changes_nothing(transform):
            return None
    except NOT_APPLICABLE:
        return None
    return profile_mode, transform


def _changes_nothing(transform: ImageCms.ImageCmsTransform) -> bool:
    """Whether a transform moves no colour by more than the one level that rounding explains."""
    levels = np.linspace(0, 255, 9).astype(np.uint8)
    colors = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(1, -1, 3)
    converted = ImageCms.applyTransform(Pillow.fromarray(colors), transform)
    return int(np.abs(np.asarray(converted, np.int16) - colors).max()) <= 1


def _encode_curve(curve: ToneCurve) -> bytes:
    parameters = (curve.gamma, curve.a, curve.b, curve.c, curve.d)
    return struct.pack(">4s4xHxx5i", b"para", 3, *(round(number * 65536) for number in parameters))


def _encode_xyz(values: NDArray[np.float64]) -> bytes:
    return struct.pack(">4s4x3i", b"XYZ ", *(round(float(value) * 65536) for value in values))
