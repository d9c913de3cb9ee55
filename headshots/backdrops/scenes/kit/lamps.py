"""Visible lamps with their light: pendants, string lights, desk lamps, tracks."""

from __future__ import annotations

import math

from headshots.backdrops.scenes.kit import glow
from headshots.backdrops.scenes.kit.shapes import (
    bezier_points,
    box,
    cylinder,
    join_shapes,
    lathe,
    repeat_shape,
    rotation_matrix,
    sphere,
    tube,
)
from headshots.backdrops.scenes.kit.stage import Stage

WARM_LIGHT = (1.0, 0.52, 0.19)
COOL_LIGHT = (0.72, 0.86, 1.0)


def make_bulb_material(stage: Stage, strength: float, colour=WARM_LIGHT, *, least: float = 0.0):
    """Glowing glass as bright as the mood's lamps; a lamp object lights the room (less noise)."""
    material = glow.make_emitter("glow", colour, max(least, strength * stage.mood.lamps))
    material.cycles.emission_sampling = "NONE"
    material["shine"] = float(strength)
    return material


def make_sparkle_material(stage: Stage, strength: float):
    """Small bulbs of which no two are equally bright."""
    bulb_colours = [
        tuple(component * brightness for component in WARM_LIGHT)
        for brightness in (0.55, 1.0, 0.75, 0.4, 0.9)
    ]
    material = glow.make_emitters("sparkle", bulb_colours, strength * stage.mood.lamps)
    material.cycles.emission_sampling = "NONE"
    material["shine"] = float(strength)
    return material


def add_globe_lamp(
    stage: Stage,
    position,
    *,
    radius: float = 0.11,
    ceiling: float = 3.0,
    strength: float = 4.5,
    watts: float = 18,
    colour=(1.0, 0.66, 0.32),
) -> None:
    """A glass ball on a cord."""
    x, y, z = position
    stage.add_shape(
        sphere(radius, 28).moved(x, y, z), make_bulb_material(stage, strength, colour, least=0.5)
    )
    stage.add_shape(tube([(x, y, z + radius), (x, y, ceiling)], 0.006), "dark")
    stage.add_shape(cylinder(0.035, 0.07).moved(x, y, z + radius - 0.02), "brass")
    stage.add_point_lamp(position, watts=watts, radius=radius, colour=colour)


def add_dome_lamp(
    stage: Stage,
    position,
    *,
    radius: float = 0.2,
    ceiling: float = 3.0,
    strength: float = 14,
    watts: float = 26,
    shade: str = "dark",
    colour=WARM_LIGHT,
) -> None:
    """A metal shade open downwards, with a bulb inside."""
    x, y, z = position
    shade_shape = lathe(
        [
            (radius, 0),
            (radius * 0.96, radius * 0.3),
            (radius * 0.55, radius * 0.8),
            (radius * 0.16, radius * 0.95),
            (radius * 0.12, radius * 1.3),
        ],
        32,
    )
    stage.add_shape(shade_shape.moved(*position), shade)
    stage.add_shape(
        sphere(radius * 0.36).moved(x, y, z + radius * 0.1),
        make_bulb_material(stage, strength, colour),
    )
    stage.add_shape(tube([(x, y, z + radius * 1.3), (x, y, ceiling)], 0.006), "dark")
    stage.add_area_lamp((x, y, z + 0.02), (0, 0, -1), size=radius * 1.6, watts=watts, colour=colour)


def add_bulb(
    stage: Stage, position, *, ceiling: float = 3.0, strength: float = 24, watts: float = 8
) -> None:
    """A bare filament bulb on a cord."""
    x, y, z = position
    stage.add_shape(sphere(0.045).moved(x, y, z), make_bulb_material(stage, strength))
    stage.add_shape(tube([(x, y, z + 0.04), (x, y, ceiling)], 0.005), "dark")
    stage.add_shape(cylinder(0.02, 0.06).moved(x, y, z + 0.04), "brass")
    stage.add_point_lamp(position, watts=watts)


def add_string_lights(
    stage: Stage,
    start,
    end,
    *,
    count: int = 14,
    sag: float = 0.25,
    strength: float = 42,
    watts: float = 20,
) -> None:
    """Small bulbs along a slack wire."""
    middle = [(first + second) / 2 for first, second in zip(start, end, strict=True)]
    middle[2] -= 2 * sag
    path = bezier_points(start, middle, end, count + 1)
    stage.add_shape(tube(path, 0.006, segments=6), "dark")
    bulbs = join_shapes(sphere(0.019, 12).moved(x, y, z - 0.06) for x, y, z in path[1:-1])
    stage.add_shape(bulbs, make_sparkle_material(stage, strength))
    stage.add_shape(
        join_shapes(cylinder(0.014, 0.05).moved(x, y, z - 0.045) for x, y, z in path[1:-1]), "dark"
    )
    for x, y, z in path[2:-1:4]:
        stage.add_point_lamp((x, y, z - 0.1), watts=watts * 4 / count)


def add_desk_lamp(
    stage: Stage,
    position,
    *,
    yaw: float = 0,
    shade: str = "dark",
    watts: float = 9,
    strength: float = 45,
) -> None:
    """A jointed arm with a small shade."""
    arm = tube([(0, 0, 0), (-0.1, 0, 0.3), (0.18, 0, 0.5)], 0.01)
    head = (
        lathe([(0.075, -0.06), (0.05, 0.02), (0.02, 0.07)], 24).rotated(y=-20).moved(0.2, 0, 0.47)
    )
    stage.place_parts({shade: join_shapes([cylinder(0.085, 0.02), arm, head])}, position, yaw=yaw)
    stage.place_parts(
        {"bulb": sphere(0.035).moved(0.2, 0, 0.44)},
        position,
        yaw=yaw,
        bulb=make_bulb_material(stage, strength),
    )
    bulb_offset = rotation_matrix(0, 0, yaw) @ (0.2, 0, 0.4)
    stage.add_area_lamp(
        tuple(first + second for first, second in zip(position, bulb_offset, strict=True)),
        (0, 0, -1),
        size=0.1,
        watts=watts,
    )


def add_shaded_lamp(
    stage: Stage,
    position,
    *,
    height: float = 1.4,
    radius: float = 0.2,
    watts: float = 22,
    strength: float = 3.2,
    base: str = "brass",
    colour=(1.0, 0.66, 0.34),
) -> None:
    """A standing or table lamp with a cloth drum that glows."""
    x, y, z = position
    drum = lathe([(radius, 0), (radius * 0.82, radius * 1.3)], 32).moved(x, y, z + height)
    stage.add_shape(drum, make_bulb_material(stage, strength, colour, least=0.12))
    stem = join_shapes(
        [cylinder(min(0.14, height * 0.4), 0.025), tube([(0, 0, 0), (0, 0, height + 0.1)], 0.012)]
    )
    stage.add_shape(stem.moved(x, y, z), base)
    stage.add_point_lamp((x, y, z + height + radius * 0.6), watts=watts, radius=radius * 0.8)


def add_banker_lamp(stage: Stage, position, *, watts: float = 10) -> None:
    """Brass stem and a green glass hood."""
    x, y, z = position
    stage.add_shape(
        join_shapes([cylinder(0.09, 0.02), tube([(0, 0, 0), (0, 0, 0.32)], 0.01)]).moved(*position),
        "brass",
    )
    hood_profile = [
        (0.13 * math.cos(angle), 0.09 * math.sin(angle))
        for angle in (index * math.pi / 10 for index in range(11))
    ]
    shell = join_shapes(
        box(0.3, 0.03, 0.012).moved(x, y + offset_y * 0.8, z + 0.3 + offset_z)
        for offset_y, offset_z in hood_profile
    )
    stage.add_shape(shell, make_bulb_material(stage, 1.4, (0.05, 0.42, 0.14), least=0.05))
    stage.add_shape(
        cylinder(0.03, 0.2).rotated(y=90).moved(x - 0.1, y, z + 0.3), make_bulb_material(stage, 30)
    )
    stage.add_area_lamp((x, y, z + 0.28), (0, 0, -1), size=0.2, watts=watts)


def add_spot_track(
    stage: Stage,
    start,
    step,
    count: int,
    *,
    watts: float = 30,
    strength: float = 24,
    slant=(0.0, 0.4, -1.0),
    colour=(1.0, 0.80, 0.58),
) -> None:
    """Spotlights along a rail under the ceiling, tilted along `slant`."""
    end = [begin + offset * count for begin, offset in zip(start, step, strict=True)]
    stage.add_shape(tube([start, end], 0.018), "dark")
    housing = join_shapes(
        [cylinder(0.045, 0.13).moved(z=-0.2), tube([(0, 0, 0), (0, 0, -0.1)], 0.01)]
    )
    housings = repeat_shape(housing, count, step).moved(*start)
    stage.add_shape(housings, "dark")
    faces = repeat_shape(sphere(0.03, 12).moved(z=-0.205), count, step).moved(*start)
    stage.add_shape(faces, make_bulb_material(stage, strength, colour))
    for index in range(count):
        position = tuple(begin + offset * index for begin, offset in zip(start, step, strict=True))
        stage.add_spot_lamp(
            (position[0], position[1], position[2] - 0.22),
            slant,
            watts=watts,
            degrees=58,
            colour=colour,
        )


def add_light_strip(
    stage: Stage,
    position,
    size,
    *,
    colour=COOL_LIGHT,
    strength: float = 5,
    watts: float = 20,
    direction=(0, 0, -1),
    least: float = 0.0,
) -> None:
    """A linear light: a glowing bar and the light it sheds."""
    stage.add_shape(
        box(*size).moved(*position), make_bulb_material(stage, strength, colour, least=least)
    )
    lamp = stage.add_area_lamp(
        (position[0], position[1], position[2] - 0.02),
        direction,
        size=1,
        watts=watts,
        colour=colour,
    )
    lamp.data.shape, lamp.data.size, lamp.data.size_y = "RECTANGLE", size[0], size[1]
