"""Plants: leaves with a real outline and curve, set along branches, in pots, vines and trees."""

from __future__ import annotations

import math
from random import Random

import numpy as np

from headshots.backdrops.scenes.kit.shapes import (
    Parts,
    Shape,
    bezier_points,
    cylinder,
    join_shapes,
    lathe,
    make_surface,
    tube,
)


def make_ovate_leaf(
    length: float, width: float, *, droop: float = 0.35, fold: float = 0.25, rows: int = 5
) -> Shape:
    """A leaf along +y that is widest near its base, folded at the rib and drooping at the tip."""

    def point(u: float, v: float):
        half_width = width / 2 * math.sin(math.pi * v**0.75) ** 0.8
        side = 2 * u - 1
        return side * half_width, length * v, fold * abs(side) * half_width - droop * length * v * v

    return make_surface(point, 2, rows)


def make_lobed_leaf(length: float, width: float, *, droop: float = 0.45, cuts: int = 4) -> Shape:
    """A monstera leaf: heart-shaped, deeply cut from the edge."""

    def point(u: float, v: float):
        side = 2 * u - 1
        notch = 1 - 0.45 * max(0.0, math.cos(2 * math.pi * cuts * v)) ** 3
        half_width = width / 2 * math.sin(math.pi * min(1, 0.12 + 0.88 * v)) ** 0.6
        reach = half_width * (notch if abs(side) > 0.5 else 1)
        return side * reach, length * (v - 0.15 * abs(side) * (1 - v)), -droop * length * v * v

    return make_surface(point, 4, 16)


def make_grass_blade(length: float, width: float, *, droop: float) -> Shape:
    def point(u: float, v: float):
        bow = droop * v * v
        return (u - 0.5) * width * (1 - v), length * v * math.cos(bow), length * v * -math.sin(bow)

    return make_surface(point, 1, 6)


def make_frond(
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
            [
                (0, length * rib_share, -droop * length * rib_share * rib_share)
                for rib_share in np.linspace(0, 1, 8)
            ],
            0.005,
            tip=0.001,
            segments=4,
        )
    ]
    for index in range(1, pairs):
        rib_share = index / pairs
        leaflet_shape = make_ovate_leaf(
            leaflet * math.sin(math.pi * (0.15 + 0.8 * rib_share)) + 0.02, width, droop=0.3, rows=3
        )
        position = (0, length * rib_share, -droop * length * rib_share * rib_share)
        parts += [leaflet_shape.rotated(z=angle).moved(*position) for angle in (-62, 62)]
    return join_shapes(parts)


def orient_leaf(leaf: Shape, position, *, yaw: float, pitch: float, roll: float = 0) -> Shape:
    return leaf.rotated(y=roll).rotated(x=pitch).rotated(z=yaw).moved(*position)


def set_leaves_along(
    rng: Random, path, leaf: Shape, count: int, *, first_share: float = 0.25
) -> list[Shape]:
    """Leaves set alternately around a branch."""
    leaves = []
    for index in range(count):
        path_share = (first_share + (1 - first_share) * index / max(1, count - 1)) * (len(path) - 1)
        segment = min(int(path_share), len(path) - 2)
        position = path[segment] + (path[segment + 1] - path[segment]) * (path_share - segment)
        leaves.append(
            orient_leaf(
                leaf.scaled(rng.uniform(0.7, 1.15)),
                position,
                yaw=137.5 * index + rng.uniform(-25, 25),
                pitch=rng.uniform(-15, 45),
                roll=rng.uniform(-25, 25),
            )
        )
    return leaves


def make_shrub(
    rng: Random,
    leaf: Shape,
    *,
    height: float,
    spread: float,
    branches: int = 12,
    leaves: int = 11,
    trunk_share: float = 0.3,
) -> Parts:
    """A trunk that divides into bowed branches full of leaves."""
    trunk_path = bezier_points((0, 0, 0), (0.03, 0.02, height * 0.4), (0, 0, height * 0.75))
    foliage, bark = [], [tube(trunk_path, 0.012 + 0.012 * height, tip=0.01)]
    for index in range(branches):
        height_share = trunk_share + (0.95 - trunk_share) * index / branches
        path = make_branch_path(
            rng, height=height, spread=spread, height_share=height_share, angle=index * 2.4
        )
        bark.append(tube(path, 0.009 * height, tip=0.003, segments=5))
        foliage += set_leaves_along(rng, path, leaf, leaves)
    return {"leaf": join_shapes(foliage), "bark": join_shapes(bark)}


def make_branch_path(
    rng: Random, *, height: float, spread: float, height_share: float, angle: float
):
    """The path of a branch that leaves the trunk at a share of its height and bows outwards."""
    angle += rng.uniform(-0.3, 0.3)
    reach = spread * (1.1 - 0.5 * height_share) * rng.uniform(0.7, 1.1)
    x, y = reach * math.cos(angle), reach * math.sin(angle)
    z = height * min(1, height_share + rng.uniform(0.05, 0.22))
    bend_point = (x * 0.5, y * 0.5, z + 0.08 * height)
    return bezier_points((0, 0, height * height_share * 0.8), bend_point, (x, y, z))


def make_rosette(
    rng: Random, leaf: Shape, count: int, *, pitch=(20, 75), stalk: float = 0.0
) -> Parts:
    """Leaves that all rise from one point: ferns, grasses, palms; with stalks a monstera."""
    foliage, stalks = [], []
    for index in range(count):
        yaw, leaf_pitch = 137.5 * index + rng.uniform(-20, 20), rng.uniform(*pitch)
        scale = rng.uniform(0.7, 1.15)
        elevation, azimuth = math.radians(leaf_pitch), math.radians(yaw + 90)
        stalk_tip = (
            stalk
            * scale
            * np.array(
                [
                    math.cos(azimuth) * math.cos(elevation),
                    math.sin(azimuth) * math.cos(elevation),
                    math.sin(elevation),
                ]
            )
        )
        if stalk:
            stalks.append(
                tube(
                    bezier_points((0, 0, 0), stalk_tip * (0.3, 0.3, 0.8), stalk_tip),
                    0.006,
                    segments=5,
                )
            )
        final_pitch = rng.uniform(-10, 30) if stalk else leaf_pitch
        foliage.append(orient_leaf(leaf.scaled(scale), stalk_tip, yaw=yaw, pitch=final_pitch))
    parts = {"leaf": join_shapes(foliage)}
    return {**parts, "stem": join_shapes(stalks)} if stalks else parts


def make_ficus(rng: Random, height: float = 1.5) -> Parts:
    return make_shrub(
        rng,
        make_ovate_leaf(0.15, 0.075),
        height=height,
        spread=0.42 * height**0.5,
        branches=16,
        leaves=12,
    )


def make_fiddle_leaf_fig(rng: Random, height: float = 1.6) -> Parts:
    return make_shrub(
        rng,
        make_ovate_leaf(0.27, 0.17, droop=0.25),
        height=height,
        spread=0.28,
        branches=11,
        leaves=6,
        trunk_share=0.25,
    )


def make_monstera(rng: Random, size: float = 1.0) -> Parts:
    return make_rosette(
        rng, make_lobed_leaf(0.34 * size, 0.32 * size), 15, pitch=(35, 80), stalk=0.75 * size
    )


def make_fern(rng: Random, length: float = 0.6) -> Parts:
    return make_rosette(rng, make_frond(length, leaflet=0.16 * length + 0.02), 22, pitch=(15, 75))


def make_palm(rng: Random, length: float = 1.1) -> Parts:
    leaf = make_frond(length, pairs=22, leaflet=0.34 * length, droop=0.5, width=0.035)
    return make_rosette(rng, leaf, 13, pitch=(35, 82))


def make_grass(rng: Random, height: float = 0.8, count: int = 90) -> Parts:
    return make_rosette(rng, make_grass_blade(height, 0.012, droop=0.9), count, pitch=(52, 88))


def make_trailing_plant(rng: Random, length: float = 0.9, vines: int = 8) -> Parts:
    """A hanging plant: vines over the rim of a pot, heart-shaped leaves."""
    foliage, stems = [], []
    leaf = make_ovate_leaf(0.085, 0.07, droop=0.5)
    for index in range(vines):
        angle = 2 * math.pi * index / vines + rng.uniform(-0.3, 0.3)
        reach, vine_length = rng.uniform(0.1, 0.22), length * rng.uniform(0.35, 1)
        x, y = reach * math.cos(angle), reach * math.sin(angle)
        path = bezier_points((0, 0, 0), (x * 1.2, y * 1.2, 0.14), (x, y, -vine_length), steps=12)
        stems.append(tube(path, 0.003, segments=4))
        foliage += set_leaves_along(rng, path, leaf, 6 + int(26 * vine_length), first_share=0.05)
    foliage += [orient_leaf(leaf, (0, 0, 0.02), yaw=45 * index, pitch=35) for index in range(8)]
    return {"leaf": join_shapes(foliage), "stem": join_shapes(stems)}


def make_tree(rng: Random, height: float = 6.0, *, leaf_size: float = 0.2) -> Parts:
    """A street tree: bare trunk, round crown."""
    leaf = make_ovate_leaf(leaf_size, leaf_size * 0.6, rows=2)
    return make_shrub(
        rng, leaf, height=height, spread=0.3 * height, branches=46, leaves=24, trunk_share=0.38
    )


def make_pot(radius: float = 0.18, height: float = 0.34) -> Parts:
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


def put_in_pot(plant: Parts, radius: float = 0.18, height: float = 0.34) -> Parts:
    raised = {role: shape.moved(z=height * 0.88) for role, shape in plant.items()}
    return {**raised, **make_pot(radius, height)}
