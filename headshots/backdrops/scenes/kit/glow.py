"""Materials that shine: bulbs, lit windows, screens."""

from __future__ import annotations

from collections.abc import Sequence

from headshots.backdrops.scenes.kit.materials import (
    Colour,
    add_colour_ramp,
    add_node,
    create_material,
    object_position,
)


def make_emitter(name: str, colour: Colour, strength: float):
    """A glowing surface."""
    return create_material(
        name, Base_Color=colour, Emission_Color=colour, Emission_Strength=strength
    )[0]


def make_emitters(
    name: str,
    colours: Sequence[Colour],
    strength: float,
    *,
    lit_share: float = 1.0,
    base: Colour = (0.05, 0.05, 0.06),
):
    """Glowing islands of mixed colours, of which only a share is lit: windows of a town."""
    material, node_tree, shader = create_material(name, Base_Color=base, Roughness=0.15)
    island = add_node(node_tree, "NewGeometry").outputs["Random Per Island"]
    dark_colours = [(0.0, 0.0, 0.0)] * round(len(colours) * (1 - lit_share) / max(lit_share, 0.05))
    glow = add_colour_ramp(node_tree, island, [*colours, *dark_colours][:32], stepped=True)
    node_tree.links.new(glow, shader.inputs["Emission Color"])
    shader.inputs["Emission Strength"].default_value = strength
    return material


def make_screen(name: str, *, strength: float = 0.9):
    """A monitor at work: dark ground, lines and blocks of several colours."""
    material, node_tree, shader = create_material(
        name, Base_Color=(0.01, 0.01, 0.012), Roughness=0.2
    )
    lines = add_node(
        node_tree, "TexNoise", Vector=object_position(node_tree, (9, 9, 60)), Scale=0.7, Detail=1.0
    )
    tone = add_colour_ramp(
        node_tree,
        lines.outputs["Fac"],
        [
            (0.02, 0.03, 0.05),
            (0.03, 0.05, 0.08),
            (0.06, 0.10, 0.18),
            (0.26, 0.30, 0.34),
            (0.10, 0.16, 0.24),
        ],
        low=0.3,
        high=0.72,
        stepped=True,
    )
    node_tree.links.new(tone, shader.inputs["Emission Color"])
    shader.inputs["Emission Strength"].default_value = strength
    return material
