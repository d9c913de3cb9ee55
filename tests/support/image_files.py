"""Build files that no encoder writes, and colour profiles that Pillow cannot build."""

import io
import struct
import zlib

import cv2
import numpy as np
import pillow_heif
from PIL import Image, ImageCms

# Columns of the matrices RGB → XYZ, adapted to D50: sRGB (IEC 61966-2-1) and Display P3.
SRGB = np.array(
    [
        [0.4360747, 0.3850649, 0.1430804],
        [0.2225045, 0.7168786, 0.0606169],
        [0.0139322, 0.0971045, 0.7141733],
    ]
)
DISPLAY_P3 = np.array(
    [
        [0.515102, 0.291965, 0.157153],
        [0.241182, 0.692236, 0.066582],
        [-0.001050, 0.041882, 0.784378],
    ]
)
D50 = (0.9642, 1.0, 0.8249)


def encode_picture(pixels: np.ndarray, form: str, **options) -> bytes:
    target = io.BytesIO()
    picture = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    picture.save(target, form, **options)
    return target.getvalue()


def build_png(width: int, height: int, *, data: bytes, depth: int = 8, kind: int = 2) -> bytes:
    """Build a PNG whose header states this size, whatever its data holds."""
    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", data), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_build_chunk(name, body) for name, body in chunks)


def build_blank_png(side: int) -> bytes:
    """Build a complete one-bit PNG: a few kilobytes that decompress to side × side pixels."""
    packer, row = zlib.compressobj(9), bytes(1 + side // 8)
    data = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    return build_png(side, side, data=data, depth=1, kind=0)


def build_large_png(side: int) -> bytes:
    """Build a PNG of one color: a few hundred kilobytes for 10,000 pixels a side."""
    target = io.BytesIO()
    Image.new("RGB", (side, side), (120, 90, 60)).save(target, "PNG", compress_level=9)
    return target.getvalue()


def _build_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def build_profile(matrix: np.ndarray, *, gamma: float = 2.2, name: bytes = b"by hand") -> bytes:
    """Build a minimal ICC v2 matrix profile of a display (ICC.1:2001-04)."""
    curve = b"curv" + struct.pack(">IIH", 0, 1, round(gamma * 256)) + b"\0\0"
    text = name + b"\0"
    words = b"desc" + struct.pack(">II", 0, len(text)) + text + bytes(78)
    tags = {
        b"desc": words + bytes(-len(words) % 4),
        b"cprt": b"text" + bytes(4) + text + bytes(-len(text) % 4),
        b"wtpt": _encode_xyz(D50),
        **{name: _encode_xyz(matrix[:, i]) for i, name in enumerate((b"rXYZ", b"gXYZ", b"bXYZ"))},
        **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve),
    }
    table, body, start = b"", b"", 128 + 4 + 12 * len(tags)
    for name, data in tags.items():
        table += name + struct.pack(">II", start + len(body), len(data))
        body += data
    header = struct.pack(
        ">I4sI4s4s4s", start + len(body), b"none", 0x02100000, b"mntr", b"RGB ", b"XYZ "
    )
    header += struct.pack(">6H4s", 2026, 1, 1, 0, 0, 0, b"acsp") + bytes(28) + _encode_xyz(D50)[8:]
    return header.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


def _encode_xyz(values) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(v * 65536) for v in values))


def insert_png_chunks(data: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    """Insert chunks behind the header of a PNG."""
    place = len(b"\x89PNG\r\n\x1a\n") + 12 + 13
    return data[:place] + b"".join(_build_chunk(*chunk) for chunk in chunks) + data[place:]


def build_exif(orientation: int, *fields: tuple[int, int, int, int]) -> bytes:
    """Build EXIF of an orientation and further fields: tag, type, count and value or offset."""
    entries = sorted([(0x0112, 3, 1, orientation), *fields])
    directory = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return (
        b"Exif\0\0II*\0" + struct.pack("<IH", 8, len(entries)) + directory + bytes(4) + b"\0" * 16
    )


def insert_jpeg_segments(data: bytes, *segments: tuple[int, bytes]) -> bytes:
    """Insert segments (a marker and a body) at the beginning of a JPEG."""
    parts = (struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body for marker, body in segments)
    return data[:2] + b"".join(parts) + data[2:]


def encode_heif(pixels: np.ndarray, *, primaries: int = 1, transfer: int = 13) -> bytes:
    """Encode 8- or 16-bit RGB without loss of detail, with code points of ITU-T H.273."""
    target = io.BytesIO()
    mode = "RGB" if pixels.dtype == np.uint8 else "RGB;16"
    picture = pillow_heif.from_bytes(mode, pixels.shape[1::-1], pixels.tobytes())
    picture.save(
        target,
        quality=98,
        chroma=444,
        color_primaries=primaries,
        transfer_characteristics=transfer,
        transfer_characteristic=transfer,
    )
    return target.getvalue()


def encode_heif_images(pictures: list[np.ndarray], *, primary: int) -> bytes:
    """Encode several pictures into one HEIF file."""
    target = io.BytesIO()
    first, *others = (Image.fromarray(picture) for picture in pictures)
    first.save(
        target, "HEIF", save_all=True, append_images=others, primary_index=primary, quality=95
    )
    return target.getvalue()


def set_avif_colors(data: bytes, *, primaries: int, transfer: int) -> bytes:
    """Change the code points of ITU-T H.273 that an AVIF file states."""
    place = data.index(b"colrnclx") + len(b"colrnclx")
    return data[:place] + struct.pack(">HH", primaries, transfer) + data[place + 4 :]


def build_chromaticities(primaries) -> bytes:
    """Build the content of the chunk cHRM."""
    return struct.pack(">8I", *(round(number * 100_000) for number in primaries))


def encode_sixteen_bit_png(pixels: np.ndarray) -> bytes:
    return cv2.imencode(".png", pixels[..., ::-1])[1].tobytes()


def build_srgb_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
