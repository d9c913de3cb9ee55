"""Read the wardrobe of rendered garments from disk, and light them.

A garment is stored as light transfer: how cloth of reflectance 1 answers to each of nine spherical
harmonics of light, see headshots/wardrobe/tailoring/raycasting.py. Its picture has the person's
middle in its middle; only the right half is stored, the left one is its mirror image.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from headshots.engine import color
from headshots.engine.errors import BadRecipe
from headshots.engine.operations.spherical_harmonics import HARMONIC_NAMES
from headshots.engine.types import Mask, Pixels

WARDROBE_FOLDER: Final = Path(__file__).parents[2] / "wardrobe"
OWN_TOP, BARE_NECK = "own_top", "bare_neck"  # what garments need of the photo
TILES: Final = 11  # alpha, the share behind the neck, and nine answers to light
# Harmonics that change their sign in a mirror: those that are odd in x.
MIRROR_SIGNS: Final = (
    *(-1 if name.count("x") == 1 else 1 for name in HARMONIC_NAMES[:8]),
    1,  # x²-y²
)
PIT_DEPTH: Final = -5.0  # y of the pit of the neck, centimetres
SOLID: Final = 250  # level of alpha from which a pixel is opaque
# Cloth is pressed at its edges and seams: light that differs from its surroundings differs more.
CRISP_RADIUS: Final = 0.5  # centimetres: standard deviation of the surroundings
CRISPNESS: Final = 0.6  # exponent of light over that of the surroundings
MIN_LIGHT: Final = 0.02  # keeps divisions finite
# What cloth behind the neck receives of even light at least: no photograph shows it black.
INSIDE_LIGHT: Final = 0.09
CRISP_RANGE: Final = (0.5, 1.5)

# Linear reflectance of cloth in each colour, as sRGB. Real wool is never black: it scatters 3 %.
CLOTH_COLORS: Final = {
    "navy": "#252C3F",
    "charcoal": "#3E3F42",
    "black": "#262627",
    "camel": "#AE8A6C",
}
DEFAULT_CLOTH_COLOR: Final = "navy"
# Of the picture of a garment alone: harmonics of light, colour, grey of the background (sRGB).
THUMBNAIL_LIGHT: Final = (2.6, 0.9, 0.9, -0.5, 0.0, 0.0, 0.0, 0.0, 0.0)
THUMBNAIL_COLOR, THUMBNAIL_GROUND = "#5C6B8A", 0.86


@dataclass(frozen=True, eq=False)
class Garment:
    """One garment; lengths are centimetres from the pit of the neck.

    `needs` is OWN_TOP, which is seen in the opening, or BARE_NECK above a closed garment.
    `alpha`, `behind` (the share of it behind the neck) and `opening` (where the person's own
    clothes are seen) are H×W, `transfer` nine answers to light of the right half, H×W/2×9.
    """

    slug: str
    name: str
    needs: str
    width: float
    top: float
    camera_distance: float
    camera_height: float
    neck_width: float
    shoulder: float
    alpha: Mask
    behind: Mask
    opening: Mask
    transfer: NDArray[np.float32]

    @property
    def pixels_per_cm(self) -> float:
        """Pixels a centimetre, at the depth of the pit of the neck."""
        return (
            self.alpha.shape[1]
            / self.width
            * self.camera_distance
            / (self.camera_distance + PIT_DEPTH)
        )

    @property
    def anchor(self) -> tuple[float, float]:
        """Column and row of the pit of the neck."""
        per_cm = self.alpha.shape[1] / self.width
        below_eyes = self.camera_height * self.pixels_per_cm
        row = below_eyes - (self.camera_height - self.top) * per_cm
        return self.alpha.shape[1] / 2, row

    def light(self, coefficients: NDArray[np.float64]) -> Mask:
        """Return the radiance of cloth of reflectance 1 in a light of nine coefficients, H×W."""
        right = self.transfer @ coefficients.astype(np.float32)
        left = self.transfer @ (coefficients * MIRROR_SIGNS).astype(np.float32)
        return np.maximum(np.concatenate([left[:, ::-1], right], axis=1), 0)


@cache
def wardrobe() -> dict[str, str]:
    """Return the names of all garments by slug, sorted."""
    return {
        path.parent.name: json.loads(path.read_text())["name"]
        for path in sorted(WARDROBE_FOLDER.glob("*/garment.json"))
    }


def require_garment(slug: str, cloth_color: str) -> None:
    """Raise BadRecipe unless there is such a garment, and such a colour, by name or '#RRGGBB'."""
    if slug not in wardrobe():
        raise BadRecipe(
            f"There is no garment '{slug}'.", advice=f"Choose from {', '.join(wardrobe())}."
        )
    try:
        cloth_reflectance(cloth_color)
    except ValueError as error:
        raise BadRecipe(
            f"There is no cloth in '{cloth_color}'.",
            advice=f"Choose from {', '.join(CLOTH_COLORS)}, or a colour like #0B6E4F.",
        ) from error


def cloth_reflectance(cloth_color: str) -> NDArray[np.float32]:
    """Return the linear reflectance, RGB, of cloth in a colour by name or '#RRGGBB'.

    Raises ValueError for anything else.
    """
    return color.to_linear(color.from_hex(CLOTH_COLORS.get(cloth_color, cloth_color))[None])[0]


def draw_garment(garment: Garment) -> Pixels:
    """Draw a garment alone in soft light from above, before grey, in a square picture."""
    light = garment.light(np.array(THUMBNAIL_LIGHT))[..., None]
    cloth = color.to_srgb(light * cloth_reflectance(THUMBNAIL_COLOR))
    ground = np.float32(THUMBNAIL_GROUND)
    picture = ground + garment.alpha[..., None] * (cloth - ground)
    height, width = garment.alpha.shape
    left = (width - height) // 2
    square = picture[:, max(left, 0) : left + height]
    return np.asarray(np.round(255 * np.clip(square, 0, 1)), np.uint8)


@cache
def load_garment(slug: str) -> Garment:
    """Load a garment from disk; cached, so callers must not change its arrays."""
    folder = WARDROBE_FOLDER / slug
    description: dict[str, Any] = json.loads((folder / "garment.json").read_text())
    packed = np.frombuffer((folder / "layers.webp").read_bytes(), np.uint8)
    atlas = np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE))
    rows, columns = description["size"]
    tiles = atlas.reshape(TILES, rows, columns)
    answers = [
        low + (high - low) / 255 * tile.astype(np.float32)
        for tile, (low, high) in zip(tiles[2:], description["ranges"][2:], strict=True)
    ]
    alpha = np.clip(tiles[0].astype(np.float32) / SOLID, 0, 1)
    behind = np.where(alpha > 0, tiles[1].astype(np.float32) / 255, 0)
    answers[0] = np.maximum(answers[0], INSIDE_LIGHT * behind)
    before = alpha * (1 - behind)
    opening = 1 - np.maximum.accumulate(before, axis=1)
    return Garment(
        slug=slug,
        name=description["name"],
        needs=description["needs"],
        width=description["width"],
        top=description["top"],
        camera_distance=description["camera_distance"],
        camera_height=description["camera_height"],
        neck_width=description["neck_width"],
        shoulder=description["shoulder"],
        alpha=_mirror(alpha),
        behind=_mirror(behind),
        opening=_mirror(opening),
        transfer=_sharpen(np.stack(answers, axis=-1), alpha, columns / description["width"] * 2),
    )


def _sharpen(transfer: NDArray[np.float32], alpha: Mask, per_cm: float) -> NDArray[np.float32]:
    """Return the transfer, H×W×9, with more local contrast; the same factor for every harmonic."""
    even_light = np.maximum(transfer[..., 0], MIN_LIGHT)
    sigma = CRISP_RADIUS * per_cm
    around = cv2.GaussianBlur(even_light * alpha, (0, 0), sigma)
    around /= np.maximum(cv2.GaussianBlur(alpha, (0, 0), sigma), MIN_LIGHT)
    contrast = np.where(alpha > 0, even_light / np.maximum(around, MIN_LIGHT), 1)
    gain = np.clip(contrast, *CRISP_RANGE) ** CRISPNESS
    return np.asarray(transfer * gain[..., None], np.float32)


def _mirror(right_half: NDArray[np.float32]) -> Mask:
    return np.ascontiguousarray(cv2.hconcat([right_half[:, ::-1], right_half]))
