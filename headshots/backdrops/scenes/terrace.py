"""A roof terrace: a pergola with lights on strings, planters, a sofa, the town beyond the rail."""

from __future__ import annotations

from headshots.backdrops.scenes.kit import building, clutter, furniture, lamps, outside, plants
from headshots.backdrops.scenes.kit import materials as m
from headshots.backdrops.scenes.kit.building import Opening, Room
from headshots.backdrops.scenes.kit.shapes import (
    box,
    cushion,
    cylinder,
    join_shapes,
    lathe,
    repeat_shape,
    sheet,
    tube,
)
from headshots.backdrops.scenes.kit.stage import Stage
from headshots.backdrops.scenes.scene import SceneScript

DECK = Room(left=-2.1, right=5.0, front=-3.4, back=6.2, height=2.9)
HOUSE_DOORS = (Opening(0.4, 1.5, 0.0, 2.2, columns=1, rows=1, light=0),)
BACK_OPENINGS = (
    Opening(-1.6, 1.6, 0.05, 2.4, columns=4, rows=1, light=0),
    Opening(2.2, 4.0, 0.9, 2.3, light=0),
)
SKY_SETTINGS = {
    "morning": {"warmth": 0.8, "clouds": 0.4},
    "golden": {"warmth": 1.25, "strength": 0.7, "reach": 0.26},
    "evening": {"warmth": 0.82, "reach": 0.45},
}


def build_scene(stage: Stage) -> None:
    stage.palette.update(
        deck=m.make_wood(
            "decking", (0.20, 0.13, 0.08), (0.36, 0.26, 0.17), along="x", roughness=0.5
        ),
        timber=m.make_wood("timber", (0.17, 0.10, 0.055), (0.33, 0.21, 0.12), along="x"),
        post=m.make_wood("posts", (0.17, 0.10, 0.055), (0.33, 0.21, 0.12), along="z"),
        render=m.make_paint("render", (0.50, 0.44, 0.36), uneven=0.12, scale=1.2),
        seat=m.make_cloth("canvas", (0.34, 0.32, 0.29)),
        planter=m.make_concrete("planter", (0.24, 0.235, 0.23)),
        straw=m.make_leaf("straw", (0.16, 0.17, 0.05), (0.42, 0.36, 0.14)),
        silver=m.make_leaf("olive", (0.10, 0.14, 0.075), (0.24, 0.28, 0.17)),
    )
    build_shell(stage)
    add_pergola(stage)
    add_lounge(stage)
    add_planters(stage)
    add_evening_lights(stage)
    stage.set_sky(**SKY_SETTINGS[stage.mood.slug])
    stage.add_sun(54, strength=1.1)
    add_town(stage)


def build_shell(stage: Stage) -> None:
    building.add_boards(stage, DECK, "deck", along="x", length=2.4)
    building.add_wall(stage, DECK, "left", "render", HOUSE_DOORS, skirting=None)
    building.add_wall(stage, DECK, "front", "render", BACK_OPENINGS, skirting=None)
    railing = [box(7.2, 0.05, 0.05).moved(1.45, DECK.back, 1.05)]
    railing += [box(0.04, 0.04, 1.05).moved(-2.0 + 1.2 * index, DECK.back) for index in range(7)]
    stage.add_shape(join_shapes(railing), "dark")
    building.add_pane(stage, sheet(7.0, 0.95).moved(1.45, DECK.back, 0.08))
    indoor_light = stage.add_window_light(
        (0, DECK.front - 0.3, 1.3), (3.0, 2.2), (0, 1, 0.1), strength=0.0
    )
    indoor_light.data.energy, indoor_light.data.color = 120 * stage.mood.lamps, (1.0, 0.72, 0.45)


def add_pergola(stage: Stage) -> None:
    posts = [box(0.13, 0.13, 2.75).moved(x, y) for x in (-1.72, 1.72) for y in (2.2, 5.9)]
    stage.add_shape(join_shapes(posts), "post")
    beams = [box(4.3, 0.09, 0.18).moved(0, y, 2.75) for y in (2.2, 3.1, 4.0, 4.95, 5.9)]
    stage.add_shape(join_shapes(beams), "timber")
    stage.add_shape(
        repeat_shape(box(0.05, 4.4, 0.09), 8, (0.56, 0, 0)).moved(-1.96, 4.05, 2.93), "post"
    )
    for x, y, width in ((-1.4, 5.8, 0.55), (1.42, 5.75, 0.55)):
        stage.add_shape(
            building.make_curtain(width, 2.65, folds=5, depth=0.06).moved(x, y, 0.08), "accent"
        )
    rng = stage.rng
    for x, y, size in ((-1.6, 5.7, 1.5), (1.62, 5.75, 1.3), (1.5, 4.1, 0.6), (-1.25, 4.9, 0.8)):
        stage.place_parts(plants.make_trailing_plant(rng, size, vines=12), (x, y, 2.85), scale=1.25)
    vine = outside.make_hedge(rng, 4.2, 0.3, 0.9, density=420)
    stage.add_shape(vine.moved(0, 5.6, 2.85), "leaf")


def add_lounge(stage: Stage) -> None:
    """A corner sofa with accent cushions on the left, a low table with things, a chair."""
    rng = stage.rng
    stage.place_parts(furniture.make_sofa(1.7, 0.8), (-1.35, 4.75, 0), yaw=52, legs="timber")
    pillow_positions = ((-1.55, 4.75, 62), (-1.2, 5.0, 48), (-0.98, 5.22, 40))
    for index, (x, y, yaw) in enumerate(pillow_positions):
        pillow = cushion(0.44, 0.16, 0.42, softness=0.6).rotated(x=-14, z=yaw)
        stage.add_shape(pillow.moved(x, y, 0.53), "accent" if index != 1 else "straw")
    stage.place_parts(furniture.make_round_table(0.4, 0.42), (-0.55, 4.1, 0), wood="timber")
    stage.place_parts(make_lantern(), (-0.65, 4.15, 0.45), scale=0.7, flame=make_flame(stage))
    stage.place_parts(clutter.make_cup(), (-0.4, 4.0, 0.45))
    stage.place_parts(
        furniture.make_lounge_chair(), (1.3, 4.7, 0), yaw=-38, seat="accent", legs="timber"
    )
    stage.place_parts(furniture.make_round_table(0.22, 0.5), (0.78, 5.1, 0), wood="timber")
    stage.place_parts(plants.put_in_pot(plants.make_fern(rng, 0.22), 0.08, 0.12), (0.78, 5.1, 0.53))


def make_lantern():
    posts = join_shapes(box(0.02, 0.02, 0.34).moved(x, y) for x in (-0.1, 0.1) for y in (-0.1, 0.1))
    roof = lathe([(0.16, 0.34), (0.05, 0.44), (0.05, 0.48)], 4).rotated(z=45)
    return {
        "dark": join_shapes([posts, roof, box(0.24, 0.24, 0.02)]),
        "flame": cylinder(0.04, 0.16).moved(z=0.03),
    }


def make_flame(stage: Stage):
    return lamps.make_bulb_material(stage, 26, (1.0, 0.46, 0.12))


def add_planters(stage: Stage) -> None:
    """Long concrete boxes along the rail: grasses, an olive tree at each side, shrubs."""
    rng = stage.rng
    for x, width in ((-1.35, 1.5), (0.1, 1.15), (1.6, 1.6)):
        stage.add_shape(box(width, 0.46, 0.52).moved(x, 5.72), "planter")
        for index in range(int(width / 0.22)):
            position = (x - width / 2 + 0.15 + 0.22 * index, 5.72 + rng.uniform(-0.1, 0.1), 0.5)
            grass = plants.make_grass(rng, rng.uniform(0.5, 0.85), 55)
            stage.place_parts(grass, position, leaf="straw" if index % 2 else "leaf")
    olive_tree = plants.make_shrub(
        rng,
        plants.make_ovate_leaf(0.07, 0.022, rows=3),
        height=1.75,
        spread=0.55,
        branches=26,
        leaves=26,
    )
    for x, y, yaw in ((1.14, 3.9, 0), (-1.62, 5.75, 90), (2.2, 5.3, 200)):
        stage.place_parts(
            plants.put_in_pot(olive_tree, 0.24, 0.45), (x, y, 0), yaw=yaw, leaf="silver"
        )
    stage.place_parts(
        plants.put_in_pot(plants.make_palm(rng, 0.9), 0.22, 0.42), (-1.2, 3.55, 0), scale=0.85
    )


def add_evening_lights(stage: Stage) -> None:
    for y, z, sag in ((2.9, 2.62, 0.12), (3.9, 2.68, 0.16), (5.0, 2.7, 0.14), (5.9, 2.72, 0.2)):
        lamps.add_string_lights(
            stage, (-1.75, y, z), (1.75, y + 0.35, z), count=13, sag=sag, watts=40
        )
    for x, y, size in ((0.55, 5.75, 1.0), (-0.6, 5.8, 0.8), (1.0, 3.6, 0.9)):
        stage.place_parts(make_lantern(), (x, y, 0), scale=size, flame=make_flame(stage))
        stage.add_point_lamp((x, y, 0.2), watts=8)
    for y in (3.4, 5.6):
        stage.add_shape(
            cylinder(0.06, 0.22).moved(DECK.left + 0.14, y, 1.9),
            lamps.make_bulb_material(stage, 16),
        )
        stage.add_point_lamp((DECK.left + 0.3, y, 2.0), watts=26)
    lamps.add_shaded_lamp(stage, (-1.4, -1.0, 0), height=1.5, watts=60)
    stage.add_shape(tube([(-2.1, 4.3, 2.45), (-2.1, 5.0, 2.45)], 0.01), "dark")


def add_town(stage: Stage) -> None:
    rng = stage.rng
    outside.add_skyline(
        stage,
        rng,
        left=-110,
        right=110,
        nearest=55,
        farthest=240,
        count=130,
        min_height=16,
        max_height=34,
        ground=-24,
        strength=18,
    )
    outside.add_ground(stage, "planter", z=-13, size=500)
    outside.add_trees(stage, rng, [(-7, 24, -6), (6.5, 21, -6), (11, 28, -6)], height=7)


SCENE = SceneScript(
    name="City terrace",
    build=build_scene,
    seed=10,
    contrast="High Contrast",
    exposure={"morning": -0.3, "golden": -0.15, "evening": 0.3},
    tags=("cheerful", "social", "approachable", "founder", "terrace", "casual", "outdoor"),
)
