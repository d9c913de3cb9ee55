"""Visible lamps with their light: pendants, string lights, desk lamps, tracks."""

from __future__ import annotations

import math

from headshots.backdrops.scenes.kit import glow
from headshots.backdrops.scenes.kit.shapes import (
    box,
    curve,
    cylinder,
    join,
    lathe,
    rotation,
    row,
    sphere,
    tube,
)
from headshots.backdrops.scenes.kit.stage import Stage

WARM = (1.0, 0.52, 0.19)
COOL = (0.72, 0.86, 1.0)


def glow_material(stage: Stage, strength: float, colour=WARM, *, least: float = 0.0):
    """Glowing glass as bright as the mood's lamps; a lamp object lights the room (less noise)."""
    made = glow.light("glow", colour, max(least, strength * stage.mood.lamps))
    made.cycles.emission_sampling = "NONE"
    made["shine"] = float(strength)
    return made


def sparkle_material(stage: Stage, strength: float):
    """Small bulbs of which no two are equally bright."""
    tones = [tuple(c * bright for c in WARM) for bright in (0.55, 1.0, 0.75, 0.4, 0.9)]
    made = glow.lights("sparkle", tones, strength * stage.mood.lamps)
    made.cycles.emission_sampling = "NONE"
    made["shine"] = float(strength)
    return made


def globe(
    stage: Stage,
    at,
    *,
    radius: float = 0.11,
    ceiling: float = 3.0,
    strength: float = 4.5,
    watts: float = 18,
    colour=(1.0, 0.66, 0.32),
) -> None:
    """A glass ball on a cord."""
    x, y, z = at
    stage.add(sphere(radius, 28).moved(x, y, z), glow_material(stage, strength, colour, least=0.5))
    stage.add(tube([(x, y, z + radius), (x, y, ceiling)], 0.006), "dark")
    stage.add(cylinder(0.035, 0.07).moved(x, y, z + radius - 0.02), "brass")
    stage.glow(at, watts=watts, radius=radius, colour=colour)


def dome(
    stage: Stage,
    at,
    *,
    radius: float = 0.2,
    ceiling: float = 3.0,
    strength: float = 14,
    watts: float = 26,
    shade: str = "dark",
    colour=WARM,
) -> None:
    """A metal shade open downwards, with a bulb inside."""
    x, y, z = at
    skin = lathe(
        [
            (radius, 0),
            (radius * 0.96, radius * 0.3),
            (radius * 0.55, radius * 0.8),
            (radius * 0.16, radius * 0.95),
            (radius * 0.12, radius * 1.3),
        ],
        32,
    )
    stage.add(skin.moved(*at), shade)
    stage.add(
        sphere(radius * 0.36).moved(x, y, z + radius * 0.1), glow_material(stage, strength, colour)
    )
    stage.add(tube([(x, y, z + radius * 1.3), (x, y, ceiling)], 0.006), "dark")
    stage.lamp((x, y, z + 0.02), (0, 0, -1), size=radius * 1.6, watts=watts, colour=colour)


def bulb(stage: Stage, at, *, ceiling: float = 3.0, strength: float = 24, watts: float = 8) -> None:
    """A bare filament bulb on a cord."""
    x, y, z = at
    stage.add(sphere(0.045).moved(x, y, z), glow_material(stage, strength))
    stage.add(tube([(x, y, z + 0.04), (x, y, ceiling)], 0.005), "dark")
    stage.add(cylinder(0.02, 0.06).moved(x, y, z + 0.04), "brass")
    stage.glow(at, watts=watts)


def string_lights(
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
    middle = [(a + b) / 2 for a, b in zip(start, end, strict=True)]
    middle[2] -= 2 * sag
    path = curve(start, middle, end, count + 1)
    stage.add(tube(path, 0.006, segments=6), "dark")
    bulbs = join(sphere(0.019, 12).moved(x, y, z - 0.06) for x, y, z in path[1:-1])
    stage.add(bulbs, sparkle_material(stage, strength))
    stage.add(join(cylinder(0.014, 0.05).moved(x, y, z - 0.045) for x, y, z in path[1:-1]), "dark")
    for x, y, z in path[2:-1:4]:
        stage.glow((x, y, z - 0.1), watts=watts * 4 / count)


def desk_lamp(
    stage: Stage,
    at,
    *,
    turn: float = 0,
    shade: str = "dark",
    watts: float = 9,
    strength: float = 45,
) -> None:
    """A jointed arm with a small shade."""
    arm = tube([(0, 0, 0), (-0.1, 0, 0.3), (0.18, 0, 0.5)], 0.01)
    head = lathe([(0.075, -0.06), (0.05, 0.02), (0.02, 0.07)], 24).turned(y=-20).moved(0.2, 0, 0.47)
    stage.place({shade: join([cylinder(0.085, 0.02), arm, head])}, at, turn=turn)
    stage.place(
        {"bulb": sphere(0.035).moved(0.2, 0, 0.44)},
        at,
        turn=turn,
        bulb=glow_material(stage, strength),
    )
    spot = rotation(0, 0, turn) @ (0.2, 0, 0.4)
    stage.lamp(
        tuple(a + b for a, b in zip(at, spot, strict=True)), (0, 0, -1), size=0.1, watts=watts
    )


def shaded_lamp(
    stage: Stage,
    at,
    *,
    height: float = 1.4,
    radius: float = 0.2,
    watts: float = 22,
    strength: float = 3.2,
    base: str = "brass",
    colour=(1.0, 0.66, 0.34),
) -> None:
    """A standing or table lamp with a cloth drum that glows."""
    x, y, z = at
    drum = lathe([(radius, 0), (radius * 0.82, radius * 1.3)], 32).moved(x, y, z + height)
    stage.add(drum, glow_material(stage, strength, colour, least=0.12))
    stem = join(
        [cylinder(min(0.14, height * 0.4), 0.025), tube([(0, 0, 0), (0, 0, height + 0.1)], 0.012)]
    )
    stage.add(stem.moved(x, y, z), base)
    stage.glow((x, y, z + height + radius * 0.6), watts=watts, radius=radius * 0.8)


def banker_lamp(stage: Stage, at, *, watts: float = 10) -> None:
    """Brass stem and a green glass hood."""
    x, y, z = at
    stage.add(
        join([cylinder(0.09, 0.02), tube([(0, 0, 0), (0, 0, 0.32)], 0.01)]).moved(*at), "brass"
    )
    hood = [(0.13 * math.cos(a), 0.09 * math.sin(a)) for a in (k * math.pi / 10 for k in range(11))]
    shell = join(box(0.3, 0.03, 0.012).moved(x, y + p * 0.8, z + 0.3 + q) for p, q in hood)
    stage.add(shell, glow_material(stage, 1.4, (0.05, 0.42, 0.14), least=0.05))
    stage.add(cylinder(0.03, 0.2).turned(y=90).moved(x - 0.1, y, z + 0.3), glow_material(stage, 30))
    stage.lamp((x, y, z + 0.28), (0, 0, -1), size=0.2, watts=watts)


def track(
    stage: Stage,
    start,
    step,
    count: int,
    *,
    watts: float = 30,
    strength: float = 24,
    lean=(0.0, 0.4, -1.0),
    colour=(1.0, 0.80, 0.58),
) -> None:
    """Spotlights along a rail under the ceiling, tilted along `lean`."""
    end = [s + d * count for s, d in zip(start, step, strict=True)]
    stage.add(tube([start, end], 0.018), "dark")
    can = join([cylinder(0.045, 0.13).moved(z=-0.2), tube([(0, 0, 0), (0, 0, -0.1)], 0.01)])
    cans = row(can, count, step).moved(*start)
    stage.add(cans, "dark")
    faces = row(sphere(0.03, 12).moved(z=-0.205), count, step).moved(*start)
    stage.add(faces, glow_material(stage, strength, colour))
    for k in range(count):
        at = tuple(s + d * k for s, d in zip(start, step, strict=True))
        stage.spot((at[0], at[1], at[2] - 0.22), lean, watts=watts, degrees=58, colour=colour)


def strip(
    stage: Stage,
    at,
    size,
    *,
    colour=COOL,
    strength: float = 5,
    watts: float = 20,
    direction=(0, 0, -1),
    least: float = 0.0,
) -> None:
    """A linear light: a glowing bar and the light it sheds."""
    stage.add(box(*size).moved(*at), glow_material(stage, strength, colour, least=least))
    lamp = stage.lamp((at[0], at[1], at[2] - 0.02), direction, size=1, watts=watts, colour=colour)
    lamp.data.shape, lamp.data.size, lamp.data.size_y = "RECTANGLE", size[0], size[1]
