"""Procedural materials: paint, wood, brick, metal, cloth, leaf and glass."""

from __future__ import annotations

from collections.abc import Sequence

import bpy

Colour = tuple[float, float, float]

ACCENT_ALBEDO = 0.62  # linear; the engine divides by it when it recolours


def add_node(node_tree, node_type: str, settings: dict | None = None, **inputs):
    """Add a shader node; inputs by name (underscores for spaces) are values or sockets."""
    new_node = node_tree.nodes.new(f"ShaderNode{node_type}")
    for input_name, value in (settings or {}).items():
        setattr(new_node, input_name, value)
    for input_name, value in inputs.items():
        set_input(node_tree, new_node.inputs[input_name.replace("_", " ")], value)
    return new_node


def set_input(node_tree, socket, value) -> None:
    """Set an input to a value, or link it to the output of another node."""
    if isinstance(value, bpy.types.NodeSocket):
        node_tree.links.new(value, socket)
    elif isinstance(value, tuple) and len(value) == 3 and socket.type == "RGBA":
        socket.default_value = (*value, 1)
    else:
        socket.default_value = value


def create_material(name: str, **inputs):
    """Create a material with a Principled BSDF; returns it with node tree and shader."""
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    node_tree = material.node_tree
    shader = node_tree.nodes["Principled BSDF"]
    for input_name, value in inputs.items():
        set_input(node_tree, shader.inputs[input_name.replace("_", " ")], value)
    return material, node_tree, shader


def object_position(node_tree, scale: Sequence[float] = (1, 1, 1)):
    coordinates = add_node(node_tree, "TexCoord").outputs["Object"]
    return add_node(node_tree, "Mapping", Vector=coordinates, Scale=tuple(scale)).outputs["Vector"]


def add_noise(node_tree, scale: float, *, stretch: Sequence[float] = (1, 1, 1), detail: float = 4):
    return add_node(
        node_tree,
        "TexNoise",
        Vector=object_position(node_tree, stretch),
        Scale=scale,
        Detail=detail,
    ).outputs["Fac"]


def add_colour_ramp(
    node_tree,
    factor,
    colours: Sequence[Colour],
    *,
    low: float = 0.0,
    high: float = 1.0,
    stepped: bool = False,
):
    ramp_node = add_node(node_tree, "ValToRGB", Fac=factor)
    ramp_node.color_ramp.interpolation = "CONSTANT" if stepped else "LINEAR"
    stops = ramp_node.color_ramp.elements
    while len(stops) < len(colours):
        stops.new(0.5)
    spread = (high - low) / (len(colours) if stepped else max(1, len(colours) - 1))
    for index, colour in enumerate(colours):
        stops[index].position = low + spread * index
        stops[index].color = (*colour, 1)
    return ramp_node.outputs["Color"]


def add_bump(node_tree, shader, height, strength: float) -> None:
    bump_node = add_node(node_tree, "Bump", Height=height, Strength=strength, Distance=0.02)
    node_tree.links.new(bump_node.outputs["Normal"], shader.inputs["Normal"])


def scale_colour(colour: Colour, factor: float) -> Colour:
    return tuple(min(1.0, component * factor) for component in colour)


def make_paint(
    name: str,
    colour: Colour,
    *,
    roughness: float = 0.6,
    uneven: float = 0.12,
    scale: float = 1.5,
    metallic: float = 0.0,
):
    """A painted or plastered surface with the slight cloudiness of real walls."""
    material, node_tree, shader = create_material(name, Roughness=roughness, Metallic=metallic)
    tone = add_colour_ramp(
        node_tree,
        add_noise(node_tree, scale),
        [scale_colour(colour, 1 - uneven), scale_colour(colour, 1 + uneven)],
        low=0.3,
        high=0.7,
    )
    node_tree.links.new(tone, shader.inputs["Base Color"])
    return material


def make_accent(name: str = "accent", *, roughness: float = 0.7):
    """Neutral paint of known albedo: what the engine may repaint in the brand's colour."""
    material, _, _ = create_material(name, Base_Color=(ACCENT_ALBEDO,) * 3, Roughness=roughness)
    material["accent"] = True
    return material


def make_metal(name: str, colour: Colour = (0.6, 0.6, 0.62), *, roughness: float = 0.3):
    return create_material(name, Base_Color=colour, Metallic=1.0, Roughness=roughness)[0]


def make_wood(
    name: str,
    dark: Colour,
    light: Colour,
    *,
    along: str = "x",
    roughness: float = 0.45,
    grain: float = 14.0,
):
    """Wood whose grain runs along one axis; each board (mesh island) has its own tone."""
    material, node_tree, shader = create_material(name, Roughness=roughness)
    stretch = [0.08 if axis == along else 1.0 for axis in "xyz"]
    rings = add_noise(node_tree, grain, stretch=stretch, detail=8)
    board = add_node(node_tree, "NewGeometry").outputs["Random Per Island"]
    board_tone = add_node(node_tree, "MapRange", Value=board, To_Min=-0.12, To_Max=0.12).outputs[
        "Result"
    ]
    mix_node = add_node(node_tree, "Math", {"operation": "ADD"})
    node_tree.links.new(rings, mix_node.inputs[0])
    node_tree.links.new(board_tone, mix_node.inputs[1])
    colour = add_colour_ramp(node_tree, mix_node.outputs[0], [dark, light], low=0.32, high=0.68)
    node_tree.links.new(colour, shader.inputs["Base Color"])
    add_bump(node_tree, shader, rings, 0.15)
    return material


def make_bricks(name: str, colours: Sequence[Colour], mortar: Colour, *, wall_axis: str = "x"):
    """Brickwork for a wall that runs along x or y."""
    material, node_tree, shader = create_material(name, Roughness=0.85)
    separate_node = add_node(node_tree, "SeparateXYZ", Vector=object_position(node_tree))
    combine_node = add_node(
        node_tree,
        "CombineXYZ",
        X=separate_node.outputs[wall_axis.upper()],
        Y=separate_node.outputs["Z"],
    )
    brick_texture = add_node(
        node_tree,
        "TexBrick",
        Vector=combine_node.outputs[0],
        Color1=colours[0],
        Color2=colours[1],
        Mortar=mortar,
        Scale=1.0,
        Mortar_Size=0.007,
        Bias=0.1,
        Brick_Width=0.235,
        Row_Height=0.077,
    )
    stain = add_colour_ramp(
        node_tree, add_noise(node_tree, 2.5), [(0.55,) * 3, (1.15,) * 3], low=0.25, high=0.75
    )
    mix_node = add_node(node_tree, "Mix", {"data_type": "RGBA", "blend_type": "MULTIPLY"})
    mix_node.inputs["Factor"].default_value = 1
    node_tree.links.new(brick_texture.outputs["Color"], mix_node.inputs[6])
    node_tree.links.new(stain, mix_node.inputs[7])
    node_tree.links.new(mix_node.outputs[2], shader.inputs["Base Color"])
    return material


def make_concrete(name: str, colour: Colour = (0.36, 0.35, 0.34), *, roughness: float = 0.75):
    material, node_tree, shader = create_material(name, Roughness=roughness)
    cloud_noise = add_noise(node_tree, 1.3, detail=9)
    tone = add_colour_ramp(
        node_tree,
        cloud_noise,
        [scale_colour(colour, 0.62), colour, scale_colour(colour, 1.3)],
        low=0.3,
        high=0.72,
    )
    node_tree.links.new(tone, shader.inputs["Base Color"])
    add_bump(node_tree, shader, cloud_noise, 0.2)
    return material


def make_mixed_colours(name: str, colours: Sequence[Colour], *, roughness: float = 0.7):
    """Each mesh island takes one of the colours: books, jars, windows of a town."""
    material, node_tree, shader = create_material(name, Roughness=roughness)
    island = add_node(node_tree, "NewGeometry").outputs["Random Per Island"]
    node_tree.links.new(
        add_colour_ramp(node_tree, island, colours, stepped=True), shader.inputs["Base Color"]
    )
    return material


def make_cloth(name: str, colour: Colour, *, thread_scale: float = 120.0):
    material, node_tree, shader = create_material(name, Roughness=0.95)
    shader.inputs["Sheen Weight"].default_value = 0.35
    weave = add_noise(node_tree, thread_scale, detail=2)
    tone = add_colour_ramp(
        node_tree, weave, [scale_colour(colour, 0.8), scale_colour(colour, 1.15)], low=0.3, high=0.7
    )
    node_tree.links.new(tone, shader.inputs["Base Color"])
    return material


def make_leaf(name: str, dark: Colour, light: Colour):
    """Foliage: every leaf its own green, some light shining through."""
    material, node_tree, shader = create_material(name, Roughness=0.42)
    island = add_node(node_tree, "NewGeometry").outputs["Random Per Island"]
    tone = add_colour_ramp(node_tree, island, [dark, light])
    node_tree.links.new(tone, shader.inputs["Base Color"])
    translucent_shader = add_node(node_tree, "BsdfTranslucent", Color=tone)
    mix_shader = add_node(node_tree, "MixShader", Fac=0.3)
    node_tree.links.new(shader.outputs[0], mix_shader.inputs[1])
    node_tree.links.new(translucent_shader.outputs[0], mix_shader.inputs[2])
    node_tree.links.new(mix_shader.outputs[0], node_tree.nodes["Material Output"].inputs["Surface"])
    return material


def make_glass(
    name: str = "glass", tint: Colour = (0.96, 0.98, 0.98), *, reflectance: float = 0.08
):
    """Thin panes: mostly clear, a little mirror; cheaper and cleaner than refraction."""
    material, node_tree, _ = create_material(name)
    transparent_shader = add_node(node_tree, "BsdfTransparent", Color=tint)
    glossy_shader = add_node(node_tree, "BsdfGlossy", Color=(1, 1, 1), Roughness=0.02)
    mix_shader = add_node(node_tree, "MixShader", Fac=reflectance)
    node_tree.links.new(transparent_shader.outputs[0], mix_shader.inputs[1])
    node_tree.links.new(glossy_shader.outputs[0], mix_shader.inputs[2])
    node_tree.links.new(mix_shader.outputs[0], node_tree.nodes["Material Output"].inputs["Surface"])
    material["clear"] = True
    return material


def make_abstract_art(name: str, colours: Sequence[Colour], *, scale: float = 2.2):
    """An abstract painting: soft-edged fields of colour."""
    material, node_tree, shader = create_material(name, Roughness=0.8)
    fields = add_node(
        node_tree,
        "TexNoise",
        Vector=object_position(node_tree),
        Scale=scale,
        Detail=1.5,
        Distortion=1.2,
    ).outputs["Fac"]
    tone = add_colour_ramp(node_tree, fields, colours, low=0.34, high=0.7, stepped=True)
    node_tree.links.new(tone, shader.inputs["Base Color"])
    return material
