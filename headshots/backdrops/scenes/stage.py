"""A conference hall from its stage: tiers of seats, timber fins, a balcony, spots on a truss."""

from __future__ import annotations

import math

from headshots.backdrops.scenes.kit import building, glow, lamps
from headshots.backdrops.scenes.kit import materials as m
from headshots.backdrops.scenes.kit.building import Opening, Room
from headshots.backdrops.scenes.kit.shapes import (
    Shape,
    box,
    cushion,
    cylinder,
    join_shapes,
    lathe,
    repeat_shape,
    sphere,
    tube,
)
from headshots.backdrops.scenes.kit.stage import Stage
from headshots.backdrops.scenes.scene import SceneScript

HALL = Room(left=-6.5, right=6.5, front=-5.0, back=17.5, height=6.4)
ROW_COUNT, FIRST_ROW_Y, ROW_DEPTH, ROW_RISE, FLOOR_Z = 11, 4.6, 0.98, 0.15, -1.0
CLERESTORY_WINDOWS = tuple(
    Opening(y, y + 2.0, 2.4, 4.6, columns=1, rows=1, light=1.6)
    for y in (-3.5, -0.5, 2.5, 5.5, 8.5, 11.5, 14.5)
)
COLD_LIGHT, WARM_LIGHT = (0.30, 0.48, 1.0), (1.0, 0.70, 0.38)


def build_scene(stage: Stage) -> None:
    stage.palette.update(
        wood=m.make_wood("fins", (0.17, 0.085, 0.04), (0.34, 0.19, 0.095), along="z"),
        wall=m.make_paint("wall", (0.16, 0.13, 0.115), uneven=0.08),
        ceiling=m.make_paint("ceiling", (0.05, 0.05, 0.055)),
        trim=m.make_paint("trim", (0.06, 0.055, 0.05)),
        seat=m.make_cloth("seat", (0.085, 0.08, 0.085), thread_scale=30),
        carpet=m.make_cloth("carpet", (0.075, 0.07, 0.08), thread_scale=30),
        cloud=m.make_paint("clouds", (0.46, 0.40, 0.34)),
        shell=m.make_paint("shell", (0.03, 0.03, 0.033)),
        booth=glow.make_emitter("booth", (1.0, 0.62, 0.32), 0.4 + 1.6 * stage.mood.lamps),
    )
    build_shell(stage)
    add_seating(stage)
    add_balcony(stage)
    add_ceiling(stage)
    add_truss(stage)
    stage.set_sky()
    stage.add_sun(-64, strength=1.3, elevation=20 if stage.mood.slug == "golden" else None)


def build_shell(stage: Stage) -> None:
    building.add_ceiling(stage, HALL, "ceiling")
    building.add_wall(stage, HALL, "left", "wall", CLERESTORY_WINDOWS)
    for side in ("right", "back", "front"):
        building.add_wall(stage, HALL, side, "wall")
    stage.add_shape(box(13, 7.5, 0.06).moved(0, -1.2, -0.06), "wood")
    stage.add_shape(box(13, 0.2, 1.0).moved(0, 2.5, -1.0), "shell")
    for x in (HALL.left + 0.12, HALL.right - 0.12):
        fins = building.make_slats(13.5, 2.3, step=0.22, bar=0.09, depth=0.16).rotated(z=90)
        stage.add_shape(fins.moved(x, 9.6, 0), "wood")
    stage.add_shape(
        building.make_slats(12.8, 2.0, step=0.2, bar=0.09, depth=0.14).moved(
            0, HALL.back - 0.1, 0.6
        ),
        "wood",
    )
    for y in (6.2, 8.6, 11.0, 13.4, 15.8):
        for x in (HALL.left + 0.3, HALL.right - 0.3):
            add_sconce(stage, x, y, 1.9)


def add_sconce(stage: Stage, x: float, y: float, z: float) -> None:
    stage.add_shape(
        cylinder(0.07, 0.28).moved(x, y, z), lamps.make_bulb_material(stage, 14, least=0.8)
    )
    stage.add_point_lamp((x, y, z + 0.15), watts=55, radius=0.1, colour=WARM_LIGHT)


def add_seating(stage: Stage) -> None:
    """Rows that rise towards the back, some in the accent colour; an aisle with step lights."""
    accent_seats, plain_seats, seat_frames, floor_steps = [], [], [], []
    for row_index in range(ROW_COUNT):
        y, z = FIRST_ROW_Y + ROW_DEPTH * row_index, FLOOR_Z + ROW_RISE * row_index
        floor_steps.append(box(13, ROW_DEPTH, 1.2 + ROW_RISE * row_index).moved(0, y + 0.1, -2.2))
        for side in (-1, 1):
            for seat_index in range(9):
                x = side * (0.86 + 0.56 * seat_index + 0.05 * math.sin(row_index))
                seat_group = accent_seats if stage.rng.random() < 0.55 else plain_seats
                seat_group.append(make_upholstery().moved(x, y - 0.02 * seat_index, z))
                seat_frames.append(make_arms().moved(x, y - 0.02 * seat_index, z))
    stage.add_shape(join_shapes(accent_seats), "accent")
    stage.add_shape(join_shapes(plain_seats), "seat")
    stage.add_shape(join_shapes(seat_frames), "shell")
    stage.add_shape(join_shapes(floor_steps), "carpet")
    step_lights = join_shapes(
        box(0.13, 0.02, 0.025).moved(
            side * 0.42,
            FIRST_ROW_Y + ROW_DEPTH * row_index - 0.42,
            FLOOR_Z + ROW_RISE * row_index + 0.03,
        )
        for row_index in range(ROW_COUNT)
        for side in (-1, 1)
    )
    stage.add_shape(step_lights, lamps.make_bulb_material(stage, 12, least=0.6))


def make_upholstery() -> Shape:
    backrest = cushion(0.48, 0.1, 0.5, softness=0.4, segments=12).rotated(x=-10).moved(0, 0.2, 0.42)
    seat_pad = (
        cushion(0.46, 0.14, 0.42, softness=0.4, segments=12).rotated(x=-22).moved(0, 0.06, 0.4)
    )
    return join_shapes([backrest, seat_pad])


def make_arms() -> Shape:
    return join_shapes(
        [
            box(0.05, 0.4, 0.05).moved(0.28, 0.05, 0.6),
            box(0.04, 0.3, 0.6).moved(0.28, 0.08),
            box(0.5, 0.04, 0.5).rotated(x=-10).moved(0, 0.3, 0.38),
        ]
    )


def add_balcony(stage: Stage) -> None:
    """A gallery at the back with a lit edge, its own lamps and the windows of the control booth."""
    y = HALL.back - 2.6
    stage.add_shape(box(13, 2.6, 0.25).moved(0, y + 1.3, 2.85), "wall")
    stage.add_shape(box(13, 0.1, 0.95).moved(0, y, 2.8), "wood")
    stage.add_shape(
        box(13, 0.03, 0.04).moved(0, y - 0.07, 2.84), lamps.make_bulb_material(stage, 5, least=0.4)
    )
    stage.add_shape(
        repeat_shape(box(1.0, 0.05, 0.6), 3, (1.25, 0, 0)).moved(-1.25, HALL.back - 0.2, 4.2),
        "booth",
    )
    for x in range(-5, 6):
        stage.add_shape(
            sphere(0.06, 14).moved(x, y + 0.7, 2.62), lamps.make_bulb_material(stage, 22)
        )
        stage.add_shape(cylinder(0.07, 0.2).moved(x, y + 0.7, 2.66), "shell")
    for x in (-4, -1.4, 1.4, 4):
        stage.add_spot_lamp(
            (x, y + 1.4, 2.7), (0, 0.2, -1), watts=260, degrees=100, colour=WARM_LIGHT
        )


def add_ceiling(stage: Stage) -> None:
    """Curved acoustic clouds under a dark roof, with rows of downlights between them."""
    for row_index in range(5):
        y = 7.0 + 2.4 * row_index
        stage.add_shape(box(9.5, 1.7, 0.08).rotated(x=-9).moved(0, y, 5.25), "cloud")
        positions = [(-4.2 + 1.4 * column, y - 1.15, 5.15) for column in range(7)]
        stage.add_shape(
            join_shapes(sphere(0.055, 12).moved(*position) for position in positions),
            lamps.make_bulb_material(stage, 20),
        )
        for x, lamp_y, z in positions[::2]:
            stage.add_spot_lamp(
                (x, lamp_y, z), (0, 0.1, -1), watts=100, degrees=75, colour=WARM_LIGHT
            )


def add_truss(stage: Stage) -> None:
    """A lighting bar over the front rows; its lamps look back at the stage."""
    y, z = 6.4, 3.05
    rails = [
        tube([(-6, y + offset_y, z + offset_z), (6, y + offset_y, z + offset_z)], 0.025)
        for offset_y, offset_z in ((0, 0), (0.3, 0), (0.15, 0.26))
    ]
    braces = [
        tube(
            [
                (-6 + 0.4 * index, y, z),
                (-5.8 + 0.4 * index, y + 0.15, z + 0.26),
                (-5.6 + 0.4 * index, y, z),
            ],
            0.012,
            segments=5,
        )
        for index in range(30)
    ]
    stage.add_shape(join_shapes(rails + braces), "metal")
    housing = lathe([(0.11, -0.16), (0.12, 0.1), (0.06, 0.2)]).rotated(x=-70)
    for index, x in enumerate((-1.75, -1.2, -0.72, 0.78, 1.22, 1.72, -2.4, 2.4)):
        colour = COLD_LIGHT if index % 3 == 1 else WARM_LIGHT
        stage.add_shape(housing.moved(x, y, z - 0.2), "shell")
        stage.add_shape(
            sphere(0.075, 16).moved(x, y - 0.14, z - 0.26),
            lamps.make_bulb_material(stage, 26, colour, least=2),
        )
        if index < 6:
            stage.add_spot_lamp(
                (x, y - 0.3, z - 0.26), (-x, 1.3 - y, -1.2), watts=330, degrees=30, colour=colour
            )
    for x in (-3.2, 3.2):
        stage.add_area_lamp((x, -1.5, 3.8), (-x, 3.2, -2.2), size=0.6, watts=330, colour=WARM_LIGHT)
    for y in (6.5, 11):
        stage.add_area_lamp((0, y, 5.0), (0, 0.2, -1), size=3.5, watts=330, colour=COLD_LIGHT)


SCENE = SceneScript(
    name="Conference hall",
    build=build_scene,
    seed=8,
    contrast="High Contrast",
    exposure={"evening": -0.55},
    tags=("speaker", "corporate", "stage", "event", "formal", "indoor"),
)
