"""A sleek office: timber slats, a long glazed side, desks under glass globes."""

from __future__ import annotations

from headshots.backdrops.scenes.kit import building, clutter, furniture, lamps, outside, plants
from headshots.backdrops.scenes.kit import materials as m
from headshots.backdrops.scenes.kit.building import Opening, Room
from headshots.backdrops.scenes.kit.shapes import box
from headshots.backdrops.scenes.kit.stage import Stage
from headshots.backdrops.scenes.scene import Scene

ROOM = Room(left=-3.4, right=2.15, front=-4, back=8.6, height=3.0)
PANES = tuple(
    Opening(y, y + 1.5, 0.12, 2.85, columns=1, rows=1)
    for y in (-3.6, -2.0, -0.4, 1.2, 2.8, 4.4, 6.0, 7.0)
)
CORNER = Opening(0.78, 2.4, 0.12, 2.85, columns=3, rows=1, bar=0.06)


def build(stage: Stage) -> None:
    stage.palette.update(
        wall=m.paint("wall", (0.50, 0.48, 0.45), uneven=0.06),
        wood=m.wood("walnut", (0.11, 0.055, 0.026), (0.27, 0.15, 0.075), along="z"),
        trim=m.paint("trim", (0.05, 0.05, 0.052), roughness=0.4),
        table=m.wood("oak top", (0.30, 0.18, 0.09), (0.46, 0.30, 0.17)),
        floor=m.wood("floor", (0.17, 0.12, 0.08), (0.31, 0.235, 0.165), along="y", roughness=0.28),
    )
    shell(stage)
    workplaces(stage)
    left_side(stage)
    greenery(stage)
    view(stage)


def shell(stage: Stage) -> None:
    building.add_boards(stage, ROOM, "floor")
    building.add_ceiling(stage, ROOM, "ceiling")
    building.add_wall(stage, ROOM, "right", "wall", PANES)
    building.add_wall(stage, ROOM, "back", "wall", [CORNER])
    building.add_wall(stage, ROOM, "left", "wall")
    building.add_wall(stage, ROOM, "front", "wall", [Opening(-2.6, 1.4, 0.5, 2.6, columns=3)])
    stage.add(building.slats(1.5, 3.0).moved(0.0, ROOM.back - 0.02), "wood")
    stage.place(building.door(), (-2.15, ROOM.back - 0.02, 0))
    for x in (-1.5, 0.55):
        lamps.strip(
            stage,
            (x, 4.5, 2.93),
            (0.09, 7.5, 0.05),
            colour=(1.0, 0.80, 0.60),
            strength=2.2,
            watts=60,
            least=0.9,
        )
    lamps.track(stage, (-0.6, 7.75, 2.95), (0.6, 0, 0), 3, watts=80, lean=(0, 0.45, -1))


def workplaces(stage: Stage) -> None:
    for x, y, turn in ((1.35, 4.7, -8), (1.3, 7.0, 4), (-1.25, 7.6, 0)):
        stage.place(furniture.desk(), (x, y, 0), turn=turn, wood="table")
        stage.place(clutter.monitor(), (x - 0.2, y + 0.15, 0.765), turn=turn + 8)
        stage.place(clutter.papers(stage.rng), (x + 0.35, y - 0.1, 0.767))
        stage.place(clutter.pencils(stage.rng), (x + 0.6, y + 0.2, 0.767))
        stage.place(furniture.task_chair(), (x + 0.1, y + 0.75, 0), turn=180 + turn, seat="accent")
    lamps.desk_lamp(stage, (1.85, 4.9, 0.765), turn=200)
    for x, y, z in ((1.05, 4.3, 2.28), (1.15, 5.8, 2.28), (1.2, 7.4, 2.28)):
        lamps.globe(stage, (x, y, z), radius=0.12)


def left_side(stage: Stage) -> None:
    """A partition in the accent colour, a shelf behind it, something on the wall."""
    stage.add(box(1.95, 0.14, 3.0).moved(-2.0, 5.0), "accent")
    stage.place(clutter.picture(0.62, 0.8), (-1.55, 4.92, 1.5))
    stage.place(furniture.cabinet(1.3, 0.82, 0.42, 2), (-1.95, 4.92, 0), front="table")
    stage.place({"books": clutter.lying(stage.rng, count=4)}, (-1.5, 4.8, 0.82))
    stage.place(clutter.vase(0.09, 0.3), (-1.32, 4.7, 0.82))
    stage.place(furniture.shelving(1.2, 2.4, 6, bays=2), (-1.25, ROOM.back - 0.1, 0), wood="dark")
    stage.place(
        clutter.stocked(stage.rng, 1.2, 2.4, 6, bays=2, full=0.7), (-1.25, ROOM.back - 0.1, 0)
    )


def greenery(stage: Stage) -> None:
    rng = stage.rng
    stage.place(plants.planted(plants.fiddle(rng, 1.5), 0.2, 0.42), (-0.92, 4.5, 0))
    stage.place(plants.planted(plants.ficus(rng, 1.7), 0.2, 0.4), (1.75, 8.4, 0))
    stage.place(plants.planted(plants.monstera(rng), 0.2, 0.4), (0.62, 6.1, 0), scale=0.85)
    stage.place(plants.planted(plants.trailing(rng, 0.6), 0.09, 0.12), (-1.2, 8.35, 2.42))


def view(stage: Stage) -> None:
    stage.sky()
    stage.sun(62)
    outside.skyline(
        stage,
        stage.rng,
        left=-160,
        right=160,
        near=60,
        far=200,
        turn=-90,
        ground=-30,
        low=20,
        high=38,
    )
    outside.skyline(
        stage,
        stage.rng,
        left=-10,
        right=90,
        near=70,
        far=220,
        low=22,
        high=42,
        count=70,
        ground=-30,
    )


SCENE = Scene(
    name="Sleek office",
    build=build,
    seed=7,
    contrast="High Contrast",
    exposure={"evening": 0.35},
    tags=("linkedin", "corporate", "founder", "office", "modern", "formal", "indoor"),
)
