"""Materials that shine: bulbs, lit windows, screens."""

from __future__ import annotations

from collections.abc import Sequence

from headshots.backdrops.scenes.kit.materials import Colour, node, position, ramp, surface


def light(name: str, colour: Colour, strength: float):
    """A glowing surface."""
    return surface(name, Base_Color=colour, Emission_Color=colour, Emission_Strength=strength)[0]


def lights(
    name: str,
    colours: Sequence[Colour],
    strength: float,
    *,
    lit: float = 1.0,
    base: Colour = (0.05, 0.05, 0.06),
):
    """Glowing islands of mixed colours, of which only a share is lit: windows of a town."""
    material, tree, shader = surface(name, Base_Color=base, Roughness=0.15)
    island = node(tree, "NewGeometry").outputs["Random Per Island"]
    dark = [(0.0, 0.0, 0.0)] * round(len(colours) * (1 - lit) / max(lit, 0.05))
    glow = ramp(tree, island, [*colours, *dark][:32], steps=True)
    tree.links.new(glow, shader.inputs["Emission Color"])
    shader.inputs["Emission Strength"].default_value = strength
    return material


def screen(name: str, *, strength: float = 0.9):
    """A monitor at work: dark ground, lines and blocks of several colours."""
    material, tree, shader = surface(name, Base_Color=(0.01, 0.01, 0.012), Roughness=0.2)
    lines = node(tree, "TexNoise", Vector=position(tree, (9, 9, 60)), Scale=0.7, Detail=1.0)
    tone = ramp(
        tree,
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
        steps=True,
    )
    tree.links.new(tone, shader.inputs["Emission Color"])
    shader.inputs["Emission Strength"].default_value = strength
    return material
