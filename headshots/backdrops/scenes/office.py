"""A sleek office: timber slats, a long glazed side, desks under glass globes."""

from __future__ import annotations

from headshots.backdrops.scenes.kit import building, clutter, furniture, lamps, outside, plants
from headshots.backdrops.scenes.kit import materials as m
from headshots.backdrops.scenes.kit.building import Opening, Room
from headshots.backdrops.scenes.kit.shapes import box
from headshots.backdrops.scenes.kit.stage import Stage
from headshots.backdrops.scenes.scene import SceneScript

ROOM = Room(left=-3.4, right=2.15, front=-4, back=8.6, height=3.0)
WINDOW_PANES = tuple(
    Opening(y, y + 1.5, 0.12, 2.85, columns=1, rows=1)
    for y in (-3.6, -2.0, -0.4, 1.2, 2.8, 4.4, 6.0, 7.0)
)
CORNER_WINDOW = Opening(0.78, 2.4, 0.12, 2.85, columns=3, rows=1, bar=0.06)


def build_scene(stage: Stage) -> None:
    stage.palette.update(
        wall=m.make_paint("wall", (0.50, 0.48, 0.45), uneven=0.06),
        wood=m.make_wood("walnut", (0.11, 0.055, 0.026), (0.27, 0.15, 0.075), along="z"),
        trim=m.make_paint("trim", (0.05, 0.05, 0.052), roughness=0.4),
        table=m.make_wood("oak top", (0.30, 0.18, 0.09), (0.46, 0.30, 0.17)),
        floor=m.make_wood(
            "floor", (0.17, 0.12, 0.08), (0.31, 0.235, 0.165), along="y", roughness=0.28
        ),
    )
    build_shell(stage)
    add_workplaces(stage)
    add_partition(stage)
    add_plants(stage)
    add_view(stage)


def build_shell(stage: Stage) -> None:
    building.add_boards(stage, ROOM, "floor")
    building.add_ceiling(stage, ROOM, "ceiling")
    building.add_wall(stage, ROOM, "right", "wall", WINDOW_PANES)
    building.add_wall(stage, ROOM, "back", "wall", [CORNER_WINDOW])
    building.add_wall(stage, ROOM, "left", "wall")
    building.add_wall(stage, ROOM, "front", "wall", [Opening(-2.6, 1.4, 0.5, 2.6, columns=3)])
    stage.add_shape(building.make_slats(1.5, 3.0).moved(0.0, ROOM.back - 0.02), "wood")
    stage.place_parts(building.make_door(), (-2.15, ROOM.back - 0.02, 0))
    for x in (-1.5, 0.55):
        lamps.add_light_strip(
            stage,
            (x, 4.5, 2.93),
            (0.09, 7.5, 0.05),
            colour=(1.0, 0.80, 0.60),
            strength=2.2,
            watts=60,
            least=0.9,
        )
    lamps.add_spot_track(stage, (-0.6, 7.75, 2.95), (0.6, 0, 0), 3, watts=80, slant=(0, 0.45, -1))


def add_workplaces(stage: Stage) -> None:
    for x, y, yaw in ((1.35, 4.7, -8), (1.3, 7.0, 4), (-1.25, 7.6, 0)):
        stage.place_parts(furniture.make_desk(), (x, y, 0), yaw=yaw, wood="table")
        stage.place_parts(clutter.make_monitor(), (x - 0.2, y + 0.15, 0.765), yaw=yaw + 8)
        stage.place_parts(clutter.make_papers(stage.rng), (x + 0.35, y - 0.1, 0.767))
        stage.place_parts(clutter.make_pencil_cup(stage.rng), (x + 0.6, y + 0.2, 0.767))
        stage.place_parts(
            furniture.make_task_chair(), (x + 0.1, y + 0.75, 0), yaw=180 + yaw, seat="accent"
        )
    lamps.add_desk_lamp(stage, (1.85, 4.9, 0.765), yaw=200)
    for x, y, z in ((1.05, 4.3, 2.28), (1.15, 5.8, 2.28), (1.2, 7.4, 2.28)):
        lamps.add_globe_lamp(stage, (x, y, z), radius=0.12)


def add_partition(stage: Stage) -> None:
    """A partition in the accent colour, a shelf behind it, something on the wall."""
    stage.add_shape(box(1.95, 0.14, 3.0).moved(-2.0, 5.0), "accent")
    stage.place_parts(clutter.make_framed_picture(0.62, 0.8), (-1.55, 4.92, 1.5))
    stage.place_parts(furniture.make_cabinet(1.3, 0.82, 0.42, 2), (-1.95, 4.92, 0), front="table")
    stage.place_parts({"books": clutter.make_book_pile(stage.rng, count=4)}, (-1.5, 4.8, 0.82))
    stage.place_parts(clutter.make_vase(0.09, 0.3), (-1.32, 4.7, 0.82))
    stage.place_parts(
        furniture.make_shelving(1.2, 2.4, 6, bays=2), (-1.25, ROOM.back - 0.1, 0), wood="dark"
    )
    stage.place_parts(
        clutter.fill_with_books(stage.rng, 1.2, 2.4, 6, bays=2, fill=0.7),
        (-1.25, ROOM.back - 0.1, 0),
    )


def add_plants(stage: Stage) -> None:
    rng = stage.rng
    stage.place_parts(
        plants.put_in_pot(plants.make_fiddle_leaf_fig(rng, 1.5), 0.2, 0.42), (-0.92, 4.5, 0)
    )
    stage.place_parts(plants.put_in_pot(plants.make_ficus(rng, 1.7), 0.2, 0.4), (1.75, 8.4, 0))
    stage.place_parts(
        plants.put_in_pot(plants.make_monstera(rng), 0.2, 0.4), (0.62, 6.1, 0), scale=0.85
    )
    stage.place_parts(
        plants.put_in_pot(plants.make_trailing_plant(rng, 0.6), 0.09, 0.12), (-1.2, 8.35, 2.42)
    )


def add_view(stage: Stage) -> None:
    stage.set_sky()
    stage.add_sun(62)
    outside.add_skyline(
        stage,
        stage.rng,
        left=-160,
        right=160,
        nearest=60,
        farthest=200,
        yaw=-90,
        ground=-30,
        min_height=20,
        max_height=38,
    )
    outside.add_skyline(
        stage,
        stage.rng,
        left=-10,
        right=90,
        nearest=70,
        farthest=220,
        min_height=22,
        max_height=42,
        count=70,
        ground=-30,
    )


SCENE = SceneScript(
    name="Sleek office",
    build=build_scene,
    seed=7,
    contrast="High Contrast",
    exposure={"evening": 0.35},
    tags=("linkedin", "corporate", "founder", "office", "modern", "formal", "indoor"),
)
