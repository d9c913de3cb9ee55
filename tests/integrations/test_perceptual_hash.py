"""Copies of one picture are recognised; two headshots of one person never are the same."""

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw

from headshots.engine import recipes
from headshots.engine.errors import BadImage
from headshots.engine.render import Studio
from integrations import perceptual_hash
from tests.support import portraits
from tests.support.people import jpeg, patches

SIDE = 512


@pytest.fixture(scope="module")
def sheet():
    """The ten looks of the sample portrait, rendered once."""
    studio = Studio([portraits.ASTRONAUT.pixels], size=SIDE)
    made = studio.render_all(recipes.looks().values())
    return {look: one.pixels for look, one in zip(recipes.looks(), made, strict=True)}


def again(picture, form, **options):
    target = io.BytesIO()
    picture.save(target, form, **options)
    return target.getvalue()


def circle(picture, ground):
    mask = Image.new("L", picture.size)
    ImageDraw.Draw(mask).ellipse((0, 0, picture.width - 1, picture.height - 1), fill=255)
    cropped = Image.new(picture.mode, picture.size, ground)
    cropped.paste(picture, mask=mask)
    return cropped


def copies(picture):
    """What platforms make of a picture."""
    small = picture.resize((400, 400), Image.Resampling.LANCZOS)
    yield "400 pixels", again(small, "PNG")
    yield "JPEG at quality 75", again(picture, "JPEG", quality=75)
    yield "both", again(small, "JPEG", quality=75)
    yield "WebP", again(small, "WEBP", quality=75)
    yield "a circle on white", again(circle(small, "white"), "JPEG", quality=75)
    yield "a circle on black", again(circle(small, "black"), "JPEG", quality=75)
    yield "a circle on nothing", again(circle(small.convert("RGBA"), "#0000"), "PNG")
    yield "200 pixels at quality 60", again(picture.resize((200, 200)), "JPEG", quality=60)
    yield "96 pixels", again(picture.resize((96, 96)), "JPEG", quality=75)


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_copies_are_the_same_and_other_looks_are_not(sheet, mode):
    pictures = {
        look: Image.fromarray(pixels).convert(mode).convert("RGB") for look, pixels in sheet.items()
    }
    prints = {look: perceptual_hash.of_pixels(np.asarray(one)) for look, one in pictures.items()}
    near, far = 0, 10**6
    for look, picture in pictures.items():
        for name, data in copies(picture):
            told = perceptual_hash.fingerprint(data)
            assert perceptual_hash.is_same(told, prints[look]), (look, name)
            near = max(near, perceptual_hash.distance(told, prints[look]))
            others = [perceptual_hash.distance(told, prints[one]) for one in prints if one != look]
            far = min(far, *others)
    print(f"{mode}: copies at most {near} bits apart, other looks at least {far}")
    assert (
        len(prints) == 10 and near < perceptual_hash.SAME / 2 and far > perceptual_hash.SAME * 1.5
    )


def test_middle_counts_of_what_is_no_square():
    square = patches(3, side=256)
    wide = np.pad(square, ((0, 0), (64, 64), (0, 0)))
    assert perceptual_hash.distance(*map(perceptual_hash.of_pixels, (square, wide))) == 0


def test_distance_is_one():
    one, other = (perceptual_hash.fingerprint(jpeg(patches(seed))) for seed in (1, 2))
    assert perceptual_hash.distance(one, one) == 0
    assert perceptual_hash.distance(one, other) == perceptual_hash.distance(other, one) > 100


def test_what_is_no_picture_has_none():
    with pytest.raises(BadImage):
        perceptual_hash.fingerprint(b"<svg/>")
