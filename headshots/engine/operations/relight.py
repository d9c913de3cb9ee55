"""Replace the light of the photo on the subject by that of the look, or of the scene behind.

The photo's linear light is multiplied by a ratio image (Shashua and Riklin-Raviv, "The Quotient
Image", 2001): wished shading over estimated shading. Axes of every direction: x to the picture's
right, y up, z towards the camera.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from headshots.engine import color
from headshots.engine.analysis.lighting import GRID, Grid, core_on_grid, resize
from headshots.engine.operations.spherical_harmonics import ORDER, irradiance
from headshots.engine.types import Facts, Image

# Numbers without another source were chosen by eye on the development photos.

MOST = 0.27  # natural log of the ratio image at most: beyond it faces look painted, not lit
RATIO_BLUR = GRID / 64  # grid cells: standard deviation that removes hard edges from the ratio
SHADING_RANGE = (0.35, 2.5)  # of the estimated shading, relative to a surface that faces the camera
MIN_FRONT = 1e-3  # linear luminance: keeps the division by the light on such a surface finite

WRAP = 0.35  # how far a soft box reaches around a form: 0 is Lambert's law, 1 reaches its back
TINT = 0.30  # share of a light's colour that reaches the picture: skin keeps its tone

# Light of a scene.
ROOM_TINT = 0.12  # share of a scene's colour that reaches the picture
ROOM_RANGE = (0.4, 2.5)  # of a scene's shading, relative to its mean
MIN_IRRADIANCE = 1e-4  # a projection on nine harmonics can dip below zero

# Rim light, from behind.
RIM = 0.25  # linear light that rim 1 adds
RIM_AZIMUTH, RIM_ELEVATION = 100, 25  # degrees: opposite the key, slightly behind and above
RIM_EXPONENT = 3  # confines it to where the surface turns away from the camera
RIM_TINT = 0.8  # share of the rim's colour that reaches the picture: it falls on hair and cloth


@dataclass(frozen=True)
class Relight:
    """Parameters of the step `relight`: a key light, its fill, and a rim light.

    `azimuth`, -90 to 90 degrees, is > 0 for a key from the picture's left; `elevation`, -30 to 80
    degrees, is above the eyes. `ratio`, 1 to 8, is key to fill. `kelvin` and `rim_kelvin`, 3000 to
    9000, are colour temperatures. `rim`, 0 to 1, is light from behind, opposite the key.
    `strength`, 0 to 1, is 0 for the photo's own light.
    """

    azimuth: float = 35.0
    elevation: float = 30.0
    ratio: float = 2.0
    kelvin: float = 5500.0
    rim: float = 0.0
    rim_kelvin: float = 5500.0
    strength: float = 0.8


def relight(image: Image, facts: Facts, params: Relight) -> Image:
    """Multiply linear light by wished over estimated shading.

    The ratio is bounded and smooth, and keeps the mean exposure of the face.
    """
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
    """Return the shading that an estimated light gives to normals (H×W×3), as H×W.

    `light` is ambient, then directional light along x, y and z. The result is relative to a
    surface that faces the camera, and bounded.
    """
    values = light[0] + normals @ light[1:]
    front = max(float(light[0] + light[3]), MIN_FRONT)
    return np.clip(values / front, *SHADING_RANGE).astype(np.float32)


def target(normals: Grid, params: Relight, probe: NDArray[np.float64] | None) -> Image:
    """Return the wished shading of normals (H×W×3), as H×W×3.

    Without a scene it is that of key and fill. With a scene's probe (9×3) the key comes from the
    side on which the scene has its light, and the result is the geometric mean of both shadings.
    """
    gain = _gain(params.kelvin, TINT)
    azimuth = params.azimuth
    if probe is not None:
        azimuth = abs(azimuth) * (1 if key_side(probe) <= 0 else -1)
    key = soft(normals, direction(azimuth, params.elevation), params.ratio)[..., None] * gain
    if probe is None:
        return key
    room = np.maximum(irradiance(normals, probe), MIN_IRRADIANCE)
    light = color.luminance(room.astype(np.float32))[..., None]
    grey = light / np.exp(np.log(light).mean())
    tint = (room / light) ** ROOM_TINT
    shaped = np.sqrt(key * np.clip(grey, *ROOM_RANGE)) * np.sqrt(key)
    return np.asarray(shaped * tint, np.float32)


def key_side(probe: NDArray[np.float64]) -> float:
    """Tell from which side of the picture a scene's light comes: < 0 left, > 0 right.

    This is the luminance of the probe's harmonic along x.
    """
    return float(probe[ORDER.index("x")] @ color.LUMINANCE)


def direction(azimuth: float, elevation: float) -> NDArray[np.float32]:
    """Return the unit vector towards a light; azimuth and elevation in degrees as in Relight."""
    across, up = np.radians(-azimuth), np.radians(elevation)
    return np.array(
        [np.sin(across) * np.cos(up), np.sin(up), np.cos(across) * np.cos(up)], np.float32
    )


def soft(normals: Grid, towards: NDArray[np.float32], ratio: float) -> Grid:
    """Return the shading of normals (H×W×3) by one soft box and its fill, as H×W.

    It is 1 in full shadow and `ratio` where a surface faces the key. Light wraps around the form
    by SOFT_BOX_WRAP.
    """
    wrapped = np.clip((normals @ towards + WRAP) / (1 + WRAP), 0, None)
    return np.asarray(1 + (ratio - 1) * wrapped, np.float32)


def bounded(wished: Image, now: Grid, skin: NDArray[np.bool_], *, strength: float) -> Image:
    """Return the ratio image wished / now, as H×W×3.

    Its geometric mean on the skin is 1, so that exposure stays; its logarithm, times `strength`,
    is softly limited to ±MAX_LOG_RATIO by a hyperbolic tangent.
    """
    ratio = wished / now[..., None]
    ratio /= np.exp(np.log(ratio[skin]).mean()) if skin.any() else ratio.mean()
    gentle = np.exp(MOST * np.tanh(strength * np.log(ratio) / MOST))
    return cv2.GaussianBlur(gentle.astype(np.float32), (0, 0), RATIO_BLUR)


def _gain(kelvin: float, share: float) -> NDArray[np.float32]:
    """Return linear RGB gains of luminance 1 for a share, 0 to 1, of a colour temperature."""
    tint = color.from_kelvin(kelvin)
    return np.asarray((tint / color.luminance(tint)) ** share, np.float32)


def _rim(normals: Grid, params: Relight, shape: tuple[int, ...]) -> Image:
    """Return the linear light, H×W×3, that a rim light adds to the edges opposite the key."""
    side = direction(-float(np.sign(params.azimuth or 1)) * RIM_AZIMUTH, RIM_ELEVATION)
    edge = np.clip(1 - normals[..., 2], 0, 1) ** RIM_EXPONENT
    glow = (np.clip(normals @ side, 0, 1) * edge).astype(np.float32)
    full = cv2.resize(glow, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)
    light = RIM * params.rim * np.clip(full, 0, 1)[..., None]
    return np.asarray(light * _gain(params.rim_kelvin, RIM_TINT), np.float32)
