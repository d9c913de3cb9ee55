"""Rendering of the picture, of the accent mask, and of the panorama of light."""

from __future__ import annotations

import math
import os
import tempfile

import bpy
import numpy as np
from mathutils import Vector

from headshots.backdrops.scenes.kit.glow import light
from headshots.backdrops.scenes.kit.shapes import sphere
from headshots.backdrops.scenes.kit.stage import HEAD_DISTANCE, Camera

SEED = 11
TYPICAL_ACCENT = 0.35  # radiance of accent paint in a well exposed picture
TYPICAL_LAMPS = 0.5  # of a lamp's full strength, between golden hour and evening
SUN_RADIUS = math.radians(5)  # far larger than the real one, to be found with few samples
SUN_DISTANCE = 24.0  # beyond the walls of every room, before the houses, which cast no shadow


def prepare(*, size: int, samples: int, exposure: float, contrast: str) -> None:
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


def portrait_camera(camera: Camera) -> None:
    """Add a camera at eye height that looks along +y and is focused on the person."""
    data = bpy.data.cameras.new("portrait")
    data.sensor_width, data.lens = 36, camera.lens
    data.dof.use_dof = True
    data.dof.focus_distance, data.dof.aperture_fstop = HEAD_DISTANCE, camera.aperture
    put_camera(data, (0, 0, camera.height))


def panorama_camera(camera: Camera) -> None:
    """Add a camera at the head; the middle of its panorama is +y, away from the portrait camera."""
    data = bpy.data.cameras.new("panorama")
    data.type, data.panorama_type = "PANO", "EQUIRECTANGULAR"
    put_camera(data, (0, HEAD_DISTANCE, camera.height))


def put_camera(data, location) -> None:
    thing = bpy.data.objects.new(data.name, data)
    thing.location, thing.rotation_euler = location, (math.pi / 2, 0, 0)
    bpy.context.scene.collection.objects.link(thing)
    bpy.context.scene.camera = thing


def picture() -> np.ndarray:
    """The finished picture, 8-bit sRGB."""
    return np.round(pixels("PNG", "16") * 255).astype(np.uint8)


def panorama(*, width: int = 128, samples: int = 256) -> np.ndarray:
    """Linear incident radiance around the head, rows from the zenith down."""
    reveal_lamps()
    scene = bpy.context.scene
    scene.cycles.use_denoising = False
    scene.render.resolution_x, scene.render.resolution_y = width, width // 2
    scene.cycles.samples = samples
    return pixels("OPEN_EXR", "32")


def reveal_lamps() -> None:
    """Make lamps visible: the portrait camera does not see them, but they light the face."""
    for lamp in [thing for thing in bpy.data.objects if thing.type == "LIGHT"]:
        lamp.visible_camera = True
        if lamp.data.type == "SUN":
            show_sun(lamp)


def show_sun(lamp) -> None:
    """Add a distant disc with the sun's irradiance, since cameras never see a sun lamp."""
    strength = lamp.data.energy / (math.pi * math.sin(SUN_RADIUS) ** 2)
    mesh = bpy.data.meshes.new("sun")
    ball = sphere(SUN_DISTANCE * math.tan(SUN_RADIUS))
    away = lamp.matrix_basis.to_3x3() @ Vector((0, 0, SUN_DISTANCE))
    mesh.from_pydata((ball.vertices + tuple(away)).tolist(), [], ball.faces)
    mesh.materials.append(light("sun", tuple(lamp.data.color), strength))
    disc = bpy.data.objects.new("sun disc", mesh)
    disc.visible_diffuse = disc.visible_glossy = disc.visible_shadow = False
    disc.visible_transmission = False
    bpy.context.scene.collection.objects.link(disc)


def accent_mask(camera: Camera, *, size: int, samples: int = 64) -> np.ndarray:
    """Return the share of each pixel's light that accent paint reflects, 8-bit.

    Out of focus, a bulb a few pixels wide covers a large disc; there the share is lower, so that
    its light does not take the accent's colour.
    """
    portrait_camera(camera)
    scene = bpy.context.scene
    scene.render.resolution_x = scene.render.resolution_y = size
    scene.cycles.samples, scene.cycles.max_bounces = samples, 0
    scene.cycles.use_denoising = True
    scene.world = None
    for thing in bpy.data.objects:
        thing.hide_render = thing.hide_render or thing.type == "LIGHT"
    for material in bpy.data.materials:
        flatten(material)
    coverage, lamps = np.moveaxis(pixels("OPEN_EXR", "32")[..., :2], -1, 0)
    coverage = np.clip(coverage, 0, 1)
    painted = coverage * TYPICAL_ACCENT
    mask = coverage * painted / np.maximum(painted + np.maximum(lamps, 0) * TYPICAL_LAMPS, 1e-6)
    return np.round(mask * 255).astype(np.uint8)


def flatten(material) -> None:
    """Replace a material: accent by red light, lamps by green light, everything else by black."""
    if not material.use_nodes:
        return
    tree = material.node_tree
    tree.nodes.clear()
    out = tree.nodes.new("ShaderNodeOutputMaterial")
    clear = material.get("clear")
    shader = tree.nodes.new("ShaderNodeBsdfTransparent" if clear else "ShaderNodeEmission")
    if not clear:
        red = 1.0 if material.get("accent") else 0.0
        shader.inputs["Color"].default_value = (red, material.get("shine", 0.0), 0, 1)
    tree.links.new(shader.outputs[0], out.inputs["Surface"])


def pixels(file_format: str, depth: str) -> np.ndarray:
    """Render to a file and return its pixels as floats, top row first."""
    settings = bpy.context.scene.render.image_settings
    settings.file_format, settings.color_mode, settings.color_depth = file_format, "RGB", depth
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "render." + ("exr" if "EXR" in file_format else "png"))
        bpy.context.scene.render.filepath = path
        bpy.ops.render.render(write_still=True)
        image = bpy.data.images.load(path)
        image.colorspace_settings.name = "Non-Color"
        wide, high = image.size
        values = np.empty(wide * high * image.channels, dtype=np.float32)
        image.pixels.foreach_get(values)
        bpy.data.images.remove(image)
    return values.reshape(high, wide, -1)[::-1, :, :3].copy()
