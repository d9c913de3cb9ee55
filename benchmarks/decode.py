"""`make bench-decode`: time and peak memory of decoding photos of each format and size.

Each file is decoded in a process of its own, and the memory is what that adds to the process.
"""

import io
import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Final

import numpy as np
import pillow_heif
from PIL import Image as Pillow

MEGAPIXELS_100: Final = (11_543, 8_660)  # width and height of 100 megapixels, 4:3
CAMERA_FRAME: Final = (1280, 960)
PHONE: Final = (4032, 3024)  # 12 megapixels
# By name: format, size, mode and options of the encoder.
PHOTOS: Final[dict[str, tuple[str, tuple[int, int], str, dict[str, object]]]] = {
    "camera frame, JPEG": ("JPEG", CAMERA_FRAME, "RGB", {}),
    "camera frame, WebP": ("WEBP", CAMERA_FRAME, "RGB", {}),
    "12 megapixels, HEIC": ("HEIF", PHONE, "RGB", {"quality": 50}),
    "12 megapixels, HEIC with transparency": ("HEIF", PHONE, "RGBA", {"quality": 50}),
    "12 megapixels, AVIF": ("AVIF", PHONE, "RGB", {"speed": 10}),
    "12 megapixels, AVIF with transparency": ("AVIF", PHONE, "RGBA", {"speed": 10}),
    "49 megapixels, AVIF": ("AVIF", (8_080, 6_060), "RGB", {"speed": 10}),
    "93 megapixels, HEIC": ("HEIF", (11_130, 8_350), "RGB", {"quality": 50}),
    "67 megapixels, JPEG, less than twice the limit": ("JPEG", (8190, 8190), "RGB", {}),
    "100 megapixels, JPEG": ("JPEG", MEGAPIXELS_100, "RGB", {}),
    "100 megapixels, JPEG, progressive": ("JPEG", MEGAPIXELS_100, "RGB", {"progressive": True}),
    "100 megapixels, PNG": ("PNG", MEGAPIXELS_100, "RGB", {}),
    "100 megapixels, PNG with transparency": ("PNG", MEGAPIXELS_100, "RGBA", {}),
    "100 megapixels, WebP": ("WEBP", MEGAPIXELS_100, "RGB", {"method": 0}),
    "100 megapixels, TIFF": ("TIFF", MEGAPIXELS_100, "RGB", {"compression": "tiff_adobe_deflate"}),
}
MEASURE: Final = """
import json, pathlib, re, sys, time
from headshots.engine.io.decode import decode
def read_peak():  # in KiB; unlike that of getrusage, it does not contain the parent's peak
    return int(re.search(r"VmHWM:\\s+(\\d+)", pathlib.Path("/proc/self/status").read_text())[1])
data = sys.stdin.buffer.read()
before, begun = read_peak(), time.perf_counter()
height, width, _ = decode(data).shape
seconds = time.perf_counter() - begun
more = read_peak() - before
print(json.dumps({"seconds": seconds, "megabytes": more / 1024, "size": [width, height]}))
"""


@dataclass(frozen=True)
class Measurement:
    """Seconds and peak memory, in megabytes, of decoding one file, and the size of the result."""

    seconds: float
    megabytes: float
    size: tuple[int, int]


def measure_decoding(data: bytes) -> Measurement:
    """Decode a file in a fresh process; the memory for the file itself does not count."""
    process = subprocess.run(
        [sys.executable, "-c", MEASURE], input=data, capture_output=True, check=True
    )
    answer = json.loads(process.stdout)
    return Measurement(answer["seconds"], answer["megabytes"], tuple(answer["size"]))


def build_photo(form: str, size: tuple[int, int], mode: str = "RGB", **options: object) -> bytes:
    """Return a picture of large squares of random colours, encoded in this format."""
    draw = np.random.default_rng(1)
    squares = draw.integers(0, 255, (size[1] // 64 + 1, size[0] // 64 + 1, len(mode)), np.uint8)
    picture = Pillow.fromarray(squares, mode).resize(size, Pillow.Resampling.NEAREST)
    target = io.BytesIO()
    picture.save(target, form, **options)
    return target.getvalue()


def main() -> None:
    pillow_heif.register_heif_opener()
    chosen = " ".join(sys.argv[1:])
    print(f"{'photo':52} {'file':>7} {'decoded':>12} {'time':>7} {'memory':>8}")
    for name, (form, size, mode, options) in PHOTOS.items():
        if chosen not in name:
            continue
        data = build_photo(form, size, mode, **options)
        measurement = measure_decoding(data)
        width, height = measurement.size
        print(
            f"{name:52} {len(data) / 1e6:4.0f} MB {width:5} × {height:4} "
            f"{measurement.seconds:5.1f} s {measurement.megabytes:5.0f} MB",
            flush=True,
        )


if __name__ == "__main__":
    main()
