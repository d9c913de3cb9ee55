"""A creative studio: a loft with factory windows, a pinned wall, easels, jars of brushes."""

from __future__ import annotations

from headshots.backdrops.scenes.kit import building, clutter, furniture, lamps, outside, plants
from headshots.backdrops.scenes.kit import materials as m
from headshots.backdrops.scenes.kit.building import Opening, Room
from headshots.backdrops.scenes.kit.shapes import box, cylinder, join_shapes, tube
from headshots.backdrops.scenes.kit.stage import Stage
from headshots.backdrops.scenes.scene import SceneScript

ROOM = Room(left=-2.9, right=3.0, front=-4.0, back=7.6, height=3.6)
FACTORY_WINDOW = Opening(-2.75, -0.95, 0.95, 3.3, columns=4, rows=5, bar=0.035)
SIDE_WINDOWS = tuple(
    Opening(y, y + 2.2, 0.9, 3.3, columns=5, rows=5, bar=0.03) for y in (-3.4, -0.6, 2.2, 5.0)
)
INK_COLOURS = (
    (0.55, 0.10, 0.06),
    (0.60, 0.36, 0.05),
    (0.06, 0.20, 0.30),
    (0.60, 0.56, 0.48),
    (0.10, 0.24, 0.16),
    (0.55, 0.30, 0.26),
    (0.08, 0.08, 0.09),
    (0.62, 0.52, 0.30),
)
CANVAS_COLOURS = (
    (0.56, 0.50, 0.42),
    (0.50, 0.20, 0.11),
    (0.58, 0.53, 0.46),
    (0.11, 0.20, 0.25),
    (0.54, 0.36, 0.14),
)


def build_scene(stage: Stage) -> None:
    stage.palette.update(
        plaster=m.make_paint("plaster", (0.53, 0.50, 0.46), uneven=0.14, scale=0.9),
        brick=m.make_bricks(
            "white brick", ((0.52, 0.49, 0.45), (0.44, 0.41, 0.37)), (0.38, 0.36, 0.33)
        ),
        floor=m.make_concrete("screed", (0.27, 0.255, 0.24), roughness=0.35),
        ply=m.make_wood("plywood", (0.36, 0.24, 0.13), (0.52, 0.37, 0.22), along="x"),
        ink=m.make_mixed_colours("inks", INK_COLOURS),
        cork=m.make_paint("cork", (0.28, 0.17, 0.09), uneven=0.3, scale=60),
        canvas=m.make_abstract_art("canvas", CANVAS_COLOURS, scale=0.75),
    )
    build_shell(stage)
    add_pinned_wall(stage)
    add_worktables(stage)
    add_easels(stage)
    add_lights(stage)
    stage.set_sky()
    stage.add_sun(-52, strength=1.1)
    outside.add_ground(stage, "stone", z=-5)
    outside.add_terrace_houses(stage, stage.rng, y=34, left=-40, right=24, position=(0, 0, -6))
    outside.add_trees(stage, stage.rng, [(-6.5, 18, -4.4), (-9.5, 21, -4.4)], height=6)


def build_shell(stage: Stage) -> None:
    building.add_floor(stage, ROOM, "floor")
    building.add_ceiling(stage, ROOM, "ceiling")
    building.add_beams(stage, ROOM, "dark", step=1.9, size=(0.14, 0.26))
    building.add_wall(stage, ROOM, "back", "brick", [FACTORY_WINDOW])
    building.add_wall(stage, ROOM, "left", "brick", SIDE_WINDOWS)
    building.add_wall(stage, ROOM, "right", "plaster")
    building.add_wall(
        stage, ROOM, "front", "plaster", [Opening(-2, 1, 0.9, 3.2, columns=4, rows=4)]
    )
    for x, z in ((-0.4, 3.25), (0.0, 3.38)):
        stage.add_shape(tube([(x, ROOM.front, z), (x, ROOM.back, z)], 0.06), "metal")
    radiator = join_shapes(box(0.06, 0.12, 0.6).moved(-2.5 + 0.085 * index) for index in range(16))
    stage.add_shape(radiator.moved(0, ROOM.back - 0.12, 0.15), "trim")


def add_pinned_wall(stage: Stage) -> None:
    """A field of the accent colour on the wall, a cork board with sheets, shelves of jars."""
    rng = stage.rng
    wall_y = ROOM.back - 0.02
    stage.add_shape(box(2.1, 0.02, 3.0).moved(1.62, ROOM.back - 0.01), "accent")
    stage.add_shape(box(0.74, 0.03, 1.0).moved(1.22, wall_y, 1.3), "cork")
    sheets, coloured_sheets = [], []
    for _ in range(15):
        x, z = rng.uniform(0.95, 1.48), rng.uniform(1.35, 2.08)
        size = rng.uniform(0.08, 0.17)
        note = box(size, 0.002, size * rng.uniform(0.7, 1.4)).rotated(y=rng.uniform(-7, 7))
        (sheets if rng.random() < 0.45 else coloured_sheets).append(
            note.moved(x, wall_y - rng.uniform(0.02, 0.03), z)
        )
    stage.add_shape(join_shapes(sheets), "paper")
    stage.add_shape(join_shapes(coloured_sheets), "ink")
    for z, make_item in (
        (1.55, clutter.make_jar),
        (1.95, clutter.make_bottle),
        (2.35, clutter.make_jar),
    ):
        stage.add_shape(box(0.85, 0.24, 0.03).moved(2.2, wall_y - 0.12, z), "ply")
        stage.place_parts(
            clutter.fill_shelf(rng, make_item, 0.8), (1.8, wall_y - 0.12, z + 0.03), jar="ink"
        )
    stage.place_parts(
        plants.put_in_pot(plants.make_trailing_plant(rng, 0.7), 0.09, 0.13),
        (1.95, wall_y - 0.13, 2.38),
    )


def add_worktables(stage: Stage) -> None:
    rng = stage.rng
    for x, y, width in ((1.5, 4.6, 1.5), (1.3, 6.6, 2.2)):
        stage.place_parts(
            furniture.make_desk(width, 0.8, 0.86), (x, y, 0), wood="ply", metal="dark"
        )
        stage.place_parts(clutter.make_papers(rng, 8), (x - 0.1, y, 0.897), yaw=30)
        for index in range(4):
            stage.place_parts(
                clutter.make_pencil_cup(rng),
                (x - 0.45 + 0.3 * index, y + rng.uniform(0, 0.25), 0.897),
                scale=rng.uniform(1.0, 1.5),
                books="ink",
            )
        stage.add_shape(
            join_shapes(
                cylinder(0.03, 0.75)
                .rotated(x=rng.uniform(-5, 5), y=rng.uniform(-9, 9))
                .moved(x + 0.5 + 0.05 * index, y + 0.25, 0.9)
                for index in range(3)
            ),
            "paper",
        )
    stage.place_parts(clutter.make_monitor(0.66), (1.55, 4.75, 0.897), yaw=-14)
    lamps.add_desk_lamp(stage, (0.92, 4.8, 0.897), yaw=0, shade="accent", watts=14)
    lamps.add_desk_lamp(stage, (0.5, 6.7, 0.897), yaw=10, shade="brass")
    for x, y in ((0.95, 4.15), (0.4, 6.2), (1.9, 3.9)):
        stage.place_parts(furniture.make_stool(0.62), (x, y, 0), seat="accent", legs="dark")
    stage.place_parts({"books": clutter.make_book_pile(rng, count=5)}, (2.1, 6.7, 0.897))


def add_easels(stage: Stage) -> None:
    rng = stage.rng
    for x, y, yaw, width, height in ((-1.25, 4.6, 24, 0.72, 0.95), (-1.75, 6.3, 10, 0.9, 0.7)):
        stage.place_parts(make_easel(), (x, y, 0), yaw=yaw, wood="ply")
        stage.place_parts(
            {"canvas": box(width, 0.03, height).rotated(x=-8).moved(0, -0.1, 0.82)},
            (x, y, 0),
            yaw=yaw,
        )
    for index, (x, size) in enumerate(((-0.75, 0.9), (-0.55, 0.7), (-0.35, 1.1))):
        canvas = (
            box(size * 0.8, 0.03, size).rotated(x=-10).moved(x, ROOM.back - 0.25 - 0.06 * index)
        )
        stage.add_shape(canvas, "canvas" if index != 1 else "paper")
    stage.place_parts(plants.put_in_pot(plants.make_monstera(rng, 1.1), 0.22, 0.42), (-2.2, 5.4, 0))
    stage.place_parts(plants.put_in_pot(plants.make_ficus(rng, 1.6), 0.2, 0.42), (-0.95, 6.9, 0))


def make_easel():
    legs = [tube([(x, 0.0, 0), (x * 0.3, 0.05, 1.9)], 0.02) for x in (-0.35, 0.35)]
    rear_leg = tube([(0, 0.7, 0), (0, 0.08, 1.75)], 0.02)
    ledge = box(0.8, 0.1, 0.04).moved(0, -0.06, 0.78)
    return {"wood": join_shapes([*legs, rear_leg, ledge, box(0.05, 0.03, 1.9).moved(0, 0.02, 0.1)])}


def add_lights(stage: Stage) -> None:
    for x, y, z in ((0.75, 4.4, 2.25), (1.35, 5.6, 2.3), (-0.9, 5.4, 2.45)):
        lamps.add_dome_lamp(stage, (x, y, z), radius=0.2, ceiling=3.6, shade="dark", watts=42)
    lamps.add_spot_track(stage, (-0.3, 6.2, 3.3), (0.6, 0, 0), 5, watts=55, slant=(0, 0.6, -1))
    lamps.add_string_lights(stage, (-2.8, 6.9, 3.0), (0.6, 7.3, 3.15), count=11, sag=0.18)
    lamps.add_shaded_lamp(stage, (-1.7, -0.8, 0), height=1.55, watts=45)
    lamps.add_shaded_lamp(stage, (1.9, -1.4, 0), height=1.5, watts=16)


SCENE = SceneScript(
    name="Creative studio",
    build=build_scene,
    seed=9,
    tags=("founder", "social", "approachable", "creative", "loft", "casual", "indoor"),
)
