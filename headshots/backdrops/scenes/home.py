"""A home office: a desk, a painted niche with shelves, an armchair by the garden window."""

from __future__ import annotations

from headshots.backdrops.scenes.kit import building, clutter, furniture, lamps, outside, plants
from headshots.backdrops.scenes.kit import materials as m
from headshots.backdrops.scenes.kit.building import Opening, Room
from headshots.backdrops.scenes.kit.shapes import box, cushion, make_surface
from headshots.backdrops.scenes.kit.stage import Stage
from headshots.backdrops.scenes.scene import SceneScript

ROOM = Room(left=-2.3, right=2.5, front=-3.2, back=5.4, height=2.75)
GARDEN_WINDOW = Opening(0.62, 1.95, 0.85, 2.35, columns=2, rows=2, bar=0.05)
SIDE_WINDOWS = (
    Opening(-2.4, -0.9, 0.7, 2.4),
    Opening(0.2, 1.9, 0.3, 2.4),
    Opening(2.9, 4.5, 0.8, 2.4),
)


def build_scene(stage: Stage) -> None:
    stage.palette.update(
        wall=m.make_paint("wall", (0.58, 0.53, 0.46), uneven=0.06),
        trim=m.make_paint("trim", (0.66, 0.63, 0.58), roughness=0.4),
        frame=m.make_paint("window frames", (0.64, 0.61, 0.56), roughness=0.4),
        floor=m.make_wood(
            "oak floor", (0.25, 0.15, 0.075), (0.42, 0.28, 0.16), along="x", roughness=0.35
        ),
        rug=m.make_cloth("rug", (0.42, 0.34, 0.26), thread_scale=30),
        linen=m.make_leaf("linen", (0.60, 0.55, 0.47), (0.64, 0.59, 0.51)),
        seat=m.make_cloth("ochre", (0.40, 0.23, 0.07)),
        lawn=m.make_paint("lawn", (0.07, 0.15, 0.03), uneven=0.5, scale=3),
    )
    build_shell(stage)
    add_niche(stage)
    add_desk(stage)
    add_reading_corner(stage)
    add_garden(stage)


def build_shell(stage: Stage) -> None:
    building.add_boards(stage, ROOM, "floor", along="x")
    building.add_ceiling(stage, ROOM, "ceiling")
    building.add_wall(stage, ROOM, "back", "wall", [GARDEN_WINDOW])
    building.add_wall(stage, ROOM, "right", "wall", SIDE_WINDOWS)
    building.add_wall(stage, ROOM, "left", "wall")
    building.add_wall(stage, ROOM, "front", "wall", [Opening(-1.5, 0.2, 0.8, 2.3)])
    stage.add_shape(box(2.6, 1.9, 0.012).moved(-0.2, 3.6), "rug")
    for x in (0.5, 2.06):
        stage.add_shape(
            building.make_curtain(0.36, 2.45, folds=4).moved(x, ROOM.back - 0.1, 0.05), "linen"
        )
    stage.add_shape(box(2.2, 0.03, 0.03).moved(1.28, ROOM.back - 0.1, 2.5), "brass")


def add_niche(stage: Stage) -> None:
    """The left of the wall in the accent colour, with boards of books and small things."""
    rng = stage.rng
    wall_y = ROOM.back - 0.03
    stage.add_shape(box(1.75, 0.03, ROOM.height).moved(-1.3, ROOM.back - 0.015), "accent")
    for z in (1.32, 1.74, 2.16):
        stage.add_shape(box(1.02, 0.22, 0.03).moved(-1.12, wall_y - 0.11, z), "wood")
    stage.place_parts(clutter.make_book_row(rng, 0.55, max_height=0.26), (-1.6, wall_y, 1.35))
    stage.place_parts(clutter.make_book_row(rng, 0.42, max_height=0.27), (-1.05, wall_y, 1.77))
    stage.place_parts(clutter.make_book_row(rng, 0.36, max_height=0.24), (-1.58, wall_y, 2.19))
    stage.place_parts(clutter.make_vase(0.075, 0.24), (-0.85, wall_y - 0.11, 1.35))
    stage.place_parts(clutter.make_framed_picture(0.22, 0.28), (-1.45, wall_y - 0.06, 1.77))
    stage.place_parts(clutter.make_bowl(0.1), (-0.98, wall_y - 0.11, 2.19))
    stage.place_parts(
        plants.put_in_pot(plants.make_trailing_plant(rng, 0.6), 0.08, 0.11),
        (-0.75, wall_y - 0.12, 2.19),
    )


def add_desk(stage: Stage) -> None:
    rng = stage.rng
    stage.place_parts(furniture.make_desk(1.35, 0.62, 0.73), (-1.22, 4.98, 0), metal="wood")
    stage.place_parts(clutter.make_laptop(), (-1.15, 4.95, 0.767), yaw=14)
    stage.place_parts(clutter.make_pencil_cup(rng), (-1.3, 5.15, 0.767))
    stage.place_parts(clutter.make_cup(), (-0.78, 4.82, 0.767), yaw=30)
    stage.place_parts({"books": clutter.make_book_pile(rng, count=4)}, (-1.65, 5.15, 0.767))
    lamps.add_shaded_lamp(
        stage, (-0.68, 5.1, 0.767), height=0.3, radius=0.13, watts=26, base="china"
    )
    stage.place_parts(
        furniture.make_shell_chair(), (-0.95, 4.35, 0), yaw=150, seat="paper", legs="wood"
    )
    stage.place_parts(clutter.make_framed_picture(0.42, 0.56), (-0.08, ROOM.back, 1.55))
    stage.place_parts(clutter.make_framed_picture(0.3, 0.3), (0.2, ROOM.back, 2.2))
    stage.place_parts(clutter.make_framed_picture(0.28, 0.36), (-0.2, ROOM.back, 2.17))


def add_reading_corner(stage: Stage) -> None:
    """By the window: an armchair with a cushion and a throw, a lamp, a monstera."""
    rng = stage.rng
    stage.place_parts(furniture.make_armchair(), (1.15, 4.55, 0), yaw=24)
    pillow = cushion(0.4, 0.14, 0.38, softness=0.6).rotated(x=-14, z=20)
    stage.add_shape(pillow.moved(1.16, 4.62, 0.52), "accent")
    throw = make_surface(lambda u, v: (0.05 * v, (u - 0.5) * 0.5, 0.66 - 0.35 * v * v), 8, 8)
    stage.add_shape(throw.rotated(z=24).moved(0.8, 4.35), "linen")
    lamps.add_shaded_lamp(stage, (0.45, 5.1, 0), height=1.38, radius=0.17, watts=26)
    stage.place_parts(
        plants.put_in_pot(plants.make_monstera(rng, 1.05), 0.2, 0.4), (1.28, 3.75, 0), scale=0.85
    )
    stage.place_parts(plants.put_in_pot(plants.make_fern(rng, 0.24), 0.08, 0.13), (1.0, 5.36, 0.86))
    stage.place_parts(
        plants.put_in_pot(plants.make_fiddle_leaf_fig(rng, 1.45), 0.2, 0.4),
        (-1.08, 3.72, 0),
        scale=0.9,
    )
    lamps.add_globe_lamp(stage, (0.5, 4.4, 2.36), radius=0.15, ceiling=2.75, watts=26)
    lamps.add_shaded_lamp(stage, (-1.7, -0.6, 0), height=1.45, watts=42)
    lamps.add_shaded_lamp(stage, (1.6, -1.5, 0), height=1.4, watts=18)


def add_garden(stage: Stage) -> None:
    rng = stage.rng
    stage.set_sky()
    stage.add_sun(52, strength=1.05)
    outside.add_ground(stage, "lawn", z=-0.4)
    stage.add_shape(
        outside.make_hedge(rng, 14, 1.7, density=130, leaf_size=0.2).moved(4, 13, -0.4), "leaf"
    )
    outside.add_trees(
        stage,
        rng,
        [(2.9, 10.5, -0.6), (4.9, 12.5, -0.6), (1.6, 14, -0.6), (6.8, 15, -0.6)],
        height=4.6,
    )
    outside.add_terrace_houses(stage, rng, y=60, left=-12, right=40, position=(0, 0, -3))
    outside.add_street_lamps(stage, [(4.1, 14.0), (3.0, 18.0), (5.4, 24.0)])


SCENE = SceneScript(
    name="Home office",
    build=build_scene,
    seed=4,
    contrast="High Contrast",
    exposure={"golden": 0.1, "evening": 0.1},
    tags=("approachable", "developer", "social", "author", "home", "warm", "casual", "indoor"),
)
