"""Open HEIF and AVIF files: the primary picture, without thumbnails, depth and gain maps."""

import io
from typing import Any, Final

import numpy as np
import pillow_heif
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL.AvifImagePlugin import AvifImageFile

from headshots.engine.io import isobmff
from headshots.engine.io.color_encoding import encoding_from_cicp
from headshots.engine.io.color_management import encoding_of_profile
from headshots.engine.io.exif import UPRIGHT, find_orientation
from headshots.engine.io.raster import PILLOW_PIXEL_BYTES, ImageRaster, Rows

AVIF_BRANDS: Final = {b"avif", b"avis"}
HEIF_BRANDS: Final = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
# Samples of a decoded pixel before it becomes RGB, by chroma subsampling; without it, three.
CHROMA_SAMPLES: Final = {420: 1.5, 422: 2.0, 444: 3.0}
MAX_SAMPLES: Final = 3.0
# Bytes of a sample of more than 8 bits: two, and one for a copy that is rounded to 8 bits.
DEEP_SAMPLE_BYTES: Final = 3

pillow_heif.register_heif_opener(
    thumbnails=False, depth_images=False, aux_images=False, decode_threads=2
)


class HeifRaster:
    """The primary picture of a HEIF file.

    libheif applies the rotation of the container. EXIF may repeat it, and is therefore not asked
    for it (ISO/IEC 23000-22, section 7.3.6.2).
    """

    orientation = UPRIGHT

    def __init__(self, data: bytes) -> None:
        container = pillow_heif.open_heif(data)
        info: dict[str, Any] = container[container.primary_index].info
        self.exif: bytes | None = info.get("exif")
        self.encoding = encoding_of_profile(info.get("icc_profile"))
        if "icc_profile" not in info and (nclx := info.get("nclx_profile")):
            codes = nclx["color_primaries"], nclx["transfer_characteristics"]
            self.encoding = encoding_from_cicp(*codes)
        if self.encoding.hdr_transfer is not None:
            container = pillow_heif.open_heif(data, convert_hdr_to_8bit=False)
        self._primary = container[container.primary_index]
        self._bit_depth: int = info["bit_depth"]
        samples = CHROMA_SAMPLES.get(info.get("chroma", 0), MAX_SAMPLES) + self._primary.has_alpha
        channels, _, depth = self._primary.mode.partition(";")
        rgb_bytes = len(channels) * (2 if depth else 1)
        self.pixel_bytes = _count_bytes(samples, is_deep=self._bit_depth > 8) + rgb_bytes

    @property
    def size(self) -> tuple[int, int]:
        return self._primary.size

    def prepare(self, *, max_side: int) -> None:  # noqa: ARG002
        self._samples: NDArray[Any] = np.asarray(self._primary)

    def read_rows(self, top: int, bottom: int) -> Rows:
        rows = self._samples[top:bottom]
        if rows.dtype == np.uint8:
            mode = self._primary.mode
            return Pillow.frombuffer(
                mode, (rows.shape[1], len(rows)), rows.tobytes(), "raw", mode, 0, 1
            )
        samples: NDArray[np.uint16] = rows | (rows >> self._bit_depth)  # white becomes 65535
        return samples if samples.ndim == 3 else np.repeat(samples[..., None], 3, axis=2)


def open_avif(data: bytes) -> ImageRaster:
    """Open an AVIF file.

    Its rotation is a property of the picture, so the EXIF item, which may be broken, is renamed to
    a type that the decoder skips (AVIF 1.1, section 2.2 by ISO/IEC 23000-22).
    """
    if span := isobmff.find_meta(data):
        meta = data[slice(*span)].replace(b"Exif", b"skip")
        data = b"".join((data[: span[0]], meta, data[span[1] :]))
    image = AvifImageFile(io.BytesIO(data))
    orientation = find_orientation(image.info.get("exif"))
    encoding = isobmff.read_encoding(data)
    return ImageRaster(
        image,
        encoding=encoding,
        orientation=orientation,
        pixel_bytes=_count_avif_bytes(data, channels=len(image.getbands())),
    )


def _count_avif_bytes(data: bytes, *, channels: int) -> float:
    """Return the bytes in memory per pixel: samples, RGB, and the copy of it in Pillow's image."""
    pictures = isobmff.list_av1_samples(data) or [(MAX_SAMPLES, True)]
    samples = max(samples for samples, _ in pictures) + (channels == 4)
    is_deep = any(is_deep for _, is_deep in pictures)
    return _count_bytes(samples, is_deep=is_deep) + channels + PILLOW_PIXEL_BYTES


def _count_bytes(samples: float, *, is_deep: bool) -> float:
    return samples * (DEEP_SAMPLE_BYTES if is_deep else 1)
