"""The scene library read from disk: which rooms there are, and one room in one mood."""

import json
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from headshots.engine.decode import decode
from headshots.engine.errors import BadRecipe
from headshots.engine.types import Room

LIBRARY: Final = Path(__file__).parent.parent / "backdrops"
MOODS: Final = ("morning", "golden", "evening")


@dataclass(frozen=True)
class Scene:
    """One folder of the library."""

    slug: str
    name: str
    tags: frozenset[str]
    palette: tuple[str, ...]
    camera_height: float
    accent_albedo: float


@cache
def library() -> dict[str, Scene]:
    """Every scene by slug, sorted."""
    return {path.parent.name: _read(path) for path in sorted(LIBRARY.glob("*/scene.json"))}


def fitting(tag: str, *, first: str = "") -> list[str]:
    """Slugs of the scenes with this tag, the preferred one first."""
    slugs = [slug for slug, scene in library().items() if tag in scene.tags or slug == first]
    return sorted(slugs, key=lambda slug: (slug != first, slug))


def check(place: str) -> tuple[str, str]:
    """Slug and mood of '<slug>/<mood>'; BadRecipe if the library has no such place."""
    slug, _, mood = place.partition("/")
    if slug not in library() or mood not in MOODS:
        raise BadRecipe(
            f"There is no scene '{place}'.",
            advice=f"Choose from {', '.join(library())}, each with /{', /'.join(MOODS)}.",
        )
    return slug, mood


@lru_cache(maxsize=12)
def load(place: str) -> Room:
    """The room '<slug>/<mood>'; BadRecipe if the library has no such place."""
    slug, mood = check(place)
    scene = library()[slug]
    folder = LIBRARY / slug
    picture = decode((folder / f"{mood}.webp").read_bytes())
    accent = decode((folder / "accent.webp").read_bytes())[..., 0]
    moods = json.loads((folder / "scene.json").read_text())["moods"]
    return Room(
        picture=picture,
        accent=cv2.resize(accent, picture.shape[1::-1], interpolation=cv2.INTER_CUBIC),
        accent_albedo=scene.accent_albedo,
        probe=np.array(moods[mood]["probe"], np.float64),
    )


def _read(path: Path) -> Scene:
    data = json.loads(path.read_text())
    return Scene(
        slug=path.parent.name,
        name=data["name"],
        tags=frozenset(data["tags"]),
        palette=tuple(data["palette"]),
        camera_height=data["camera_height"],
        accent_albedo=data["accent_albedo"],
    )
