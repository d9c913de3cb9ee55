"""The committed wardrobe: fresh, small, mirrored, and lit as its geometry says."""

import json
from itertools import combinations

import cv2
import numpy as np
import pytest

from headshots.engine.errors import BadRecipe
from headshots.engine.operations import garments
from headshots.engine.operations.spherical_harmonics import evaluate_harmonics
from headshots.wardrobe.tailoring import manifest, packing, raycasting
from tests.backdrops.perceptual_hash import distance, perceptual_hash

MAX_GARMENT_BYTES = 400_000
MIN_HASH_DISTANCE = 4  # of 64 bits
SMALL_WIDTH = 88  # pixels
PROBES = np.random.default_rng(5).normal(0, [1, *[0.4] * 8], (3, 9)) + np.eye(9)[0] * 3

slugs = pytest.mark.parametrize("slug", list(garments.wardrobe()))
probes = pytest.mark.parametrize("probe", PROBES)


@pytest.fixture(scope="module")
def surface():
    pattern = manifest.PATTERNS["blazer"]
    return raycasting.find_surface(pattern.panels(pattern.block), SMALL_WIDTH)


@pytest.fixture(scope="module")
def transfer(surface):
    return raycasting.compute_transfer(surface, SMALL_WIDTH, neck=1.0)


def test_every_garment_of_the_scripts_is_in_the_wardrobe():
    assert set(garments.wardrobe()) == set(manifest.PATTERNS)


@slugs
def test_layers_are_as_fresh_as_their_scripts(slug):
    description = json.loads((garments.WARDROBE_FOLDER / slug / "garment.json").read_text())
    assert description["script_sha256"] == manifest.script_sha256(), f"make wardrobe GARMENT={slug}"
    assert description["name"] and description["credits"]


@slugs
def test_garment_fits_its_budget(slug):
    files = (garments.WARDROBE_FOLDER / slug).iterdir()
    assert sum(path.stat().st_size for path in files) <= MAX_GARMENT_BYTES


def test_cuts_differ_to_the_eye():
    hashes = []
    for slug in garments.wardrobe():
        garment = garments.load_garment(slug)
        picture = garment.light(PROBES[0]) * garment.alpha
        hashes.append(perceptual_hash(_as_picture(picture)))
    assert all(distance(*pair) >= MIN_HASH_DISTANCE for pair in combinations(hashes, 2))


def _as_picture(values):
    from PIL import Image  # noqa: PLC0415

    return Image.fromarray(np.clip(255 * values / values.max(), 0, 255).astype(np.uint8))


@slugs
@probes
def test_mirrored_light_gives_the_mirrored_picture(slug, probe):
    garment = garments.load_garment(slug)
    mirrored = garment.light(probe * garments.MIRROR_SIGNS)
    assert np.array_equal(mirrored, garment.light(probe)[:, ::-1])


def test_mirror_signs_are_those_of_the_harmonics():
    directions = np.random.default_rng(1).normal(size=(20, 3))
    mirrored = evaluate_harmonics(directions * [-1, 1, 1])
    assert np.allclose(mirrored, evaluate_harmonics(directions) * garments.MIRROR_SIGNS)


@slugs
def test_cloth_and_opening_leave_no_hole(slug):
    garment = garments.load_garment(slug)
    half = garment.alpha.shape[1] // 2
    front = (garment.alpha * (1 - garment.behind))[:, half:]
    edge = np.maximum.accumulate(front, axis=1) == front  # up to where the cloth is first solid
    covered = front + garment.opening[:, half:]
    assert np.allclose(covered[edge], 1, atol=1e-5)
    assert ((garment.opening >= 0) & (garment.opening <= 1)).all()


@probes
def test_transfer_equals_the_sum_over_directions_of_a_light(surface, transfer, probe):
    """The same light, as radiance from every direction instead of as nine numbers."""
    covered = cv2.erode((surface.alpha > 0.99).astype(np.uint8), np.ones((3, 3))) > 0
    total, positions = np.zeros(surface.alpha.shape), raycasting.average_positions(surface)
    for azimuth in (np.arange(28) + 0.5) * 2 * np.pi / 28:
        horizon = raycasting.find_horizon(surface, azimuth, SMALL_WIDTH)
        for angle in (np.arange(18) + 0.5) * np.pi / 18:
            direction = np.array(
                [np.sin(angle) * np.cos(azimuth), np.sin(angle) * np.sin(azimuth), np.cos(angle)]
            )
            radiance = float(evaluate_harmonics(direction) @ probe)
            seen = np.clip((horizon - angle) / raycasting.SOFT_HORIZON + 0.5, 0, 1)
            free = raycasting.see_past_head(positions, direction, 1.0)
            seen = seen * raycasting.enlarge(free, surface)
            cosine = np.clip(surface.normal @ direction, 0, 1)
            weight = np.sin(angle) * (2 * np.pi / 28) * (np.pi / 18) / np.pi
            total += radiance * seen * cosine * weight
    expected = total * surface.shade
    scale = np.abs(expected[covered]).mean()
    assert np.abs((transfer @ probe - expected)[covered]).mean() < 0.04 * scale


def test_open_cloth_facing_the_camera_answers_as_a_plane_does(transfer, surface):
    """In even light of radiance 1 a plane that sees the whole sky sends back 1."""
    even_light = transfer[..., 0] / 0.282095
    brightest = np.percentile(even_light[surface.alpha > 0.99], 95)
    assert 0.8 < brightest < 1.1


def test_packed_layers_are_what_was_computed(surface, transfer):
    packed, ranges = packing.pack(surface, transfer)
    atlas = cv2.imdecode(np.frombuffer(packed, np.uint8), cv2.IMREAD_GRAYSCALE)
    tiles = atlas.reshape(garments.TILES, *surface.alpha.shape).astype(np.float32) / 255
    covered = cv2.erode((surface.alpha > 0.99).astype(np.uint8), np.ones((5, 5))) > 0
    for tile, (low, high), values in zip(
        tiles[2:], ranges[2:], np.moveaxis(transfer, -1, 0), strict=True
    ):
        error = np.abs(low + (high - low) * tile - values)[covered]
        assert error.mean() < 0.03 * (high - low)


@pytest.mark.parametrize("clothes", [("cape", "navy"), ("blazer", "mauve"), ("blazer", "#12")])
def test_unknown_clothes_are_refused_with_what_there_is(clothes):
    with pytest.raises(BadRecipe) as refusal:
        garments.require_garment(*clothes)
    assert "blazer" in refusal.value.advice or "navy" in refusal.value.advice


@pytest.mark.parametrize("cloth_color", [*garments.CLOTH_COLORS, "#0B6E4F"])
def test_cloth_takes_every_color_without_being_rendered_again(cloth_color):
    reflectance = garments.cloth_reflectance(cloth_color)
    assert reflectance.shape == (3,) and (reflectance > 0).all() and (reflectance < 0.9).all()
