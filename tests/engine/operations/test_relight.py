"""Light comes from where it is asked for, from where the room has it, and stays bounded."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headshots.engine import color
from headshots.engine.analysis import lighting
from headshots.engine.analysis.landmarks import core_mask
from headshots.engine.operations import relight
from headshots.engine.operations.relight import Relight, light_direction, scene_light_side
from headshots.engine.operations.spherical_harmonics import compute_irradiance
from headshots.engine.types import SceneView
from tests.support.rendering import build_bare_recipe, frame_photo

SIZE = 256


@pytest.fixture(scope="module")
def exposure(source):
    return frame_photo(source, build_bare_recipe(), size=SIZE)[1:]


def measure_halves(image, facts):
    """Mean linear light on the picture's left and right half of the face core."""
    core = core_mask(facts.face, image.shape) > 0
    left = np.arange(SIZE)[None, :] < facts.face.landmarks[[1, 4, 168], 0].mean()
    light = color.compute_luminance(color.to_linear(image))
    return light[core & left].mean(), light[core & ~left].mean()


def measure_balance(image, facts):
    """Above 0 where the left half is brighter, in stops."""
    left, right = measure_halves(image, facts)
    return float(np.log2(left / right))


def sphere_directions(count=4000):
    """Directions spread evenly over the sphere (a Fibonacci lattice)."""
    index = np.arange(count) + 0.5
    y, angle = 1 - 2 * index / count, np.pi * (1 + 5**0.5) * index
    ring = np.sqrt(1 - y * y)
    return np.column_stack([ring * np.cos(angle), y, ring * np.sin(angle)])


def harmonics(directions):
    """The nine real spherical harmonics in the order types.Room states."""
    x, y, z = directions.T
    ones = np.ones_like(x)
    return np.column_stack(
        [
            0.282095 * ones,
            0.488603 * y,
            0.488603 * z,
            0.488603 * x,
            1.092548 * x * y,
            1.092548 * y * z,
            0.315392 * (3 * z * z - 1),
            1.092548 * x * z,
            0.546274 * (x * x - y * y),
        ]
    )


def grey_scene(probe):
    blank_picture = np.full((64, 64, 3), 0.5, np.float32)
    return SceneView(blank_picture, blank_picture[..., 0], 0.5, probe)


def lamp_probe(towards, *, ambient=1.0):
    """The probe of a grey room with one soft lamp in this direction."""
    lamp_vector = np.array(towards, float) / np.linalg.norm(towards)
    coefficients = harmonics(lamp_vector[None])[0] * 2.0
    coefficients[0] += ambient / 0.282095
    return np.repeat(coefficients[:, None], 3, axis=1)


@given(st.lists(st.floats(-1, 1), min_size=27, max_size=27), st.integers(0, 3999))
@settings(max_examples=25, deadline=None)
def test_irradiance_is_the_integral_over_the_hemisphere(values, index):
    probe, directions = np.array(values).reshape(9, 3), sphere_directions()
    normal = directions[index]
    radiance = harmonics(directions) @ probe
    cosine = np.clip(directions @ normal, 0, None)[:, None]
    integral = (radiance * cosine).mean(axis=0) * 4 * np.pi / np.pi
    computed = compute_irradiance(normal[None, None], probe)[0, 0]
    assert computed == pytest.approx(integral, abs=0.02)


@pytest.mark.parametrize(
    ("azimuth", "elevation", "axis"),
    [(0, 0, (0, 0, 1)), (90, 0, (-1, 0, 0)), (-90, 0, (1, 0, 0)), (0, 90, (0, 1, 0))],
)
def test_direction_is_a_unit_vector_that_way(azimuth, elevation, axis):
    assert light_direction(azimuth, elevation) == pytest.approx(np.array(axis), abs=1e-6)


@pytest.mark.parametrize("ratio", [2, 4, 8])
def test_key_from_the_left_brightens_the_left(exposure, ratio):
    left, right = (
        relight.relight_subject(*exposure, Relight(azimuth=side, ratio=ratio)) for side in (60, -60)
    )
    assert measure_balance(left, exposure[1]) > measure_balance(right, exposure[1]) + 0.15


def test_key_of_the_opposite_side_moves_the_balance_away_from_the_photo(exposure):
    original = measure_balance(*exposure)
    moved = [
        measure_balance(
            relight.relight_subject(*exposure, Relight(azimuth=side, ratio=6)), exposure[1]
        )
        for side in (70, -70)
    ]
    assert min(moved) < original < max(moved)


def test_higher_ratio_is_a_stronger_contrast(exposure):
    _, facts = exposure
    spans = [
        measure_balance(relight.relight_subject(*exposure, Relight(azimuth=60, ratio=ratio)), facts)
        for ratio in (1.5, 3, 8)
    ]
    assert spans == sorted(spans) and spans[2] > spans[0] + 0.05


def test_warm_light_is_warmer(exposure):
    image, facts = exposure
    core = core_mask(facts.face, image.shape) > 0
    warm, cool = (
        relight.relight_subject(image, facts, Relight(kelvin=kelvin))[core].mean(axis=0)
        for kelvin in (3200, 8500)
    )
    assert warm[0] / warm[2] > 1.02 * cool[0] / cool[2]


def test_rim_lights_the_edge_opposite_the_key_and_only_the_person(exposure):
    image, facts = exposure
    on, off = (
        relight.relight_subject(image, facts, Relight(azimuth=45, rim=rim)) for rim in (1, 0)
    )
    gained = (on - off).mean(axis=2)
    assert gained.max() > 0.02
    assert np.abs(gained[facts.alpha == 0]).max() < 1e-6
    middle = int(facts.head.axis)
    assert gained[:, middle:].sum() > gained[:, :middle].sum()


def test_exposure_of_the_face_is_kept(exposure):
    image, facts = exposure
    core = core_mask(facts.face, image.shape) > 0
    before, after = (
        np.log2(color.compute_luminance(color.to_linear(picture))[core]).mean()
        for picture in (image, relight.relight_subject(image, facts, Relight(azimuth=60, ratio=4)))
    )
    assert after == pytest.approx(before, abs=0.12)


@pytest.mark.parametrize("azimuth", [-90, 0, 90])
def test_light_is_never_changed_beyond_the_bound(exposure, azimuth):
    image, facts = exposure
    linear = color.to_linear(image)
    params = Relight(azimuth=azimuth, ratio=8, strength=1)
    changed = color.to_linear(relight.relight_subject(image, facts, params))
    seen = (linear > 0.02) & (changed < 0.98)
    assert np.abs(np.log(changed[seen] / linear[seen])).max() <= relight.MAX_LOG_RATIO * 1.2


@pytest.mark.parametrize(("towards", "side"), [((-1, 0.2, 0.4), -1), ((1, 0.2, 0.4), 1)])
def test_light_follows_the_room(source, towards, side):
    """A lamp at one side of the room brightens that side, whatever sign the look's key has."""
    _, image, facts = frame_photo(source, build_bare_recipe(), size=SIZE)
    probe = lamp_probe(towards)
    assert np.sign(scene_light_side(probe)) == side
    plain = measure_balance(
        relight.relight_subject(image, facts, Relight(azimuth=50, ratio=1)), facts
    )
    for azimuth in (50, -50):
        lit = relight.relight_subject(
            image, replace(facts, scene=grey_scene(probe)), Relight(azimuth=azimuth, ratio=4)
        )
        assert (measure_balance(lit, facts) - plain) * -side > 0.05


def test_light_of_a_painted_sphere_is_estimated():
    """Lambert shading with a known light comes back, shadows and highlights notwithstanding."""
    rows, columns = np.mgrid[-1:1:96j, -1:1:96j]
    inside = rows**2 + columns**2 < 0.95
    depth = np.sqrt(np.clip(1 - rows**2 - columns**2, 0, 1))
    normals = np.dstack([columns, -rows, depth]).astype(np.float32)
    true = np.array([0.30, -0.15, 0.10, 0.20])
    light = true[0] + normals @ true[1:].astype(np.float32)
    light[40:46, 40:46] = 1.0
    estimated = lighting.estimate_light(light.astype(np.float32), normals, inside)
    assert estimated == pytest.approx(true, abs=0.01)
