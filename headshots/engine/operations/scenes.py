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
from headshots.engine.types import Mask, Pixels, SceneView

LIBRARY_FOLDER: Final = Path(__file__).parents[2] / "backdrops"
CACHED_SCENES: Final = 12  # decoded scenes that are kept: about 4 MB each
# Numbers were chosen by eye on the pictures of the library.
# How wide the out-of-focus edge of an accent surface is in a picture, over the picture's side.
EDGE_WIDTH: Final = 0.02
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
def scene_library() -> dict[str, Scene]:
    """Return every scene of the library by slug, sorted."""
    return {
        path.parent.name: _read_scene(path) for path in sorted(LIBRARY_FOLDER.glob("*/scene.json"))
    }


def scenes_with_tag(tag: str, *, preferred: str = "") -> list[str]:
    """Return the slugs of the scenes with a tag, preceded by the preferred one."""
    matching = [
        slug for slug, scene in scene_library().items() if tag in scene.tags or slug == preferred
    ]
    return sorted(matching, key=lambda slug: (slug != preferred, slug))


def parse_scene(scene_name: str) -> tuple[str, str]:
    """Split '<slug>/<mood>' into slug and mood.

    Raises BadRecipe if the library has no such scene or mood.
    """
    slug, _, mood = scene_name.partition("/")
    if slug not in scene_library() or mood not in MOODS:
        raise BadRecipe(
            f"There is no scene '{scene_name}'.",
            advice=f"Choose from {', '.join(scene_library())}, each with /{', /'.join(MOODS)}.",
        )
    return slug, mood


@lru_cache(maxsize=CACHED_SCENES)
def load_scene(scene_name: str, *, with_accent: bool = True) -> SceneView:
    """Load the scene '<slug>/<mood>' from disk; cached, so callers must not change its arrays.

    Without `with_accent` its accent mask is empty, which is faster where nothing will be repainted.
    Raises BadRecipe if the library has no such scene or mood.
    """
    slug, mood = parse_scene(scene_name)
    scene = scene_library()[slug]
    folder = LIBRARY_FOLDER / slug
    picture = decode((folder / f"{mood}.webp").read_bytes())
    mood_data = json.loads((folder / "scene.json").read_text())["moods"]
    empty_mask = np.zeros(picture.shape[:2], np.uint8)
    return SceneView(
        picture=picture,
        accent=_load_accent_mask(folder, picture) if with_accent else empty_mask,
        accent_albedo=scene.accent_albedo,
        probe=np.array(mood_data[mood]["probe"], np.float64),
    )


def _load_accent_mask(folder: Path, picture: Pixels) -> NDArray[np.uint8]:
    """Load how much of each pixel's light the accent surfaces of a scene's picture sent, H×W."""
    coverage = decode((folder / "accent.webp").read_bytes())[..., 0]
    picture_size = picture.shape[1::-1]
    return compute_light_share(
        picture, cv2.resize(coverage, picture_size, interpolation=cv2.INTER_CUBIC)
    )


def compute_light_share(picture: Pixels, coverage: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return how much of each pixel's light accent surfaces sent, H×W, 255 for all of it.

    `coverage`, H×W of 0 to 255, is how much of the pixel they cover. The two differ where surfaces
    of different brightness meet out of focus: where a bright wall ends at a dark lamp, nearly all
    light is still the wall's, and without this step its edge would keep a rim of the old colour.
    """
    covered_share = coverage.astype(np.float32) / 255.0
    luminances = color.compute_luminance(color.to_linear(picture.astype(np.float32) / 255.0))
    accent_light = covered_share * _mean_light_around(luminances, covered_share > SOLID_COVERAGE)
    other_light = (1 - covered_share) * _mean_light_around(luminances, covered_share < NO_COVERAGE)
    return np.round(255 * accent_light / np.maximum(accent_light + other_light, MIN_WEIGHT)).astype(
        np.uint8
    )


def _mean_light_around(luminances: Mask, known: NDArray[np.bool_]) -> Mask:
    """Return the mean light of the nearest sure pixels around each pixel, H×W.

    It begins with the mean of the whole picture and is refined by ever smaller neighbourhoods
    wherever these hold enough sure pixels.
    """
    reduced_size = (luminances.shape[1] // LIGHT_SCALE, luminances.shape[0] // LIGHT_SCALE)
    weight = cv2.resize(known.astype(np.float32), reduced_size, interpolation=cv2.INTER_AREA)
    light_total = cv2.resize(luminances * known, reduced_size, interpolation=cv2.INTER_AREA)
    overall_mean = light_total.sum() / max(float(weight.sum()), MIN_WEIGHT)
    mean = np.full(weight.shape, overall_mean, np.float32)
    for width_factor in SEARCH_WIDTHS:
        sigma = width_factor * EDGE_WIDTH * weight.shape[0]
        nearby_weight = cv2.GaussianBlur(weight, (0, 0), sigma)
        nearby_mean = cv2.GaussianBlur(light_total, (0, 0), sigma) / np.maximum(
            nearby_weight, MIN_WEIGHT
        )
        mean = mean + np.clip(nearby_weight / TRUSTED_WEIGHT, 0, 1) * (nearby_mean - mean)
    return cv2.resize(mean, luminances.shape[::-1], interpolation=cv2.INTER_LINEAR)


def _read_scene(path: Path) -> Scene:
    scene_data = json.loads(path.read_text())
    return Scene(
        slug=path.parent.name,
        name=scene_data["name"],
        tags=frozenset(scene_data["tags"]),
        palette=tuple(scene_data["palette"]),
        camera_height=scene_data["camera_height"],
        accent_albedo=scene_data["accent_albedo"],
    )
