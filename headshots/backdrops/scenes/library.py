"""An old library: walls of books, a tall window with velvet, brass lamps, a ladder, leather."""

from __future__ import annotations

from headshots.backdrops.scenes.kit import building, clutter, furniture, lamps, outside, plants
from headshots.backdrops.scenes.kit import materials as m
from headshots.backdrops.scenes.kit.building import Opening, Room
from headshots.backdrops.scenes.kit.shapes import box, cushion, lathe, sphere, tube
from headshots.backdrops.scenes.kit.stage import Stage
from headshots.backdrops.scenes.scene import SceneScript

ROOM = Room(left=-2.0, right=2.1, front=-3.6, back=6.8, height=3.5)
TALL_WINDOW = Opening(0.62, 1.5, 0.7, 3.0, columns=2, rows=4, bar=0.04)
SIDE_WINDOWS = (
    Opening(-2.6, -1.4, 0.6, 3.0, rows=4),
    Opening(-0.6, 0.8, 0.6, 3.0, rows=4),
    Opening(1.6, 2.8, 0.6, 3.0, rows=4),
    Opening(3.6, 4.5, 0.6, 3.0, rows=4),
)
LEATHER_COLOURS = (
    (0.30, 0.08, 0.05),
    (0.20, 0.08, 0.05),
    (0.09, 0.14, 0.10),
    (0.42, 0.26, 0.11),
    (0.10, 0.12, 0.18),
    (0.50, 0.40, 0.27),
    (0.24, 0.14, 0.08),
    (0.36, 0.13, 0.07),
    (0.58, 0.51, 0.39),
    (0.16, 0.10, 0.08),
)


def build_scene(stage: Stage) -> None:
    stage.palette.update(
        wood=m.make_wood(
            "mahogany", (0.13, 0.06, 0.03), (0.32, 0.165, 0.08), along="z", roughness=0.35
        ),
        floor=m.make_wood(
            "parquet", (0.12, 0.06, 0.03), (0.26, 0.15, 0.08), along="y", roughness=0.25
        ),
        books=m.make_mixed_colours("leather books", LEATHER_COLOURS, roughness=0.5),
        wall=m.make_paint("wall", (0.24, 0.20, 0.14), uneven=0.1),
        trim=m.make_wood("trim", (0.075, 0.03, 0.016), (0.19, 0.085, 0.04), along="z"),
        ceiling=m.make_paint("ceiling", (0.45, 0.40, 0.32)),
        seat=m.make_paint("leather", (0.20, 0.075, 0.03), roughness=0.35, uneven=0.25, scale=5),
        rug=m.make_abstract_art(
            "rug", ((0.20, 0.035, 0.025), (0.12, 0.03, 0.03), (0.30, 0.20, 0.12)), scale=9
        ),
    )
    build_shell(stage)
    add_bookcases(stage)
    add_window_seat(stage)
    add_reading_corner(stage)
    add_desk(stage)
    stage.set_sky()
    stage.add_sun(-56, strength=1.1)
    outside.add_ground(stage, "stone", z=-3)
    outside.add_trees(stage, stage.rng, [(2.6, 12.5, -2), (5.4, 16, -2), (1.5, 19, -2)], height=7)
    outside.add_terrace_houses(stage, stage.rng, y=32, left=-16, right=26, position=(0, 0, -4))


def build_shell(stage: Stage) -> None:
    building.add_boards(stage, ROOM, "floor", width=0.1, length=0.9)
    building.add_ceiling(stage, ROOM, "ceiling")
    building.add_beams(stage, ROOM, "wood", step=1.3, size=(0.16, 0.2))
    building.add_wall(stage, ROOM, "back", "wall", [TALL_WINDOW])
    building.add_wall(stage, ROOM, "left", "wall", SIDE_WINDOWS)
    building.add_wall(stage, ROOM, "right", "wall")
    building.add_wall(stage, ROOM, "front", "wall")
    stage.add_shape(box(2.6, 3.0, 0.012).moved(0, 4.3), "rug")


def add_bookcases(stage: Stage) -> None:
    """Cases on the far wall either side of the window and along both sides of the room."""
    rng = stage.rng
    for x, width, bays in ((-1.02, 1.9, 2), (0.3, 0.5, 1), (1.86, 0.5, 1)):
        position = (x, ROOM.back - 0.02, 0)
        stage.place_parts(
            furniture.make_shelving(width, 2.9, 8, bays=bays, has_back=True), position
        )
        stage.place_parts(
            clutter.fill_with_books(rng, width, 2.9, 8, bays=bays, fill=0.93), position
        )
        stage.add_shape(box(width + 0.08, 0.4, 0.14).moved(x, ROOM.back - 0.2, 2.92), "wood")
    for x, yaw in ((ROOM.right - 0.02, -90), (ROOM.left + 0.02, 90)):
        position = (x, 5.75, 0)
        stage.place_parts(
            furniture.make_shelving(1.7, 2.9, 8, bays=2, has_back=True), position, yaw=yaw
        )
        stage.place_parts(
            clutter.fill_with_books(rng, 1.7, 2.9, 8, bays=2, fill=0.93), position, yaw=yaw
        )
    stage.place_parts(furniture.make_ladder(2.7), (-0.95, ROOM.back - 0.42, 0), wood="floor")
    for x in (-1.5, -0.55, 0.3):
        lamp_arm = tube([(x, 6.5, 3.0), (x, 6.2, 3.12), (x, 6.12, 3.02)], 0.012)
        stage.add_shape(lamp_arm, "brass")
        stage.add_shape(lathe([(0.05, 0), (0.03, 0.09)]).moved(x, 6.12, 2.95), "brass")
        stage.add_shape(sphere(0.032, 14).moved(x, 6.12, 2.95), lamps.make_bulb_material(stage, 26))
        stage.add_spot_lamp(
            (x, 6.12, 2.92), (0, 0.42, -1), watts=110, degrees=95, colour=(1.0, 0.66, 0.34)
        )


def add_window_seat(stage: Stage) -> None:
    """Velvet in the accent colour from ceiling to floor, a seat with cushions between."""
    for x in (0.62, 1.52):
        stage.add_shape(
            building.make_curtain(0.42, 3.05, folds=4, depth=0.08).moved(x, ROOM.back - 0.48, 0.05),
            "accent",
        )
    stage.add_shape(box(1.5, 0.06, 0.28).moved(1.07, ROOM.back - 0.5, 2.98), "accent")
    stage.add_shape(box(0.9, 0.45, 0.45).moved(1.06, ROOM.back - 0.26), "wood")
    stage.add_shape(
        cushion(0.88, 0.44, 0.12, softness=0.2).moved(1.06, ROOM.back - 0.27, 0.45), "accent"
    )


def add_reading_corner(stage: Stage) -> None:
    rng = stage.rng
    stage.place_parts(furniture.make_armchair(), (1.2, 4.7, 0), yaw=35, scale=1.08, legs="wood")
    pillow = cushion(0.38, 0.13, 0.36, softness=0.6).rotated(x=-14, z=32)
    stage.add_shape(pillow.moved(1.2, 4.72, 0.56), "accent")
    lamps.add_shaded_lamp(stage, (0.72, 5.55, 0), height=1.35, radius=0.19, watts=34)
    stage.place_parts(furniture.make_round_table(0.26, 0.56), (1.62, 3.95, 0))
    stage.place_parts({"books": clutter.make_book_pile(rng, count=4)}, (1.62, 4.05, 0.59))
    stage.place_parts(
        plants.put_in_pot(plants.make_palm(rng, 0.85), 0.19, 0.4), (1.85, 5.7, 0), pot="brass"
    )


def add_desk(stage: Stage) -> None:
    rng = stage.rng
    stage.add_shape(box(1.5, 0.75, 0.05).moved(-1.45, 4.5, 0.76), "wood")
    for x in (-2.0, -0.95):
        stage.add_shape(box(0.4, 0.68, 0.76).moved(x, 4.5), "wood")
    lamps.add_banker_lamp(stage, (-1.15, 4.6, 0.81), watts=14)
    stage.place_parts({"books": clutter.make_book_pile(rng, count=6)}, (-0.85, 4.6, 0.81), yaw=20)
    stage.place_parts({"books": clutter.make_book_pile(rng, count=3)}, (-1.6, 4.5, 0.81), yaw=-30)
    stage.place_parts(clutter.make_papers(rng, 7), (-1.3, 4.3, 0.812))
    add_globe(stage, (-1.5, 4.75, 0.81))
    lamps.add_shaded_lamp(stage, (-1.5, -0.9, 0), height=1.45, watts=95)
    lamps.add_shaded_lamp(stage, (1.5, -1.9, 0), height=1.4, watts=35)


def add_globe(stage: Stage, position) -> None:
    x, y, z = position
    stage.add_shape(
        sphere(0.15, 28).moved(x, y, z + 0.3),
        m.make_abstract_art(
            "globe", ((0.10, 0.16, 0.17), (0.36, 0.28, 0.14), (0.12, 0.19, 0.20)), scale=6
        ),
    )
    stage.add_shape(
        lathe([(0.1, 0), (0.09, 0.02), (0.015, 0.05), (0.015, 0.15)]).moved(x, y, z), "brass"
    )


SCENE = SceneScript(
    name="Library",
    build=build_scene,
    seed=12,
    exposure={"morning": 1.25, "golden": 0.75, "evening": 0.85},
    tags=("author", "corporate", "speaker", "study", "warm", "formal", "indoor"),
)
