"""The sky: a gradient from the horizon to the zenith with thin clouds, by mood."""

from __future__ import annotations

import bpy

from headshots.backdrops.scenes.kit.materials import connect, node, ramp, shade
from headshots.backdrops.scenes.kit.moods import Mood


def world(
    mood: Mood,
    *,
    clouds: float = 0.25,
    strength: float = 1.0,
    warmth: float = 1.0,
    reach: float = 0.55,
):
    """Create the world of a mood.

    `warmth` below 1 makes the horizon cooler; `reach` is the sine of the elevation from which the
    sky has the colour of the zenith.
    """
    made = bpy.data.worlds.new("sky")
    made.use_nodes = True
    tree = made.node_tree
    horizon = tuple(c * warmth ** (2 - k) for k, c in enumerate(mood.horizon))
    ray = node(tree, "TexCoord").outputs["Generated"]
    height = node(tree, "SeparateXYZ", Vector=ray).outputs["Z"]
    both = node(tree, "Mix", {"data_type": "RGBA"})
    tree.links.new(cover(tree, ray, clouds), both.inputs["Factor"])
    tree.links.new(ramp(tree, height, [horizon, mood.zenith], high=reach), both.inputs[6])
    connect(tree, both.inputs[7], shade(horizon, 1.1))
    background = tree.nodes["Background"]
    tree.links.new(both.outputs[2], background.inputs["Color"])
    background.inputs["Strength"].default_value = mood.sky * strength
    return made


def cover(tree, ray, clouds: float):
    """Return the density of clouds in a direction; they are wider than high."""
    flat = node(tree, "Mapping", Vector=ray, Scale=(1, 1, 2.8)).outputs[0]
    puffs = node(tree, "TexNoise", Scale=2.6, Detail=6.0, Vector=flat).outputs["Fac"]
    return ramp(tree, puffs, [(0, 0, 0), (clouds,) * 3], low=0.45, high=0.7)
