"""The standard palette: a material for every role, some of which scenes replace."""

from __future__ import annotations

from headshots.backdrops.scenes.kit import glow
from headshots.backdrops.scenes.kit import materials as m

BOOK_COLOURS = (
    (0.32, 0.06, 0.05),
    (0.06, 0.12, 0.24),
    (0.62, 0.56, 0.44),
    (0.07, 0.17, 0.13),
    (0.55, 0.52, 0.48),
    (0.50, 0.27, 0.08),
    (0.10, 0.10, 0.11),
    (0.42, 0.36, 0.30),
    (0.20, 0.10, 0.07),
    (0.66, 0.62, 0.55),
)


def standard_palette() -> dict:
    return {**building_materials(), **furniture_materials(), **plant_materials()}


def building_materials() -> dict:
    return {
        "wall": m.make_paint("wall", (0.56, 0.53, 0.49), uneven=0.06),
        "ceiling": m.make_paint("ceiling", (0.66, 0.64, 0.61), uneven=0.03),
        "trim": m.make_paint("trim", (0.52, 0.50, 0.47), roughness=0.4),
        "frame": m.make_paint("frame", (0.03, 0.03, 0.032), roughness=0.4),
        "stone": m.make_concrete("stone", (0.45, 0.42, 0.38)),
        "concrete": m.make_concrete("concrete"),
        "glass": m.make_glass(),
        "door": m.make_paint("door", (0.30, 0.29, 0.27), roughness=0.4),
    }


def furniture_materials() -> dict:
    oak_wood = m.make_wood("oak", (0.20, 0.105, 0.045), (0.40, 0.24, 0.12))
    dark_paint = m.make_paint("dark", (0.022, 0.022, 0.025), roughness=0.45)
    return {
        "wood": oak_wood,
        "legs": oak_wood,
        "dark": dark_paint,
        "accent": m.make_accent(),
        "metal": m.make_metal("steel"),
        "brass": m.make_metal("brass", (0.72, 0.50, 0.22), roughness=0.35),
        "seat": m.make_cloth("seat", (0.24, 0.23, 0.22)),
        "china": m.make_paint("china", (0.62, 0.60, 0.56)),
        "front": m.make_paint("front", (0.35, 0.34, 0.32), roughness=0.4),
        "body": dark_paint,
        "books": m.make_mixed_colours("books", BOOK_COLOURS),
        "paper": m.make_paint("paper", (0.68, 0.66, 0.62)),
        "screen": glow.make_screen("screen"),
        "grip": m.make_mixed_colours("grip", BOOK_COLOURS[:6]),
        "mount": m.make_paint("mount", (0.66, 0.64, 0.60)),
        "art": m.make_abstract_art(
            "art",
            (
                (0.60, 0.55, 0.46),
                (0.12, 0.16, 0.20),
                (0.50, 0.26, 0.12),
                (0.62, 0.58, 0.52),
                (0.20, 0.25, 0.18),
            ),
        ),
        "jar": m.make_mixed_colours(
            "jar", ((0.40, 0.24, 0.10), (0.55, 0.50, 0.42), (0.16, 0.10, 0.06), (0.30, 0.34, 0.28))
        ),
        "lid": m.make_metal("lid", (0.35, 0.30, 0.24), roughness=0.5),
        "bottle": m.make_mixed_colours(
            "bottle",
            ((0.03, 0.10, 0.05), (0.16, 0.07, 0.02), (0.30, 0.34, 0.34), (0.04, 0.05, 0.07)),
            roughness=0.08,
        ),
    }


def plant_materials() -> dict:
    return {
        "leaf": m.make_leaf("leaf", (0.018, 0.075, 0.016), (0.075, 0.19, 0.035)),
        "stem": m.make_paint("stem", (0.07, 0.14, 0.03)),
        "bark": m.make_paint("bark", (0.11, 0.075, 0.05)),
        "pot": m.make_paint("pot", (0.50, 0.47, 0.43), roughness=0.5),
        "soil": m.make_paint("soil", (0.03, 0.02, 0.015), roughness=1.0),
    }
