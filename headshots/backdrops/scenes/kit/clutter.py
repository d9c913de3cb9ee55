"""Small objects: books, cups, jars, bottles, framed pictures, monitors, tools."""

from __future__ import annotations

from random import Random

from headshots.backdrops.scenes.kit.shapes import (
    Parts,
    Shape,
    bezier_points,
    box,
    cylinder,
    join_shapes,
    lathe,
    make_frame,
    sheet,
    tube,
)


def make_book_row(
    rng: Random, width: float, *, max_height: float = 0.27, depth: float = 0.2, fill: float = 0.85
) -> Parts:
    """Books on a shelf from x = 0, some leaning or lying, with gaps; their backs are at y = 0."""
    shapes, x = [], 0.0
    while x < width - 0.06:
        if rng.random() > fill:
            gap = rng.uniform(0.08, 0.3)
            if rng.random() < 0.6 and gap > 0.14 and x + 0.26 < width:
                shapes.append(make_book_pile(rng, depth).moved(x + 0.12))
                gap = 0.27
            x += gap
            continue
        thickness, height = rng.uniform(0.015, 0.048), max_height * rng.uniform(0.68, 1.0)
        slant = rng.choice((0, 0, 0, 0, 0, 0, 7)) if x + 0.12 < width else 0
        book_depth = depth * rng.uniform(0.8, 1)
        book = (
            box(thickness, book_depth, height)
            .rotated(y=-slant)
            .moved(x + thickness / 2 + (0.03 if slant else 0), -book_depth / 2 - 0.02)
        )
        shapes.append(book)
        x += thickness + 0.003 + (height * 0.12 if slant else 0)
    return {"books": join_shapes(shapes)}


def make_book_pile(rng: Random, depth: float = 0.2, count: int = 0) -> Shape:
    pile, z = [], 0.0
    for _ in range(count or rng.randint(2, 5)):
        thickness = rng.uniform(0.018, 0.04)
        scale = rng.uniform(0.85, 1)
        pile.append(
            box(0.22 * scale, depth * scale, thickness)
            .rotated(z=rng.uniform(-8, 8))
            .moved(0, -depth / 2 - 0.01, z)
        )
        z += thickness
    return join_shapes(pile)


def fill_with_books(
    rng: Random,
    width: float,
    height: float,
    boards: int,
    *,
    bays: int = 1,
    fill: float = 0.8,
    depth: float = 0.22,
) -> Parts:
    """Books for the whole of a `furniture.shelving` of the same size."""
    bay_width, shapes = width / bays, []
    for board in range(boards):
        for bay in range(bays):
            book_row = make_book_row(
                rng, bay_width - 0.08, max_height=height / boards * 0.82, depth=depth, fill=fill
            )
            shapes.append(
                book_row["books"].moved(
                    -width / 2 + bay_width * bay + 0.04, 0, height * board / boards + 0.028
                )
            )
    return {"books": join_shapes(shapes)}


def make_cup(scale: float = 1.0) -> Parts:
    body = lathe([(0, 0), (0.028, 0), (0.04, 0.03), (0.042, 0.085), (0.038, 0.085), (0.035, 0.02)])
    handle = tube([(0.04, 0, 0.07), (0.065, 0, 0.065), (0.065, 0, 0.03), (0.038, 0, 0.022)], 0.005)
    return {"china": join_shapes([body, handle]).scaled(scale)}


def make_jar(rng: Random) -> Parts:
    radius, height = rng.uniform(0.04, 0.07), rng.uniform(0.12, 0.24)
    body = lathe([(0, 0), (radius, 0), (radius, height * 0.85), (radius * 0.75, height)])
    return {"jar": body, "lid": cylinder(radius * 0.8, 0.025).moved(z=height)}


def make_bottle(rng: Random) -> Parts:
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


def make_vase(radius: float = 0.08, height: float = 0.26) -> Parts:
    profile = [
        (0, 0),
        (radius * 0.6, 0),
        (radius, height * 0.4),
        (radius * 0.9, height * 0.65),
        (radius * 0.4, height * 0.9),
        (radius * 0.5, height),
    ]
    return {"china": lathe(profile, 28)}


def make_bowl(radius: float = 0.14) -> Parts:
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


def fill_shelf(
    rng: Random, make_item, width: float, *, gap: float = 0.05, fill: float = 0.85
) -> Parts:
    """A row of jars, bottles or cups from x = 0."""
    parts: dict[str, list[Shape]] = {}
    x = 0.08
    while x < width - 0.05:
        if rng.random() < fill:
            for role, shape in make_item(rng).items():
                parts.setdefault(role, []).append(shape.moved(x, rng.uniform(-0.02, 0.02)))
        x += 0.085 + gap * rng.random()
    return {role: join_shapes(shapes) for role, shapes in parts.items()}


def make_framed_picture(width: float, height: float, *, mount: float = 0.06) -> Parts:
    """A framed picture that hangs with its back at y = 0."""
    canvas = sheet(width - 2 * mount, height - 2 * mount).moved(y=-0.016, z=mount)
    return {
        "frame": make_frame(width, height, bar=0.022, depth=0.03),
        "art": canvas,
        "mount": sheet(width - 0.03, height - 0.03).moved(y=-0.012, z=0.015),
    }


def make_monitor(width: float = 0.62) -> Parts:
    height = width * 0.58
    foot = join_shapes([box(0.24, 0.18, 0.012), box(0.05, 0.03, 0.2).moved(y=0.03)])
    return {
        "dark": join_shapes([box(width, 0.03, height).moved(z=0.14), foot]),
        "screen": sheet(width - 0.03, height - 0.03).moved(y=-0.017, z=0.155),
    }


def make_laptop() -> Parts:
    lid = box(0.33, 0.008, 0.22).rotated(x=-18).moved(y=0.12, z=0.01)
    glass = sheet(0.31, 0.2).rotated(x=-18).moved(y=0.113, z=0.02)
    return {"metal": join_shapes([box(0.33, 0.23, 0.014), lid]), "screen": glass}


def make_papers(rng: Random, count: int = 5) -> Parts:
    return {
        "paper": join_shapes(
            box(0.21, 0.297, 0.0015)
            .rotated(z=rng.uniform(-25, 25))
            .moved(rng.uniform(-0.05, 0.05), rng.uniform(-0.05, 0.05), 0.0016 * index)
            for index in range(count)
        )
    }


def make_pencil_cup(rng: Random) -> Parts:
    sticks = [
        tube([(0, 0, 0.01), (rng.uniform(-0.05, 0.05), rng.uniform(-0.05, 0.05), 0.19)], 0.004)
        for _ in range(9)
    ]
    holder = lathe([(0, 0), (0.04, 0), (0.04, 0.1), (0.037, 0.1), (0.037, 0.01)])
    return {"china": holder, "books": join_shapes(sticks)}


def make_cable(start, end, *, sag: float = 0.3, radius: float = 0.006) -> Shape:
    middle = [(first + second) / 2 for first, second in zip(start, end, strict=True)]
    middle[2] -= sag * 2
    return tube(bezier_points(start, middle, end, 20), radius, segments=6)


def make_hand_tools(rng: Random, width: float, height: float) -> Parts:
    """Tools hung in loose rows on a board of the given size, back at y = 0."""
    heads, grips = [], []
    z = 0.12
    while z < height - 0.1:
        x = 0.08
        while x < width - 0.06:
            scale = rng.uniform(0.7, 1.2)
            tool_index = rng.randrange(4)
            head, grip = TOOL_MAKERS[tool_index](scale)
            heads.append(head.moved(x, -0.03, z))
            grips.append(grip.moved(x, -0.03, z))
            x += rng.uniform(0.09, 0.17)
        z += rng.uniform(0.3, 0.36)
    left_edge = -width / 2
    return {
        "metal": join_shapes(heads).moved(left_edge),
        "grip": join_shapes(grips).moved(left_edge),
    }


def make_screwdriver(scale: float) -> tuple[Shape, Shape]:
    return cylinder(0.004, 0.13 * scale), cylinder(0.016, 0.1 * scale).moved(z=0.13 * scale)


def make_hammer(scale: float) -> tuple[Shape, Shape]:
    return box(0.12, 0.03, 0.03).moved(z=0.24 * scale), cylinder(0.012, 0.24 * scale)


def make_spanner(scale: float) -> tuple[Shape, Shape]:
    ends = [cylinder(0.02, 0.008).rotated(x=90).moved(z=z) for z in (0, 0.2 * scale)]
    return join_shapes([box(0.016, 0.006, 0.2 * scale), *ends]), box(0.001, 0.001, 0.001)


def make_pliers(scale: float) -> tuple[Shape, Shape]:
    jaws = box(0.03, 0.012, 0.06 * scale).moved(z=0.13 * scale)
    arms = [tube([(x, 0, 0), (x * 0.3, 0, 0.13 * scale)], 0.008) for x in (-0.03, 0.03)]
    return jaws, join_shapes(arms)


TOOL_MAKERS = (make_screwdriver, make_hammer, make_spanner, make_pliers)
