"""Procedural materials: paint, wood, brick, metal, cloth, leaf and glass."""

from __future__ import annotations

from collections.abc import Sequence

import bpy

Colour = tuple[float, float, float]

ACCENT_ALBEDO = 0.62  # linear; the engine divides by it when it recolours


def node(tree, kind: str, settings: dict | None = None, **inputs):
    """Add a shader node; inputs by name (underscores for spaces) are values or sockets."""
    made = tree.nodes.new(f"ShaderNode{kind}")
    for key, value in (settings or {}).items():
        setattr(made, key, value)
    for key, value in inputs.items():
        connect(tree, made.inputs[key.replace("_", " ")], value)
    return made


def connect(tree, socket, value) -> None:
    """Set an input to a value, or link it to the output of another node."""
    if isinstance(value, bpy.types.NodeSocket):
        tree.links.new(value, socket)
    elif isinstance(value, tuple) and len(value) == 3 and socket.type == "RGBA":
        socket.default_value = (*value, 1)
    else:
        socket.default_value = value


def surface(name: str, **inputs):
    """Create a material with a Principled BSDF; returns it with node tree and shader."""
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    tree = material.node_tree
    shader = tree.nodes["Principled BSDF"]
    for key, value in inputs.items():
        connect(tree, shader.inputs[key.replace("_", " ")], value)
    return material, tree, shader


def position(tree, scale: Sequence[float] = (1, 1, 1)):
    coordinates = node(tree, "TexCoord").outputs["Object"]
    return node(tree, "Mapping", Vector=coordinates, Scale=tuple(scale)).outputs["Vector"]


def noise(tree, scale: float, *, stretch: Sequence[float] = (1, 1, 1), detail: float = 4):
    return node(
        tree, "TexNoise", Vector=position(tree, stretch), Scale=scale, Detail=detail
    ).outputs["Fac"]


def ramp(
    tree,
    factor,
    colours: Sequence[Colour],
    *,
    low: float = 0.0,
    high: float = 1.0,
    steps: bool = False,
):
    made = node(tree, "ValToRGB", Fac=factor)
    made.color_ramp.interpolation = "CONSTANT" if steps else "LINEAR"
    stops = made.color_ramp.elements
    while len(stops) < len(colours):
        stops.new(0.5)
    spread = (high - low) / (len(colours) if steps else max(1, len(colours) - 1))
    for i, colour in enumerate(colours):
        stops[i].position = low + spread * i
        stops[i].color = (*colour, 1)
    return made.outputs["Color"]


def bump(tree, shader, height, strength: float) -> None:
    made = node(tree, "Bump", Height=height, Strength=strength, Distance=0.02)
    tree.links.new(made.outputs["Normal"], shader.inputs["Normal"])


def shade(colour: Colour, factor: float) -> Colour:
    return tuple(min(1.0, c * factor) for c in colour)


def paint(
    name: str,
    colour: Colour,
    *,
    roughness: float = 0.6,
    uneven: float = 0.12,
    scale: float = 1.5,
    metallic: float = 0.0,
):
    """A painted or plastered surface with the slight cloudiness of real walls."""
    material, tree, shader = surface(name, Roughness=roughness, Metallic=metallic)
    tone = ramp(
        tree,
        noise(tree, scale),
        [shade(colour, 1 - uneven), shade(colour, 1 + uneven)],
        low=0.3,
        high=0.7,
    )
    tree.links.new(tone, shader.inputs["Base Color"])
    return material


def accent(name: str = "accent", *, roughness: float = 0.7):
    """Neutral paint of known albedo: what the engine may repaint in the brand's colour."""
    material, _, _ = surface(name, Base_Color=(ACCENT_ALBEDO,) * 3, Roughness=roughness)
    material["accent"] = True
    return material


def metal(name: str, colour: Colour = (0.6, 0.6, 0.62), *, roughness: float = 0.3):
    return surface(name, Base_Color=colour, Metallic=1.0, Roughness=roughness)[0]


def wood(
    name: str,
    dark: Colour,
    light: Colour,
    *,
    along: str = "x",
    roughness: float = 0.45,
    grain: float = 14.0,
):
    """Wood whose grain runs along one axis; each board (mesh island) has its own tone."""
    material, tree, shader = surface(name, Roughness=roughness)
    stretch = [0.08 if axis == along else 1.0 for axis in "xyz"]
    rings = noise(tree, grain, stretch=stretch, detail=8)
    board = node(tree, "NewGeometry").outputs["Random Per Island"]
    tone = node(tree, "MapRange", Value=board, To_Min=-0.12, To_Max=0.12).outputs["Result"]
    mixed = node(tree, "Math", {"operation": "ADD"})
    tree.links.new(rings, mixed.inputs[0])
    tree.links.new(tone, mixed.inputs[1])
    colour = ramp(tree, mixed.outputs[0], [dark, light], low=0.32, high=0.68)
    tree.links.new(colour, shader.inputs["Base Color"])
    bump(tree, shader, rings, 0.15)
    return material


def bricks(name: str, colours: Sequence[Colour], mortar: Colour, *, across: str = "x"):
    """Brickwork for a wall that runs along x or y."""
    material, tree, shader = surface(name, Roughness=0.85)
    split = node(tree, "SeparateXYZ", Vector=position(tree))
    plane = node(tree, "CombineXYZ", X=split.outputs[across.upper()], Y=split.outputs["Z"])
    wall = node(
        tree,
        "TexBrick",
        Vector=plane.outputs[0],
        Color1=colours[0],
        Color2=colours[1],
        Mortar=mortar,
        Scale=1.0,
        Mortar_Size=0.007,
        Bias=0.1,
        Brick_Width=0.235,
        Row_Height=0.077,
    )
    stain = ramp(tree, noise(tree, 2.5), [(0.55,) * 3, (1.15,) * 3], low=0.25, high=0.75)
    mixed = node(tree, "Mix", {"data_type": "RGBA", "blend_type": "MULTIPLY"})
    mixed.inputs["Factor"].default_value = 1
    tree.links.new(wall.outputs["Color"], mixed.inputs[6])
    tree.links.new(stain, mixed.inputs[7])
    tree.links.new(mixed.outputs[2], shader.inputs["Base Color"])
    return material


def concrete(name: str, colour: Colour = (0.36, 0.35, 0.34), *, roughness: float = 0.75):
    material, tree, shader = surface(name, Roughness=roughness)
    cloudy = noise(tree, 1.3, detail=9)
    tone = ramp(tree, cloudy, [shade(colour, 0.62), colour, shade(colour, 1.3)], low=0.3, high=0.72)
    tree.links.new(tone, shader.inputs["Base Color"])
    bump(tree, shader, cloudy, 0.2)
    return material


def mixed(name: str, colours: Sequence[Colour], *, roughness: float = 0.7):
    """Each mesh island takes one of the colours: books, jars, windows of a town."""
    material, tree, shader = surface(name, Roughness=roughness)
    island = node(tree, "NewGeometry").outputs["Random Per Island"]
    tree.links.new(ramp(tree, island, colours, steps=True), shader.inputs["Base Color"])
    return material


def cloth(name: str, colour: Colour, *, thread: float = 120.0):
    material, tree, shader = surface(name, Roughness=0.95)
    shader.inputs["Sheen Weight"].default_value = 0.35
    weave = noise(tree, thread, detail=2)
    tone = ramp(tree, weave, [shade(colour, 0.8), shade(colour, 1.15)], low=0.3, high=0.7)
    tree.links.new(tone, shader.inputs["Base Color"])
    return material


def leaf(name: str, dark: Colour, light: Colour):
    """Foliage: every leaf its own green, some light shining through."""
    material, tree, shader = surface(name, Roughness=0.42)
    island = node(tree, "NewGeometry").outputs["Random Per Island"]
    tone = ramp(tree, island, [dark, light])
    tree.links.new(tone, shader.inputs["Base Color"])
    through = node(tree, "BsdfTranslucent", Color=tone)
    both = node(tree, "MixShader", Fac=0.3)
    tree.links.new(shader.outputs[0], both.inputs[1])
    tree.links.new(through.outputs[0], both.inputs[2])
    tree.links.new(both.outputs[0], tree.nodes["Material Output"].inputs["Surface"])
    return material


def glass(name: str = "glass", tint: Colour = (0.96, 0.98, 0.98), *, mirror: float = 0.08):
    """Thin panes: mostly clear, a little mirror; cheaper and cleaner than refraction."""
    material, tree, _ = surface(name)
    clear = node(tree, "BsdfTransparent", Color=tint)
    gloss = node(tree, "BsdfGlossy", Color=(1, 1, 1), Roughness=0.02)
    both = node(tree, "MixShader", Fac=mirror)
    tree.links.new(clear.outputs[0], both.inputs[1])
    tree.links.new(gloss.outputs[0], both.inputs[2])
    tree.links.new(both.outputs[0], tree.nodes["Material Output"].inputs["Surface"])
    material["clear"] = True
    return material


def art(name: str, colours: Sequence[Colour], *, scale: float = 2.2):
    """An abstract painting: soft-edged fields of colour."""
    material, tree, shader = surface(name, Roughness=0.8)
    fields = node(
        tree, "TexNoise", Vector=position(tree), Scale=scale, Detail=1.5, Distortion=1.2
    ).outputs["Fac"]
    tone = ramp(tree, fields, colours, low=0.34, high=0.7, steps=True)
    tree.links.new(tone, shader.inputs["Base Color"])
    return material
