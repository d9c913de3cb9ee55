"""The scene library read from disk: which rooms there are, and one room in one mood."""

import json
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from headshots.engine import color
from headshots.engine.errors import BadRecipe
from headshots.engine.io.decode import decode
from headshots.engine.types import Mask, Pixels, Room

LIBRARY: Final = Path(__file__).parents[2] / "backdrops"
RIM: Final = 0.02  # of the side: how wide the lens draws the edge of an accent surface
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
def load(place: str, *, accent: bool = True) -> Room:
    """The room '<slug>/<mood>', without its accent mask where nothing is painted: that is faster.

    Raises BadRecipe if the library has no such place.
    """
    slug, mood = check(place)
    scene = library()[slug]
    folder = LIBRARY / slug
    picture = decode((folder / f"{mood}.webp").read_bytes())
    moods = json.loads((folder / "scene.json").read_text())["moods"]
    mask = np.zeros(picture.shape[:2], np.uint8)
    if accent:
        coverage = decode((folder / "accent.webp").read_bytes())[..., 0]
        size = picture.shape[1::-1]
        mask = share_of_light(picture, cv2.resize(coverage, size, interpolation=cv2.INTER_CUBIC))
    return Room(
        picture=picture,
        accent=mask,
        accent_albedo=scene.accent_albedo,
        probe=np.array(moods[mood]["probe"], np.float64),
    )


def share_of_light(picture: Pixels, coverage: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """How much of a pixel's light the accent sent, from how much of the pixel it covers; 255 all.

    Where a bright wall ends, out of focus, at a dark lamp, nearly all light is still the wall's:
    without this every edge would keep a rim of the unpainted wall.
    """
    share = coverage.astype(np.float32) / 255
    light = color.luminance(color.to_linear(picture.astype(np.float32) / 255))
    accent = share * _light_around(light, share > 0.95)
    other = (1 - share) * _light_around(light, share < 0.05)
    return np.round(255 * accent / np.maximum(accent + other, 1e-6)).astype(np.uint8)


def _light_around(light: Mask, sure: NDArray[np.bool_]) -> Mask:
    """Mean light of the sure pixels nearby, of those further away where there are none."""
    small = (light.shape[1] // 4, light.shape[0] // 4)
    weight = cv2.resize(sure.astype(np.float32), small, interpolation=cv2.INTER_AREA)
    total = cv2.resize(light * sure, small, interpolation=cv2.INTER_AREA)
    mean = np.full(weight.shape, total.sum() / max(float(weight.sum()), 1e-6), np.float32)
    for reach in (8, 2, 1):
        sigma = reach * RIM * weight.shape[0]
        near = cv2.GaussianBlur(weight, (0, 0), sigma)
        found = cv2.GaussianBlur(total, (0, 0), sigma) / np.maximum(near, 1e-6)
        mean = mean + np.clip(near / 0.02, 0, 1) * (found - mean)
    return cv2.resize(mean, light.shape[::-1], interpolation=cv2.INTER_LINEAR)


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
