"""A workshop: a pegboard of tools, a bench with instruments, drawers and bins, tube lights."""

from __future__ import annotations

from headshots.backdrops.scenes.kit import (
    building,
    clutter,
    furniture,
    glow,
    lamps,
    outside,
    plants,
)
from headshots.backdrops.scenes.kit import materials as m
from headshots.backdrops.scenes.kit.building import Opening, Room
from headshots.backdrops.scenes.kit.shapes import (
    box,
    cylinder,
    join_shapes,
    lathe,
    make_frame,
    sheet,
    tube,
)
from headshots.backdrops.scenes.kit.stage import Stage
from headshots.backdrops.scenes.scene import SceneScript

ROOM = Room(left=-2.6, right=2.7, front=-3.6, back=6.0, height=3.1)
HIGH_WINDOW = Opening(0.55, 2.3, 1.75, 2.85, columns=5, rows=3, bar=0.03)
SIDE_WINDOWS = tuple(
    Opening(y, y + 2.0, 1.0, 2.85, columns=4, rows=3, bar=0.03) for y in (-3.2, -0.8, 1.6, 3.8)
)
CYAN_LIGHT, TUBE_LIGHT = (0.20, 0.62, 1.0), (0.80, 0.91, 1.0)
RED_LIGHT, GREEN_LIGHT, AMBER_LIGHT = (1.0, 0.1, 0.05), (0.1, 1.0, 0.2), (1.0, 0.5, 0.05)
STATUS_LEDS = (
    (RED_LIGHT, -0.5, 1.06),
    (GREEN_LIGHT, -1.2, 1.44),
    (CYAN_LIGHT, 0.35, 1.1),
    (AMBER_LIGHT, 1.75, 1.16),
    (GREEN_LIGHT, 0.05, 1.0),
)
BENCH_HEIGHT = 0.92


def build_scene(stage: Stage) -> None:
    stage.palette.update(
        wall=m.make_concrete("block wall", (0.30, 0.30, 0.30)),
        floor=m.make_concrete("floor", (0.19, 0.185, 0.18), roughness=0.3),
        ply=m.make_wood("birch ply", (0.34, 0.22, 0.12), (0.50, 0.35, 0.21), along="x"),
        grip=m.make_mixed_colours(
            "grips",
            (
                (0.45, 0.06, 0.03),
                (0.50, 0.30, 0.04),
                (0.05, 0.06, 0.07),
                (0.06, 0.14, 0.26),
                (0.30, 0.16, 0.07),
            ),
        ),
        case=m.make_paint("case", (0.10, 0.105, 0.11), roughness=0.4),
        bins=m.make_mixed_colours(
            "bins", ((0.42, 0.07, 0.04), (0.45, 0.28, 0.05), (0.07, 0.15, 0.26), (0.20, 0.21, 0.22))
        ),
        code=glow.make_screen("code", strength=1.6),
    )
    build_shell(stage)
    add_tool_wall(stage)
    add_bench(stage)
    add_storage(stage)
    add_lights(stage)
    stage.set_sky()
    stage.add_sun(-50)
    outside.add_ground(stage, "stone", z=-1)
    outside.add_terrace_houses(stage, stage.rng, y=60, left=-8, right=40, position=(0, 0, -7))
    outside.add_skyline(
        stage,
        stage.rng,
        left=0,
        right=75,
        nearest=70,
        farthest=170,
        count=40,
        min_height=12,
        max_height=26,
        ground=-6,
    )
    outside.add_trees(stage, stage.rng, [(7.4, 17, -1)], height=7)


def build_shell(stage: Stage) -> None:
    building.add_floor(stage, ROOM, "floor")
    building.add_ceiling(stage, ROOM, "case")
    building.add_beams(stage, ROOM, "metal", step=1.6, size=(0.1, 0.2))
    building.add_wall(stage, ROOM, "back", "wall", [HIGH_WINDOW])
    building.add_wall(stage, ROOM, "left", "wall", SIDE_WINDOWS)
    building.add_wall(stage, ROOM, "right", "wall")
    building.add_wall(stage, ROOM, "front", "wall", [Opening(-1.5, 1.0, 1.0, 2.8, columns=4)])
    for x, z, radius in ((-1.1, 2.92, 0.05), (0.1, 2.86, 0.09)):
        stage.add_shape(tube([(x, ROOM.front, z), (x, ROOM.back, z)], radius), "metal")
    stage.add_shape(tube([(0.42, 5.93, 3.1), (0.42, 5.93, 1.0)], 0.02), "metal")


def add_tool_wall(stage: Stage) -> None:
    rng = stage.rng
    wall_y = ROOM.back - 0.03
    stage.add_shape(box(1.75, 0.03, 1.1).moved(-1.0, ROOM.back - 0.015, 1.3), "accent")
    stage.add_shape(
        make_frame(1.79, 1.14, bar=0.03, depth=0.05).moved(-1.0, ROOM.back - 0.03, 1.28), "ply"
    )
    stage.place_parts(clutter.make_hand_tools(rng, 1.36, 0.84), (-1.0, wall_y, 1.32), scale=1.25)
    for x, size in ((-0.35, 0.42), (0.2, 0.36), (0.62, 0.4)):
        stage.add_shape(box(size, 0.4, 0.34).moved(x, 5.62), "bins")
    stage.add_shape(box(0.5, 0.42, 0.3).moved(-0.3, 5.62, 0.36), "ply")
    for x, z in ((-1.62, 2.35), (-0.2, 2.2)):
        cable_coil = join_shapes(
            lathe([(0.13, 0), (0.12, 0.02), (0.14, 0.02)]).moved(z=0.03 * index)
            for index in range(3)
        )
        stage.add_shape(cable_coil.rotated(x=90).moved(x, wall_y - 0.02, z), "bins")
    stage.add_shape(box(1.9, 0.28, 0.03).moved(-1.0, wall_y - 0.14, 2.5), "ply")
    stage.place_parts(
        clutter.fill_shelf(rng, clutter.make_jar, 1.8), (-1.9, wall_y - 0.14, 2.53), jar="bins"
    )


def add_bench(stage: Stage) -> None:
    """A bench along the wall with instruments that glow, and one nearer with a laptop."""
    rng = stage.rng
    stage.add_shape(box(4.6, 0.72, 0.06).moved(0, 5.6, BENCH_HEIGHT - 0.06), "ply")
    for x in (-1.9, -0.3, 2.2):
        stage.add_shape(box(0.08, 0.6, BENCH_HEIGHT - 0.06).moved(x, 5.62), "dark")
    stage.place_parts(make_oscilloscope(), (-0.25, 5.65, BENCH_HEIGHT), yaw=-6)
    stage.place_parts(make_oscilloscope(0.8), (-0.7, 5.7, BENCH_HEIGHT), yaw=8)
    stage.place_parts(make_printer(), (-1.35, 5.6, BENCH_HEIGHT), bed="accent")
    stage.place_parts(clutter.make_monitor(0.6), (0.62, 5.7, BENCH_HEIGHT), yaw=-5, screen="code")
    stage.place_parts(clutter.make_monitor(0.5), (1.22, 5.6, BENCH_HEIGHT), yaw=-22, screen="code")
    lamps.add_desk_lamp(stage, (0.15, 5.5, BENCH_HEIGHT), yaw=15, shade="brass", watts=30)
    for index in range(5):
        stage.place_parts(
            clutter.make_pencil_cup(rng),
            (-1.9 + 0.85 * index, 5.4 + rng.uniform(0, 0.1), BENCH_HEIGHT),
            books="grip",
        )
    stage.add_shape(
        join_shapes(
            clutter.make_cable(
                (-0.9 + 0.4 * index, 5.75, 1.2), (-0.3 + 0.5 * index, 5.9, 1.25), sag=0.1
            )
            for index in range(3)
        ),
        "bins",
    )
    stage.place_parts(
        furniture.make_desk(1.2, 0.65, 0.9), (1.35, 4.15, 0), wood="ply", metal="dark"
    )
    stage.place_parts(clutter.make_laptop(), (1.15, 4.2, 0.937), yaw=-20, screen="code")
    stage.place_parts(clutter.make_cup(), (0.88, 4.0, 0.937))
    lamps.add_desk_lamp(stage, (1.52, 4.3, 0.937), yaw=170, shade="dark", watts=26)
    stage.place_parts(furniture.make_stool(0.68), (0.75, 4.7, 0), seat="accent", legs="dark")


def make_oscilloscope(size: float = 1.0):
    body = box(0.36, 0.2, 0.22)
    knobs = join_shapes(
        cylinder(0.012, 0.02)
        .rotated(x=90)
        .moved(0.1 + 0.045 * (index % 2), -0.1, 0.05 + 0.045 * (index // 2))
        for index in range(6)
    )
    screen = sheet(0.2, 0.15).moved(-0.06, -0.103, 0.04)
    return {"case": body.scaled(size), "metal": knobs.scaled(size), "code": screen.scaled(size)}


def make_printer():
    posts = join_shapes(
        box(0.04, 0.04, 0.5).moved(x, y) for x in (-0.21, 0.21) for y in (-0.2, 0.2)
    )
    slabs = [box(0.46, 0.44, 0.05), box(0.46, 0.44, 0.06).moved(z=0.48)]
    vase = cylinder(0.06, 0.16, top=0.09).moved(z=0.09)
    return {
        "case": join_shapes([posts, *slabs]),
        "metal": box(0.38, 0.03, 0.05).moved(z=0.3),
        "bed": join_shapes([box(0.3, 0.3, 0.02).moved(z=0.07), vase]),
    }


def add_storage(stage: Stage) -> None:
    """Drawers in the accent colour, a rack of bins, a rolling cabinet near the camera."""
    rng = stage.rng
    stage.place_parts(furniture.make_drawers(0.78, 0.84, 0.6, 6), (-1.0, 5.9, 0), front="ply")
    stage.place_parts(furniture.make_drawers(0.78, 0.84, 0.6, 4), (1.1, 5.9, 0), front="ply")
    stage.place_parts(
        furniture.make_drawers(0.7, 1.02, 0.5, 7),
        (-1.32, 4.35, 0),
        yaw=28,
        front="accent",
        body="accent",
    )
    stage.place_parts(clutter.make_jar(rng), (-1.2, 4.1, 1.02), jar="bins")
    stage.place_parts(
        plants.put_in_pot(plants.make_trailing_plant(rng, 0.35), 0.08, 0.12), (-1.45, 4.1, 1.02)
    )
    for z in (1.28, 1.52):
        stage.add_shape(box(1.35, 0.26, 0.02).moved(1.6, ROOM.back - 0.14, z), "dark")
        for index in range(8):
            stage.add_shape(
                make_open_bin().moved(1.02 + 0.165 * index, ROOM.back - 0.15, z + 0.02),
                "accent" if rng.random() < 0.6 else "bins",
            )


def make_open_bin():
    back, base = box(0.15, 0.02, 0.15).moved(y=0.1), box(0.15, 0.22, 0.01)
    sides = [box(0.01, 0.22, 0.11).moved(x) for x in (-0.07, 0.07)]
    return join_shapes([back, base, *sides, box(0.15, 0.01, 0.07).moved(y=-0.11)])


def add_lights(stage: Stage) -> None:
    tube_share = 0.22 if stage.mood.slug == "evening" else 1.0  # most tubes are off by then
    tube_light = {
        "colour": TUBE_LIGHT,
        "strength": 5 * tube_share,
        "watts": 26 * tube_share,
        "least": 0.6,
    }
    for x, y in ((-0.75, 3.6), (0.75, 3.6), (-0.75, 5.1), (0.75, 5.1)):
        lamps.add_light_strip(stage, (x, y, 2.62), (0.9, 0.05, 0.05), **tube_light)
    under_shelf = {"colour": CYAN_LIGHT, "strength": 7, "direction": (0, 0.3, -1)}
    lamps.add_light_strip(stage, (-1.0, 5.72, 2.46), (1.7, 0.02, 0.02), watts=26, **under_shelf)
    lamps.add_light_strip(stage, (1.4, 5.6, 1.72), (1.5, 0.02, 0.02), watts=9, **under_shelf)
    for x, y, z in ((-1.05, 4.9, 2.15), (1.1, 4.8, 2.2)):
        lamps.add_dome_lamp(stage, (x, y, z), radius=0.15, ceiling=3.1, watts=55)
    for colour, x, z in STATUS_LEDS:
        led = cylinder(0.012, 0.01).rotated(x=90).moved(x, 5.3, z)
        stage.add_shape(led, lamps.make_bulb_material(stage, 60, colour, least=14))
    add_face_lights(stage)


def add_face_lights(stage: Stage) -> None:
    """Behind the camera: a cool tube as the key, a warm lamp on the other side."""
    position, size = (-1.9, -0.4, 2.4), (0.9, 0.1, 0.05)
    lamps.add_light_strip(
        stage, position, size, colour=(0.72, 0.86, 1.0), watts=70, direction=(0.8, 0.7, -0.5)
    )
    lamps.add_shaded_lamp(stage, (1.7, 0.2, 0), height=1.5, watts=30)


SCENE = SceneScript(
    name="Workshop",
    build=build_scene,
    seed=6,
    contrast="High Contrast",
    tags=("developer", "founder", "workshop", "technical", "casual", "indoor"),
)
