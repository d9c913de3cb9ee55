"""Large pictures are decoded in strips and reduced, and memory stays bounded."""

import struct
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from benchmarks import decode as benchmark
from headshots.engine.errors import BadImage, TooLarge
from headshots.engine.io import decode as decoding
from headshots.engine.io import raster
from headshots.engine.io.decode import decode
from tests.support import image_files


@pytest.fixture(scope="module")
def small(astronaut):
    """Eye, hair and flag: no symmetry, and not square."""
    return np.ascontiguousarray(cv2.resize(astronaut[:200, 150:350], (128, 96)))


LAW = 500_000_000  # bytes that a file may cost


def flat(color, mode="RGB", size=(80, 72)):
    return Image.new(mode, size, color)


def mean_difference(pixels, other):
    return float(np.abs(pixels.astype(float) - other.astype(float)).mean())


@pytest.fixture(scope="module")
def wide():
    """A picture of more pixels than are kept, with detail on all scales."""
    draw = np.random.default_rng(5)
    coarse = draw.integers(0, 256, (20, 100, 3), np.uint8)
    return cv2.resize(coarse, (5000, 1003), interpolation=cv2.INTER_CUBIC)


@pytest.mark.slow
@pytest.mark.parametrize("form", ["JPEG", "PNG", "BMP", "WEBP"])
def test_large_picture_is_reduced_without_seams(wide, form):
    pixels = decode(image_files.encode_picture(wide, form, quality=95))
    assert pixels.shape == (822, 4096, 3)
    wanted = cv2.resize(wide, (4096, 822), interpolation=cv2.INTER_AREA)
    assert mean_difference(pixels, wanted) < 3
    rows = np.abs(pixels.astype(float) - wanted).mean(axis=(1, 2))
    assert rows.max() < rows.mean() + 1.5


def test_half_size_of_a_jpeg_is_enough_for_a_large_one():
    wide = image_files.encode_picture(flat((90, 130, 170), size=(12_000, 640)), "JPEG")
    assert decode(wide).shape == (218, 4096, 3)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P"])
@pytest.mark.parametrize("strip", [300, 1000, 5000])
def test_bands_of_a_png_fit_together(small, monkeypatch, mode, strip):
    monkeypatch.setattr(raster, "STRIP_PIXELS", strip)
    picture = Image.fromarray(small).convert("RGBA")
    picture.putalpha(Image.fromarray(small[..., 0]))
    picture = picture.convert(mode)
    data = image_files.encode_picture(picture, "PNG")
    ground = Image.new("RGBA", picture.size, "white")
    ground.alpha_composite(picture.convert("RGBA"))
    assert np.abs(decode(data).astype(int) - np.asarray(ground.convert("RGB"))).max() <= 1


def test_bands_of_a_deep_png_fit_together(small, monkeypatch):
    monkeypatch.setattr(raster, "STRIP_PIXELS", 700)
    data = image_files.encode_sixteen_bit_png(small.astype(np.uint16) * 257)
    assert np.array_equal(decode(data), small)


def test_very_narrow_picture_is_refused():
    with pytest.raises(BadImage, match="12000 × 100"):
        decode(image_files.encode_picture(flat("red", size=(12_000, 100)), "JPEG"))


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
@pytest.mark.parametrize(
    ("name", "megabytes"),
    [
        ("camera frame, JPEG", 60),
        ("100 megapixels, JPEG", 500),
        ("100 megapixels, JPEG, progressive", 500),
        ("100 megapixels, PNG with transparency", 500),
    ],
)
def test_memory_is_bounded(name, megabytes):
    form, size, mode, options = benchmark.PHOTOS[name]
    measurement = benchmark.measure_decoding(benchmark.build_photo(form, size, mode, **options))
    assert max(measurement.size) <= decoding.MAX_DECODED_SIDE
    assert measurement.megabytes < megabytes


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
@pytest.mark.parametrize("form", ["HEIF", "AVIF"])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_memory_of_a_decoder_that_cannot_reduce_is_what_its_limit_assumes(form, mode):
    options = {"speed": 10} if form == "AVIF" else {"quality": 30}
    data = benchmark.build_photo(form, (2400, 1800), mode, **options)
    pixel_bytes = decoding._open_picture(data).pixel_bytes
    measured = benchmark.measure_decoding(data).megabytes * 2**20
    assert measured < 2400 * 1800 * pixel_bytes + LAW - decoding.MAX_DECODER_BYTES


def with_stated_size(form, size, **options):
    """A small picture whose file says that it has this width and height."""
    data = image_files.encode_picture(flat("red"), form, **options)
    place = data.index(b"ispe") + 8
    return data[:place] + struct.pack(">II", *size) + data[place + 8 :]


@pytest.mark.parametrize(
    ("form", "options", "size", "limit"),
    [
        ("HEIF", {}, (11_543, 8_660), 93),
        ("HEIF", {"chroma": 444}, (9_000, 8_000), 70),
        ("AVIF", {}, (9_000, 6_000), 49),
        ("AVIF", {"subsampling": "4:4:4"}, (9_000, 6_000), 42),
    ],
)
def test_what_would_need_too_much_memory_is_refused_before_it_is_decoded(
    form, options, size, limit
):
    with pytest.raises(TooLarge, match=f"the limit is {limit}") as refusal:
        decode(with_stated_size(form, size, **options))
    assert "Save it as a JPEG" in refusal.value.advice


def test_what_fits_is_decoded():
    with pytest.raises(BadImage) as refusal:  # of the wrong size, which only decoding shows
        decode(with_stated_size("HEIF", (8_000, 6_000)))
    assert not isinstance(refusal.value, TooLarge)
