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
    join,
    lathe,
    row,
    sphere,
    tube,
)
from headshots.backdrops.scenes.kit.stage import Stage
from headshots.backdrops.scenes.scene import Scene

HALL = Room(left=-6.5, right=6.5, front=-5.0, back=17.5, height=6.4)
ROWS, FIRST, STEP, RISE, FLOOR = 11, 4.6, 0.98, 0.15, -1.0
CLERESTORY = tuple(
    Opening(y, y + 2.0, 2.4, 4.6, columns=1, rows=1, light=1.6)
    for y in (-3.5, -0.5, 2.5, 5.5, 8.5, 11.5, 14.5)
)
COLD, WARM = (0.30, 0.48, 1.0), (1.0, 0.70, 0.38)


def build(stage: Stage) -> None:
    stage.palette.update(
        wood=m.wood("fins", (0.17, 0.085, 0.04), (0.34, 0.19, 0.095), along="z"),
        wall=m.paint("wall", (0.16, 0.13, 0.115), uneven=0.08),
        ceiling=m.paint("ceiling", (0.05, 0.05, 0.055)),
        trim=m.paint("trim", (0.06, 0.055, 0.05)),
        seat=m.cloth("seat", (0.085, 0.08, 0.085), thread=30),
        carpet=m.cloth("carpet", (0.075, 0.07, 0.08), thread=30),
        cloud=m.paint("clouds", (0.46, 0.40, 0.34)),
        shell=m.paint("shell", (0.03, 0.03, 0.033)),
        booth=glow.light("booth", (1.0, 0.62, 0.32), 0.4 + 1.6 * stage.mood.lamps),
    )
    shell(stage)
    seating(stage)
    balcony(stage)
    ceiling(stage)
    truss(stage)
    stage.sky()
    stage.sun(-64, strength=1.3, elevation=20 if stage.mood.slug == "golden" else None)


def shell(stage: Stage) -> None:
    building.add_ceiling(stage, HALL, "ceiling")
    building.add_wall(stage, HALL, "left", "wall", CLERESTORY)
    for side in ("right", "back", "front"):
        building.add_wall(stage, HALL, side, "wall")
    stage.add(box(13, 7.5, 0.06).moved(0, -1.2, -0.06), "wood")
    stage.add(box(13, 0.2, 1.0).moved(0, 2.5, -1.0), "shell")
    for x in (HALL.left + 0.12, HALL.right - 0.12):
        fins = building.slats(13.5, 2.3, step=0.22, bar=0.09, depth=0.16).turned(z=90)
        stage.add(fins.moved(x, 9.6, 0), "wood")
    stage.add(
        building.slats(12.8, 2.0, step=0.2, bar=0.09, depth=0.14).moved(0, HALL.back - 0.1, 0.6),
        "wood",
    )
    for y in (6.2, 8.6, 11.0, 13.4, 15.8):
        for x in (HALL.left + 0.3, HALL.right - 0.3):
            sconce(stage, x, y, 1.9)


def sconce(stage: Stage, x: float, y: float, z: float) -> None:
    stage.add(cylinder(0.07, 0.28).moved(x, y, z), lamps.glow_material(stage, 14, least=0.8))
    stage.glow((x, y, z + 0.15), watts=55, radius=0.1, colour=WARM)


def seating(stage: Stage) -> None:
    """Rows that rise towards the back, some in the accent colour; an aisle with step lights."""
    fabric, plain, shells, treads = [], [], [], []
    for k in range(ROWS):
        y, z = FIRST + STEP * k, FLOOR + RISE * k
        treads.append(box(13, STEP, 1.2 + RISE * k).moved(0, y + 0.1, -2.2))
        for side in (-1, 1):
            for seat in range(9):
                x = side * (0.86 + 0.56 * seat + 0.05 * math.sin(k))
                chosen = fabric if stage.rng.random() < 0.55 else plain
                chosen.append(upholstery().moved(x, y - 0.02 * seat, z))
                shells.append(arms().moved(x, y - 0.02 * seat, z))
    stage.add(join(fabric), "accent")
    stage.add(join(plain), "seat")
    stage.add(join(shells), "shell")
    stage.add(join(treads), "carpet")
    steps = join(
        box(0.13, 0.02, 0.025).moved(side * 0.42, FIRST + STEP * k - 0.42, FLOOR + RISE * k + 0.03)
        for k in range(ROWS)
        for side in (-1, 1)
    )
    stage.add(steps, lamps.glow_material(stage, 12, least=0.6))


def upholstery() -> Shape:
    rest = cushion(0.48, 0.1, 0.5, soft=0.4, segments=12).turned(x=-10).moved(0, 0.2, 0.42)
    pad = cushion(0.46, 0.14, 0.42, soft=0.4, segments=12).turned(x=-22).moved(0, 0.06, 0.4)
    return join([rest, pad])


def arms() -> Shape:
    return join(
        [
            box(0.05, 0.4, 0.05).moved(0.28, 0.05, 0.6),
            box(0.04, 0.3, 0.6).moved(0.28, 0.08),
            box(0.5, 0.04, 0.5).turned(x=-10).moved(0, 0.3, 0.38),
        ]
    )


def balcony(stage: Stage) -> None:
    """A gallery at the back with a lit edge, its own lamps and the windows of the control booth."""
    y = HALL.back - 2.6
    stage.add(box(13, 2.6, 0.25).moved(0, y + 1.3, 2.85), "wall")
    stage.add(box(13, 0.1, 0.95).moved(0, y, 2.8), "wood")
    stage.add(
        box(13, 0.03, 0.04).moved(0, y - 0.07, 2.84), lamps.glow_material(stage, 5, least=0.4)
    )
    stage.add(row(box(1.0, 0.05, 0.6), 3, (1.25, 0, 0)).moved(-1.25, HALL.back - 0.2, 4.2), "booth")
    for x in range(-5, 6):
        stage.add(sphere(0.06, 14).moved(x, y + 0.7, 2.62), lamps.glow_material(stage, 22))
        stage.add(cylinder(0.07, 0.2).moved(x, y + 0.7, 2.66), "shell")
    for x in (-4, -1.4, 1.4, 4):
        stage.spot((x, y + 1.4, 2.7), (0, 0.2, -1), watts=260, degrees=100, colour=WARM)


def ceiling(stage: Stage) -> None:
    """Curved acoustic clouds under a dark roof, with rows of downlights between them."""
    for k in range(5):
        y = 7.0 + 2.4 * k
        stage.add(box(9.5, 1.7, 0.08).turned(x=-9).moved(0, y, 5.25), "cloud")
        places = [(-4.2 + 1.4 * i, y - 1.15, 5.15) for i in range(7)]
        stage.add(join(sphere(0.055, 12).moved(*p) for p in places), lamps.glow_material(stage, 20))
        for x, yy, z in places[::2]:
            stage.spot((x, yy, z), (0, 0.1, -1), watts=100, degrees=75, colour=WARM)


def truss(stage: Stage) -> None:
    """A lighting bar over the front rows; its lamps look back at the stage."""
    y, z = 6.4, 3.05
    rails = [
        tube([(-6, y + a, z + b), (6, y + a, z + b)], 0.025)
        for a, b in ((0, 0), (0.3, 0), (0.15, 0.26))
    ]
    braces = [
        tube(
            [(-6 + 0.4 * k, y, z), (-5.8 + 0.4 * k, y + 0.15, z + 0.26), (-5.6 + 0.4 * k, y, z)],
            0.012,
            segments=5,
        )
        for k in range(30)
    ]
    stage.add(join(rails + braces), "metal")
    can = lathe([(0.11, -0.16), (0.12, 0.1), (0.06, 0.2)]).turned(x=-70)
    for k, x in enumerate((-1.75, -1.2, -0.72, 0.78, 1.22, 1.72, -2.4, 2.4)):
        colour = COLD if k % 3 == 1 else WARM
        stage.add(can.moved(x, y, z - 0.2), "shell")
        stage.add(
            sphere(0.075, 16).moved(x, y - 0.14, z - 0.26),
            lamps.glow_material(stage, 26, colour, least=2),
        )
        if k < 6:
            stage.spot(
                (x, y - 0.3, z - 0.26), (-x, 1.3 - y, -1.2), watts=330, degrees=30, colour=colour
            )
    for x in (-3.2, 3.2):
        stage.lamp((x, -1.5, 3.8), (-x, 3.2, -2.2), size=0.6, watts=330, colour=WARM)
    for y in (6.5, 11):
        stage.lamp((0, y, 5.0), (0, 0.2, -1), size=3.5, watts=330, colour=COLD)


SCENE = Scene(
    name="Conference hall",
    build=build,
    seed=8,
    contrast="High Contrast",
    exposure={"evening": -0.55},
    tags=("speaker", "corporate", "stage", "event", "formal", "indoor"),
)
