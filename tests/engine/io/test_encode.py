"""Files that fit their slot, are the same every time, and say truthfully what was done."""

import io

import numpy as np
import pytest
from PIL import Image

from headshots.engine.errors import QualityTooLow
from headshots.engine.io import encode, provenance
from headshots.engine.io.decode import decode
from tests.support.rendering import LOOKS

FORMS = ("jpeg", "png", "webp")
IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"


@pytest.fixture(scope="module")
def pixels(astronaut):
    return np.ascontiguousarray(astronaut[:256, 100:356])


@pytest.mark.parametrize("form", FORMS)
def test_same_pixels_give_same_bytes(pixels, form):
    first, second = (encode.encode(pixels.copy(), file_format=form) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("form", FORMS)
def test_file_is_of_its_format_and_size(pixels, form):
    picture = Image.open(io.BytesIO(encode.encode(pixels, file_format=form)))
    assert (picture.format, picture.size, picture.mode) == (form.upper(), (256, 256), "RGB")


def test_png_keeps_every_pixel(pixels):
    assert np.array_equal(decode(encode.encode(pixels, file_format="png")), pixels)


def test_noise_is_encoded_too():
    noise = np.random.default_rng(0).integers(0, 256, (600, 600, 3), dtype=np.uint8)
    assert decode(encode.encode(noise)).shape == noise.shape


def test_jpeg_keeps_full_colour_resolution(pixels):
    picture = Image.open(io.BytesIO(encode.encode(pixels)))
    assert {(h, v) for _, h, v, _ in picture.layer} == {(1, 1)}
    assert np.abs(decode(encode.encode(pixels)).astype(int) - pixels).mean() < 3


@pytest.mark.parametrize("share", [0.9, 0.7, 0.5])
def test_jpeg_fits_the_bytes_allowed(pixels, share):
    whole = encode.encode(pixels)
    allowed = int(share * len(whole))
    data = encode.encode(pixels, max_bytes=allowed)
    assert len(data) <= allowed < len(whole)


def test_quality_is_not_lowered_without_need(pixels):
    whole = encode.encode(pixels)
    assert encode.encode(pixels, max_bytes=len(whole)) == whole


@pytest.mark.parametrize("form", ["jpeg", "png"])
def test_picture_that_cannot_fit_is_refused(pixels, form):
    with pytest.raises(QualityTooLow, match="1000 bytes"):
        encode.encode(pixels, file_format=form, max_bytes=1000)


def test_rounding_is_to_the_nearest_level():
    values = np.array([[[0.0, 0.5 / 255 + 1e-4, 1.0]]], np.float32)
    assert encode.to_pixels(values).tolist() == [[[0, 1, 255]]]
    levels = np.arange(256, dtype=np.float32).reshape(16, 16, 1).repeat(3, axis=2) / 255
    assert np.array_equal(encode.to_pixels(levels)[..., 0].ravel(), np.arange(256))


@pytest.mark.parametrize("size", [64, 256, 700])
def test_square_is_resized(pixels, size):
    assert encode.resize_square(pixels, size).shape == (size, size, 3)


@pytest.mark.parametrize(
    ("kind", "source_type"),
    [
        ("scene", "compositeSynthetic"),
        ("plain", "compositeCapture"),
        ("paper", "compositeCapture"),
        ("own", "compositeCapture"),
        ("", "digitalCapture"),
    ],
)
def test_source_type_is_truthful(kind, source_type):
    assert provenance.choose_source_type(kind) == source_type


@pytest.mark.parametrize("form", FORMS)
def test_file_carries_its_source_type_where_readers_look(pixels, form):
    data = encode.encode(
        pixels, file_format=form, xmp_packet=provenance.build_xmp_packet("compositeSynthetic")
    )
    packet = Image.open(io.BytesIO(data)).info["xmp"]
    metadata = packet.decode() if isinstance(packet, bytes) else packet
    assert f'Iptc4xmpExt:DigitalSourceType="{IPTC}compositeSynthetic"' in metadata


@pytest.mark.parametrize("look", LOOKS)
def test_finished_look_says_what_it_is(studio, looks, look):
    variant = studio.render(looks[look])
    picture = Image.open(io.BytesIO(variant.encode()))
    kind = {step["name"]: step["params"] for step in variant.steps}["backdrop"]["kind"]
    wanted = "compositeSynthetic" if kind == "scene" else "compositeCapture"
    assert f"{IPTC}{wanted}".encode() in picture.info["xmp"]
    assert not picture.getexif()
    assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "xmp", "dpi"}
