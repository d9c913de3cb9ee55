"""Plants: leaves with a real outline and curve, set along branches, in pots, vines and trees."""

from __future__ import annotations

import math
from random import Random

import numpy as np

from headshots.backdrops.scenes.kit.shapes import (
    Parts,
    Shape,
    curve,
    cylinder,
    join,
    lathe,
    surface,
    tube,
)


def ovate(
    length: float, width: float, *, droop: float = 0.35, fold: float = 0.25, rows: int = 5
) -> Shape:
    """A leaf along +y that is widest near its base, folded at the rib and drooping at the tip."""

    def point(u: float, v: float):
        half = width / 2 * math.sin(math.pi * v**0.75) ** 0.8
        side = 2 * u - 1
        return side * half, length * v, fold * abs(side) * half - droop * length * v * v

    return surface(point, 2, rows)


def lobed(length: float, width: float, *, droop: float = 0.45, cuts: int = 4) -> Shape:
    """A monstera leaf: heart-shaped, deeply cut from the edge."""

    def point(u: float, v: float):
        side = 2 * u - 1
        notch = 1 - 0.45 * max(0.0, math.cos(2 * math.pi * cuts * v)) ** 3
        half = width / 2 * math.sin(math.pi * min(1, 0.12 + 0.88 * v)) ** 0.6
        reach = half * (notch if abs(side) > 0.5 else 1)
        return side * reach, length * (v - 0.15 * abs(side) * (1 - v)), -droop * length * v * v

    return surface(point, 4, 16)


def blade(length: float, width: float, *, droop: float) -> Shape:
    def point(u: float, v: float):
        bow = droop * v * v
        return (u - 0.5) * width * (1 - v), length * v * math.cos(bow), length * v * -math.sin(bow)

    return surface(point, 1, 6)


def frond(
    length: float,
    *,
    pairs: int = 16,
    leaflet: float = 0.16,
    droop: float = 0.55,
    width: float = 0.022,
) -> Shape:
    """A fern or palm leaf: leaflets in pairs along a bowed rib."""
    parts = [
        tube(
            [(0, length * t, -droop * length * t * t) for t in np.linspace(0, 1, 8)],
            0.005,
            tip=0.001,
            segments=4,
        )
    ]
    for k in range(1, pairs):
        t = k / pairs
        one = ovate(leaflet * math.sin(math.pi * (0.15 + 0.8 * t)) + 0.02, width, droop=0.3, rows=3)
        at = (0, length * t, -droop * length * t * t)
        parts += [one.turned(z=angle).moved(*at) for angle in (-62, 62)]
    return join(parts)


def towards(leaf: Shape, at, *, yaw: float, pitch: float, roll: float = 0) -> Shape:
    return leaf.turned(y=roll).turned(x=pitch).turned(z=yaw).moved(*at)


def along(rng: Random, path, leaf: Shape, count: int, *, begin: float = 0.25) -> list[Shape]:
    """Leaves set alternately around a branch."""
    made = []
    for k in range(count):
        t = (begin + (1 - begin) * k / max(1, count - 1)) * (len(path) - 1)
        low = min(int(t), len(path) - 2)
        at = path[low] + (path[low + 1] - path[low]) * (t - low)
        made.append(
            towards(
                leaf.scaled(rng.uniform(0.7, 1.15)),
                at,
                yaw=137.5 * k + rng.uniform(-25, 25),
                pitch=rng.uniform(-15, 45),
                roll=rng.uniform(-25, 25),
            )
        )
    return made


def shrub(
    rng: Random,
    leaf: Shape,
    *,
    height: float,
    spread: float,
    branches: int = 12,
    leaves: int = 11,
    stem: float = 0.3,
) -> Parts:
    """A trunk that divides into bowed branches full of leaves."""
    rise = curve((0, 0, 0), (0.03, 0.02, height * 0.4), (0, 0, height * 0.75))
    foliage, bark = [], [tube(rise, 0.012 + 0.012 * height, tip=0.01)]
    for k in range(branches):
        lift = stem + (0.95 - stem) * k / branches
        path = branch(rng, height=height, spread=spread, lift=lift, angle=k * 2.4)
        bark.append(tube(path, 0.009 * height, tip=0.003, segments=5))
        foliage += along(rng, path, leaf, leaves)
    return {"leaf": join(foliage), "bark": join(bark)}


def branch(rng: Random, *, height: float, spread: float, lift: float, angle: float):
    """The path of a branch that leaves the trunk at a share of its height and bows outwards."""
    angle += rng.uniform(-0.3, 0.3)
    out = spread * (1.1 - 0.5 * lift) * rng.uniform(0.7, 1.1)
    x, y = out * math.cos(angle), out * math.sin(angle)
    z = height * min(1, lift + rng.uniform(0.05, 0.22))
    bow = (x * 0.5, y * 0.5, z + 0.08 * height)
    return curve((0, 0, height * lift * 0.8), bow, (x, y, z))


def rosette(rng: Random, leaf: Shape, count: int, *, pitch=(20, 75), stalk: float = 0.0) -> Parts:
    """Leaves that all rise from one point: ferns, grasses, palms; with stalks a monstera."""
    foliage, stalks = [], []
    for k in range(count):
        yaw, lift = 137.5 * k + rng.uniform(-20, 20), rng.uniform(*pitch)
        size = rng.uniform(0.7, 1.15)
        rise, turn = math.radians(lift), math.radians(yaw + 90)
        tip = (
            stalk
            * size
            * np.array(
                [math.cos(turn) * math.cos(rise), math.sin(turn) * math.cos(rise), math.sin(rise)]
            )
        )
        if stalk:
            stalks.append(tube(curve((0, 0, 0), tip * (0.3, 0.3, 0.8), tip), 0.006, segments=5))
        pitch_now = rng.uniform(-10, 30) if stalk else lift
        foliage.append(towards(leaf.scaled(size), tip, yaw=yaw, pitch=pitch_now))
    parts = {"leaf": join(foliage)}
    return {**parts, "stem": join(stalks)} if stalks else parts


def ficus(rng: Random, height: float = 1.5) -> Parts:
    return shrub(
        rng, ovate(0.15, 0.075), height=height, spread=0.42 * height**0.5, branches=16, leaves=12
    )


def fiddle(rng: Random, height: float = 1.6) -> Parts:
    return shrub(
        rng,
        ovate(0.27, 0.17, droop=0.25),
        height=height,
        spread=0.28,
        branches=11,
        leaves=6,
        stem=0.25,
    )


def monstera(rng: Random, size: float = 1.0) -> Parts:
    return rosette(rng, lobed(0.34 * size, 0.32 * size), 15, pitch=(35, 80), stalk=0.75 * size)


def fern(rng: Random, size: float = 0.6) -> Parts:
    return rosette(rng, frond(size, leaflet=0.16 * size + 0.02), 22, pitch=(15, 75))


def palm(rng: Random, size: float = 1.1) -> Parts:
    leaf = frond(size, pairs=22, leaflet=0.34 * size, droop=0.5, width=0.035)
    return rosette(rng, leaf, 13, pitch=(35, 82))


def grass(rng: Random, height: float = 0.8, count: int = 90) -> Parts:
    return rosette(rng, blade(height, 0.012, droop=0.9), count, pitch=(52, 88))


def trailing(rng: Random, length: float = 0.9, vines: int = 8) -> Parts:
    """A hanging plant: vines over the rim of a pot, heart-shaped leaves."""
    foliage, stems = [], []
    leaf = ovate(0.085, 0.07, droop=0.5)
    for k in range(vines):
        angle = 2 * math.pi * k / vines + rng.uniform(-0.3, 0.3)
        out, drop = rng.uniform(0.1, 0.22), length * rng.uniform(0.35, 1)
        x, y = out * math.cos(angle), out * math.sin(angle)
        path = curve((0, 0, 0), (x * 1.2, y * 1.2, 0.14), (x, y, -drop), steps=12)
        stems.append(tube(path, 0.003, segments=4))
        foliage += along(rng, path, leaf, 6 + int(26 * drop), begin=0.05)
    foliage += [towards(leaf, (0, 0, 0.02), yaw=45 * k, pitch=35) for k in range(8)]
    return {"leaf": join(foliage), "stem": join(stems)}


def tree(rng: Random, height: float = 6.0, *, leaf_size: float = 0.2) -> Parts:
    """A street tree: bare trunk, round crown."""
    leaf = ovate(leaf_size, leaf_size * 0.6, rows=2)
    return shrub(rng, leaf, height=height, spread=0.3 * height, branches=46, leaves=24, stem=0.38)


def pot(radius: float = 0.18, height: float = 0.34) -> Parts:
    wall = lathe(
        [
            (0, 0),
            (radius * 0.78, 0),
            (radius, height),
            (radius * 0.93, height),
            (radius * 0.9, height * 0.9),
        ],
        28,
    )
    return {"pot": wall, "soil": cylinder(radius * 0.92, 0.01).moved(z=height * 0.88)}


def planted(plant: Parts, radius: float = 0.18, height: float = 0.34) -> Parts:
    raised = {role: shape.moved(z=height * 0.88) for role, shape in plant.items()}
    return {**raised, **pot(radius, height)}
