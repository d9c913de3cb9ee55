"""A winter garden: a stone path between ferns and palms under a roof of iron and glass."""

from __future__ import annotations

from headshots.backdrops.scenes.kit import building, furniture, lamps, outside, plants
from headshots.backdrops.scenes.kit import materials as m
from headshots.backdrops.scenes.kit.building import Opening, Room
from headshots.backdrops.scenes.kit.shapes import (
    box,
    cushion,
    join_shapes,
    lathe,
    make_grille,
    repeat_shape,
    tube,
)
from headshots.backdrops.scenes.kit.stage import Stage
from headshots.backdrops.scenes.scene import SceneScript

GREENHOUSE = Room(left=-2.5, right=2.5, front=-3.6, back=8.4, height=3.2)
BACK_WINDOWS = (
    Opening(-2.3, -0.95, 0.75, 3.0, columns=3, rows=4, bar=0.03, light=0.6),
    Opening(0.95, 2.3, 0.75, 3.0, columns=3, rows=4, bar=0.03, light=0.6),
)
SIDE_WINDOWS = tuple(
    Opening(y, y + 1.9, 0.75, 3.0, columns=3, rows=4, bar=0.03) for y in (-3.2, -1.1, 1.0, 3.1, 5.2)
)
RIDGE_HEIGHT = GREENHOUSE.height + 1.27
GLASS_DOOR = Opening(-0.78, 0.78, 0.02, 2.4, columns=4, rows=4, bar=0.035, light=0.6)


def build_scene(stage: Stage) -> None:
    stage.palette.update(
        wall=m.make_bricks(
            "old brick", ((0.36, 0.21, 0.14), (0.27, 0.15, 0.10)), (0.38, 0.34, 0.29)
        ),
        frame=m.make_paint("iron", (0.05, 0.085, 0.07), roughness=0.4),
        trim=m.make_concrete("sills", (0.42, 0.39, 0.35)),
        path=m.make_concrete("flags", (0.34, 0.31, 0.27), roughness=0.6),
        earth=m.make_paint("earth", (0.06, 0.04, 0.025), roughness=1.0, uneven=0.5, scale=12),
        pot=m.make_paint("terracotta", (0.36, 0.155, 0.08), uneven=0.2, scale=4),
        fresh=m.make_leaf("fresh", (0.045, 0.14, 0.02), (0.16, 0.30, 0.05)),
        deep=m.make_leaf("deep", (0.012, 0.055, 0.016), (0.045, 0.13, 0.035)),
        bloom=m.make_leaf("bloom", (0.60, 0.22, 0.20), (0.70, 0.52, 0.42)),
        lawn=m.make_paint("lawn", (0.07, 0.15, 0.03), uneven=0.5, scale=3),
    )
    build_shell(stage)
    add_door(stage)
    add_flower_beds(stage)
    add_hanging_plants(stage)
    add_seats(stage)
    add_evening_lights(stage)
    stage.set_sky(
        clouds=0.3, warmth={"morning": 0.85, "golden": 1.18, "evening": 0.9}[stage.mood.slug]
    )
    stage.add_sun(-48, strength=1.7)
    outside.add_ground(stage, "lawn", z=-0.1)
    tree_positions = [(-3.4, 13, 0), (2.9, 12.5, 0), (6.5, 17, 0), (-7.5, 17, 0)]
    outside.add_trees(stage, stage.rng, tree_positions, height=5.5)
    stage.add_shape(box(20, 0.4, 3.0).moved(0, 16.4), "fresh")
    hedge = outside.make_hedge(stage.rng, 14, 3.3, 1.2, density=150, leaf_size=0.24)
    stage.add_shape(hedge.moved(0, 16), "fresh")


def build_shell(stage: Stage) -> None:
    building.add_floor(stage, GREENHOUSE, "earth")
    flags = join_shapes(
        box(0.62, 0.57, 0.05).moved(-0.33 + 0.66 * (index % 2), -3 + 0.6 * (index // 2), -0.02)
        for index in range(38)
    )
    stage.add_shape(flags, "path")
    building.add_wall(
        stage, GREENHOUSE, "back", "accent", [*BACK_WINDOWS, GLASS_DOOR], skirting=None
    )
    building.add_wall(stage, GREENHOUSE, "left", "wall", SIDE_WINDOWS, skirting=None)
    building.add_wall(stage, GREENHOUSE, "right", "wall", SIDE_WINDOWS[1::2], skirting=None)
    building.add_wall(stage, GREENHOUSE, "front", "wall", [Opening(-1.8, 1.2, 0.6, 3.0, columns=4)])
    add_roof(stage)
    stage.add_window_light((0, 2.4, 4.9), (4.0, 10.0), (0, 0, -1), strength=0.35)


def add_roof(stage: Stage) -> None:
    """Two slopes of glazing bars up to a ridge, the gable filled, ties across the room."""
    slope = make_grille(12.4, 2.9, 16, 2, bar=0.035, depth=0.09).rotated(x=90).rotated(z=90)
    stage.add_shape(slope.rotated(y=-26).moved(-2.6, 2.4, GREENHOUSE.height), "frame")
    stage.add_shape(slope.rotated(y=26).moved(0, 2.4, RIDGE_HEIGHT), "frame")
    gable_bars = [
        box(0.035, 0.05, (RIDGE_HEIGHT - GREENHOUSE.height) * (1 - abs(index) / 8)).moved(
            0.325 * index, GREENHOUSE.back, 3.2
        )
        for index in range(-7, 8)
    ]
    tie_rod = tube([(-2.5, 0, 3.2), (2.5, 0, 3.2)], 0.025)
    stage.add_shape(
        join_shapes([*gable_bars, repeat_shape(tie_rod, 6, (0, 2.0, 0)).moved(0, -2.6)]), "frame"
    )


def add_door(stage: Stage) -> None:
    """At the end of the path: a glazed double door, its surround and steps of stone."""
    y = GREENHOUSE.back - 0.05
    stage.add_shape(
        join_shapes(box(0.12, 0.12, GLASS_DOOR.top + 0.1).moved(x, y) for x in (-0.84, 0.84)),
        "trim",
    )
    stage.add_shape(box(1.9, 0.14, 0.16).moved(0, y, GLASS_DOOR.top), "trim")
    stage.add_shape(box(1.9, 0.5, 0.12).moved(0, y - 0.2), "path")
    stage.add_shape(box(1.5, 0.06, 0.75).moved(0, y + 0.1), "frame")


def add_flower_beds(stage: Stage) -> None:
    """Both sides of the path: low ferns in front, broad leaves behind."""
    rng = stage.rng
    ferns = [plants.make_fern(rng, 0.5) for _ in range(2)]
    monsteras = [plants.make_monstera(rng, 0.9) for _ in range(2)]
    for index in range(11):
        side = 1 if index % 2 else -1
        y = 3.1 + 0.42 * index + rng.uniform(-0.1, 0.1)
        front_position = (side * rng.uniform(0.8, 0.95), y, 0.02)
        stage.place_parts(ferns[index % 2], front_position, yaw=rng.uniform(0, 360), leaf="fresh")
        back_position, scale = (side * rng.uniform(1.25, 1.6), y + 0.3, 0), rng.uniform(0.85, 1.15)
        stage.place_parts(
            monsteras[index % 2], back_position, yaw=rng.uniform(0, 360), leaf="deep", scale=scale
        )
    add_trees_and_flowers(stage)


def add_trees_and_flowers(stage: Stage) -> None:
    """Palms on short trunks, small trees, and flowers at the edge of the path."""
    rng = stage.rng
    palms = [plants.make_palm(rng, 1.15), plants.make_palm(rng, 1.0)]
    for index, (x, y) in enumerate(((-1.5, 4.4), (1.65, 5.2), (-1.9, 6.6), (1.95, 7.4))):
        stage.place_parts(
            palms[index % 2], (x, y, 0.55), yaw=rng.uniform(0, 360), scale=1.1, leaf="fresh"
        )
        stage.add_shape(tube([(x, y, 0), (x + 0.03, y, 0.6)], 0.05), "bark")
    trees = [plants.make_ficus(rng, 2.3), plants.make_fiddle_leaf_fig(rng, 2.0)]
    for x, y, tree_index in ((1.4, 4.1, 0), (-1.75, 5.5, 1), (-1.5, 7.7, 0), (1.5, 6.4, 1)):
        stage.place_parts(
            trees[tree_index],
            (x, y, 0),
            yaw=rng.uniform(0, 360),
            leaf=("fresh", "deep")[tree_index],
        )
    petal = plants.make_ovate_leaf(0.06, 0.05, rows=2)
    flowers = plants.make_shrub(rng, petal, height=0.5, spread=0.3, branches=14, leaves=8)
    for x, y in ((-0.95, 5.0), (0.98, 6.1), (-0.92, 7.0), (1.0, 4.4)):
        stage.place_parts(flowers, (x, y, 0.1), leaf="bloom", yaw=rng.uniform(0, 360))


def add_hanging_plants(stage: Stage) -> None:
    rng = stage.rng
    basket = lathe([(0, 0), (0.12, 0.03), (0.17, 0.16), (0.16, 0.16)])
    for x, y, z in ((-0.95, 4.3, 2.35), (0.98, 5.0, 2.5), (-1.15, 6.4, 2.55), (1.2, 7.0, 2.6)):
        stage.add_shape(basket.moved(x, y, z), "pot")
        stage.place_parts(
            plants.make_trailing_plant(rng, 0.75, vines=12), (x, y, z + 0.14), leaf="fresh"
        )
        stage.add_shape(tube([(x, y, z + 0.1), (x, y, 3.3)], 0.005), "dark")
    stage.add_shape(
        outside.make_hedge(rng, 2.2, 0.5, 0.3, density=500).moved(0, GREENHOUSE.back - 0.2, 2.6),
        "fresh",
    )


def add_seats(stage: Stage) -> None:
    """A low chair on the right, glazed pots by the door."""
    rng = stage.rng
    stage.place_parts(
        furniture.make_lounge_chair(), (1.0, 5.3, 0), yaw=-42, seat="accent", legs="bark"
    )
    pillow = cushion(0.36, 0.13, 0.32, softness=0.6).rotated(x=-18, z=-42)
    stage.add_shape(pillow.moved(1.03, 5.36, 0.5), "bloom")
    stage.place_parts(furniture.make_round_table(0.24, 0.5), (0.62, 5.75, 0), wood="path")
    for x in (-0.98, 0.98):
        stage.place_parts(
            plants.put_in_pot(plants.make_ficus(rng, 1.1), 0.2, 0.4),
            (x, 8.0, 0),
            pot="accent",
            leaf="deep",
        )
    for x, y, size in ((-0.78, 3.7, 0.7), (-0.8, 6.0, 0.8), (0.75, 7.3, 0.7)):
        stage.place_parts(
            plants.put_in_pot(plants.make_fern(rng, 0.4), 0.2, 0.34), (x, y, 0), scale=size
        )


def add_evening_lights(stage: Stage) -> None:
    for y, z in ((3.6, 2.55), (4.9, 2.75), (6.3, 2.9), (7.6, 3.0)):
        lamps.add_string_lights(
            stage, (-2.3, y, z), (2.3, y + 0.4, z), count=15, sag=0.18, watts=34
        )
    for x, y in ((-1.1, 3.9), (1.15, 4.8), (-1.2, 6.2), (1.2, 7.3)):
        lamps.add_globe_lamp(stage, (x, y, 0.75), radius=0.08, ceiling=0.8, strength=7, watts=40)
    for x in (-0.95, 0.95):
        lamps.add_globe_lamp(
            stage, (x, GREENHOUSE.back - 0.2, 2.1), radius=0.09, ceiling=2.35, watts=20
        )
    outside.add_street_lamps(stage, [(-2.6, 13.5), (2.8, 14.5)])
    stage.add_area_lamp((0, 13.2, 0.1), (0, 0.8, 0.6), size=3.0, watts=280)
    stage.add_area_lamp((0, 6.0, 3.9), (0, 0.1, -1), size=1.6, watts=110)
    for x, watts in ((-1.5, 45), (1.5, 18)):
        lamps.add_shaded_lamp(stage, (x, -0.9, 0), height=1.5, watts=watts)


SCENE = SceneScript(
    name="Winter garden",
    build=build_scene,
    seed=14,
    contrast="High Contrast",
    exposure={"morning": -0.3, "golden": -0.05, "evening": 0.2},
    tags=("cheerful", "approachable", "author", "garden", "green", "casual", "outdoor"),
)
