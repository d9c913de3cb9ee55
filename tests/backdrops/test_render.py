"""One real render, small, where Blender is installed as a module."""

import importlib.util
import json
import subprocess
import sys

import pytest
from PIL import Image

from headshots.backdrops.scenes import manifest

needs_blender = pytest.mark.skipif(
    importlib.util.find_spec("bpy") is None,
    reason="bpy (Blender as a module) is an authoring tool and is not installed here",
)


@pytest.mark.blender
@needs_blender
def test_scene_renders_small(tmp_path):
    command = [
        sys.executable,
        "-m",
        "headshots.backdrops.scenes",
        "cafe",
        "--mood",
        "evening",
        "--size",
        "96",
        "--samples",
        "4",
        "--out",
        str(tmp_path),
    ]
    subprocess.run(command, check=True, cwd=manifest.LIBRARY.parent.parent, timeout=300)
    scene = json.loads((tmp_path / "cafe" / "scene.json").read_text())
    assert Image.open(tmp_path / "cafe" / "evening.webp").size == (96, 96)
    assert len(scene["moods"]["evening"]["probe"]) == 9
