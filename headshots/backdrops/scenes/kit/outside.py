"""What one sees outside: towns by day and night, streets without people, trees, ground."""

from __future__ import annotations

from random import Random

from headshots.backdrops.scenes.kit import glow, materials, plants
from headshots.backdrops.scenes.kit.shapes import (
    Parts,
    Shape,
    box,
    join_shapes,
    repeat_shape,
    sheet,
    sphere,
    tube,
)
from headshots.backdrops.scenes.kit.stage import Stage

STONE_COLOURS = (
    (0.34, 0.31, 0.28),
    (0.42, 0.36, 0.30),
    (0.26, 0.27, 0.29),
    (0.48, 0.45, 0.41),
    (0.30, 0.19, 0.14),
)
AWNING_COLOURS = ((0.42, 0.10, 0.07), (0.08, 0.22, 0.16), (0.55, 0.48, 0.36), (0.12, 0.16, 0.28))
WINDOW_LIGHTS = ((1.0, 0.62, 0.28), (1.0, 0.74, 0.42), (0.9, 0.86, 0.8), (1.0, 0.5, 0.2))


def make_window_glow(stage: Stage, *, strength: float = 10, lit_share: float = 0.4):
    """Windows of other houses: dark glass by day, some of them warm lights in the evening."""
    mood_share = {"morning": 0.0, "golden": 0.05, "evening": 0.4}[stage.mood.slug]
    material = glow.make_emitters(
        "town windows",
        WINDOW_LIGHTS,
        strength * mood_share,
        lit_share=lit_share,
        base=(0.10, 0.13, 0.17),
    )
    material.cycles.emission_sampling = "NONE"
    return material


def make_facade_windows(
    rng: Random,
    width: float,
    height: float,
    *,
    storey: float = 3.2,
    bay: float = 2.2,
    kept_share: float = 1.0,
) -> Shape:
    """The windows of one front, facing −y, each an island."""
    columns, rows = max(1, int(width / bay)), max(1, int(height / storey))
    pane = sheet(bay * 0.46, storey * 0.5)
    return join_shapes(
        pane.moved(-width / 2 + width * (column + 0.5) / columns, 0, storey * (storey_index + 0.25))
        for column in range(columns)
        for storey_index in range(rows)
        if rng.random() < kept_share
    )


def add_skyline(
    stage: Stage,
    rng: Random,
    *,
    left: float,
    right: float,
    nearest: float = 30,
    farthest: float = 90,
    count: int = 40,
    min_height: float = 8,
    max_height: float = 34,
    ground: float = -12,
    yaw: float = 0,
    strength: float = 28,
) -> None:
    """A town seen from an upper floor, its fronts facing the room; turn 90 looks to the left."""
    blocks, panes, roofs = [], [], []
    for _ in range(count):
        y = rng.uniform(nearest, farthest)
        x = rng.uniform(left, right) * y / farthest
        building_width, building_height = (
            rng.uniform(4, 9),
            rng.uniform(min_height, max_height) * (0.5 + 0.6 * y / farthest),
        )
        blocks.append(box(building_width, building_width, building_height).moved(x, y, ground))
        panes.append(
            make_facade_windows(rng, building_width, building_height).moved(
                x, y - building_width / 2 - 0.05, ground
            )
        )
        roofs.append(
            box(building_width * 0.3, building_width * 0.3, 2.0).moved(
                x, y, ground + building_height
            )
        )
    buildings = stage.place_parts(
        {"walls": join_shapes(blocks + roofs), "panes": join_shapes(panes)},
        yaw=yaw,
        walls=materials.make_mixed_colours("town", STONE_COLOURS),
        panes=make_window_glow(stage, strength=strength),
    )
    for building in buildings:
        building.visible_shadow = False  # the low sun reaches the room all the same


def add_ground(stage: Stage, material: str, *, z: float = 0.0, size: float = 160) -> None:
    stage.add_shape(box(size, size, 0.02).moved(0, 0, z - 0.02), material)


def add_terrace_houses(
    stage: Stage,
    rng: Random,
    *,
    y: float,
    left: float,
    right: float,
    yaw: float = 0,
    position=(0.0, 0.0, 0.0),
) -> None:
    """The other side of a street: fronts side by side, with shop windows and awnings."""
    houses, x = [], left
    while x < right:
        house_width, house_height = rng.uniform(5, 7.5), rng.uniform(9, 13)
        house = make_town_house(rng, house_width, house_height)
        houses.append({part: shape.moved(x + house_width / 2, y) for part, shape in house.items()})
        x += house_width
    parts = {part: join_shapes(house[part] for house in houses) for part in houses[0]}
    materials_by_part = {
        "fronts": materials.make_mixed_colours("fronts", STONE_COLOURS),
        "sills": "stone",
        "panes": make_window_glow(stage, strength=7),
        "awnings": materials.make_mixed_colours("awnings", AWNING_COLOURS),
        "shops": make_window_glow(stage, strength=1.2, lit_share=0.8),
    }
    stage.place_parts(parts, position, yaw=yaw, **materials_by_part)


def make_town_house(rng: Random, width: float, height: float) -> Parts:
    shop_windows = repeat_shape(sheet(width * 0.22, 1.8), 3, (width * 0.25, 0, 0))
    return {
        "fronts": box(width - 0.06, 6, height).moved(y=3),
        "panes": make_facade_windows(rng, width, height - 4, bay=1.9).moved(y=-0.06, z=3.6),
        "sills": box(width, 0.25, 0.2).moved(y=-0.1, z=3.4),
        "shops": shop_windows.moved(-width * 0.25, -0.08, 0.6),
        "awnings": box(width * 0.8, 1.2, 0.06).rotated(x=-22).moved(y=-0.6, z=2.9),
    }


def add_street_lamps(stage: Stage, positions) -> None:
    posts = join_shapes(tube([(x, y, 0), (x, y, 3.6)], 0.05) for x, y in positions)
    heads = join_shapes(sphere(0.16).moved(x, y, 3.75) for x, y in positions)
    bulb_material = glow.make_emitter(
        "street lamp", (1.0, 0.68, 0.36), 0.3 + 26 * stage.mood.lamps**2
    )
    bulb_material.cycles.emission_sampling = "NONE"
    stage.add_shape(posts, "dark")
    stage.add_shape(heads, bulb_material)
    for x, y in positions:
        stage.add_point_lamp((x, y, 3.7), watts=160, radius=0.16)


def add_trees(
    stage: Stage,
    rng: Random,
    positions,
    *,
    height: float = 6.0,
    leaf_size: float = 0.22,
    leaf: str = "leaf",
) -> None:
    """A few grown trees, shared between the places."""
    tree_models = [plants.make_tree(rng, height, leaf_size=leaf_size) for _ in range(2)]
    for index, (x, y, z) in enumerate(positions):
        stage.place_parts(
            tree_models[index % 2],
            (x, y, z),
            yaw=rng.uniform(0, 360),
            scale=rng.uniform(0.8, 1.15),
            leaf=leaf,
        )


def make_hedge(
    rng: Random,
    width: float,
    height: float,
    depth: float = 0.6,
    *,
    density: int = 420,
    leaf_size: float = 0.09,
) -> Shape:
    """Clipped leaves filling a box, thickest at its surface."""
    leaf = plants.make_ovate_leaf(leaf_size, leaf_size * 0.55, rows=2)
    count = int(density * width * height)
    return join_shapes(
        plants.orient_leaf(
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
