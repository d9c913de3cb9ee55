"""Small objects: books, cups, jars, bottles, framed pictures, monitors, tools."""

from __future__ import annotations

from random import Random

from headshots.backdrops.scenes.kit.shapes import (
    Parts,
    Shape,
    box,
    curve,
    cylinder,
    frame,
    join,
    lathe,
    sheet,
    tube,
)


def books(
    rng: Random, width: float, *, tall: float = 0.27, depth: float = 0.2, full: float = 0.85
) -> Parts:
    """Books on a shelf from x = 0, some leaning or lying, with gaps; their backs are at y = 0."""
    made, x = [], 0.0
    while x < width - 0.06:
        if rng.random() > full:
            gap = rng.uniform(0.08, 0.3)
            if rng.random() < 0.6 and gap > 0.14 and x + 0.26 < width:
                made.append(lying(rng, depth).moved(x + 0.12))
                gap = 0.27
            x += gap
            continue
        thick, height = rng.uniform(0.015, 0.048), tall * rng.uniform(0.68, 1.0)
        lean = rng.choice((0, 0, 0, 0, 0, 0, 7)) if x + 0.12 < width else 0
        deep = depth * rng.uniform(0.8, 1)
        one = (
            box(thick, deep, height)
            .turned(y=-lean)
            .moved(x + thick / 2 + (0.03 if lean else 0), -deep / 2 - 0.02)
        )
        made.append(one)
        x += thick + 0.003 + (height * 0.12 if lean else 0)
    return {"books": join(made)}


def lying(rng: Random, depth: float = 0.2, count: int = 0) -> Shape:
    pile, z = [], 0.0
    for _ in range(count or rng.randint(2, 5)):
        thick = rng.uniform(0.018, 0.04)
        size = rng.uniform(0.85, 1)
        pile.append(
            box(0.22 * size, depth * size, thick)
            .turned(z=rng.uniform(-8, 8))
            .moved(0, -depth / 2 - 0.01, z)
        )
        z += thick
    return join(pile)


def stocked(
    rng: Random,
    width: float,
    height: float,
    boards: int,
    *,
    bays: int = 1,
    full: float = 0.8,
    depth: float = 0.22,
) -> Parts:
    """Books for the whole of a `furniture.shelving` of the same size."""
    step, made = width / bays, []
    for k in range(boards):
        for bay in range(bays):
            run = books(rng, step - 0.08, tall=height / boards * 0.82, depth=depth, full=full)
            made.append(
                run["books"].moved(-width / 2 + step * bay + 0.04, 0, height * k / boards + 0.028)
            )
    return {"books": join(made)}


def cup(size: float = 1.0) -> Parts:
    body = lathe([(0, 0), (0.028, 0), (0.04, 0.03), (0.042, 0.085), (0.038, 0.085), (0.035, 0.02)])
    grip = tube([(0.04, 0, 0.07), (0.065, 0, 0.065), (0.065, 0, 0.03), (0.038, 0, 0.022)], 0.005)
    return {"china": join([body, grip]).scaled(size)}


def jar(rng: Random) -> Parts:
    radius, height = rng.uniform(0.04, 0.07), rng.uniform(0.12, 0.24)
    body = lathe([(0, 0), (radius, 0), (radius, height * 0.85), (radius * 0.75, height)])
    return {"jar": body, "lid": cylinder(radius * 0.8, 0.025).moved(z=height)}


def bottle(rng: Random) -> Parts:
    radius, height = rng.uniform(0.032, 0.042), rng.uniform(0.24, 0.32)
    body = lathe(
        [
            (0, 0),
            (radius, 0),
            (radius, height * 0.58),
            (radius * 0.35, height * 0.75),
            (radius * 0.33, height),
            (0, height),
        ]
    )
    return {"bottle": body}


def vase(radius: float = 0.08, height: float = 0.26) -> Parts:
    profile = [
        (0, 0),
        (radius * 0.6, 0),
        (radius, height * 0.4),
        (radius * 0.9, height * 0.65),
        (radius * 0.4, height * 0.9),
        (radius * 0.5, height),
    ]
    return {"china": lathe(profile, 28)}


def bowl(radius: float = 0.14) -> Parts:
    return {
        "china": lathe(
            [
                (0, 0),
                (radius * 0.4, 0),
                (radius, radius * 0.55),
                (radius * 0.95, radius * 0.55),
                (radius * 0.35, 0.01),
            ],
            28,
        )
    }


def along_shelf(rng: Random, make, width: float, *, gap: float = 0.05, fill: float = 0.85) -> Parts:
    """A row of jars, bottles or cups from x = 0."""
    parts: dict[str, list[Shape]] = {}
    x = 0.08
    while x < width - 0.05:
        if rng.random() < fill:
            for role, shape in make(rng).items():
                parts.setdefault(role, []).append(shape.moved(x, rng.uniform(-0.02, 0.02)))
        x += 0.085 + gap * rng.random()
    return {role: join(shapes) for role, shapes in parts.items()}


def picture(width: float, height: float, *, mount: float = 0.06) -> Parts:
    """A framed picture that hangs with its back at y = 0."""
    art = sheet(width - 2 * mount, height - 2 * mount).moved(y=-0.016, z=mount)
    return {
        "frame": frame(width, height, bar=0.022, depth=0.03),
        "art": art,
        "mount": sheet(width - 0.03, height - 0.03).moved(y=-0.012, z=0.015),
    }


def monitor(width: float = 0.62) -> Parts:
    height = width * 0.58
    foot = join([box(0.24, 0.18, 0.012), box(0.05, 0.03, 0.2).moved(y=0.03)])
    return {
        "dark": join([box(width, 0.03, height).moved(z=0.14), foot]),
        "screen": sheet(width - 0.03, height - 0.03).moved(y=-0.017, z=0.155),
    }


def laptop() -> Parts:
    lid = box(0.33, 0.008, 0.22).turned(x=-18).moved(y=0.12, z=0.01)
    glass = sheet(0.31, 0.2).turned(x=-18).moved(y=0.113, z=0.02)
    return {"metal": join([box(0.33, 0.23, 0.014), lid]), "screen": glass}


def papers(rng: Random, count: int = 5) -> Parts:
    return {
        "paper": join(
            box(0.21, 0.297, 0.0015)
            .turned(z=rng.uniform(-25, 25))
            .moved(rng.uniform(-0.05, 0.05), rng.uniform(-0.05, 0.05), 0.0016 * k)
            for k in range(count)
        )
    }


def pencils(rng: Random) -> Parts:
    sticks = [
        tube([(0, 0, 0.01), (rng.uniform(-0.05, 0.05), rng.uniform(-0.05, 0.05), 0.19)], 0.004)
        for _ in range(9)
    ]
    holder = lathe([(0, 0), (0.04, 0), (0.04, 0.1), (0.037, 0.1), (0.037, 0.01)])
    return {"china": holder, "books": join(sticks)}


def cable(start, end, *, sag: float = 0.3, radius: float = 0.006) -> Shape:
    middle = [(a + b) / 2 for a, b in zip(start, end, strict=True)]
    middle[2] -= sag * 2
    return tube(curve(start, middle, end, 20), radius, segments=6)


def hand_tools(rng: Random, width: float, height: float) -> Parts:
    """Tools hung in loose rows on a board of the given size, back at y = 0."""
    steel, grips = [], []
    z = 0.12
    while z < height - 0.1:
        x = 0.08
        while x < width - 0.06:
            size = rng.uniform(0.7, 1.2)
            kind = rng.randrange(4)
            head, grip = TOOLS[kind](size)
            steel.append(head.moved(x, -0.03, z))
            grips.append(grip.moved(x, -0.03, z))
            x += rng.uniform(0.09, 0.17)
        z += rng.uniform(0.3, 0.36)
    place = -width / 2
    return {"metal": join(steel).moved(place), "grip": join(grips).moved(place)}


def screwdriver(size: float) -> tuple[Shape, Shape]:
    return cylinder(0.004, 0.13 * size), cylinder(0.016, 0.1 * size).moved(z=0.13 * size)


def hammer(size: float) -> tuple[Shape, Shape]:
    return box(0.12, 0.03, 0.03).moved(z=0.24 * size), cylinder(0.012, 0.24 * size)


def spanner(size: float) -> tuple[Shape, Shape]:
    ends = [cylinder(0.02, 0.008).turned(x=90).moved(z=z) for z in (0, 0.2 * size)]
    return join([box(0.016, 0.006, 0.2 * size), *ends]), box(0.001, 0.001, 0.001)


def pliers(size: float) -> tuple[Shape, Shape]:
    jaw = box(0.03, 0.012, 0.06 * size).moved(z=0.13 * size)
    arms = [tube([(x, 0, 0), (x * 0.3, 0, 0.13 * size)], 0.008) for x in (-0.03, 0.03)]
    return jaw, join(arms)


TOOLS = (screwdriver, hammer, spanner, pliers)
