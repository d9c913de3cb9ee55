"""Broken metadata and a missing end change no pixel; missing pixels are told."""

import struct

import cv2
import numpy as np
import pytest
from PIL import Image

from headshots.engine.errors import BadImage
from headshots.engine.io.decode import decode
from tests.support import image_files


@pytest.fixture(scope="module")
def small(astronaut):
    """Eye, hair and flag: no symmetry, and not square."""
    return np.ascontiguousarray(cv2.resize(astronaut[:200, 150:350], (128, 96)))


def mean_difference(pixels, other):
    return float(np.abs(pixels.astype(float) - other.astype(float)).mean())


ORIENTATION_6 = 6
# Fields of EXIF with a wrong type, a negative or endless fraction, a wild offset or count.
BROKEN_FIELDS = {
    "text as fraction": (0x0131, 5, 1, 38),
    "negative fraction": (0x011A, 10, 1, 38),
    "zero denominator": (0x011A, 5, 1, 50),
    "offset beyond the end": (0x010F, 2, 40, 0xFFFFFFF0),
    "count beyond the end": (0x010F, 2, 0xFFFFFFFF, 38),
    "unknown type": (0x0110, 99, 1, 38),
    "directory that is none": (0x8769, 4, 1, 0xFFFFFF00),
    "place that is none": (0x8825, 3, 1, 5),
}


@pytest.mark.parametrize("field", BROKEN_FIELDS)
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_broken_field_of_exif_costs_no_orientation(small, form, field):
    exif = image_files.build_exif(ORIENTATION_6, BROKEN_FIELDS[field])
    stored = np.ascontiguousarray(np.rot90(small))
    if form == "PNG":
        data = image_files.insert_png_chunks(
            image_files.encode_picture(stored, form), (b"eXIf", exif[6:])
        )
    elif form == "JPEG":
        data = image_files.encode_picture(stored, form, quality=95)
        data = image_files.insert_jpeg_segments(data, (0xE1, exif))
    else:
        data = image_files.encode_picture(stored, form, quality=95, exif=exif)
    assert mean_difference(decode(data), small) < 4


@pytest.mark.parametrize("form", ["HEIF", "AVIF"])
def test_broken_exif_of_heif_and_avif_is_ignored(small, form):
    exif = image_files.build_exif(1, (0x0131, 2, 8, 38))
    data = image_files.encode_picture(small, form, quality=95, exif=exif)
    place = data.index(b"II*\0") + 10  # the first field
    for field in BROKEN_FIELDS.values():
        broken = data[:place] + struct.pack("<HHII", *field) + data[place + 12 :]
        assert mean_difference(decode(broken), small) < 4
    cut = data[: place - 6] + b"\xff" * 12 + data[place + 6 :]
    assert mean_difference(decode(cut), small) < 4


@pytest.mark.parametrize(
    "segment",
    [
        (0xE0, b"JFIF\0"),
        (0xE0, b"JFIF\0\1\1\1\0\0\0\0\0\0"),  # zero pixels an inch
        (0xE1, b"Exif\0\0"),
        (0xE1, b"Exif\0\0MM\0*\xff\xff\xff\xff"),
        (0xE1, b"http://ns.adobe.com/xap/1.0/\0<not xml"),
        (0xE2, b"ICC_PROFILE\0"),
        (0xE2, b"ICC_PROFILE\0\2\1part of nothing"),
        (0xE2, b"ICC_PROFILE\0\1\1no profile at all"),
        (0xE2, b"MPF\0II*\0\x08\0\0\0\xff\xff"),
        (0xED, b"Photoshop 3.0\x008BIM\x04\x04\xff"),
        (0xFE, b"\xff\xfe"),
    ],
)
def test_broken_segment_of_a_jpeg_changes_nothing(small, segment):
    data = image_files.encode_picture(small, "JPEG", quality=95)
    assert np.array_equal(decode(image_files.insert_jpeg_segments(data, segment)), decode(data))


def test_orientation_of_xmp_counts_if_exif_has_none(small):
    stored = np.ascontiguousarray(np.rot90(small))
    xmp = b'http://ns.adobe.com/xap/1.0/\0<rdf:Description tiff:Orientation="6"/>'
    data = image_files.encode_picture(stored, "JPEG", quality=95)
    assert mean_difference(decode(image_files.insert_jpeg_segments(data, (0xE1, xmp))), small) < 4


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_rows": 1}])
class TestEndOfJpeg:
    def test_missing_end_marker_is_no_damage(self, astronaut, options):
        data = image_files.encode_picture(astronaut, "JPEG", **options)
        assert data.endswith(b"\xff\xd9")
        for missing in (1, 2):
            assert np.array_equal(decode(data[:-missing]), decode(data))

    @pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.99])
    def test_missing_pixels_are_damage(self, astronaut, options, share):
        data = image_files.encode_picture(astronaut, "JPEG", **options)
        with pytest.raises(BadImage, match="incomplete"):
            decode(data[: int(len(data) * share)])


def test_half_jpeg_that_ends_before_a_restart_marker_is_damaged(astronaut):
    data = image_files.encode_picture(astronaut, "JPEG", restart_marker_rows=1)
    with pytest.raises(BadImage, match="incomplete"):
        decode(data[: data.index(b"\xff\xd3", len(data) // 3)])


def test_second_picture_and_gain_map_of_a_jpeg_are_left_out(small):
    gain_map = Image.new("L", (64, 48), 90).convert("RGB")
    both = image_files.encode_picture(small, "MPO", save_all=True, append_images=[gain_map])
    assert mean_difference(decode(both), small) < 6
    assert decode(both).shape == small.shape
