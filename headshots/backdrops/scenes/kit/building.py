"""Buildings from inside: rooms with openings, windows, doors, beams, curtains, floors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from headshots.backdrops.scenes.kit.shapes import (
    Shape,
    box,
    curve,
    frame,
    grille,
    join,
    row,
    sheet,
    surface,
    tube,
)
from headshots.backdrops.scenes.kit.stage import Stage


@dataclass(frozen=True)
class Opening:
    """A window or door in a wall: from start to end along it, bottom to top."""

    start: float
    end: float
    bottom: float = 0.9
    top: float = 2.5
    columns: int = 2
    rows: int = 2
    light: float = 1.0  # strength of its daylight; 0 if it leads to another room
    pane: bool = True
    bar: float = 0.04

    @property
    def width(self) -> float:
        return self.end - self.start

    @property
    def middle(self) -> float:
        return (self.start + self.end) / 2


@dataclass(frozen=True)
class Room:
    """The walls of a room, as coordinates in metres; the camera is at (0, 0)."""

    left: float
    right: float
    front: float  # behind the camera
    back: float
    height: float = 3.0


def wall(
    start: float, end: float, height: float, openings: Sequence[Opening] = (), *, thick: float = 0.2
) -> Shape:
    """A wall along x whose inner face is y = 0, with rectangular openings."""
    parts, x = [], start
    for hole in sorted(openings, key=lambda o: o.start):
        parts.append(slab(x, hole.start, 0, height, thick))
        parts.append(slab(hole.start, hole.end, 0, hole.bottom, thick))
        parts.append(slab(hole.start, hole.end, hole.top, height, thick))
        x = hole.end
    parts.append(slab(x, end, 0, height, thick))
    return join(p for p in parts if p is not None)


def slab(start: float, end: float, low: float, high: float, thick: float) -> Shape | None:
    if end - start < 1e-3 or high - low < 1e-3:
        return None
    return box(end - start, thick, high - low).moved((start + end) / 2, thick / 2, low)


def onto(side: str, room: Room, shape: Shape) -> Shape:
    """Move a shape that is built against a wall at y = 0 (room at −y) to one side of the room."""
    x, y, z = shape.vertices.T
    placed = {
        "back": (x, room.back + y),
        "front": (x, room.front - y),
        "left": (room.left - y, x),
        "right": (room.right + y, x),
    }[side]
    return shape.bent(lambda _: np.stack([*placed, z], 1))


def add_wall(
    stage: Stage,
    room: Room,
    side: str,
    material: str,
    openings: Sequence[Opening] = (),
    *,
    skirting: str | None = "trim",
    frames: str = "frame",
) -> None:
    ends = (room.left, room.right) if side in ("back", "front") else (room.front, room.back)
    stage.add(onto(side, room, wall(*ends, room.height, openings)), material)
    if skirting:
        low = [Opening(o.start, o.end, 0, 0.1) for o in openings if o.bottom < 0.1]
        board = wall(*ends, 0.1, low, thick=0.018).moved(y=-0.018)
        stage.add(onto(side, room, board), skirting)
    for hole in openings:
        add_window(stage, room, side, hole, frames)


def add_window(stage: Stage, room: Room, side: str, hole: Opening, frames: str) -> None:
    high = hole.top - hole.bottom
    bars = grille(hole.width, high, hole.columns, hole.rows, bar=hole.bar)
    stage.add(onto(side, room, bars.moved(hole.middle, 0.12, hole.bottom)), frames)
    reveal = frame(hole.width + 0.12, high + 0.12, bar=0.06, depth=0.03)
    stage.add(onto(side, room, reveal.moved(hole.middle, -0.015, hole.bottom - 0.06)), "trim")
    if hole.pane:
        pane = sheet(hole.width, high).moved(hole.middle, 0.13, hole.bottom)
        add_pane(stage, onto(side, room, pane))
    if hole.light:
        let_in(stage, room, side, hole)


def add_pane(stage: Stage, shape: Shape) -> None:
    """Add window glass; it casts no shadow, so that sun and sky come in without noise."""
    stage.add(shape, "glass").visible_shadow = False


def let_in(stage: Stage, room: Room, side: str, hole: Opening) -> None:
    middle = (hole.bottom + hole.top) / 2
    x, y = hole.middle, hole.middle
    at, inward = {
        "back": ((x, room.back + 0.22, middle), (0, -1, -0.12)),
        "front": ((x, room.front - 0.22, middle), (0, 1, -0.12)),
        "left": ((room.left - 0.22, y, middle), (1, 0, -0.12)),
        "right": ((room.right + 0.22, y, middle), (-1, 0, -0.12)),
    }[side]
    stage.window_light(at, (hole.width, hole.top - hole.bottom), inward, strength=hole.light)


def add_floor(stage: Stage, room: Room, material: str) -> None:
    stage.add(rectangle(room, 0), material)


def add_boards(
    stage: Stage,
    room: Room,
    material: str,
    *,
    width: float = 0.14,
    length: float = 1.9,
    along: str = "y",
) -> None:
    """Add floorboards, each a mesh island of its own, so that the wood varies between them."""
    boards = []
    span, run = (room.right - room.left, room.back - room.front)
    if along == "x":
        span, run = run, span
    for i in range(int(span / width) + 1):
        begin = -((i * 0.73) % 1.0) * length
        count = int((run - begin) / length) + 1
        boards += [
            box(width - 0.003, length - 0.003, 0.01).moved(
                i * width, begin + (k + 0.5) * length, -0.01
            )
            for k in range(count)
        ]
    planks = join(boards)
    if along == "x":
        planks = planks.bent(lambda v: v[:, [1, 0, 2]])
    stage.add(planks.moved(room.left, room.front), material)
    stage.add(rectangle(room, -0.012), "dark")


def rectangle(room: Room, z: float) -> Shape:
    wide, deep = room.right - room.left, room.back - room.front
    return surface(lambda u, v: (room.left + u * wide, room.front + v * deep, z), 1, 1)


def add_ceiling(stage: Stage, room: Room, material: str) -> None:
    stage.add(
        box(room.right - room.left + 0.4, room.back - room.front + 0.4, 0.1).moved(
            (room.left + room.right) / 2, (room.front + room.back) / 2, room.height
        ),
        material,
    )


def add_beams(
    stage: Stage, room: Room, material: str, *, step: float = 1.2, size=(0.12, 0.2)
) -> None:
    beam = box(room.right - room.left, size[0], size[1])
    count = int((room.back - room.front) / step)
    stage.add(
        row(beam, count, (0, step, 0)).moved(
            (room.left + room.right) / 2, room.front + step / 2, room.height - size[1]
        ),
        material,
    )


def curtain(width: float, height: float, *, folds: int = 9, depth: float = 0.07) -> Shape:
    """Hanging cloth with folds that open towards the hem."""

    def point(u: float, v: float):
        swing = math.sin(2 * math.pi * folds * u + 0.8 * math.sin(5 * u))
        return (u - 0.5) * width, depth * swing * (1.15 - 0.5 * v), v * height

    return surface(point, folds * 10, 4)


def slats(
    width: float, height: float, *, step: float = 0.07, bar: float = 0.035, depth: float = 0.03
) -> Shape:
    """Upright timber battens on a wall."""
    return row(box(bar, depth, height), int(width / step), (step, 0, 0)).moved(
        -width / 2, -depth / 2
    )


def panelling(width: float, height: float, columns: int, *, rail: float = 0.09) -> Shape:
    """Raised frames on a wall, as in old rooms."""
    step = width / columns
    return join(
        frame(step - rail, height - 2 * rail, bar=0.03, depth=0.03).moved(
            -width / 2 + step * (k + 0.5), -0.01, rail
        )
        for k in range(columns)
    )


def door(width: float = 0.9, height: float = 2.1) -> dict[str, Shape]:
    leaf = box(width, 0.04, height).moved(y=-0.02)
    knob = tube(curve((0, 0, 0), (0, -0.06, 0), (-0.1, -0.06, 0), 6), 0.01)
    return {
        "door": leaf,
        "trim": frame(width + 0.16, height + 0.08, bar=0.08, depth=0.06),
        "metal": knob.moved(width * 0.42, -0.04, 1.0),
    }
