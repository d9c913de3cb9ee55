"""Copies of one picture are recognised; two headshots of one person never are the same."""

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw

from headshots.engine import recipes
from headshots.engine.errors import BadImage
from headshots.engine.render import Renderer
from integrations import perceptual_hash
from tests.support import portraits
from tests.support.people import jpeg, patches

SIDE = 512


@pytest.fixture(scope="module")
def sheet():
    """The ten looks of the sample portrait, rendered once."""
    studio = Renderer([portraits.ASTRONAUT.pixels], size=SIDE)
    variants = studio.render_all(recipes.built_in_looks().values())
    return {
        look: variant.pixels
        for look, variant in zip(recipes.built_in_looks(), variants, strict=True)
    }


def save_as(picture, file_format, **options):
    target = io.BytesIO()
    picture.save(target, file_format, **options)
    return target.getvalue()


def crop_circle(picture, background):
    mask = Image.new("L", picture.size)
    ImageDraw.Draw(mask).ellipse((0, 0, picture.width - 1, picture.height - 1), fill=255)
    cropped = Image.new(picture.mode, picture.size, background)
    cropped.paste(picture, mask=mask)
    return cropped


def copies(picture):
    """Yield what platforms turn a picture into."""
    small = picture.resize((400, 400), Image.Resampling.LANCZOS)
    yield "400 pixels", save_as(small, "PNG")
    yield "JPEG at quality 75", save_as(picture, "JPEG", quality=75)
    yield "both", save_as(small, "JPEG", quality=75)
    yield "WebP", save_as(small, "WEBP", quality=75)
    yield "a circle on white", save_as(crop_circle(small, "white"), "JPEG", quality=75)
    yield "a circle on black", save_as(crop_circle(small, "black"), "JPEG", quality=75)
    yield "a circle on nothing", save_as(crop_circle(small.convert("RGBA"), "#0000"), "PNG")
    yield "200 pixels at quality 60", save_as(picture.resize((200, 200)), "JPEG", quality=60)
    yield "96 pixels", save_as(picture.resize((96, 96)), "JPEG", quality=75)


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_copies_are_the_same_and_other_looks_are_not(sheet, mode):
    pictures = {
        look: Image.fromarray(pixels).convert(mode).convert("RGB") for look, pixels in sheet.items()
    }
    hashes = {
        look: perceptual_hash.fingerprint_pixels(np.asarray(picture))
        for look, picture in pictures.items()
    }
    largest, smallest = 0, 10**6
    for look, picture in pictures.items():
        for name, data in copies(picture):
            copy = perceptual_hash.fingerprint_file(data)
            assert perceptual_hash.is_same_picture(copy, hashes[look]), (look, name)
            largest = max(largest, perceptual_hash.hamming_distance(copy, hashes[look]))
            others = [
                perceptual_hash.hamming_distance(copy, hashes[other])
                for other in hashes
                if other != look
            ]
            smallest = min(smallest, *others)
    print(f"{mode}: copies at most {largest} bits apart, other looks at least {smallest}")
    assert len(hashes) == 10
    assert (
        largest < perceptual_hash.MAX_COPY_DISTANCE / 2
        and smallest > perceptual_hash.MAX_COPY_DISTANCE * 1.5
    )


def test_middle_counts_of_what_is_no_square():
    square = patches(3, side=256)
    wide = np.pad(square, ((0, 0), (64, 64), (0, 0)))
    assert (
        perceptual_hash.hamming_distance(*map(perceptual_hash.fingerprint_pixels, (square, wide)))
        == 0
    )


def test_distance_is_a_metric():
    first, second = (perceptual_hash.fingerprint_file(jpeg(patches(seed))) for seed in (1, 2))
    assert perceptual_hash.hamming_distance(first, first) == 0
    assert (
        perceptual_hash.hamming_distance(first, second)
        == perceptual_hash.hamming_distance(second, first)
        > 100
    )


def test_what_is_no_picture_has_none():
    with pytest.raises(BadImage):
        perceptual_hash.fingerprint_file(b"<svg/>")
