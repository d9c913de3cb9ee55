"""Rendering of the picture, of the accent mask, and of the panorama of light."""

from __future__ import annotations

import math
import os
import tempfile

import bpy
import numpy as np
from mathutils import Vector

from headshots.backdrops.scenes.kit.glow import make_emitter
from headshots.backdrops.scenes.kit.shapes import sphere
from headshots.backdrops.scenes.kit.stage import HEAD_DISTANCE, Camera

SEED = 11
TYPICAL_ACCENT_RADIANCE = 0.35  # radiance of accent paint in a well exposed picture
TYPICAL_LAMP_SHARE = 0.5  # of a lamp's full strength, between golden hour and evening
SUN_RADIUS = math.radians(5)  # far larger than the real one, to be found with few samples
SUN_DISTANCE = 24.0  # beyond the walls of every room, before the houses, which cast no shadow


def configure_render(*, size: int, samples: int, exposure: float, contrast: str) -> None:
    """Set up Cycles and the AgX view transform."""
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.render.resolution_x = scene.render.resolution_y = size
    scene.render.resolution_percentage = 100
    scene.view_settings.view_transform = "AgX"
    scene.view_settings.look = f"AgX - {contrast}"
    scene.view_settings.exposure = exposure
    cycles = scene.cycles
    cycles.device, cycles.seed, cycles.samples = "CPU", SEED, samples
    cycles.use_adaptive_sampling, cycles.adaptive_threshold = True, 0.03
    cycles.use_denoising, cycles.denoiser = True, "OPENIMAGEDENOISE"
    cycles.denoising_prefilter = "ACCURATE"
    cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces = 6, 4, 3
    cycles.transparent_max_bounces = 12
    cycles.caustics_reflective = cycles.caustics_refractive = False
    cycles.sample_clamp_indirect, cycles.blur_glossy = 4.0, 1.0


def add_portrait_camera(camera: Camera) -> None:
    """Add a camera at eye height that looks along +y and is focused on the person."""
    camera_data = bpy.data.cameras.new("portrait")
    camera_data.sensor_width, camera_data.lens = 36, camera.lens
    camera_data.dof.use_dof = True
    camera_data.dof.focus_distance, camera_data.dof.aperture_fstop = HEAD_DISTANCE, camera.f_number
    add_camera(camera_data, (0, 0, camera.height))


def add_panorama_camera(camera: Camera) -> None:
    """Add a camera at the head; the middle of its panorama is +y, away from the portrait camera."""
    camera_data = bpy.data.cameras.new("panorama")
    camera_data.type, camera_data.panorama_type = "PANO", "EQUIRECTANGULAR"
    add_camera(camera_data, (0, HEAD_DISTANCE, camera.height))


def add_camera(camera_data, location) -> None:
    camera_object = bpy.data.objects.new(camera_data.name, camera_data)
    camera_object.location, camera_object.rotation_euler = location, (math.pi / 2, 0, 0)
    bpy.context.scene.collection.objects.link(camera_object)
    bpy.context.scene.camera = camera_object


def render_picture() -> np.ndarray:
    """The finished picture, 8-bit sRGB."""
    return np.round(render_pixels("PNG", "16") * 255).astype(np.uint8)


def render_panorama(*, width: int = 128, samples: int = 256) -> np.ndarray:
    """Linear incident radiance around the head, rows from the zenith down."""
    reveal_lamps()
    scene = bpy.context.scene
    scene.cycles.use_denoising = False
    scene.render.resolution_x, scene.render.resolution_y = width, width // 2
    scene.cycles.samples = samples
    return render_pixels("OPEN_EXR", "32")


def reveal_lamps() -> None:
    """Make lamps visible: the portrait camera does not see them, but they light the face."""
    for lamp in [candidate for candidate in bpy.data.objects if candidate.type == "LIGHT"]:
        lamp.visible_camera = True
        if lamp.data.type == "SUN":
            add_sun_disc(lamp)


def add_sun_disc(lamp) -> None:
    """Add a distant disc with the sun's irradiance, since cameras never see a sun lamp."""
    strength = lamp.data.energy / (math.pi * math.sin(SUN_RADIUS) ** 2)
    mesh = bpy.data.meshes.new("sun")
    ball = sphere(SUN_DISTANCE * math.tan(SUN_RADIUS))
    offset = lamp.matrix_basis.to_3x3() @ Vector((0, 0, SUN_DISTANCE))
    mesh.from_pydata((ball.vertices + tuple(offset)).tolist(), [], ball.faces)
    mesh.materials.append(make_emitter("sun", tuple(lamp.data.color), strength))
    disc = bpy.data.objects.new("sun disc", mesh)
    disc.visible_diffuse = disc.visible_glossy = disc.visible_shadow = False
    disc.visible_transmission = False
    bpy.context.scene.collection.objects.link(disc)


def render_accent_mask(camera: Camera, *, size: int, samples: int = 64) -> np.ndarray:
    """Return the share of each pixel's light that accent paint reflects, 8-bit.

    Out of focus, a bulb a few pixels wide covers a large disc; there the share is lower, so that
    its light does not take the accent's colour.
    """
    add_portrait_camera(camera)
    scene = bpy.context.scene
    scene.render.resolution_x = scene.render.resolution_y = size
    scene.cycles.samples, scene.cycles.max_bounces = samples, 0
    scene.cycles.use_denoising = True
    scene.world = None
    for blender_object in bpy.data.objects:
        blender_object.hide_render = blender_object.hide_render or blender_object.type == "LIGHT"
    for material in bpy.data.materials:
        flatten_material(material)
    coverage, lamp_light = np.moveaxis(render_pixels("OPEN_EXR", "32")[..., :2], -1, 0)
    coverage = np.clip(coverage, 0, 1)
    accent_light = coverage * TYPICAL_ACCENT_RADIANCE
    mask = (
        coverage
        * accent_light
        / np.maximum(accent_light + np.maximum(lamp_light, 0) * TYPICAL_LAMP_SHARE, 1e-6)
    )
    return np.round(mask * 255).astype(np.uint8)


def flatten_material(material) -> None:
    """Replace a material: accent by red light, lamps by green light, everything else by black."""
    if not material.use_nodes:
        return
    node_tree = material.node_tree
    node_tree.nodes.clear()
    output_node = node_tree.nodes.new("ShaderNodeOutputMaterial")
    is_clear = material.get("clear")
    shader = node_tree.nodes.new("ShaderNodeBsdfTransparent" if is_clear else "ShaderNodeEmission")
    if not is_clear:
        red = 1.0 if material.get("accent") else 0.0
        shader.inputs["Color"].default_value = (red, material.get("shine", 0.0), 0, 1)
    node_tree.links.new(shader.outputs[0], output_node.inputs["Surface"])


def render_pixels(file_format: str, depth: str) -> np.ndarray:
    """Render to a file and return its pixels as floats, top row first."""
    settings = bpy.context.scene.render.image_settings
    settings.file_format, settings.color_mode, settings.color_depth = file_format, "RGB", depth
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "render." + ("exr" if "EXR" in file_format else "png"))
        bpy.context.scene.render.filepath = path
        bpy.ops.render.render(write_still=True)
        image = bpy.data.images.load(path)
        image.colorspace_settings.name = "Non-Color"
        width, height = image.size
        values = np.empty(width * height * image.channels, dtype=np.float32)
        image.pixels.foreach_get(values)
        bpy.data.images.remove(image)
    return values.reshape(height, width, -1)[::-1, :, :3].copy()
