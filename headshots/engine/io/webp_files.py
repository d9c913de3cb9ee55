"""Open WebP files: OpenCV decodes still pictures with a third of the memory that Pillow takes."""

import io

import cv2
import numpy as np
from PIL import Image as Pillow

from headshots.engine.io.color_management import encoding_of_profile
from headshots.engine.io.exif import find_orientation
from headshots.engine.io.raster import ImageRaster, Raster
from headshots.engine.types import Pixels


def open_webp(data: bytes) -> Raster:
    """Open a WebP file; of an animation, the first frame."""
    image = Pillow.open(io.BytesIO(data), formats=("WEBP",))
    if getattr(image, "is_animated", False):
        encoding = encoding_of_profile(image.info.get("icc_profile"))
        orientation = find_orientation(image.info.get("exif"), image.info.get("xmp"))
        return ImageRaster(image, encoding=encoding, orientation=orientation)
    return StillWebp(data, image)


class StillWebp:
    """A WebP of one picture; Pillow reads its header only."""

    exif: bytes | None = None
    pixel_bytes: float = 4  # OpenCV writes the samples to where they stay

    def __init__(self, data: bytes, header: Pillow.Image) -> None:
        self._data = data
        self.size = header.size
        self.encoding = encoding_of_profile(header.info.get("icc_profile"))
        self.orientation = find_orientation(header.info.get("exif"), header.info.get("xmp"))

    def prepare(self, *, max_side: int) -> None:  # noqa: ARG002
        samples = cv2.imdecode(np.frombuffer(self._data, np.uint8), cv2.IMREAD_UNCHANGED)
        if samples is None:
            raise OSError("the WebP is damaged")
        self._samples: Pixels = samples.astype(np.uint8, copy=False)
        self.size = samples.shape[1], samples.shape[0]

    def read_rows(self, top: int, bottom: int) -> Pillow.Image:
        has_alpha = self._samples.shape[2] == 4
        conversion = cv2.COLOR_BGRA2RGBA if has_alpha else cv2.COLOR_BGR2RGB
        return Pillow.fromarray(cv2.cvtColor(self._samples[top:bottom], conversion))
