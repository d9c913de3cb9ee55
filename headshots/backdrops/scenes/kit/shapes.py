"""Shapes as values: vertices and faces, moved, turned and joined before Blender sees them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Shape:
    """A mesh."""

    vertices: np.ndarray  # N×3 metres
    faces: tuple[tuple[int, ...], ...]  # indices of vertices

    def moved(self, x: float = 0, y: float = 0, z: float = 0) -> Shape:
        return Shape(np.add(self.vertices, (x, y, z)), self.faces)

    def scaled(self, x: float, y: float | None = None, z: float | None = None) -> Shape:
        factors = (x, x if y is None else y, x if z is None else z)
        return Shape(self.vertices * factors, self.faces)

    def rotated(self, *, x: float = 0, y: float = 0, z: float = 0) -> Shape:
        """Rotate by degrees about x, then y, then z."""
        return Shape(self.vertices @ rotation_matrix(x, y, z).T, self.faces)

    def deformed(self, deformation: Callable[[np.ndarray], np.ndarray]) -> Shape:
        return Shape(deformation(self.vertices), self.faces)


Parts = dict[str, Shape]  # a piece of furniture: shapes by the role of their material


def rotation_matrix(x: float, y: float, z: float) -> np.ndarray:
    """Return the 3×3 matrix of rotations by degrees about x, then y, then z."""
    (cos_x, sin_x), (cos_y, sin_y), (cos_z, sin_z) = (
        (math.cos(math.radians(angle)), math.sin(math.radians(angle))) for angle in (x, y, z)
    )
    about_x = np.array([[1, 0, 0], [0, cos_x, -sin_x], [0, sin_x, cos_x]])
    about_y = np.array([[cos_y, 0, sin_y], [0, 1, 0], [-sin_y, 0, cos_y]])
    about_z = np.array([[cos_z, -sin_z, 0], [sin_z, cos_z, 0], [0, 0, 1]])
    return about_z @ about_y @ about_x


def join_shapes(shapes: Iterable[Shape]) -> Shape:
    """Join shapes into one, whose parts stay separate islands of the mesh."""
    vertices, faces, first_index = [], [], 0
    for shape in shapes:
        vertices.append(shape.vertices)
        faces.extend(tuple(index + first_index for index in face) for face in shape.faces)
        first_index += len(shape.vertices)
    return Shape(np.concatenate(vertices) if vertices else np.zeros((0, 3)), tuple(faces))


def repeat_shape(shape: Shape, count: int, step: Sequence[float]) -> Shape:
    """Repeat a shape `count` times, each moved by `step` from the one before."""
    return join_shapes(shape.moved(*(index * offset for offset in step)) for index in range(count))


def box(width: float, depth: float, height: float) -> Shape:
    """A box standing on z = 0, centred in x and y."""
    x, y = width / 2, depth / 2
    corners = [(-x, -y), (x, -y), (x, y), (-x, y)]
    vertices = np.array([(*corner, z) for z in (0, height) for corner in corners], dtype=float)
    sides = [(index, (index + 1) % 4, (index + 1) % 4 + 4, index + 4) for index in range(4)]
    return Shape(vertices, ((3, 2, 1, 0), (4, 5, 6, 7), *sides))


def lathe(profile: Sequence[tuple[float, float]], segments: int = 24) -> Shape:
    """Turn a profile of (radius, height) about the z axis."""
    angles = np.arange(segments) * 2 * math.pi / segments
    rings = [
        np.stack([radius * np.cos(angles), radius * np.sin(angles), np.full(segments, height)], 1)
        for radius, height in profile
    ]
    faces = [
        (
            ring_index * segments + side_index,
            ring_index * segments + (side_index + 1) % segments,
            (ring_index + 1) * segments + (side_index + 1) % segments,
            (ring_index + 1) * segments + side_index,
        )
        for ring_index in range(len(profile) - 1)
        for side_index in range(segments)
    ]
    return Shape(np.concatenate(rings), tuple(faces))


def cylinder(
    radius: float, height: float, *, top: float | None = None, segments: int = 20
) -> Shape:
    top = radius if top is None else top
    return lathe([(0, 0), (radius, 0), (top, height), (0, height)], segments)


def sphere(radius: float, segments: int = 20) -> Shape:
    latitudes = np.linspace(-math.pi / 2, math.pi / 2, segments // 2 + 1)
    return lathe(
        [(radius * math.cos(latitude), radius * math.sin(latitude)) for latitude in latitudes],
        segments,
    )


def cushion(
    width: float, depth: float, height: float, *, softness: float = 0.45, segments: int = 28
) -> Shape:
    """A superellipsoid on z = 0: with `softness` 1 an ellipsoid, towards 0 a box."""
    unit_sphere = sphere(1, segments)
    powered = np.sign(unit_sphere.vertices) * np.abs(unit_sphere.vertices) ** softness
    return Shape(
        powered * (width / 2, depth / 2, height / 2) + (0, 0, height / 2), unit_sphere.faces
    )


def make_surface(function: Callable, columns: int, rows: int) -> Shape:
    """A sheet of points `function(u, v)` with u and v in [0, 1]."""
    vertices = np.array(
        [
            function(column / columns, row / rows)
            for row in range(rows + 1)
            for column in range(columns + 1)
        ],
        dtype=float,
    )
    row_length = columns + 1
    faces = tuple(
        (
            row * row_length + column,
            row * row_length + column + 1,
            (row + 1) * row_length + column + 1,
            (row + 1) * row_length + column,
        )
        for row in range(rows)
        for column in range(columns)
    )
    return Shape(vertices, faces)


def sheet(width: float, height: float) -> Shape:
    """An upright rectangle on z = 0 that faces the camera (−y)."""
    return make_surface(lambda u, v: ((u - 0.5) * width, 0, v * height), 1, 1)


def tube(
    points: Sequence[Sequence[float]], radius: float, *, tip: float | None = None, segments: int = 8
) -> Shape:
    """A round bar along a path, thinning towards its tip."""
    path = np.asarray(points, dtype=float)
    tip = radius if tip is None else tip
    forward = np.gradient(path, axis=0)
    rings = [
        circle_points(
            point, direction, radius + (tip - radius) * ring_index / (len(path) - 1), segments
        )
        for ring_index, (point, direction) in enumerate(zip(path, forward, strict=True))
    ]
    faces = [
        (
            ring_index * segments + side_index,
            ring_index * segments + (side_index + 1) % segments,
            (ring_index + 1) * segments + (side_index + 1) % segments,
            (ring_index + 1) * segments + side_index,
        )
        for ring_index in range(len(path) - 1)
        for side_index in range(segments)
    ]
    return Shape(np.concatenate(rings), tuple(faces))


def circle_points(
    centre: np.ndarray, direction: np.ndarray, radius: float, segments: int
) -> np.ndarray:
    """Return points of a circle whose axis is a direction."""
    helper = (0, 0, 1) if abs(direction[2]) < 0.9 * np.linalg.norm(direction) else (1, 0, 0)
    side = np.cross(direction, helper)
    side /= np.linalg.norm(side) or 1
    second_side = np.cross(side, direction)
    second_side /= np.linalg.norm(second_side) or 1
    angles = np.arange(segments) * 2 * math.pi / segments
    return centre + radius * (
        np.outer(np.cos(angles), side) + np.outer(np.sin(angles), second_side)
    )


def bezier_points(
    start: Sequence[float], middle: Sequence[float], end: Sequence[float], steps: int = 8
) -> list[np.ndarray]:
    """Points of a quadratic Bézier curve."""
    a, b, c = (np.asarray(point, dtype=float) for point in (start, middle, end))
    return [
        (1 - share) ** 2 * a + 2 * share * (1 - share) * b + share * share * c
        for share in np.linspace(0, 1, steps + 1)
    ]


def make_frame(width: float, height: float, *, bar: float = 0.05, depth: float = 0.05) -> Shape:
    """An upright rectangular frame on z = 0."""
    post, rail = box(bar, depth, height), box(width - 2 * bar, depth, bar)
    return join_shapes(
        [
            post.moved((bar - width) / 2),
            post.moved((width - bar) / 2),
            rail,
            rail.moved(z=height - bar),
        ]
    )


def make_grille(
    width: float, height: float, columns: int, rows: int, *, bar: float = 0.04, depth: float = 0.05
) -> Shape:
    """A frame with mullions and transoms."""
    bars = [
        box(bar, depth, height).moved(-width / 2 + width * column / columns)
        for column in range(1, columns)
    ]
    bars += [
        box(width, depth, bar).moved(z=height * row / rows - bar / 2) for row in range(1, rows)
    ]
    return join_shapes([make_frame(width, height, bar=bar * 1.4, depth=depth), *bars])
