"""Read a picture in strips, convert each to sRGB and reduce it, so that memory stays bounded."""

from math import ceil, floor
from typing import Final, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from headshots.engine.io.color_encoding import ColorEncoding
from headshots.engine.io.color_management import SrgbTransform
from headshots.engine.io.tone_mapping import ToneMapper
from headshots.engine.types import Pixels

STRIP_PIXELS: Final = 1_000_000  # source pixels that are converted at once
PILLOW_PIXEL_BYTES: Final = 4  # at most, whatever the mode
EIGHT_TO_SIXTEEN_BIT: Final = 257  # 65535 / 255
EIGHT_BIT_MAX: Final = 255.0
SIXTEEN_BIT_MAX: Final = 65535.0
ALPHA_MODES: Final = ("P", "PA", "LA", "La", "RGBa")

# Rows as stored: a Pillow image of any mode, or 16-bit samples with 3 or 4 channels.
Rows: TypeAlias = Pillow.Image | NDArray[np.uint16]


class Raster(Protocol):
    """A picture in a file. `size` is width and height as stored, before it is turned upright.

    prepare() comes before rows are read; it may lower `size`, but not below the size that is asked
    for. `exif` is the metadata of a camera, where the format is one that cameras write.
    `pixel_bytes` is the memory that prepare() takes for a pixel of a picture decoded as a whole.
    """

    pixel_bytes: float
    encoding: ColorEncoding
    orientation: int
    exif: bytes | None

    @property
    def size(self) -> tuple[int, int]: ...

    def prepare(self, *, max_side: int) -> None: ...

    def read_rows(self, top: int, bottom: int) -> Rows:
        """Decode the rows from `top` up to `bottom`; calls usually go down the picture."""


class RowConverter(Protocol):
    def convert(self, rows: Rows) -> Pixels: ...


class ImageRaster:
    """A picture that Pillow decodes as a whole before its first row is read."""

    exif: bytes | None = None

    def __init__(
        self,
        image: Pillow.Image,
        *,
        encoding: ColorEncoding,
        orientation: int,
        pixel_bytes: float = PILLOW_PIXEL_BYTES,
    ) -> None:
        self._image = image
        self.pixel_bytes = pixel_bytes
        self._white_level: float | None = None
        self.encoding, self.orientation = encoding, orientation

    @property
    def size(self) -> tuple[int, int]:
        return self._image.size

    def prepare(self, *, max_side: int) -> None:  # noqa: ARG002
        self._image.load()

    def read_rows(self, top: int, bottom: int) -> Pillow.Image:
        rows = self._image.crop((0, top, self._image.width, bottom))
        if not rows.mode.startswith(("I", "F")):
            return rows
        samples = np.nan_to_num(np.asarray(rows, np.float32), posinf=0, neginf=0)
        scaled = samples * (EIGHT_BIT_MAX / self._find_white_level())
        return Pillow.fromarray(np.clip(scaled, 0, EIGHT_BIT_MAX).astype(np.uint8))

    def _find_white_level(self) -> float:
        """Return the value of white in a grey picture of more than eight bits.

        Integers use 16 bits. The range of floats is not stated in the file, so the smallest usual
        one that holds all samples is taken: 1, 255 or 65535.
        """
        if not self._image.mode.startswith("F"):
            return SIXTEEN_BIT_MAX
        if self._white_level is None:
            samples = np.asarray(self._image)
            brightest = float(samples.max(where=np.isfinite(samples), initial=0))
            ranges = (1.0, EIGHT_BIT_MAX, SIXTEEN_BIT_MAX)
            self._white_level = next((top for top in ranges if brightest <= top), SIXTEEN_BIT_MAX)
        return self._white_level


def read_srgb(raster: Raster, *, max_side: int) -> Pixels:
    """Return a prepared picture as sRGB pixels, scaled down if a side exceeds `max_side`."""
    width, height = raster.size
    converter = _build_converter(raster)
    scale = max(1.0, max(width, height) / max_side)
    new_width, new_height = max(1, round(width / scale)), max(1, round(height / scale))
    pixels = np.empty((new_height, new_width, 3), np.uint8)
    step = max(1, int(STRIP_PIXELS / (width * scale)))
    for top in range(0, new_height, step):
        strip = pixels[top : top + step]
        if scale > 1:
            strip[:] = _read_reduced_strip(raster, converter, top, strip.shape, height / new_height)
        else:
            strip[:] = converter.convert(raster.read_rows(top, top + len(strip)))
    return pixels


def _read_reduced_strip(
    raster: Raster, converter: RowConverter, top: int, shape: tuple[int, ...], scale: float
) -> Pixels:
    """Read those source rows that a strip of the reduced picture shows.

    One more reduced row is made above and below, because the filter spans two of them.
    """
    width, height = raster.size
    above = min(top, 1)
    first, last = (top - above) * scale, min((top + shape[0] + 1) * scale, height)
    source_top, source_bottom = floor(first), min(ceil(last), height)
    converted = Pillow.fromarray(converter.convert(raster.read_rows(source_top, source_bottom)))
    reduced = converted.resize(
        (shape[1], round((last - first) / scale)),
        Pillow.Resampling.HAMMING,
        box=(0, first - source_top, width, min(last - source_top, converted.height)),
    )
    return np.asarray(reduced)[above : above + shape[0]]


def _build_converter(raster: Raster) -> RowConverter:
    if raster.encoding.hdr_transfer is None:
        return _StandardConverter(raster.encoding)
    converter = _HdrConverter(raster.encoding)
    width, height = raster.size
    step = max(1, STRIP_PIXELS // width)
    for top in range(0, height, step):
        converter.measure(raster.read_rows(top, min(top + step, height)))
    return converter


class _StandardConverter:
    """Convert rows of an ordinary picture by its profile; transparency is laid over white."""

    def __init__(self, encoding: ColorEncoding) -> None:
        self._transform = SrgbTransform(encoding)

    def convert(self, rows: Rows) -> Pixels:
        colors, alpha = _split_alpha(_to_image(rows))
        return _flatten(np.asarray(self._transform.convert(colors)), alpha)


class _HdrConverter:
    """Convert rows of a picture with a high dynamic range."""

    def __init__(self, encoding: ColorEncoding) -> None:
        self._mapper = ToneMapper(encoding)

    def measure(self, rows: Rows) -> None:
        self._mapper.measure(_to_codes(rows)[0])

    def convert(self, rows: Rows) -> Pixels:
        codes, alpha = _to_codes(rows)
        return _flatten(self._mapper.convert(codes), alpha)


def _to_image(rows: Rows) -> Pillow.Image:
    """Round 16-bit samples to 8 bits."""
    if isinstance(rows, Pillow.Image):
        return rows
    return Pillow.fromarray(np.round(rows / EIGHT_TO_SIXTEEN_BIT).astype(np.uint8))


def _to_codes(rows: Rows) -> tuple[NDArray[np.uint16], Pixels | None]:
    """Return the 16-bit samples of red, green and blue, and the 8-bit alpha if there is one."""
    if isinstance(rows, Pillow.Image):
        colors, alpha = _split_alpha(rows)
        codes = np.asarray(colors.convert("RGB"), np.uint16)
        return codes * np.uint16(EIGHT_TO_SIXTEEN_BIT), alpha
    alpha = (rows[..., 3] >> 8).astype(np.uint8) if rows.shape[2] == 4 else None
    return rows[..., :3], alpha


def _split_alpha(image: Pillow.Image) -> tuple[Pillow.Image, Pixels | None]:
    if image.mode in ALPHA_MODES or "transparency" in image.info:
        image = image.convert("RGBA")
    if image.mode != "RGBA":
        return image, None
    return image.convert("RGB"), np.asarray(image.getchannel("A"))


def _flatten(pixels: Pixels, alpha: Pixels | None) -> Pixels:
    """Lay the pixels over white."""
    if alpha is None:
        return pixels
    ground = Pillow.new("RGB", (pixels.shape[1], pixels.shape[0]), "white")
    ground.paste(Pillow.fromarray(pixels), mask=Pillow.fromarray(alpha))
    return np.asarray(ground)
