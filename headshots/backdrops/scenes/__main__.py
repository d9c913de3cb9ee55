"""Render the library: python -m headshots.backdrops.scenes [SLUG ...] [--mood M] [--size N]."""

from __future__ import annotations

import argparse
import importlib
import random
import time
from pathlib import Path

import bpy
import numpy as np
from PIL import Image

from headshots.backdrops.scenes import manifest
from headshots.backdrops.scenes.kit import palette, render
from headshots.backdrops.scenes.kit.materials import ACCENT_ALBEDO
from headshots.backdrops.scenes.kit.moods import MOODS
from headshots.backdrops.scenes.kit.stage import Stage
from headshots.backdrops.scenes.scene import SceneScript
from headshots.engine.operations import spherical_harmonics

OUTPUT_PARTS = ["picture", "probe", "mask"]
MAX_PICTURE_BYTES = 200_000
PICTURE_QUALITY, MASK_QUALITY = 88, 90  # of WebP, in which a picture is first saved
LOWEST_QUALITY, QUALITY_STEP = 60, 6
PROBE_DECIMALS = 4
CREDITS = "Modelled in code and path-traced with Blender for this project; no third-party assets."


def main() -> None:
    options = parse_arguments()
    for scene_slug in options.slugs or manifest.SLUGS:
        folder = options.out / scene_slug
        folder.mkdir(parents=True, exist_ok=True)
        render_scene(scene_slug, folder, options)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m headshots.backdrops.scenes")
    parser.add_argument("slugs", nargs="*", metavar="SLUG")
    parser.add_argument("--mood", choices=manifest.MOODS, action="append")
    parser.add_argument("--size", type=int, default=1024)
    parser.add_argument("--samples", type=int, default=16)
    parser.add_argument("--out", type=Path, default=manifest.LIBRARY)
    parser.add_argument("--part", choices=OUTPUT_PARTS, action="append")
    options = parser.parse_args()
    options.part = options.part or OUTPUT_PARTS
    return options


def render_scene(slug: str, folder: Path, options: argparse.Namespace) -> None:
    """Render pictures, light probes and accent mask of a scene, and write its scene.json."""
    scene: SceneScript = importlib.import_module(f"headshots.backdrops.scenes.{slug}").SCENE
    description = {"render": {"seconds": {}}, "moods": {}, **manifest.read_manifest(folder)}
    for mood in options.mood or manifest.MOODS:
        build_scene(scene, mood)
        configure_render(scene, mood, options)
        if "picture" in options.part:
            seconds = render_picture(scene, folder / f"{mood}.webp")
            print(f"{slug}/{mood}: {seconds:.0f} s", flush=True)
            description["render"]["seconds"][mood] = round(seconds, 1)
            description["render"].update(
                size=options.size, samples=options.samples, seed=render.SEED
            )
        if "probe" in options.part:
            description["moods"][mood] = {
                "label": MOODS[mood].label,
                "probe": measure_light_probe(scene, mood),
            }
    if "picture" in options.part and not options.mood:
        description["script_sha256"] = manifest.script_sha256(slug)
    if "mask" in options.part:
        accent_mask = render.render_accent_mask(scene.camera, size=options.size)
        save_as_webp(Image.fromarray(accent_mask), folder / "accent.webp", MASK_QUALITY)
    if "probe" in options.part:
        manifest.write_manifest(folder, describe_scene(scene, folder, description))


def render_picture(scene: SceneScript, path: Path) -> float:
    started_at = time.monotonic()
    render.add_portrait_camera(scene.camera)
    save_as_webp(Image.fromarray(render.render_picture()), path, PICTURE_QUALITY)
    return time.monotonic() - started_at


def configure_render(scene: SceneScript, mood: str, options: argparse.Namespace) -> None:
    render.configure_render(
        size=options.size,
        samples=options.samples,
        exposure=total_exposure(scene, mood),
        contrast=scene.contrast,
    )


def build_scene(scene: SceneScript, mood: str) -> None:
    """Replace what is in Blender by a scene in one mood."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene_stage = Stage(MOODS[mood], random.Random(scene.seed), scene.camera)
    scene_stage.palette.update(palette.standard_palette())
    scene.build(scene_stage)


def total_exposure(scene: SceneScript, mood: str) -> float:
    """Return the exposure of a scene in a mood, in stops."""
    return MOODS[mood].exposure + scene.exposure.get(mood, 0.0)


def measure_light_probe(scene: SceneScript, mood: str) -> list[list[float]]:
    """Measure the light around the head as spherical harmonics: 9 coefficients of 3 colours."""
    render.add_panorama_camera(scene.camera)
    radiance = render.render_panorama() * 2.0 ** total_exposure(scene, mood)
    return np.round(
        spherical_harmonics.project_panorama(radiance.astype(float)), PROBE_DECIMALS
    ).tolist()


def save_as_webp(image: Image.Image, path: Path, quality: int) -> None:
    """Save as WebP, lowering the quality until the file has at most MAX_PICTURE_BYTES."""
    while True:
        image.save(path, quality=quality, method=6)
        if path.stat().st_size <= MAX_PICTURE_BYTES or quality < LOWEST_QUALITY:
            return
        quality -= QUALITY_STEP


def describe_scene(scene: SceneScript, folder: Path, data: dict) -> dict:
    """Return the contents of scene.json."""
    pictures = [Image.open(folder / f"{mood}.webp") for mood in data["moods"]]
    return {
        "name": scene.name,
        "tags": list(scene.tags),
        "palette": find_main_colours(pictures),
        "camera_height": scene.camera.height,
        "camera_fov": round(scene.camera.field_of_view, 2),
        "script_sha256": data.get("script_sha256", ""),
        "render": data["render"],
        "accent_albedo": ACCENT_ALBEDO,
        "moods": data["moods"],
        "credits": CREDITS,
    }


def find_main_colours(pictures: list[Image.Image], count: int = 5) -> list[str]:
    """Return the colours of a scene, by median cut over its moods, as #rrggbb."""
    samples = np.concatenate(
        [np.asarray(picture.convert("RGB").resize((96, 96))) for picture in pictures]
    )
    quantized = Image.fromarray(samples).quantize(count, method=Image.Quantize.MEDIANCUT)
    colours = np.reshape(quantized.getpalette()[: count * 3], (count, 3))
    return ["#{:02x}{:02x}{:02x}".format(*colour) for colour in colours]


if __name__ == "__main__":
    main()
