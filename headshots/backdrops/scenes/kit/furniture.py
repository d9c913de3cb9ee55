"""Furniture: desks, tables, chairs, sofas, shelves; each a dict of parts by material role."""

from __future__ import annotations

import math

from headshots.backdrops.scenes.kit.shapes import (
    Parts,
    Shape,
    bezier_points,
    box,
    cushion,
    cylinder,
    join_shapes,
    make_surface,
    tube,
)


def make_legs(width: float, depth: float, height: float, *, thickness: float = 0.04) -> Shape:
    return join_shapes(
        box(thickness, thickness, height).moved(x, y)
        for x in (-width / 2, width / 2)
        for y in (-depth / 2, depth / 2)
    )


def make_splayed_legs(
    radius: float, height: float, count: int = 4, *, slant: float = 0.06, thickness: float = 0.014
) -> Shape:
    angles = [2 * math.pi * (index + 0.5) / count for index in range(count)]
    return join_shapes(
        tube(
            [
                ((radius + slant) * math.cos(angle), (radius + slant) * math.sin(angle), 0),
                (radius * math.cos(angle), radius * math.sin(angle), height),
            ],
            thickness,
        )
        for angle in angles
    )


def make_desk(width: float = 1.6, depth: float = 0.75, height: float = 0.73) -> Parts:
    top = box(width, depth, 0.035).moved(z=height)
    rail = box(width - 0.2, 0.03, 0.05).moved(y=depth / 2 - 0.08, z=height - 0.06)
    return {"wood": top, "metal": join_shapes([make_legs(width - 0.1, depth - 0.1, height), rail])}


def make_round_table(radius: float = 0.36, height: float = 0.73) -> Parts:
    foot = join_shapes([cylinder(0.2, 0.02), cylinder(0.028, height)])
    return {"wood": cylinder(radius, 0.03, segments=32).moved(z=height), "dark": foot}


def make_long_table(width: float, depth: float, height: float = 0.73) -> Parts:
    top = box(width, depth, 0.05).moved(z=height)
    return {"wood": top, "dark": make_legs(width - 0.5, depth - 0.4, height, thickness=0.07)}


def make_shell_chair() -> Parts:
    """A moulded chair, facing −y, on splayed legs."""

    def point(u: float, v: float):
        x = (u - 0.5) * (0.46 - 0.08 * max(0, v - 0.6))
        dish = 0.25 * (u - 0.5) ** 2
        if v < 0.5:
            return x, -0.22 + 0.84 * v, 0.45 + dish * 0.6
        height_share = (v - 0.5) * 2
        return x, 0.2 + 0.07 * height_share - dish * 0.7, 0.45 + 0.4 * height_share**1.2

    shell = make_surface(point, 10, 14)
    seat_shell = join_shapes([shell, shell.moved(y=0.008, z=-0.012)])
    return {"seat": seat_shell, "legs": make_splayed_legs(0.13, 0.45, slant=0.12)}


def make_wooden_chair() -> Parts:
    seat = join_shapes(
        [box(0.42, 0.42, 0.03).moved(z=0.45), make_legs(0.36, 0.36, 0.45, thickness=0.03)]
    )
    posts = join_shapes(
        tube([(x, 0.19, 0.45), (x * 1.05, 0.25, 0.88)], 0.015) for x in (-0.18, 0.18)
    )
    rails = join_shapes(
        box(0.36, 0.02, 0.06).moved(y=0.22 + 0.02 * index, z=0.62 + 0.1 * index)
        for index in range(3)
    )
    return {"seat": seat, "legs": join_shapes([posts, rails])}


def make_task_chair() -> Parts:
    """An office chair on a five-star base, facing −y."""
    seat = cushion(0.5, 0.48, 0.09).moved(z=0.45)
    back = cushion(0.46, 0.07, 0.58).rotated(x=-8).moved(y=0.27, z=0.58)
    arms = [
        tube([(x, 0.12, 0.46), (x * 1.2, 0.1, 0.66), (x * 1.2, -0.16, 0.67)], 0.016)
        for x in (-0.25, 0.25)
    ]
    base_arms = [
        tube([(0, 0, 0.1), (0.3 * math.cos(angle), 0.3 * math.sin(angle), 0.06)], 0.02)
        for angle in (arm_index * 2 * math.pi / 5 for arm_index in range(5))
    ]
    column = tube([(0, 0, 0.08), (0, 0, 0.45)], 0.025)
    spine = tube([(0, 0.2, 0.45), (0, 0.3, 0.8)], 0.02)
    return {
        "seat": join_shapes([seat, back]),
        "dark": join_shapes([*arms, *base_arms, column, spine]),
    }


def make_stool(height: float = 0.72) -> Parts:
    foot_ring = [
        (0.19 * math.cos(angle), 0.19 * math.sin(angle), height * 0.35)
        for angle in (index * math.pi / 10 for index in range(21))
    ]
    return {
        "seat": cylinder(0.17, 0.035).moved(z=height),
        "legs": join_shapes([make_splayed_legs(0.1, height, slant=0.11), tube(foot_ring, 0.008)]),
    }


def make_sofa(width: float = 1.8, depth: float = 0.85) -> Parts:
    """A sofa with loose cushions, facing −y."""
    seats = max(1, round(width / 0.75))
    seat_width = (width - 0.36) / seats
    base = cushion(width, depth, 0.3, softness=0.15).moved(z=0.13)
    arms = [
        cushion(0.18, depth, 0.5, softness=0.25).moved(x=x, z=0.13)
        for x in (-width / 2 + 0.09, width / 2 - 0.09)
    ]
    back = cushion(width, 0.2, 0.68, softness=0.2).moved(y=depth / 2 - 0.1, z=0.13)
    seat_centres = [-width / 2 + 0.18 + seat_width * (index + 0.5) for index in range(seats)]
    pads = [
        cushion(seat_width, depth - 0.2, 0.17, softness=0.3).moved(x, -0.08, 0.38)
        for x in seat_centres
    ]
    rests = [
        cushion(seat_width, 0.2, 0.44, softness=0.4).rotated(x=-12).moved(x, depth / 2 - 0.26, 0.5)
        for x in seat_centres
    ]
    return {
        "seat": join_shapes([base, *arms, back, *pads, *rests]),
        "legs": make_legs(width - 0.2, depth - 0.2, 0.14),
    }


def make_armchair() -> Parts:
    return make_sofa(0.82, 0.8)


def make_lounge_chair() -> Parts:
    """A low chair of bent wood with two pads, facing −y."""
    sides = [
        tube(
            [
                *bezier_points((x, -0.3, 0), (x, -0.34, 0.42), (x, 0.0, 0.52), 6),
                *bezier_points((x, 0.05, 0.52), (x, 0.32, 0.5), (x, 0.36, 0), 6),
            ],
            0.018,
        )
        for x in (-0.33, 0.33)
    ]
    seat = cushion(0.58, 0.6, 0.13, softness=0.35).rotated(x=8).moved(z=0.36)
    back = cushion(0.58, 0.12, 0.62, softness=0.35).rotated(x=-18).moved(y=0.3, z=0.42)
    return {"seat": join_shapes([seat, back]), "legs": join_shapes(sides)}


def make_shelving(
    width: float,
    height: float,
    boards: int,
    *,
    depth: float = 0.3,
    bays: int = 1,
    has_back: bool = False,
) -> Parts:
    """Boards on uprights, standing with its back at y = 0; top faces at height · k / boards."""
    shelves = [
        box(width, depth, 0.028).moved(y=-depth / 2, z=height * index / boards)
        for index in range(boards + 1)
    ]
    uprights = [
        box(0.03, depth, height + 0.028).moved(-width / 2 + width * index / bays, -depth / 2)
        for index in range(bays + 1)
    ]
    panel = [box(width, 0.012, height)] if has_back else []
    return {"wood": join_shapes([*shelves, *uprights, *panel])}


def make_cabinet(width: float, height: float, depth: float, doors: int) -> Parts:
    """A carcass with fronts, gaps and handles, its back at y = 0."""
    step = width / doors
    body = box(width - 0.01, depth - 0.03, height).moved(y=-depth / 2 + 0.015)
    fronts = [
        box(step - 0.008, 0.022, height - 0.06).moved(
            -width / 2 + step * (index + 0.5), -depth, 0.04
        )
        for index in range(doors)
    ]
    handles = [
        box(0.014, 0.02, 0.16).moved(
            -width / 2 + step * (index + (0.86 if index % 2 == 0 else 0.14)),
            -depth - 0.02,
            height * 0.6,
        )
        for index in range(doors)
    ]
    return {"front": join_shapes(fronts), "body": body, "metal": join_shapes(handles)}


def make_drawers(width: float, height: float, depth: float, count: int) -> Parts:
    step = height / count
    body = box(width - 0.01, depth - 0.03, height).moved(y=-depth / 2 + 0.015)
    fronts = [
        box(width - 0.01, 0.02, step - 0.01).moved(y=-depth, z=step * index)
        for index in range(count)
    ]
    handles = [
        box(width * 0.4, 0.02, 0.012).moved(y=-depth - 0.02, z=step * (index + 0.7))
        for index in range(count)
    ]
    return {"front": join_shapes(fronts), "body": body, "metal": join_shapes(handles)}


def make_ladder(height: float, *, width: float = 0.42, slant: float = 0.6) -> Parts:
    rails = [tube([(x, -slant, 0), (x, 0, height)], 0.022) for x in (-width / 2, width / 2)]
    count = int(height / 0.28)
    rungs = [
        tube(
            [
                (-width / 2, -slant * (1 - height_share), height * height_share),
                (width / 2, -slant * (1 - height_share), height * height_share),
            ],
            0.014,
        )
        for height_share in ((index + 0.7) / count for index in range(count))
    ]
    return {"wood": join_shapes([*rails, *rungs])}
