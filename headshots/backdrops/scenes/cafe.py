"""A cozy café: brick, a wooden bar with jars, a window on the street, lights on a string."""

from __future__ import annotations

from headshots.backdrops.scenes.kit import building, clutter, furniture, lamps, outside, plants
from headshots.backdrops.scenes.kit import materials as m
from headshots.backdrops.scenes.kit.building import Opening, Room
from headshots.backdrops.scenes.kit.shapes import box, cushion, cylinder, join, row, tube
from headshots.backdrops.scenes.kit.stage import Stage
from headshots.backdrops.scenes.scene import Scene

ROOM = Room(left=-2.6, right=2.5, front=-4, back=6.6, height=3.1)
SHOP_WINDOW = Opening(-2.3, -0.55, 0.95, 2.75, columns=3, rows=2)
SIDE = (
    Opening(-2.8, -0.6, 0.9, 2.75, columns=3),
    Opening(0.2, 2.6, 0.9, 2.75, columns=3),
    Opening(3.3, 5.6, 0.9, 2.75, columns=3),
)


def build(stage: Stage) -> None:
    stage.palette.update(
        brick=m.bricks("brick", ((0.30, 0.12, 0.075), (0.21, 0.085, 0.055)), (0.30, 0.26, 0.22)),
        plaster=m.paint("plaster", (0.50, 0.44, 0.36), uneven=0.1),
        floor=m.wood("floor", (0.10, 0.055, 0.03), (0.22, 0.13, 0.07), along="y", roughness=0.32),
        bar=m.wood("bar", (0.13, 0.065, 0.03), (0.30, 0.17, 0.085), along="z"),
        frame=m.wood("frames", (0.09, 0.05, 0.03), (0.16, 0.09, 0.05), along="z"),
        ceiling=m.paint("ceiling", (0.42, 0.38, 0.33)),
    )
    shell(stage)
    window_seat(stage)
    counter(stage)
    wall_shelves(stage)
    hanging_lights(stage)
    street(stage)


def shell(stage: Stage) -> None:
    building.add_boards(stage, ROOM, "floor")
    building.add_ceiling(stage, ROOM, "ceiling")
    building.add_beams(stage, ROOM, "bar", step=1.5)
    building.add_wall(stage, ROOM, "back", "brick", [SHOP_WINDOW], skirting="bar")
    building.add_wall(stage, ROOM, "left", "plaster", SIDE, skirting="bar")
    building.add_wall(stage, ROOM, "right", "plaster", skirting="bar")
    building.add_wall(stage, ROOM, "front", "plaster", [Opening(-2, 0.6, 0.8, 2.6, columns=3)])


def window_seat(stage: Stage) -> None:
    """A bench and cladding in the accent colour below the window, cushions, a small table."""
    rng = stage.rng
    boards = row(box(0.094, 0.03, 0.88), 18, (0.097, 0, 0)).moved(-2.25, ROOM.back - 0.03)
    stage.add(boards, "accent")
    stage.add(cushion(1.75, 0.5, 0.14, soft=0.2).moved(-1.45, 6.25, 0.42), "accent")
    stage.add(box(1.75, 0.48, 0.42).moved(-1.45, 6.26, 0), "bar")
    for x, turn in ((-2.0, 12), (-1.55, -8), (-0.9, 6)):
        pad = cushion(0.42, 0.16, 0.4, soft=0.6).turned(x=-14, z=turn)
        stage.add(pad.moved(x, 6.32, 0.55), "accent" if x == -1.55 else "seat")
    for x, y in ((-1.35, 5.3), (-1.15, 3.55), (0.45, 5.6)):
        stage.place(furniture.round_table(), (x, y, 0))
        stage.place(clutter.cup(), (x - 0.1, y - 0.05, 0.76), turn=rng.uniform(0, 360))
        stage.place(plants.planted(plants.fern(rng, 0.16), 0.05, 0.08), (x + 0.12, y + 0.1, 0.76))
    for x, y, turn in ((-1.05, 4.85, 200), (-0.55, 3.7, 80), (0.9, 5.35, -110), (-1.9, 3.5, -95)):
        stage.place(furniture.wooden_chair(), (x, y, 0), turn=turn, seat="accent", legs="bar")


def counter(stage: Stage) -> None:
    rng = stage.rng
    stage.add(row(box(0.085, 0.04, 1.0), 22, (0.088, 0, 0)).moved(0.68, 4.72), "accent")
    stage.add(box(2.0, 0.62, 1.0).moved(1.65, 5.05), "dark")
    stage.add(box(2.1, 0.74, 0.05).moved(1.63, 5.0, 1.0), "wood")
    stage.place(espresso_machine(), (1.35, 5.1, 1.05))
    for k in range(9):
        stage.place(clutter.cup(), (1.08 + 0.09 * (k % 6), 5.05 + 0.1 * (k // 6), 1.46))
    stage.place(plants.planted(plants.fern(rng, 0.3), 0.1, 0.16), (0.82, 4.9, 1.05))
    for x in (0.95, 1.55):
        stage.place(furniture.stool(0.74), (x, 4.3, 0), seat="wood", legs="dark")


def espresso_machine():
    body = join([box(0.62, 0.42, 0.3).moved(z=0.08), box(0.66, 0.46, 0.03).moved(z=0.38)])
    heads = join(cylinder(0.035, 0.08).moved(x, -0.24, 0.16) for x in (-0.17, 0.0, 0.17))
    wands = join(tube([(x, -0.22, 0.3), (x * 1.1, -0.3, 0.08)], 0.008) for x in (-0.28, 0.28))
    return {"metal": join([body, heads, wands]), "dark": box(0.6, 0.3, 0.03).moved(y=-0.12, z=0.05)}


def wall_shelves(stage: Stage) -> None:
    """Boards of jars, bottles and cups on the brick, right of the middle."""
    rng = stage.rng
    makers = (clutter.jar, clutter.bottle, clutter.jar, lambda _: clutter.cup(1.15))
    for z, make in zip((1.3, 1.68, 2.06, 2.44), makers, strict=True):
        stage.add(box(1.6, 0.24, 0.035).moved(1.55, 6.46, z), "wood")
        stage.place(clutter.along_shelf(rng, make, 1.55), (0.78, 6.45, z + 0.035))
    stage.place(plants.planted(plants.trailing(rng, 0.7), 0.09, 0.13), (0.95, 6.42, 2.475))
    for x, z, w, h in (
        (-0.15, 1.95, 0.34, 0.46),
        (0.28, 1.75, 0.3, 0.38),
        (0.26, 2.25, 0.26, 0.26),
    ):
        stage.place(clutter.picture(w, h), (x, ROOM.back - 0.01, z))
    for x, y, size in ((-1.9, 5.6, 0.9), (-0.75, 6.2, 0.7)):
        stage.place(plants.planted(plants.trailing(rng, size), 0.12, 0.16), (x, y, 2.3))
        stage.add(tube([(x, y, 2.45), (x, y, 3.1)], 0.004), "dark")
    stage.place(plants.planted(plants.ficus(rng, 1.3), 0.19, 0.4), (-2.25, 5.2, 0))


def hanging_lights(stage: Stage) -> None:
    for x in (0.95, 1.5, 2.05):
        lamps.dome(stage, (x, 4.85, 2.02), radius=0.15, ceiling=3.1, shade="brass")
    for y, z, sag in ((3.6, 2.55, 0.16), (4.7, 2.75, 0.2), (5.9, 2.85, 0.24)):
        lamps.string_lights(stage, (-2.5, y, z), (2.4, y + 0.4, z + 0.05), count=17, sag=sag)
    for x, y in ((-1.35, 5.3), (-0.2, 6.0)):
        lamps.bulb(stage, (x, y, 2.15), ceiling=3.1)
    lamps.shaded_lamp(stage, (-1.6, -1.2, 0), height=1.5, watts=40)
    lamps.shaded_lamp(stage, (1.5, -1.6, 0), height=1.4, watts=18)


def street(stage: Stage) -> None:
    stage.sky()
    stage.sun(-48, strength=1.2)
    outside.ground(stage, "stone", z=-0.15)
    outside.terrace_houses(stage, stage.rng, y=36, left=-30, right=14)
    outside.trees(stage, stage.rng, [(-6.5, 17, 0), (-3.0, 21, 0), (-11, 24, 0)], height=6)
    outside.street_lamps(stage, [(-3.4, 11.5), (-5.6, 17), (-4.2, 25), (-10, 27)])


SCENE = Scene(
    name="Cozy café",
    build=build,
    seed=5,
    exposure={"morning": 0.6, "golden": 0.15, "evening": 0.1},
    tags=("social", "approachable", "cheerful", "author", "warm", "casual", "indoor"),
)
