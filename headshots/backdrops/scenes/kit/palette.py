"""The standard palette: a material for every role, some of which scenes replace."""

from __future__ import annotations

from headshots.backdrops.scenes.kit import glow
from headshots.backdrops.scenes.kit import materials as m

SPINES = (
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


def standard() -> dict:
    return {**built(), **furnished(), **grown()}


def built() -> dict:
    return {
        "wall": m.paint("wall", (0.56, 0.53, 0.49), uneven=0.06),
        "ceiling": m.paint("ceiling", (0.66, 0.64, 0.61), uneven=0.03),
        "trim": m.paint("trim", (0.52, 0.50, 0.47), roughness=0.4),
        "frame": m.paint("frame", (0.03, 0.03, 0.032), roughness=0.4),
        "stone": m.concrete("stone", (0.45, 0.42, 0.38)),
        "concrete": m.concrete("concrete"),
        "glass": m.glass(),
        "door": m.paint("door", (0.30, 0.29, 0.27), roughness=0.4),
    }


def furnished() -> dict:
    oak = m.wood("oak", (0.20, 0.105, 0.045), (0.40, 0.24, 0.12))
    dark = m.paint("dark", (0.022, 0.022, 0.025), roughness=0.45)
    return {
        "wood": oak,
        "legs": oak,
        "dark": dark,
        "accent": m.accent(),
        "metal": m.metal("steel"),
        "brass": m.metal("brass", (0.72, 0.50, 0.22), roughness=0.35),
        "seat": m.cloth("seat", (0.24, 0.23, 0.22)),
        "china": m.paint("china", (0.62, 0.60, 0.56)),
        "front": m.paint("front", (0.35, 0.34, 0.32), roughness=0.4),
        "body": dark,
        "books": m.mixed("books", SPINES),
        "paper": m.paint("paper", (0.68, 0.66, 0.62)),
        "screen": glow.screen("screen"),
        "grip": m.mixed("grip", SPINES[:6]),
        "mount": m.paint("mount", (0.66, 0.64, 0.60)),
        "art": m.art(
            "art",
            (
                (0.60, 0.55, 0.46),
                (0.12, 0.16, 0.20),
                (0.50, 0.26, 0.12),
                (0.62, 0.58, 0.52),
                (0.20, 0.25, 0.18),
            ),
        ),
        "jar": m.mixed(
            "jar", ((0.40, 0.24, 0.10), (0.55, 0.50, 0.42), (0.16, 0.10, 0.06), (0.30, 0.34, 0.28))
        ),
        "lid": m.metal("lid", (0.35, 0.30, 0.24), roughness=0.5),
        "bottle": m.mixed(
            "bottle",
            ((0.03, 0.10, 0.05), (0.16, 0.07, 0.02), (0.30, 0.34, 0.34), (0.04, 0.05, 0.07)),
            roughness=0.08,
        ),
    }


def grown() -> dict:
    return {
        "leaf": m.leaf("leaf", (0.018, 0.075, 0.016), (0.075, 0.19, 0.035)),
        "stem": m.paint("stem", (0.07, 0.14, 0.03)),
        "bark": m.paint("bark", (0.11, 0.075, 0.05)),
        "pot": m.paint("pot", (0.50, 0.47, 0.43), roughness=0.5),
        "soil": m.paint("soil", (0.03, 0.02, 0.015), roughness=1.0),
    }
