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

    def turned(self, *, x: float = 0, y: float = 0, z: float = 0) -> Shape:
        """Rotate by degrees about x, then y, then z."""
        return Shape(self.vertices @ rotation(x, y, z).T, self.faces)

    def bent(self, bend: Callable[[np.ndarray], np.ndarray]) -> Shape:
        return Shape(bend(self.vertices), self.faces)


Parts = dict[str, Shape]  # a piece of furniture: shapes by the role of their material


def rotation(x: float, y: float, z: float) -> np.ndarray:
    """Return the 3×3 matrix of rotations by degrees about x, then y, then z."""
    (cx, sx), (cy, sy), (cz, sz) = (
        (math.cos(math.radians(a)), math.sin(math.radians(a))) for a in (x, y, z)
    )
    about_x = np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_z = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
    return about_z @ about_y @ about_x


def join(shapes: Iterable[Shape]) -> Shape:
    """Join shapes into one, whose parts stay separate islands of the mesh."""
    vertices, faces, start = [], [], 0
    for shape in shapes:
        vertices.append(shape.vertices)
        faces.extend(tuple(i + start for i in face) for face in shape.faces)
        start += len(shape.vertices)
    return Shape(np.concatenate(vertices) if vertices else np.zeros((0, 3)), tuple(faces))


def row(shape: Shape, count: int, step: Sequence[float]) -> Shape:
    """Repeat a shape `count` times, each moved by `step` from the one before."""
    return join(shape.moved(*(i * s for s in step)) for i in range(count))


def box(sx: float, sy: float, sz: float) -> Shape:
    """A box standing on z = 0, centred in x and y."""
    x, y = sx / 2, sy / 2
    corners = [(-x, -y), (x, -y), (x, y), (-x, y)]
    vertices = np.array([(*c, z) for z in (0, sz) for c in corners], dtype=float)
    sides = [(i, (i + 1) % 4, (i + 1) % 4 + 4, i + 4) for i in range(4)]
    return Shape(vertices, ((3, 2, 1, 0), (4, 5, 6, 7), *sides))


def lathe(profile: Sequence[tuple[float, float]], segments: int = 24) -> Shape:
    """Turn a profile of (radius, height) about the z axis."""
    angles = np.arange(segments) * 2 * math.pi / segments
    rings = [
        np.stack([r * np.cos(angles), r * np.sin(angles), np.full(segments, h)], 1)
        for r, h in profile
    ]
    faces = [
        (
            k * segments + i,
            k * segments + (i + 1) % segments,
            (k + 1) * segments + (i + 1) % segments,
            (k + 1) * segments + i,
        )
        for k in range(len(profile) - 1)
        for i in range(segments)
    ]
    return Shape(np.concatenate(rings), tuple(faces))


def cylinder(
    radius: float, height: float, *, top: float | None = None, segments: int = 20
) -> Shape:
    top = radius if top is None else top
    return lathe([(0, 0), (radius, 0), (top, height), (0, height)], segments)


def sphere(radius: float, segments: int = 20) -> Shape:
    turns = np.linspace(-math.pi / 2, math.pi / 2, segments // 2 + 1)
    return lathe([(radius * math.cos(a), radius * math.sin(a)) for a in turns], segments)


def cushion(sx: float, sy: float, sz: float, *, soft: float = 0.45, segments: int = 28) -> Shape:
    """A superellipsoid on z = 0: with `softness` 1 an ellipsoid, towards 0 a box."""
    ball = sphere(1, segments)
    powered = np.sign(ball.vertices) * np.abs(ball.vertices) ** soft
    return Shape(powered * (sx / 2, sy / 2, sz / 2) + (0, 0, sz / 2), ball.faces)


def surface(function: Callable, columns: int, rows: int) -> Shape:
    """A sheet of points `function(u, v)` with u and v in [0, 1]."""
    vertices = np.array(
        [function(i / columns, j / rows) for j in range(rows + 1) for i in range(columns + 1)],
        dtype=float,
    )
    width = columns + 1
    faces = tuple(
        (j * width + i, j * width + i + 1, (j + 1) * width + i + 1, (j + 1) * width + i)
        for j in range(rows)
        for i in range(columns)
    )
    return Shape(vertices, faces)


def sheet(sx: float, sz: float) -> Shape:
    """An upright rectangle on z = 0 that faces the camera (−y)."""
    return surface(lambda u, v: ((u - 0.5) * sx, 0, v * sz), 1, 1)


def tube(
    points: Sequence[Sequence[float]], radius: float, *, tip: float | None = None, segments: int = 8
) -> Shape:
    """A round bar along a path, thinning towards its tip."""
    path = np.asarray(points, dtype=float)
    tip = radius if tip is None else tip
    forward = np.gradient(path, axis=0)
    rings = [
        ring(p, d, radius + (tip - radius) * k / (len(path) - 1), segments)
        for k, (p, d) in enumerate(zip(path, forward, strict=True))
    ]
    faces = [
        (
            k * segments + i,
            k * segments + (i + 1) % segments,
            (k + 1) * segments + (i + 1) % segments,
            (k + 1) * segments + i,
        )
        for k in range(len(path) - 1)
        for i in range(segments)
    ]
    return Shape(np.concatenate(rings), tuple(faces))


def ring(centre: np.ndarray, direction: np.ndarray, radius: float, segments: int) -> np.ndarray:
    """Return points of a circle whose axis is a direction."""
    helper = (0, 0, 1) if abs(direction[2]) < 0.9 * np.linalg.norm(direction) else (1, 0, 0)
    side = np.cross(direction, helper)
    side /= np.linalg.norm(side) or 1
    other = np.cross(side, direction)
    other /= np.linalg.norm(other) or 1
    angles = np.arange(segments) * 2 * math.pi / segments
    return centre + radius * (np.outer(np.cos(angles), side) + np.outer(np.sin(angles), other))


def curve(
    start: Sequence[float], middle: Sequence[float], end: Sequence[float], steps: int = 8
) -> list[np.ndarray]:
    """Points of a quadratic Bézier curve."""
    a, b, c = (np.asarray(p, dtype=float) for p in (start, middle, end))
    return [
        (1 - t) ** 2 * a + 2 * t * (1 - t) * b + t * t * c for t in np.linspace(0, 1, steps + 1)
    ]


def frame(sx: float, sz: float, *, bar: float = 0.05, depth: float = 0.05) -> Shape:
    """An upright rectangular frame on z = 0."""
    upright, across = box(bar, depth, sz), box(sx - 2 * bar, depth, bar)
    return join(
        [
            upright.moved((bar - sx) / 2),
            upright.moved((sx - bar) / 2),
            across,
            across.moved(z=sz - bar),
        ]
    )


def grille(
    sx: float, sz: float, columns: int, rows: int, *, bar: float = 0.04, depth: float = 0.05
) -> Shape:
    """A frame with mullions and transoms."""
    inner = [box(bar, depth, sz).moved(-sx / 2 + sx * i / columns) for i in range(1, columns)]
    inner += [box(sx, depth, bar).moved(z=sz * j / rows - bar / 2) for j in range(1, rows)]
    return join([frame(sx, sz, bar=bar * 1.4, depth=depth), *inner])
