"""The light probe's projection, on panoramas whose light comes from one known side."""

import numpy as np
import pytest

from headshots.engine.operations.spherical_harmonics import (
    HARMONIC_NAMES,
    evaluate_harmonics,
    panorama_directions,
    project_panorama,
)

HEIGHT, WIDTH = 64, 128
RIGHT, LEFT, BEHIND, TOP = WIDTH * 3 // 4, WIDTH // 4, WIDTH // 2, 4


def panorama_with_patch(row: int, column: int, colour=(1.0, 1.0, 1.0)) -> np.ndarray:
    panorama = np.zeros((HEIGHT, WIDTH, 3))
    panorama[max(0, row - 3) : row + 3, column - 3 : column + 3] = colour
    return panorama


def coefficient(panorama: np.ndarray, name: str) -> float:
    return project_panorama(panorama)[HARMONIC_NAMES.index(name), 0]


def test_even_light_has_only_the_constant_term():
    probe = project_panorama(np.ones((HEIGHT, WIDTH, 3)))
    assert probe[0] == pytest.approx(np.full(3, 0.282095 * 4 * np.pi), rel=1e-3)
    assert np.abs(probe[1:]).max() < 1e-2


@pytest.mark.parametrize(
    ("row", "column", "axis", "sign"),
    [
        (HEIGHT // 2, RIGHT, "x", 1),
        (HEIGHT // 2, LEFT, "x", -1),
        (TOP, BEHIND, "y", 1),
        (HEIGHT - TOP, BEHIND, "y", -1),
        (HEIGHT // 2, BEHIND, "z", -1),
        (HEIGHT // 2, 3, "z", 1),
    ],
)
def test_light_from_one_side_tips_that_axis(row, column, axis, sign):
    panorama = panorama_with_patch(row, column)
    linear = {name: coefficient(panorama, name) for name in "xyz"}
    assert linear[axis] * sign > 0
    assert max(linear, key=lambda name: abs(linear[name])) == axis


def test_light_keeps_its_colour():
    probe = project_panorama(panorama_with_patch(HEIGHT // 2, RIGHT, colour=(1.0, 0.5, 0.0)))
    assert probe[0, 1] == pytest.approx(probe[0, 0] / 2)
    assert not probe[:, 2].any()


def test_light_from_above_right_is_positive_in_xy():
    assert coefficient(panorama_with_patch(HEIGHT // 4, RIGHT), "xy") > 0


def test_harmonics_are_orthonormal():
    directions = panorama_directions(HEIGHT, WIDTH)
    weight = np.sqrt(1 - directions[..., 1] ** 2) * (np.pi / HEIGHT) * (2 * np.pi / WIDTH)
    values = evaluate_harmonics(directions)
    gram = np.einsum("hwi,hwj,hw->ij", values, values, weight)
    assert gram == pytest.approx(np.eye(9), abs=5e-3)
