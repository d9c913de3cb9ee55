"""Give the subject the light of the look or of the room, in place of the light in the photo.

Axes of every direction here: x to the picture's right, y up, z towards the camera.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from headshots.engine import color
from headshots.engine.analysis.lighting import GRID, Grid, core_on_grid, resize
from headshots.engine.operations.spherical_harmonics import irradiance
from headshots.engine.types import Facts, Image

MOST = 0.27  # natural log of what the ratio image may do: beyond it faces look painted, not lit
WRAP = 0.35  # how far a soft box reaches around a form
TINT = 0.30  # share of a light's colour that reaches the picture: skin keeps its tone
ROOM_TINT = 0.12
RIM = 0.25  # linear light that a full rim adds


@dataclass(frozen=True)
class Relight:
    """Key light and fill; `strength` 0 leaves the photo's own light.

    `azimuth` degrees, > 0 from the picture's left; `elevation` degrees above the eyes; `ratio` key
    to fill, from 1; `kelvin` colour of the key; `rim` 0 to 1, light from behind, opposite the key.
    """

    azimuth: float = 35.0
    elevation: float = 30.0
    ratio: float = 2.0
    kelvin: float = 5500.0
    rim: float = 0.0
    rim_kelvin: float = 5500.0
    strength: float = 0.8


def relight(image: Image, facts: Facts, params: Relight) -> Image:
    """Multiply linear light by wished over estimated shading: bounded, smooth, exposure kept."""
    if params.strength == 0:
        return image
    normals = resize(facts.light.normals, (GRID, GRID))
    skin = core_on_grid(facts.face, GRID / image.shape[1], (GRID, GRID))
    now = shading(normals, facts.light.estimate)
    wished = target(normals, params, facts.room.probe if facts.room else None)
    ratio = bounded(wished, now, skin, strength=params.strength)
    full = cv2.resize(ratio, (image.shape[1], image.shape[0]), interpolation=cv2.INTER_CUBIC)
    linear = color.to_linear(image) * full
    if params.rim > 0:
        linear += _rim(normals, params, image.shape) * facts.alpha[..., None]
    return color.to_srgb(linear)


def shading(normals: Grid, light: NDArray[np.float64]) -> Grid:
    """What the estimated light gives each normal, relative to a face-on one, kept positive."""
    values = light[0] + normals @ light[1:]
    front = max(float(light[0] + light[3]), 1e-3)
    return np.clip(values / front, 0.35, 2.5).astype(np.float32)


def target(normals: Grid, params: Relight, probe: NDArray[np.float64] | None) -> Image:
    """Wished shading, GRID×GRID×3: key and fill, coming from where the room has light."""
    gain = _gain(params.kelvin, TINT)
    azimuth = params.azimuth
    if probe is not None:
        azimuth = abs(azimuth) * (1 if key_side(probe) <= 0 else -1)
    key = soft(normals, direction(azimuth, params.elevation), params.ratio)[..., None] * gain
    if probe is None:
        return key
    room = np.maximum(irradiance(normals, probe), 1e-4)
    light = color.luminance(room.astype(np.float32))[..., None]
    grey = light / np.exp(np.log(light).mean())
    tint = (room / light) ** ROOM_TINT
    return np.asarray(np.sqrt(key * np.clip(grey, 0.4, 2.5)) * np.sqrt(key) * tint, np.float32)


def key_side(probe: NDArray[np.float64]) -> float:
    """Where a room's light comes from, seen by the person's face: < 0 left, > 0 right."""
    return float(probe[3] @ color.LUMINANCE)


def direction(azimuth: float, elevation: float) -> NDArray[np.float32]:
    """Unit vector to a light; degrees as in Relight."""
    across, up = np.radians(-azimuth), np.radians(elevation)
    return np.array(
        [np.sin(across) * np.cos(up), np.sin(up), np.cos(across) * np.cos(up)], np.float32
    )


def soft(normals: Grid, towards: NDArray[np.float32], ratio: float) -> Grid:
    """Shading by one soft box and fill: 1 in full shadow, `ratio` where the key is square on."""
    wrapped = np.clip((normals @ towards + WRAP) / (1 + WRAP), 0, None)
    return np.asarray(1 + (ratio - 1) * wrapped, np.float32)


def bounded(wished: Image, now: Grid, skin: NDArray[np.bool_], *, strength: float) -> Image:
    """The ratio image: equal mean exposure on the face, bounded, without hard edges."""
    ratio = wished / now[..., None]
    ratio /= np.exp(np.log(ratio[skin]).mean()) if skin.any() else ratio.mean()
    gentle = np.exp(MOST * np.tanh(strength * np.log(ratio) / MOST))
    return cv2.GaussianBlur(gentle.astype(np.float32), (0, 0), GRID / 64)


def _gain(kelvin: float, share: float) -> NDArray[np.float32]:
    tint = color.from_kelvin(kelvin)
    return np.asarray((tint / color.luminance(tint)) ** share, np.float32)


def _rim(normals: Grid, params: Relight, shape: tuple[int, ...]) -> Image:
    """Linear light added along the edge that faces away from the key."""
    side = direction(-float(np.sign(params.azimuth or 1)) * 100, 25)
    edge = np.clip(1 - normals[..., 2], 0, 1) ** 3
    glow = (np.clip(normals @ side, 0, 1) * edge).astype(np.float32)
    full = cv2.resize(glow, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)
    return np.asarray(
        RIM * params.rim * np.clip(full, 0, 1)[..., None] * _gain(params.rim_kelvin, 0.8),
        np.float32,
    )
