"""Every format, orientation and colour model a camera or a phone writes."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from headshots.engine.errors import BadImage, TooLarge
from headshots.engine.io import decode as decoding
from headshots.engine.io.decode import decode
from headshots.engine.render import Renderer
from tests.support import image_files

LOSSLESS = ("PNG", "TIFF", "BMP")
LOSSY = ("JPEG", "WEBP", "HEIF", "AVIF")

# How a camera stores an upright picture for each value of the EXIF orientation (Exif 2.32, 4.6.4).
STORED = {
    1: lambda upright: upright,
    2: lambda upright: upright[:, ::-1],
    3: lambda upright: upright[::-1, ::-1],
    4: lambda upright: upright[::-1],
    5: lambda upright: upright.transpose(1, 0, 2),
    6: np.rot90,
    7: lambda upright: upright[::-1, ::-1].transpose(1, 0, 2),
    8: lambda upright: np.rot90(upright, -1),
}


@pytest.fixture(scope="module")
def small(astronaut):
    """Eye, hair and flag: no symmetry, and not square."""
    return np.ascontiguousarray(cv2.resize(astronaut[:200, 150:350], (128, 96)))


def flat(color, mode="RGB", size=(80, 72)):
    return Image.new(mode, size, color)


def mean_difference(pixels, other):
    return float(np.abs(pixels.astype(float) - other.astype(float)).mean())


@pytest.mark.parametrize("form", LOSSLESS)
def test_lossless_formats_come_back_bit_for_bit(small, form):
    assert np.array_equal(decode(image_files.encode_picture(small, form)), small)


@pytest.mark.parametrize("form", LOSSY)
def test_lossy_formats_come_back_nearly(small, form):
    pixels = decode(image_files.encode_picture(small, form, quality=95))
    assert pixels.dtype == np.uint8 and pixels.flags["C_CONTIGUOUS"]
    assert pixels.shape == small.shape
    assert mean_difference(pixels, small) < 4


def test_first_frame_of_an_animation_is_used():
    data = image_files.encode_picture(
        flat("red"), "GIF", save_all=True, append_images=[flat("blue")]
    )
    assert (decode(data) == (255, 0, 0)).all()


@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "HEIF", "AVIF"])
def test_orientation_is_baked_into_the_pixels(small, form, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = np.ascontiguousarray(STORED[orientation](small))
    pixels = decode(image_files.encode_picture(stored, form, exif=exif.tobytes(), quality=95))
    assert pixels.shape == small.shape
    assert mean_difference(pixels, small) < 4


def test_wide_gamut_profile_is_converted():
    data = image_files.encode_picture(
        flat((200, 80, 60)), "PNG", icc_profile=image_files.build_profile(image_files.DISPLAY_P3)
    )
    linear = (np.array([200, 80, 60]) / 255) ** 2.2
    srgb = np.linalg.inv(image_files.SRGB) @ image_files.DISPLAY_P3 @ linear
    wanted = 255 * np.where(srgb <= 0.0031308, 12.92 * srgb, 1.055 * srgb ** (1 / 2.4) - 0.055)
    assert np.abs(decode(data)[0, 0] - wanted).max() <= 2
    assert np.abs(wanted - (200, 80, 60)).max() > 8


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "HEIF", "AVIF"])
def test_profile_with_swapped_channels_swaps_them(form):
    swapped = image_files.build_profile(image_files.SRGB[:, ::-1])
    red, green, blue = decode(
        image_files.encode_picture(flat((220, 60, 30)), form, icc_profile=swapped)
    )[40, 40]
    assert blue > 200 and red < 60 and abs(int(green) - 60) < 12


def test_profile_counts_below_transparency():
    swapped = image_files.build_profile(image_files.SRGB[:, ::-1])
    picture = flat((220, 60, 30, 255), "RGBA")
    red, _, blue = decode(image_files.encode_picture(picture, "PNG", icc_profile=swapped))[0, 0]
    assert blue > 200 and red < 60


def test_damaged_profile_is_ignored():
    data = image_files.encode_picture(
        flat((220, 60, 30)), "PNG", icc_profile=b"no profile at all" * 20
    )
    assert (decode(data) == (220, 60, 30)).all()


@pytest.mark.parametrize("suffix", [".png", ".tiff"])
@pytest.mark.parametrize("channels", [1, 3])
def test_sixteen_bits_become_eight(small, suffix, channels):
    eight = small if channels == 3 else small[..., :1]
    deep = eight.astype(np.uint16) * 257
    data = cv2.imencode(suffix, deep[..., ::-1])[1].tobytes()
    assert np.abs(decode(data).astype(int) - eight).max() <= 1


def test_dark_sixteen_bit_picture_stays_dark():
    data = cv2.imencode(".png", np.full((72, 80), 200, np.uint16))[1].tobytes()
    assert decode(data).max() <= 1


@pytest.mark.parametrize("form", ["JPEG", "TIFF"])
def test_cmyk_becomes_rgb(small, form):
    data = image_files.encode_picture(Image.fromarray(small).convert("CMYK"), form, quality=98)
    assert mean_difference(decode(data), small) < 4


def test_lab_becomes_rgb():
    # L* 53.2, a* 80.1, b* 67.2 is the red of sRGB; in memory a and b are shifted by 128.
    picture = flat((round(53.2 * 2.55), 128 + 80, 128 + 67), "LAB")
    red, green, blue = decode(image_files.encode_picture(picture, "TIFF"))[0, 0].astype(int)
    assert red > 235 and green < 40 and blue < 40


def test_palette_becomes_rgb():
    picture = flat((10, 200, 90)).quantize(4)
    assert (decode(image_files.encode_picture(picture, "PNG")) == (10, 200, 90)).all()


def test_transparent_entry_of_a_palette_becomes_white():
    picture = flat(0, "P")
    picture.putpalette([10, 200, 90])
    assert (decode(image_files.encode_picture(picture, "PNG", transparency=0)) == 255).all()


@pytest.mark.parametrize(
    ("mode", "ink", "wanted"),
    [
        ("RGBA", (255, 0, 0, 0), (255, 255, 255)),
        ("RGBA", (255, 0, 0, 255), (255, 0, 0)),
        ("RGBA", (255, 0, 0, 128), (255, 127, 127)),
        ("LA", (0, 0), (255, 255, 255)),
        ("LA", (0, 128), (127, 127, 127)),
    ],
)
def test_transparency_is_laid_over_white(mode, ink, wanted):
    assert (decode(image_files.encode_picture(flat(ink, mode), "PNG")) == wanted).all()


@pytest.mark.parametrize(("mode", "ink", "wanted"), [("1", 1, 255), ("1", 0, 0), ("L", 77, 77)])
def test_grey_becomes_rgb(mode, ink, wanted):
    pixels = decode(image_files.encode_picture(flat(ink, mode), "PNG"))
    assert pixels.shape == (72, 80, 3) and (pixels == wanted).all()


def test_file_over_the_limit_is_refused_unread():
    with pytest.raises(TooLarge, match="61 MB"):
        decode(bytes(decoding.MAX_BYTES + 1_000_000))


@pytest.mark.parametrize(
    ("width", "height"),
    [(decoding.MAX_SIDE + 1, 100), (100, decoding.MAX_SIDE + 1), (10_001, 10_001)],
)
def test_size_is_checked_before_pixels_are_decoded(width, height):
    with pytest.raises(TooLarge):
        decode(image_files.build_png(width, height, data=b"these are no pixels"))


def test_picture_at_the_limit_is_decoded_and_found_damaged():
    with pytest.raises(BadImage) as caught:
        decode(image_files.build_png(10_000, 10_000, data=b"these are no pixels"))
    assert not isinstance(caught.value, TooLarge)


def test_tiny_picture_is_refused():
    with pytest.raises(BadImage, match="63"):
        decode(image_files.encode_picture(flat("red", size=(63, 200)), "PNG"))


@pytest.mark.parametrize("primary", [0, 1, 2])
def test_primary_picture_of_heif_is_taken(primary):
    colors = [(200, 40, 40), (40, 200, 40), (40, 40, 200)]
    pictures = [np.full((80 + 16 * i, 96, 3), color, np.uint8) for i, color in enumerate(colors)]
    pixels = decode(image_files.encode_heif_images(pictures, primary=primary))
    assert pixels.shape == pictures[primary].shape
    assert mean_difference(pixels, pictures[primary]) < 6


def test_size_of_the_primary_picture_of_heif_is_checked():
    sizes = [(80, 96, 3), (40, 96, 3)]
    data = [
        image_files.encode_heif_images([np.zeros(size, np.uint8) for size in sizes], primary=index)
        for index in (0, 1)
    ]
    assert decode(data[0]).shape == sizes[0]
    with pytest.raises(BadImage, match="40"):
        decode(data[1])


@pytest.mark.slow
@pytest.mark.parametrize("form", ["JPEG", "WEBP", "PNG"])
def test_place_where_it_was_taken_is_not_in_the_headshot(astronaut, looks, form):
    exif = Image.Exif()
    exif[0x010F] = "Hidden camera"
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 51.0, 29.0), 3: "E", 4: (2.0, 17.0, 40.0)})
    data = image_files.encode_picture(astronaut, form, exif=exif, quality=95)
    assert Image.open(io.BytesIO(data)).getexif().get_ifd(0x8825) and b"Hidden camera" in data
    headshot = Renderer([decode(data)], size=256).render(looks["plain"]).encode()
    assert not Image.open(io.BytesIO(headshot)).getexif()
    assert not any(trace in headshot for trace in (b"Exif\0\0", b"Hidden camera"))
