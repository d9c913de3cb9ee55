"""A glass meeting room: a long table towards a dark screen, steel-framed glass, a town outside."""

from __future__ import annotations

from headshots.backdrops.scenes.kit import building, clutter, furniture, lamps, outside, plants
from headshots.backdrops.scenes.kit import materials as m
from headshots.backdrops.scenes.kit.building import Opening, Room
from headshots.backdrops.scenes.kit.shapes import box, cylinder, make_frame, repeat_shape, sheet
from headshots.backdrops.scenes.kit.stage import Stage
from headshots.backdrops.scenes.scene import SceneScript

ROOM = Room(left=-1.75, right=1.85, front=-3.0, back=7.6, height=2.9)
CORRIDOR = Room(left=-4.2, right=-1.75, front=-3.0, back=9.5, height=2.9)
GLASS_PARTITION = Opening(-2.8, 7.4, 0.08, 2.55, columns=9, rows=3, light=0, bar=0.05)
WINDOW_PANES = tuple(
    Opening(y, y + 2.3, 0.55, 2.65, columns=2, rows=1) for y in (-2.6, 0.0, 2.6, 5.1)
)


def build_scene(stage: Stage) -> None:
    stage.palette.update(
        wood=m.make_wood("ash", (0.30, 0.20, 0.12), (0.47, 0.33, 0.21), along="y"),
        panel=m.make_wood("panel", (0.16, 0.09, 0.05), (0.29, 0.18, 0.105), along="z"),
        carpet=m.make_cloth("carpet", (0.105, 0.115, 0.13), thread_scale=40),
        wall=m.make_paint("wall", (0.52, 0.51, 0.49), uneven=0.05),
        trim=m.make_paint("trim", (0.035, 0.035, 0.037), roughness=0.4),
        night=m.make_paint("screen off", (0.085, 0.10, 0.115), roughness=0.16),
    )
    build_shell(stage)
    add_table(stage)
    add_far_end(stage)
    add_corridor(stage)
    stage.set_sky()
    stage.add_sun(58)
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
        max_height=42,
    )


def build_shell(stage: Stage) -> None:
    building.add_floor(stage, ROOM, "carpet")
    building.add_ceiling(stage, ROOM, "ceiling")
    building.add_wall(stage, ROOM, "right", "wall", WINDOW_PANES)
    building.add_wall(stage, ROOM, "left", "wall", [GLASS_PARTITION], skirting=None)
    building.add_wall(stage, ROOM, "back", "panel")
    building.add_wall(stage, ROOM, "front", "wall", [Opening(-1.2, 1.5, 0.6, 2.6, columns=3)])
    for y in (5.2, 7.42):
        curtain = building.make_curtain(0.42, 2.75, folds=4).deformed(
            lambda vertices: vertices[:, [1, 0, 2]]
        )
        stage.add_shape(curtain.moved(ROOM.right - 0.12, y, 0.02), "paper")


def add_table(stage: Stage) -> None:
    rng = stage.rng
    stage.add_shape(box(1.05, 4.2, 0.045).moved(0, 4.4, 0.72), "wood")
    for y in (2.9, 5.9):
        stage.add_shape(box(0.5, 0.1, 0.72).moved(0, y), "dark")
    for index, y in enumerate((3.3, 4.25, 5.2, 6.1)):
        for side in (-1, 1):
            yaw = 90 * side + rng.uniform(-14, 14)
            stage.place_parts(
                furniture.make_task_chair(),
                (side * rng.uniform(0.86, 0.98), y, 0),
                yaw=-yaw,
                seat="accent",
            )
        stage.place_parts(clutter.make_papers(rng, 3), (-0.28 + 0.5 * (index % 2), y, 0.766))
        stage.place_parts(clutter.make_cup(), (0.3 - 0.5 * (index % 2), y + 0.2, 0.766))
    stage.place_parts(clutter.make_laptop(), (-0.25, 5.2, 0.766), yaw=75)
    stage.place_parts(clutter.make_bowl(), (0.05, 4.6, 0.766))
    for x in (-0.42, 0.42):
        lamps.add_light_strip(
            stage,
            (x, 4.9, 2.42),
            (0.06, 3.4, 0.05),
            colour=(1.0, 0.74, 0.46),
            strength=4,
            watts=45,
            least=0.8,
        )
        stage.add_shape(
            repeat_shape(cylinder(0.004, 0.6, segments=6), 2, (0, 2.8, 0)).moved(x, 3.5, 2.45),
            "dark",
        )
    for y in (3.4, 5.0, 6.8):
        lamps.add_globe_lamp(stage, (-1.25, y, 2.82), radius=0.07, ceiling=2.9, watts=7)
        lamps.add_globe_lamp(stage, (1.2, y, 2.82), radius=0.07, ceiling=2.9, watts=7)


def add_far_end(stage: Stage) -> None:
    """A wall of timber with a dark screen, a low cabinet, a plant and the painted niche."""
    rng = stage.rng
    wall_y = ROOM.back
    stage.add_shape(box(1.7, 0.06, 0.98).moved(-0.05, wall_y - 0.05, 1.15), "night")
    stage.add_shape(
        make_frame(1.74, 1.02, bar=0.02, depth=0.07).moved(-0.05, wall_y - 0.06, 1.13), "dark"
    )
    stage.add_shape(box(0.78, 0.05, 2.9).moved(1.35, wall_y - 0.03), "accent")
    stage.place_parts(clutter.make_framed_picture(0.46, 0.62), (1.33, wall_y - 0.06, 1.5))
    stage.add_shape(box(0.7, 0.05, 2.9).moved(-1.4, wall_y - 0.03), "accent")
    stage.place_parts(
        furniture.make_cabinet(2.2, 0.62, 0.4, 4), (0.0, wall_y - 0.03, 0), front="wood"
    )
    stage.place_parts({"books": clutter.make_book_pile(rng, count=4)}, (0.85, wall_y - 0.1, 0.62))
    stage.place_parts(clutter.make_vase(), (-0.85, wall_y - 0.25, 0.62))
    stage.place_parts(
        plants.put_in_pot(plants.make_ficus(rng, 1.35), 0.19, 0.38), (1.35, wall_y - 0.6, 0)
    )
    lamps.add_spot_track(
        stage, (-1.5, wall_y - 0.75, 2.88), (0.75, 0, 0), 5, watts=40, slant=(0, 0.5, -1)
    )


def add_corridor(stage: Stage) -> None:
    rng = stage.rng
    building.add_floor(stage, CORRIDOR, "wood")
    building.add_ceiling(stage, CORRIDOR, "ceiling")
    building.add_wall(stage, CORRIDOR, "left", "wall", [Opening(1.0, 3.4, 0.1, 2.5, columns=2)])
    building.add_wall(stage, CORRIDOR, "back", "panel")
    building.add_wall(stage, CORRIDOR, "front", "wall")
    for y in (5.6, 7.2, 8.8):
        lamps.add_dome_lamp(stage, (-2.9, y, 2.15), radius=0.2, ceiling=2.9, watts=50)
    stage.place_parts(plants.put_in_pot(plants.make_palm(rng, 1.0), 0.2, 0.4), (-2.35, 8.3, 0))
    stage.place_parts(plants.put_in_pot(plants.make_monstera(rng), 0.2, 0.4), (-2.3, 6.0, 0))
    stage.place_parts(furniture.make_sofa(1.8), (-3.6, 7.2, 0), yaw=-90)
    stage.add_shape(sheet(1.1, 0.8).rotated(z=-90).moved(-4.15, 7.2, 1.4), "art")


SCENE = SceneScript(
    name="Glass meeting room",
    build=build_scene,
    seed=3,
    contrast="High Contrast",
    tags=("linkedin", "corporate", "speaker", "office", "modern", "formal", "indoor"),
)
