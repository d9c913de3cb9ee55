"""Reading and writing scene.json, the description of a rendered scene."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

KIT_VERSION = "1"  # raise it when a change to the kit alters the pictures

SCRIPTS = Path(__file__).parent
LIBRARY = SCRIPTS.parent
MOODS = ("morning", "golden", "evening")
SLUGS = (
    "office",
    "meeting",
    "cafe",
    "studio",
    "library",
    "home",
    "workshop",
    "stage",
    "terrace",
    "garden",
)


def script_sha256(slug: str) -> str:
    """Return the digest of a scene's script and the version of the kit.

    A picture is up to date if scene.json has the digest of the present script.
    """
    content = (SCRIPTS / f"{slug}.py").read_bytes()
    return hashlib.sha256(content + KIT_VERSION.encode()).hexdigest()


def read_manifest(folder: Path) -> dict:
    path = folder / "scene.json"
    return json.loads(path.read_text()) if path.exists() else {}


def write_manifest(folder: Path, manifest: dict) -> None:
    text = json.dumps(manifest, indent=1, ensure_ascii=False)
    (folder / "scene.json").write_text(text + "\n")
