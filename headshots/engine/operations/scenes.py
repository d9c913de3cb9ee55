"""Read the library of rendered scenes from disk: which there are, and one in one mood."""

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
CACHED_ROOMS: Final = 12  # decoded scenes that are kept: about 4 MB each
# Numbers were chosen by eye on the pictures of the library.
# How wide the out-of-focus edge of an accent surface is in a picture, over the picture's side.
RIM: Final = 0.02
SEARCH_WIDTHS: Final = (8, 2, 1)  # times that width, widest first: the nearest known light wins
SOLID_COVERAGE, NO_COVERAGE = 0.95, 0.05  # share of a pixel from and up to which it is one surface
TRUSTED_WEIGHT: Final = 0.02  # share of known pixels nearby at which their mean is believed
LIGHT_SCALE: Final = 4  # light is averaged at a quarter of the size
MIN_WEIGHT: Final = 1e-6  # keeps divisions finite
MOODS: Final = ("morning", "golden", "evening")


@dataclass(frozen=True)
class Scene:
    """One folder of the library.

    `palette` is colours as '#RRGGBB', `camera_height` metres, `accent_albedo` the linear
    reflectance in which accent surfaces were rendered.
    """

    slug: str
    name: str
    tags: frozenset[str]
    palette: tuple[str, ...]
    camera_height: float
    accent_albedo: float


@cache
def library() -> dict[str, Scene]:
    """Return every scene of the library by slug, sorted."""
    return {path.parent.name: _read(path) for path in sorted(LIBRARY.glob("*/scene.json"))}


def fitting(tag: str, *, first: str = "") -> list[str]:
    """Return the slugs of the scenes with a tag, preceded by the preferred one."""
    slugs = [slug for slug, scene in library().items() if tag in scene.tags or slug == first]
    return sorted(slugs, key=lambda slug: (slug != first, slug))


def check(place: str) -> tuple[str, str]:
    """Split '<slug>/<mood>' into slug and mood.

    Raises BadRecipe if the library has no such scene or mood.
    """
    slug, _, mood = place.partition("/")
    if slug not in library() or mood not in MOODS:
        raise BadRecipe(
            f"There is no scene '{place}'.",
            advice=f"Choose from {', '.join(library())}, each with /{', /'.join(MOODS)}.",
        )
    return slug, mood


@lru_cache(maxsize=CACHED_ROOMS)
def load(place: str, *, accent: bool = True) -> Room:
    """Load the scene '<slug>/<mood>' from disk; cached, so callers must not change its arrays.

    Without `accent` its accent mask is empty, which is faster where nothing will be repainted.
    Raises BadRecipe if the library has no such scene or mood.
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
    """Return how much of each pixel's light accent surfaces sent, H×W, 255 for all of it.

    `coverage`, H×W of 0 to 255, is how much of the pixel they cover. The two differ where surfaces
    of different brightness meet out of focus: where a bright wall ends at a dark lamp, nearly all
    light is still the wall's, and without this step its edge would keep a rim of the old colour.
    """
    share = coverage.astype(np.float32) / 255
    light = color.luminance(color.to_linear(picture.astype(np.float32) / 255))
    accent = share * _light_around(light, share > SOLID_COVERAGE)
    other = (1 - share) * _light_around(light, share < NO_COVERAGE)
    return np.round(255 * accent / np.maximum(accent + other, MIN_WEIGHT)).astype(np.uint8)


def _light_around(light: Mask, sure: NDArray[np.bool_]) -> Mask:
    """Return the mean light of the nearest sure pixels around each pixel, H×W.

    It begins with the mean of the whole picture and is refined by ever smaller neighbourhoods
    wherever these hold enough sure pixels.
    """
    small = (light.shape[1] // LIGHT_SCALE, light.shape[0] // LIGHT_SCALE)
    weight = cv2.resize(sure.astype(np.float32), small, interpolation=cv2.INTER_AREA)
    total = cv2.resize(light * sure, small, interpolation=cv2.INTER_AREA)
    overall = total.sum() / max(float(weight.sum()), MIN_WEIGHT)
    mean = np.full(weight.shape, overall, np.float32)
    for reach in SEARCH_WIDTHS:
        sigma = reach * RIM * weight.shape[0]
        near = cv2.GaussianBlur(weight, (0, 0), sigma)
        found = cv2.GaussianBlur(total, (0, 0), sigma) / np.maximum(near, MIN_WEIGHT)
        mean = mean + np.clip(near / TRUSTED_WEIGHT, 0, 1) * (found - mean)
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
