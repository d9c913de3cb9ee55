"""A cozy café: brick, a wooden bar with jars, a window on the street, lights on a string."""

from __future__ import annotations

from headshots.backdrops.scenes.kit import building, clutter, furniture, lamps, outside, plants
from headshots.backdrops.scenes.kit import materials as m
from headshots.backdrops.scenes.kit.building import Opening, Room
from headshots.backdrops.scenes.kit.shapes import (
    box,
    cushion,
    cylinder,
    join_shapes,
    repeat_shape,
    tube,
)
from headshots.backdrops.scenes.kit.stage import Stage
from headshots.backdrops.scenes.scene import SceneScript

ROOM = Room(left=-2.6, right=2.5, front=-4, back=6.6, height=3.1)
SHOP_WINDOW = Opening(-2.3, -0.55, 0.95, 2.75, columns=3, rows=2)
SIDE_WINDOWS = (
    Opening(-2.8, -0.6, 0.9, 2.75, columns=3),
    Opening(0.2, 2.6, 0.9, 2.75, columns=3),
    Opening(3.3, 5.6, 0.9, 2.75, columns=3),
)


def build_scene(stage: Stage) -> None:
    stage.palette.update(
        brick=m.make_bricks(
            "brick", ((0.30, 0.12, 0.075), (0.21, 0.085, 0.055)), (0.30, 0.26, 0.22)
        ),
        plaster=m.make_paint("plaster", (0.50, 0.44, 0.36), uneven=0.1),
        floor=m.make_wood(
            "floor", (0.10, 0.055, 0.03), (0.22, 0.13, 0.07), along="y", roughness=0.32
        ),
        bar=m.make_wood("bar", (0.13, 0.065, 0.03), (0.30, 0.17, 0.085), along="z"),
        frame=m.make_wood("frames", (0.09, 0.05, 0.03), (0.16, 0.09, 0.05), along="z"),
        ceiling=m.make_paint("ceiling", (0.42, 0.38, 0.33)),
    )
    build_shell(stage)
    add_window_seat(stage)
    add_counter(stage)
    add_wall_shelves(stage)
    add_hanging_lights(stage)
    add_street(stage)


def build_shell(stage: Stage) -> None:
    building.add_boards(stage, ROOM, "floor")
    building.add_ceiling(stage, ROOM, "ceiling")
    building.add_beams(stage, ROOM, "bar", step=1.5)
    building.add_wall(stage, ROOM, "back", "brick", [SHOP_WINDOW], skirting="bar")
    building.add_wall(stage, ROOM, "left", "plaster", SIDE_WINDOWS, skirting="bar")
    building.add_wall(stage, ROOM, "right", "plaster", skirting="bar")
    building.add_wall(stage, ROOM, "front", "plaster", [Opening(-2, 0.6, 0.8, 2.6, columns=3)])


def add_window_seat(stage: Stage) -> None:
    """A bench and cladding in the accent colour below the window, cushions, a small table."""
    rng = stage.rng
    boards = repeat_shape(box(0.094, 0.03, 0.88), 18, (0.097, 0, 0)).moved(-2.25, ROOM.back - 0.03)
    stage.add_shape(boards, "accent")
    stage.add_shape(cushion(1.75, 0.5, 0.14, softness=0.2).moved(-1.45, 6.25, 0.42), "accent")
    stage.add_shape(box(1.75, 0.48, 0.42).moved(-1.45, 6.26, 0), "bar")
    for x, yaw in ((-2.0, 12), (-1.55, -8), (-0.9, 6)):
        pillow = cushion(0.42, 0.16, 0.4, softness=0.6).rotated(x=-14, z=yaw)
        stage.add_shape(pillow.moved(x, 6.32, 0.55), "accent" if x == -1.55 else "seat")
    for x, y in ((-1.35, 5.3), (-1.15, 3.55), (0.45, 5.6)):
        stage.place_parts(furniture.make_round_table(), (x, y, 0))
        stage.place_parts(clutter.make_cup(), (x - 0.1, y - 0.05, 0.76), yaw=rng.uniform(0, 360))
        stage.place_parts(
            plants.put_in_pot(plants.make_fern(rng, 0.16), 0.05, 0.08), (x + 0.12, y + 0.1, 0.76)
        )
    for x, y, yaw in ((-1.05, 4.85, 200), (-0.55, 3.7, 80), (0.9, 5.35, -110), (-1.9, 3.5, -95)):
        stage.place_parts(
            furniture.make_wooden_chair(), (x, y, 0), yaw=yaw, seat="accent", legs="bar"
        )


def add_counter(stage: Stage) -> None:
    rng = stage.rng
    stage.add_shape(
        repeat_shape(box(0.085, 0.04, 1.0), 22, (0.088, 0, 0)).moved(0.68, 4.72), "accent"
    )
    stage.add_shape(box(2.0, 0.62, 1.0).moved(1.65, 5.05), "dark")
    stage.add_shape(box(2.1, 0.74, 0.05).moved(1.63, 5.0, 1.0), "wood")
    stage.place_parts(make_espresso_machine(), (1.35, 5.1, 1.05))
    for index in range(9):
        stage.place_parts(
            clutter.make_cup(), (1.08 + 0.09 * (index % 6), 5.05 + 0.1 * (index // 6), 1.46)
        )
    stage.place_parts(plants.put_in_pot(plants.make_fern(rng, 0.3), 0.1, 0.16), (0.82, 4.9, 1.05))
    for x in (0.95, 1.55):
        stage.place_parts(furniture.make_stool(0.74), (x, 4.3, 0), seat="wood", legs="dark")


def make_espresso_machine():
    body = join_shapes([box(0.62, 0.42, 0.3).moved(z=0.08), box(0.66, 0.46, 0.03).moved(z=0.38)])
    heads = join_shapes(cylinder(0.035, 0.08).moved(x, -0.24, 0.16) for x in (-0.17, 0.0, 0.17))
    wands = join_shapes(
        tube([(x, -0.22, 0.3), (x * 1.1, -0.3, 0.08)], 0.008) for x in (-0.28, 0.28)
    )
    return {
        "metal": join_shapes([body, heads, wands]),
        "dark": box(0.6, 0.3, 0.03).moved(y=-0.12, z=0.05),
    }


def add_wall_shelves(stage: Stage) -> None:
    """Boards of jars, bottles and cups on the brick, right of the middle."""
    rng = stage.rng
    makers = (
        clutter.make_jar,
        clutter.make_bottle,
        clutter.make_jar,
        lambda _: clutter.make_cup(1.15),
    )
    for z, make_item in zip((1.3, 1.68, 2.06, 2.44), makers, strict=True):
        stage.add_shape(box(1.6, 0.24, 0.035).moved(1.55, 6.46, z), "wood")
        stage.place_parts(clutter.fill_shelf(rng, make_item, 1.55), (0.78, 6.45, z + 0.035))
    stage.place_parts(
        plants.put_in_pot(plants.make_trailing_plant(rng, 0.7), 0.09, 0.13), (0.95, 6.42, 2.475)
    )
    for x, z, width, height in (
        (-0.15, 1.95, 0.34, 0.46),
        (0.28, 1.75, 0.3, 0.38),
        (0.26, 2.25, 0.26, 0.26),
    ):
        stage.place_parts(clutter.make_framed_picture(width, height), (x, ROOM.back - 0.01, z))
    for x, y, size in ((-1.9, 5.6, 0.9), (-0.75, 6.2, 0.7)):
        stage.place_parts(
            plants.put_in_pot(plants.make_trailing_plant(rng, size), 0.12, 0.16), (x, y, 2.3)
        )
        stage.add_shape(tube([(x, y, 2.45), (x, y, 3.1)], 0.004), "dark")
    stage.place_parts(plants.put_in_pot(plants.make_ficus(rng, 1.3), 0.19, 0.4), (-2.25, 5.2, 0))


def add_hanging_lights(stage: Stage) -> None:
    for x in (0.95, 1.5, 2.05):
        lamps.add_dome_lamp(stage, (x, 4.85, 2.02), radius=0.15, ceiling=3.1, shade="brass")
    for y, z, sag in ((3.6, 2.55, 0.16), (4.7, 2.75, 0.2), (5.9, 2.85, 0.24)):
        lamps.add_string_lights(stage, (-2.5, y, z), (2.4, y + 0.4, z + 0.05), count=17, sag=sag)
    for x, y in ((-1.35, 5.3), (-0.2, 6.0)):
        lamps.add_bulb(stage, (x, y, 2.15), ceiling=3.1)
    lamps.add_shaded_lamp(stage, (-1.6, -1.2, 0), height=1.5, watts=40)
    lamps.add_shaded_lamp(stage, (1.5, -1.6, 0), height=1.4, watts=18)


def add_street(stage: Stage) -> None:
    stage.set_sky()
    stage.add_sun(-48, strength=1.2)
    outside.add_ground(stage, "stone", z=-0.15)
    outside.add_terrace_houses(stage, stage.rng, y=36, left=-30, right=14)
    outside.add_trees(stage, stage.rng, [(-6.5, 17, 0), (-3.0, 21, 0), (-11, 24, 0)], height=6)
    outside.add_street_lamps(stage, [(-3.4, 11.5), (-5.6, 17), (-4.2, 25), (-10, 27)])


SCENE = SceneScript(
    name="Cozy café",
    build=build_scene,
    seed=5,
    exposure={"morning": 0.6, "golden": 0.15, "evening": 0.1},
    tags=("social", "approachable", "cheerful", "author", "warm", "casual", "indoor"),
)
