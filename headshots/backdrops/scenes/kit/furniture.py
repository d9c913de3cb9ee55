"""Furniture: desks, tables, chairs, sofas, shelves; each a dict of parts by material role."""

from __future__ import annotations

import math

from headshots.backdrops.scenes.kit.shapes import (
    Parts,
    Shape,
    box,
    curve,
    cushion,
    cylinder,
    join,
    surface,
    tube,
)


def legs(sx: float, sy: float, height: float, *, thick: float = 0.04) -> Shape:
    return join(
        box(thick, thick, height).moved(x, y) for x in (-sx / 2, sx / 2) for y in (-sy / 2, sy / 2)
    )


def splayed(
    radius: float, height: float, count: int = 4, *, lean: float = 0.06, thick: float = 0.014
) -> Shape:
    turns = [2 * math.pi * (k + 0.5) / count for k in range(count)]
    return join(
        tube(
            [
                ((radius + lean) * math.cos(a), (radius + lean) * math.sin(a), 0),
                (radius * math.cos(a), radius * math.sin(a), height),
            ],
            thick,
        )
        for a in turns
    )


def desk(width: float = 1.6, depth: float = 0.75, height: float = 0.73) -> Parts:
    top = box(width, depth, 0.035).moved(z=height)
    rail = box(width - 0.2, 0.03, 0.05).moved(y=depth / 2 - 0.08, z=height - 0.06)
    return {"wood": top, "metal": join([legs(width - 0.1, depth - 0.1, height), rail])}


def round_table(radius: float = 0.36, height: float = 0.73) -> Parts:
    foot = join([cylinder(0.2, 0.02), cylinder(0.028, height)])
    return {"wood": cylinder(radius, 0.03, segments=32).moved(z=height), "dark": foot}


def long_table(width: float, depth: float, height: float = 0.73) -> Parts:
    top = box(width, depth, 0.05).moved(z=height)
    return {"wood": top, "dark": legs(width - 0.5, depth - 0.4, height, thick=0.07)}


def shell_chair() -> Parts:
    """A moulded chair, facing −y, on splayed legs."""

    def point(u: float, v: float):
        x = (u - 0.5) * (0.46 - 0.08 * max(0, v - 0.6))
        dish = 0.25 * (u - 0.5) ** 2
        if v < 0.5:
            return x, -0.22 + 0.84 * v, 0.45 + dish * 0.6
        rise = (v - 0.5) * 2
        return x, 0.2 + 0.07 * rise - dish * 0.7, 0.45 + 0.4 * rise**1.2

    shell = surface(point, 10, 14)
    thick = join([shell, shell.moved(y=0.008, z=-0.012)])
    return {"seat": thick, "legs": splayed(0.13, 0.45, lean=0.12)}


def wooden_chair() -> Parts:
    seat = join([box(0.42, 0.42, 0.03).moved(z=0.45), legs(0.36, 0.36, 0.45, thick=0.03)])
    posts = join(tube([(x, 0.19, 0.45), (x * 1.05, 0.25, 0.88)], 0.015) for x in (-0.18, 0.18))
    rails = join(box(0.36, 0.02, 0.06).moved(y=0.22 + 0.02 * k, z=0.62 + 0.1 * k) for k in range(3))
    return {"seat": seat, "legs": join([posts, rails])}


def task_chair() -> Parts:
    """An office chair on a five-star base, facing −y."""
    seat = cushion(0.5, 0.48, 0.09).moved(z=0.45)
    back = cushion(0.46, 0.07, 0.58).turned(x=-8).moved(y=0.27, z=0.58)
    arms = [
        tube([(x, 0.12, 0.46), (x * 1.2, 0.1, 0.66), (x * 1.2, -0.16, 0.67)], 0.016)
        for x in (-0.25, 0.25)
    ]
    star = [
        tube([(0, 0, 0.1), (0.3 * math.cos(a), 0.3 * math.sin(a), 0.06)], 0.02)
        for a in (k * 2 * math.pi / 5 for k in range(5))
    ]
    column = tube([(0, 0, 0.08), (0, 0, 0.45)], 0.025)
    spine = tube([(0, 0.2, 0.45), (0, 0.3, 0.8)], 0.02)
    return {"seat": join([seat, back]), "dark": join([*arms, *star, column, spine])}


def stool(height: float = 0.72) -> Parts:
    hoop = [
        (0.19 * math.cos(a), 0.19 * math.sin(a), height * 0.35)
        for a in (k * math.pi / 10 for k in range(21))
    ]
    return {
        "seat": cylinder(0.17, 0.035).moved(z=height),
        "legs": join([splayed(0.1, height, lean=0.11), tube(hoop, 0.008)]),
    }


def sofa(width: float = 1.8, depth: float = 0.85) -> Parts:
    """A sofa with loose cushions, facing −y."""
    seats = max(1, round(width / 0.75))
    inner = (width - 0.36) / seats
    base = cushion(width, depth, 0.3, soft=0.15).moved(z=0.13)
    arms = [
        cushion(0.18, depth, 0.5, soft=0.25).moved(x=x, z=0.13)
        for x in (-width / 2 + 0.09, width / 2 - 0.09)
    ]
    back = cushion(width, 0.2, 0.68, soft=0.2).moved(y=depth / 2 - 0.1, z=0.13)
    places = [-width / 2 + 0.18 + inner * (k + 0.5) for k in range(seats)]
    pads = [cushion(inner, depth - 0.2, 0.17, soft=0.3).moved(x, -0.08, 0.38) for x in places]
    rests = [
        cushion(inner, 0.2, 0.44, soft=0.4).turned(x=-12).moved(x, depth / 2 - 0.26, 0.5)
        for x in places
    ]
    return {
        "seat": join([base, *arms, back, *pads, *rests]),
        "legs": legs(width - 0.2, depth - 0.2, 0.14),
    }


def armchair() -> Parts:
    return sofa(0.82, 0.8)


def lounge_chair() -> Parts:
    """A low chair of bent wood with two pads, facing −y."""
    sides = [
        tube(
            [
                *curve((x, -0.3, 0), (x, -0.34, 0.42), (x, 0.0, 0.52), 6),
                *curve((x, 0.05, 0.52), (x, 0.32, 0.5), (x, 0.36, 0), 6),
            ],
            0.018,
        )
        for x in (-0.33, 0.33)
    ]
    pad = cushion(0.58, 0.6, 0.13, soft=0.35).turned(x=8).moved(z=0.36)
    back = cushion(0.58, 0.12, 0.62, soft=0.35).turned(x=-18).moved(y=0.3, z=0.42)
    return {"seat": join([pad, back]), "legs": join(sides)}


def shelving(
    width: float,
    height: float,
    boards: int,
    *,
    depth: float = 0.3,
    bays: int = 1,
    back: bool = False,
) -> Parts:
    """Boards on uprights, standing with its back at y = 0; top faces at height · k / boards."""
    shelves = [
        box(width, depth, 0.028).moved(y=-depth / 2, z=height * k / boards)
        for k in range(boards + 1)
    ]
    uprights = [
        box(0.03, depth, height + 0.028).moved(-width / 2 + width * k / bays, -depth / 2)
        for k in range(bays + 1)
    ]
    panel = [box(width, 0.012, height)] if back else []
    return {"wood": join([*shelves, *uprights, *panel])}


def cabinet(width: float, height: float, depth: float, doors: int) -> Parts:
    """A carcass with fronts, gaps and handles, its back at y = 0."""
    step = width / doors
    body = box(width - 0.01, depth - 0.03, height).moved(y=-depth / 2 + 0.015)
    fronts = [
        box(step - 0.008, 0.022, height - 0.06).moved(-width / 2 + step * (k + 0.5), -depth, 0.04)
        for k in range(doors)
    ]
    handles = [
        box(0.014, 0.02, 0.16).moved(
            -width / 2 + step * (k + (0.86 if k % 2 == 0 else 0.14)), -depth - 0.02, height * 0.6
        )
        for k in range(doors)
    ]
    return {"front": join(fronts), "body": body, "metal": join(handles)}


def drawers(width: float, height: float, depth: float, count: int) -> Parts:
    step = height / count
    body = box(width - 0.01, depth - 0.03, height).moved(y=-depth / 2 + 0.015)
    fronts = [
        box(width - 0.01, 0.02, step - 0.01).moved(y=-depth, z=step * k) for k in range(count)
    ]
    handles = [
        box(width * 0.4, 0.02, 0.012).moved(y=-depth - 0.02, z=step * (k + 0.7))
        for k in range(count)
    ]
    return {"front": join(fronts), "body": body, "metal": join(handles)}


def ladder(height: float, *, width: float = 0.42, lean: float = 0.6) -> Parts:
    rails = [tube([(x, -lean, 0), (x, 0, height)], 0.022) for x in (-width / 2, width / 2)]
    count = int(height / 0.28)
    rungs = [
        tube(
            [(-width / 2, -lean * (1 - t), height * t), (width / 2, -lean * (1 - t), height * t)],
            0.014,
        )
        for t in ((k + 0.7) / count for k in range(count))
    ]
    return {"wood": join([*rails, *rungs])}
