"""The sky: a gradient from the horizon to the zenith with thin clouds, by mood."""

from __future__ import annotations

import bpy

from headshots.backdrops.scenes.kit.materials import (
    add_colour_ramp,
    add_node,
    scale_colour,
    set_input,
)
from headshots.backdrops.scenes.kit.moods import Mood


def make_world(
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
    sky_world = bpy.data.worlds.new("sky")
    sky_world.use_nodes = True
    node_tree = sky_world.node_tree
    horizon = tuple(
        component * warmth ** (2 - channel) for channel, component in enumerate(mood.horizon)
    )
    direction = add_node(node_tree, "TexCoord").outputs["Generated"]
    elevation = add_node(node_tree, "SeparateXYZ", Vector=direction).outputs["Z"]
    mix_node = add_node(node_tree, "Mix", {"data_type": "RGBA"})
    node_tree.links.new(add_clouds(node_tree, direction, clouds), mix_node.inputs["Factor"])
    node_tree.links.new(
        add_colour_ramp(node_tree, elevation, [horizon, mood.zenith], high=reach),
        mix_node.inputs[6],
    )
    set_input(node_tree, mix_node.inputs[7], scale_colour(horizon, 1.1))
    background = node_tree.nodes["Background"]
    node_tree.links.new(mix_node.outputs[2], background.inputs["Color"])
    background.inputs["Strength"].default_value = mood.sky * strength
    return sky_world


def add_clouds(node_tree, direction, clouds: float):
    """Return the density of clouds in a direction; they are wider than high."""
    flattened = add_node(node_tree, "Mapping", Vector=direction, Scale=(1, 1, 2.8)).outputs[0]
    cloud_noise = add_node(node_tree, "TexNoise", Scale=2.6, Detail=6.0, Vector=flattened).outputs[
        "Fac"
    ]
    return add_colour_ramp(node_tree, cloud_noise, [(0, 0, 0), (clouds,) * 3], low=0.45, high=0.7)
