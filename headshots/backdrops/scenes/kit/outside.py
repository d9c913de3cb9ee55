"""What one sees outside: towns by day and night, streets without people, trees, ground."""

from __future__ import annotations

from random import Random

from headshots.backdrops.scenes.kit import glow, materials, plants
from headshots.backdrops.scenes.kit.shapes import (
    Parts,
    Shape,
    box,
    join,
    row,
    sheet,
    sphere,
    tube,
)
from headshots.backdrops.scenes.kit.stage import Stage

STONE = (
    (0.34, 0.31, 0.28),
    (0.42, 0.36, 0.30),
    (0.26, 0.27, 0.29),
    (0.48, 0.45, 0.41),
    (0.30, 0.19, 0.14),
)
CLOTHS = ((0.42, 0.10, 0.07), (0.08, 0.22, 0.16), (0.55, 0.48, 0.36), (0.12, 0.16, 0.28))
LIT = ((1.0, 0.62, 0.28), (1.0, 0.74, 0.42), (0.9, 0.86, 0.8), (1.0, 0.5, 0.2))


def window_glow(stage: Stage, *, strength: float = 10, lit: float = 0.4):
    """Windows of other houses: dark glass by day, some of them warm lights in the evening."""
    share = {"morning": 0.0, "golden": 0.05, "evening": 0.4}[stage.mood.slug]
    made = glow.lights("town windows", LIT, strength * share, lit=lit, base=(0.10, 0.13, 0.17))
    made.cycles.emission_sampling = "NONE"
    return made


def facade(
    rng: Random,
    width: float,
    height: float,
    *,
    storey: float = 3.2,
    bay: float = 2.2,
    keep: float = 1.0,
) -> Shape:
    """The windows of one front, facing −y, each an island."""
    columns, rows = max(1, int(width / bay)), max(1, int(height / storey))
    pane = sheet(bay * 0.46, storey * 0.5)
    return join(
        pane.moved(-width / 2 + width * (i + 0.5) / columns, 0, storey * (j + 0.25))
        for i in range(columns)
        for j in range(rows)
        if rng.random() < keep
    )


def skyline(
    stage: Stage,
    rng: Random,
    *,
    left: float,
    right: float,
    near: float = 30,
    far: float = 90,
    count: int = 40,
    low: float = 8,
    high: float = 34,
    ground: float = -12,
    turn: float = 0,
    strength: float = 28,
) -> None:
    """A town seen from an upper floor, its fronts facing the room; turn 90 looks to the left."""
    blocks, panes, roofs = [], [], []
    for _ in range(count):
        y = rng.uniform(near, far)
        x = rng.uniform(left, right) * y / far
        wide, tall = rng.uniform(4, 9), rng.uniform(low, high) * (0.5 + 0.6 * y / far)
        blocks.append(box(wide, wide, tall).moved(x, y, ground))
        panes.append(facade(rng, wide, tall).moved(x, y - wide / 2 - 0.05, ground))
        roofs.append(box(wide * 0.3, wide * 0.3, 2.0).moved(x, y, ground + tall))
    made = stage.place(
        {"walls": join(blocks + roofs), "panes": join(panes)},
        turn=turn,
        walls=materials.mixed("town", STONE),
        panes=window_glow(stage, strength=strength),
    )
    for thing in made:
        thing.visible_shadow = False  # the low sun reaches the room all the same


def ground(stage: Stage, material: str, *, z: float = 0.0, size: float = 160) -> None:
    stage.add(box(size, size, 0.02).moved(0, 0, z - 0.02), material)


def terrace_houses(
    stage: Stage,
    rng: Random,
    *,
    y: float,
    left: float,
    right: float,
    turn: float = 0,
    at=(0.0, 0.0, 0.0),
) -> None:
    """The other side of a street: fronts side by side, with shop windows and awnings."""
    houses, x = [], left
    while x < right:
        wide, tall = rng.uniform(5, 7.5), rng.uniform(9, 13)
        house = town_house(rng, wide, tall)
        houses.append({part: shape.moved(x + wide / 2, y) for part, shape in house.items()})
        x += wide
    parts = {part: join(house[part] for house in houses) for part in houses[0]}
    paints = {
        "fronts": materials.mixed("fronts", STONE),
        "sills": "stone",
        "panes": window_glow(stage, strength=7),
        "awnings": materials.mixed("awnings", CLOTHS),
        "shops": window_glow(stage, strength=1.2, lit=0.8),
    }
    stage.place(parts, at, turn=turn, **paints)


def town_house(rng: Random, wide: float, tall: float) -> Parts:
    shop = row(sheet(wide * 0.22, 1.8), 3, (wide * 0.25, 0, 0))
    return {
        "fronts": box(wide - 0.06, 6, tall).moved(y=3),
        "panes": facade(rng, wide, tall - 4, bay=1.9).moved(y=-0.06, z=3.6),
        "sills": box(wide, 0.25, 0.2).moved(y=-0.1, z=3.4),
        "shops": shop.moved(-wide * 0.25, -0.08, 0.6),
        "awnings": box(wide * 0.8, 1.2, 0.06).turned(x=-22).moved(y=-0.6, z=2.9),
    }


def street_lamps(stage: Stage, places) -> None:
    posts = join(tube([(x, y, 0), (x, y, 3.6)], 0.05) for x, y in places)
    heads = join(sphere(0.16).moved(x, y, 3.75) for x, y in places)
    shining = glow.light("street lamp", (1.0, 0.68, 0.36), 0.3 + 26 * stage.mood.lamps**2)
    shining.cycles.emission_sampling = "NONE"
    stage.add(posts, "dark")
    stage.add(heads, shining)
    for x, y in places:
        stage.glow((x, y, 3.7), watts=160, radius=0.16)


def trees(
    stage: Stage,
    rng: Random,
    places,
    *,
    height: float = 6.0,
    leaf_size: float = 0.22,
    leaf: str = "leaf",
) -> None:
    """A few grown trees, shared between the places."""
    kinds = [plants.tree(rng, height, leaf_size=leaf_size) for _ in range(2)]
    for k, (x, y, z) in enumerate(places):
        stage.place(
            kinds[k % 2],
            (x, y, z),
            turn=rng.uniform(0, 360),
            scale=rng.uniform(0.8, 1.15),
            leaf=leaf,
        )


def hedge(
    rng: Random,
    width: float,
    height: float,
    depth: float = 0.6,
    *,
    density: int = 420,
    leaf_size: float = 0.09,
) -> Shape:
    """Clipped leaves filling a box, thickest at its surface."""
    leaf = plants.ovate(leaf_size, leaf_size * 0.55, rows=2)
    count = int(density * width * height)
    return join(
        plants.towards(
            leaf.scaled(rng.uniform(0.7, 1.4)),
            (
                rng.uniform(-width / 2, width / 2),
                depth * (rng.random() ** 2 - 0.5),
                height * rng.random() ** 0.8,
            ),
            yaw=rng.uniform(0, 360),
            pitch=rng.uniform(-30, 60),
        )
        for _ in range(count)
    )
