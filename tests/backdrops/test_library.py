"""The committed library: complete, fresh, small, and no two scenes alike."""

from itertools import combinations

import numpy as np
import pytest
from PIL import Image

from headshots.backdrops.scenes import manifest
from tests.backdrops.perceptual_hash import distance, perceptual_hash

LOOKS = (
    "linkedin",
    "corporate",
    "approachable",
    "author",
    "speaker",
    "founder",
    "developer",
    "social",
    "cheerful",
)
MAX_PICTURE_BYTES = 200_000
MAX_LIBRARY_BYTES = 8_000_000
MIN_HASH_DISTANCE = 16  # of 64 bits; the closest two scenes of one mood are farther apart
MIN_MOOD_DIFFERENCE = 8  # mean difference of 8-bit colour between two moods of a scene

pictures = pytest.mark.parametrize(
    ("slug", "mood"), [(slug, mood) for slug in manifest.SLUGS for mood in manifest.MOODS]
)
scenes = pytest.mark.parametrize("slug", manifest.SLUGS)


def scene_folder(slug: str):
    return manifest.LIBRARY / slug


def open_picture(slug: str, mood: str) -> Image.Image:
    return Image.open(scene_folder(slug) / f"{mood}.webp").convert("RGB")


def accent_mask(slug: str) -> np.ndarray:
    return np.asarray(Image.open(scene_folder(slug) / "accent.webp").convert("L")) / 255


@scenes
def test_scene_is_described(slug):
    scene = manifest.read_manifest(scene_folder(slug))
    assert scene["name"] and scene["credits"] and scene["tags"]
    assert len(scene["palette"]) == 5
    assert 1.2 < scene["camera_height"] < 1.8
    assert 20 < scene["camera_fov"] < 45
    assert 0.3 < scene["accent_albedo"] < 0.9


@scenes
def test_pictures_are_as_fresh_as_their_script(slug):
    rendered = manifest.read_manifest(scene_folder(slug))["script_sha256"]
    assert rendered == manifest.script_sha256(slug), f"render {slug} again"


@pictures
def test_picture_is_square_large_and_light(slug, mood):
    path = scene_folder(slug) / f"{mood}.webp"
    width, height = open_picture(slug, mood).size
    assert width == height >= 1024
    assert path.stat().st_size <= MAX_PICTURE_BYTES


@pictures
def test_picture_is_neither_murky_nor_washed_out(slug, mood):
    grey = np.asarray(open_picture(slug, mood).convert("L")) / 255
    assert 0.15 < grey.mean() < 0.8
    assert grey.std() > 0.08
    assert (grey > 0.98).mean() < 0.06


@pictures
def test_probe_is_nine_colours_of_light(slug, mood):
    probe = np.array(manifest.read_manifest(scene_folder(slug))["moods"][mood]["probe"])
    assert probe.shape == (9, 3)
    assert np.isfinite(probe).all()
    assert (probe[0] > 0.05).all()


@scenes
def test_mask_covers_a_visible_part(slug):
    coverage = accent_mask(slug)
    assert coverage.shape == (1024, 1024)
    assert 0.03 <= coverage.mean() <= 0.25
    head = coverage[250:700, 360:664]
    assert head.mean() < 0.5, "the accent would be hidden by, or colour, the whole head"


@pytest.mark.parametrize("look", LOOKS)
def test_every_look_has_two_scenes(look):
    tagged = [
        slug
        for slug in manifest.SLUGS
        if look in manifest.read_manifest(scene_folder(slug))["tags"]
    ]
    assert len(tagged) >= 2


def test_library_fits_its_budget():
    files = [path for slug in manifest.SLUGS for path in scene_folder(slug).iterdir()]
    assert sum(path.stat().st_size for path in files) <= MAX_LIBRARY_BYTES


@pytest.mark.parametrize("mood", manifest.MOODS)
def test_no_two_scenes_look_alike(mood):
    hashes = {slug: perceptual_hash(open_picture(slug, mood)) for slug in manifest.SLUGS}
    for first_slug, second_slug in combinations(manifest.SLUGS, 2):
        assert distance(hashes[first_slug], hashes[second_slug]) >= MIN_HASH_DISTANCE, (
            first_slug,
            second_slug,
        )


@scenes
def test_moods_differ_in_colour(slug):
    small = [
        np.asarray(open_picture(slug, mood).resize((64, 64)), float) for mood in manifest.MOODS
    ]
    for first_picture, second_picture in combinations(small, 2):
        assert np.abs(first_picture - second_picture).mean() > MIN_MOOD_DIFFERENCE
