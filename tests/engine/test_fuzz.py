"""Damaged files end in a FacetError or a picture, quickly; never in another exception."""

import time
from functools import cache

import numpy as np
import pytest

from headshots.engine.io.decode import decode
from headshots.errors import FacetError
from tests.support import image_files, portraits

FORMS = ("JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP", "HEIF", "AVIF")
RUNS = 2000
LONGEST = 2.0  # seconds of processor time


@cache
def whole(form: str) -> bytes:
    """A real file, small enough to be decoded often, with a profile that can be damaged too."""
    pixels = np.ascontiguousarray(portraits.astronaut()[40:200, 140:300])
    return image_files.encode_picture(
        pixels, form, icc_profile=image_files.build_profile(image_files.DISPLAY_P3)
    )


def flipped(data: bytearray, draw: np.random.Generator) -> bytearray:
    """Some bits the other way round."""
    for place in draw.integers(len(data), size=draw.integers(1, 40)):
        data[place] ^= 1 << int(draw.integers(8))
    return data


def cut(data: bytearray, draw: np.random.Generator) -> bytearray:
    """The rest of the file missing."""
    return data[: int(draw.integers(len(data)))]


def spliced(data: bytearray, draw: np.random.Generator) -> bytearray:
    """A piece of the file repeated at another place."""
    start, place = (int(number) for number in draw.integers(len(data), size=2))
    piece = data[start : start + int(draw.integers(1, 400))]
    return data[:place] + piece + data[place:]


def crossed(data: bytearray, draw: np.random.Generator) -> bytearray:
    """The head of one format with the tail of another."""
    other = whole(FORMS[int(draw.integers(len(FORMS)))])
    place = int(draw.integers(8, 200))
    return data[:place] + bytearray(other[place:])


def behead(data: bytearray, draw: np.random.Generator) -> bytearray:
    """Bytes of the header replaced by extreme ones: sizes, offsets and counts go wild."""
    for place in draw.integers(min(len(data), 120), size=draw.integers(1, 6)):
        data[place] = int(draw.choice([0x00, 0x01, 0x7F, 0x80, 0xFF]))
    return data


DAMAGES = (flipped, cut, spliced, crossed, behead)


def damaged(seed: int) -> tuple[str, bytes]:
    draw = np.random.default_rng(seed)
    form, damage = FORMS[seed % len(FORMS)], DAMAGES[seed // len(FORMS) % len(DAMAGES)]
    return f"{form} {damage.__name__} {seed}", bytes(damage(bytearray(whole(form)), draw))


def survives(seed: int) -> bool:
    """Whether a picture came out; anything but a picture or a refusal fails here."""
    name, data = damaged(seed)
    begun = time.process_time()
    try:
        pixels = decode(data)
    except FacetError as error:
        assert error.message and error.advice, name
        return False
    finally:
        assert time.process_time() - begun < LONGEST, name
    assert pixels.dtype == np.uint8 and pixels.ndim == 3 and pixels.shape[2] == 3, name
    assert min(pixels.shape[:2]) >= 64, name
    return True


@pytest.mark.parametrize("form", FORMS)
def test_undamaged_file_survives(form):
    assert decode(whole(form)).shape == (160, 160, 3)


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_damaged_files_are_refused_or_read(form):
    seeds = range(FORMS.index(form), RUNS, len(FORMS))
    read = sum(survives(seed) for seed in seeds)
    assert 0 < read < len(seeds), "the damage is too light or too heavy to say anything"
