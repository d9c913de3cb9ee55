"""Buildings from inside: rooms with openings, windows, doors, beams, curtains, floors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from headshots.backdrops.scenes.kit.shapes import (
    Shape,
    bezier_points,
    box,
    join_shapes,
    make_frame,
    make_grille,
    make_surface,
    repeat_shape,
    sheet,
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


def make_wall(
    start: float,
    end: float,
    height: float,
    openings: Sequence[Opening] = (),
    *,
    thickness: float = 0.2,
) -> Shape:
    """A wall along x whose inner face is y = 0, with rectangular openings."""
    parts, x = [], start
    for gap in sorted(openings, key=lambda opening: opening.start):
        parts.append(make_wall_segment(x, gap.start, 0, height, thickness))
        parts.append(make_wall_segment(gap.start, gap.end, 0, gap.bottom, thickness))
        parts.append(make_wall_segment(gap.start, gap.end, gap.top, height, thickness))
        x = gap.end
    parts.append(make_wall_segment(x, end, 0, height, thickness))
    return join_shapes(part for part in parts if part is not None)


def make_wall_segment(
    start: float, end: float, bottom: float, top: float, thickness: float
) -> Shape | None:
    if end - start < 1e-3 or top - bottom < 1e-3:
        return None
    return box(end - start, thickness, top - bottom).moved((start + end) / 2, thickness / 2, bottom)


def fit_to_side(side: str, room: Room, shape: Shape) -> Shape:
    """Move a shape that is built against a wall at y = 0 (room at −y) to one side of the room."""
    x, y, z = shape.vertices.T
    horizontal = {
        "back": (x, room.back + y),
        "front": (x, room.front - y),
        "left": (room.left - y, x),
        "right": (room.right + y, x),
    }[side]
    return shape.deformed(lambda _: np.stack([*horizontal, z], 1))


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
    stage.add_shape(fit_to_side(side, room, make_wall(*ends, room.height, openings)), material)
    if skirting:
        door_gaps = [
            Opening(opening.start, opening.end, 0, 0.1)
            for opening in openings
            if opening.bottom < 0.1
        ]
        skirting_board = make_wall(*ends, 0.1, door_gaps, thickness=0.018).moved(y=-0.018)
        stage.add_shape(fit_to_side(side, room, skirting_board), skirting)
    for opening_now in openings:
        add_window(stage, room, side, opening_now, frames)


def add_window(stage: Stage, room: Room, side: str, opening: Opening, frames: str) -> None:
    height = opening.top - opening.bottom
    glazing_bars = make_grille(
        opening.width, height, opening.columns, opening.rows, bar=opening.bar
    )
    stage.add_shape(
        fit_to_side(side, room, glazing_bars.moved(opening.middle, 0.12, opening.bottom)), frames
    )
    reveal = make_frame(opening.width + 0.12, height + 0.12, bar=0.06, depth=0.03)
    stage.add_shape(
        fit_to_side(side, room, reveal.moved(opening.middle, -0.015, opening.bottom - 0.06)), "trim"
    )
    if opening.pane:
        pane = sheet(opening.width, height).moved(opening.middle, 0.13, opening.bottom)
        add_pane(stage, fit_to_side(side, room, pane))
    if opening.light:
        add_window_light(stage, room, side, opening)


def add_pane(stage: Stage, shape: Shape) -> None:
    """Add window glass; it casts no shadow, so that sun and sky come in without noise."""
    stage.add_shape(shape, "glass").visible_shadow = False


def add_window_light(stage: Stage, room: Room, side: str, opening: Opening) -> None:
    middle_height = (opening.bottom + opening.top) / 2
    x, y = opening.middle, opening.middle
    position, direction = {
        "back": ((x, room.back + 0.22, middle_height), (0, -1, -0.12)),
        "front": ((x, room.front - 0.22, middle_height), (0, 1, -0.12)),
        "left": ((room.left - 0.22, y, middle_height), (1, 0, -0.12)),
        "right": ((room.right + 0.22, y, middle_height), (-1, 0, -0.12)),
    }[side]
    stage.add_window_light(
        position, (opening.width, opening.top - opening.bottom), direction, strength=opening.light
    )


def add_floor(stage: Stage, room: Room, material: str) -> None:
    stage.add_shape(make_floor_rectangle(room, 0), material)


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
    room_width, room_length = (room.right - room.left, room.back - room.front)
    if along == "x":
        room_width, room_length = room_length, room_width
    for column in range(int(room_width / width) + 1):
        first_y = -((column * 0.73) % 1.0) * length
        count = int((room_length - first_y) / length) + 1
        boards += [
            box(width - 0.003, length - 0.003, 0.01).moved(
                column * width, first_y + (index + 0.5) * length, -0.01
            )
            for index in range(count)
        ]
    planks = join_shapes(boards)
    if along == "x":
        planks = planks.deformed(lambda vertices: vertices[:, [1, 0, 2]])
    stage.add_shape(planks.moved(room.left, room.front), material)
    stage.add_shape(make_floor_rectangle(room, -0.012), "dark")


def make_floor_rectangle(room: Room, z: float) -> Shape:
    width, depth = room.right - room.left, room.back - room.front
    return make_surface(lambda u, v: (room.left + u * width, room.front + v * depth, z), 1, 1)


def add_ceiling(stage: Stage, room: Room, material: str) -> None:
    stage.add_shape(
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
    stage.add_shape(
        repeat_shape(beam, count, (0, step, 0)).moved(
            (room.left + room.right) / 2, room.front + step / 2, room.height - size[1]
        ),
        material,
    )


def make_curtain(width: float, height: float, *, folds: int = 9, depth: float = 0.07) -> Shape:
    """Hanging cloth with folds that open towards the hem."""

    def point(u: float, v: float):
        wave = math.sin(2 * math.pi * folds * u + 0.8 * math.sin(5 * u))
        return (u - 0.5) * width, depth * wave * (1.15 - 0.5 * v), v * height

    return make_surface(point, folds * 10, 4)


def make_slats(
    width: float, height: float, *, step: float = 0.07, bar: float = 0.035, depth: float = 0.03
) -> Shape:
    """Upright timber battens on a wall."""
    return repeat_shape(box(bar, depth, height), int(width / step), (step, 0, 0)).moved(
        -width / 2, -depth / 2
    )


def make_panelling(width: float, height: float, columns: int, *, rail: float = 0.09) -> Shape:
    """Raised frames on a wall, as in old rooms."""
    step = width / columns
    return join_shapes(
        make_frame(step - rail, height - 2 * rail, bar=0.03, depth=0.03).moved(
            -width / 2 + step * (index + 0.5), -0.01, rail
        )
        for index in range(columns)
    )


def make_door(width: float = 0.9, height: float = 2.1) -> dict[str, Shape]:
    panel = box(width, 0.04, height).moved(y=-0.02)
    knob = tube(bezier_points((0, 0, 0), (0, -0.06, 0), (-0.1, -0.06, 0), 6), 0.01)
    return {
        "door": panel,
        "trim": make_frame(width + 0.16, height + 0.08, bar=0.08, depth=0.06),
        "metal": knob.moved(width * 0.42, -0.04, 1.0),
    }
