"""Build files that no encoder writes, and colour profiles that Pillow cannot build."""

import io
import struct
import zlib

import numpy as np
from PIL import Image

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


def _build_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def build_profile(matrix: np.ndarray, *, gamma: float = 2.2) -> bytes:
    """Build a minimal ICC v2 matrix profile of a display (ICC.1:2001-04)."""
    curve = b"curv" + struct.pack(">IIH", 0, 1, round(gamma * 256)) + b"\0\0"
    text = b"by hand\0"
    words = b"desc" + struct.pack(">II", 0, len(text)) + text + bytes(78)
    tags = {
        b"desc": words + bytes(-len(words) % 4),
        b"cprt": b"text" + bytes(4) + text,
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
