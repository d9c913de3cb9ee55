"""Replace the light of the photo on the subject by that of the look, or of the scene behind.

The photo's linear light is multiplied by a ratio image (Shashua and Riklin-Raviv, "The Quotient
Image", 2001): target shading over estimated shading. Axes of every direction: x to the picture's
right, y up, z towards the camera.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from headshots.engine import color
from headshots.engine.analysis.lighting import GRID_SIDE, GridArray, draw_core, resize_picture
from headshots.engine.operations.spherical_harmonics import HARMONIC_NAMES, compute_irradiance
from headshots.engine.types import Facts, Image

# Numbers without another source were chosen by eye on the development photos.

# Natural log of the ratio image at most: beyond it faces look painted, not lit.
MAX_LOG_RATIO = 0.27
RATIO_BLUR = GRID_SIDE / 64  # grid cells: standard deviation that removes hard edges from the ratio
SHADING_RANGE = (0.35, 2.5)  # of the estimated shading, relative to a surface that faces the camera
MIN_FRONT = 1e-3  # linear luminance: keeps the division by the light on such a surface finite

# How far a soft box reaches around a form: 0 is Lambert's law, 1 reaches its back.
SOFT_BOX_WRAP = 0.35
KEY_TINT_SHARE = 0.08  # share of a light's colour that reaches the picture: skin keeps its tone

# Light of a scene.
SCENE_TINT_SHARE = 0.04  # share of a scene's colour that reaches the picture
SCENE_SHADING_RANGE = (0.4, 2.5)  # of a scene's shading, relative to its mean
MIN_IRRADIANCE = 1e-4  # a projection on nine harmonics can dip below zero

# Rim light, from behind.
RIM_LIGHT = 0.25  # linear light that rim 1 adds
RIM_AZIMUTH, RIM_ELEVATION = 100, 25  # degrees: opposite the key, slightly behind and above
RIM_EXPONENT = 3  # confines it to where the surface turns away from the camera
# Share of the rim's colour that reaches the picture: it falls on hair and cloth.
RIM_TINT_SHARE = 0.8


@dataclass(frozen=True)
class Relight:
    """Parameters of the step `relight_subject`: a key light, its fill, and a rim light.

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


def relight_subject(image: Image, facts: Facts, params: Relight) -> Image:
    """Multiply linear light by target over estimated shading.

    The ratio is bounded and smooth, and keeps the median luminance of the skin.
    """
    if params.strength == 0:
        return image
    normals = resize_picture(facts.light.normals, (GRID_SIDE, GRID_SIDE))
    skin_mask = draw_core(facts.face, GRID_SIDE / image.shape[1], (GRID_SIDE, GRID_SIDE))
    current = estimate_shading(normals, facts.light.coefficients)
    target = target_shading(normals, params, facts.scene.probe if facts.scene else None)
    ratio = bounded_ratio(target, current, skin_mask, strength=params.strength)
    ratio *= _keep_luminance(image, ratio, skin_mask)
    ratio = np.clip(ratio, math.exp(-MAX_LOG_RATIO), math.exp(MAX_LOG_RATIO))
    full_ratio = cv2.resize(ratio, (image.shape[1], image.shape[0]), interpolation=cv2.INTER_CUBIC)
    linear_image = color.to_linear(image) * full_ratio
    if params.rim > 0:
        linear_image += _rim_light(normals, params, image.shape) * facts.alpha[..., None]
    return color.to_srgb(linear_image)


def estimate_shading(normals: GridArray, coefficients: NDArray[np.float64]) -> GridArray:
    """Return the shading that an estimated light gives to normals (H×W×3), as H×W.

    `coefficients` is ambient, then directional light along x, y and z. The result is relative to a
    surface that faces the camera, and bounded.
    """
    values = coefficients[0] + normals @ coefficients[1:]
    front_light = max(float(coefficients[0] + coefficients[3]), MIN_FRONT)
    return np.clip(values / front_light, *SHADING_RANGE).astype(np.float32)


def target_shading(normals: GridArray, params: Relight, probe: NDArray[np.float64] | None) -> Image:
    """Return the shading that a look asks for, of normals (H×W×3), as H×W×3.

    Without a scene it is that of key and fill. With a scene's probe (9×3) the key comes from the
    side on which the scene has its light, and the result is the geometric mean of both shadings.
    """
    azimuth = params.azimuth
    if probe is not None:
        azimuth = abs(azimuth) * (1 if scene_light_side(probe) <= 0 else -1)
    key_direction = light_direction(azimuth, params.elevation)
    key_shading = soft_box_shading(normals, key_direction, params.ratio)[..., None]
    key_shading = key_shading * _tint_gain(params.kelvin, KEY_TINT_SHARE)
    return key_shading if probe is None else _mix_scene_shading(key_shading, normals, probe)


def _mix_scene_shading(key_shading: Image, normals: GridArray, probe: NDArray[np.float64]) -> Image:
    """Return the geometric mean of the key's shading and that of a scene's light, H×W×3."""
    scene_light = np.maximum(compute_irradiance(normals, probe), MIN_IRRADIANCE)
    scene_luminance = color.compute_luminance(scene_light.astype(np.float32))[..., None]
    relative_luminance = scene_luminance / np.exp(np.log(scene_luminance).mean())
    scene_tint = (scene_light / scene_luminance) ** SCENE_TINT_SHARE
    scene_shading = key_shading * np.clip(relative_luminance, *SCENE_SHADING_RANGE)
    shaped = np.sqrt(scene_shading) * np.sqrt(key_shading)
    return np.asarray(shaped * scene_tint, np.float32)


def scene_light_side(probe: NDArray[np.float64]) -> float:
    """Tell from which side of the picture a scene's light comes: < 0 left, > 0 right.

    This is the luminance of the probe's harmonic along x.
    """
    return float(probe[HARMONIC_NAMES.index("x")] @ color.LUMINANCE_WEIGHTS)


def light_direction(azimuth: float, elevation: float) -> NDArray[np.float32]:
    """Return the unit vector towards a light; azimuth and elevation in degrees as in Relight."""
    horizontal, vertical = np.radians(-azimuth), np.radians(elevation)
    return np.array(
        [
            np.sin(horizontal) * np.cos(vertical),
            np.sin(vertical),
            np.cos(horizontal) * np.cos(vertical),
        ],
        np.float32,
    )


def soft_box_shading(
    normals: GridArray, light_vector: NDArray[np.float32], ratio: float
) -> GridArray:
    """Return the shading of normals (H×W×3) by one soft box and its fill, as H×W.

    It is 1 in full shadow and `ratio` where a surface faces the key. Light wraps around the form
    by SOFT_BOX_WRAP.
    """
    wrapped = np.clip((normals @ light_vector + SOFT_BOX_WRAP) / (1 + SOFT_BOX_WRAP), 0, None)
    return np.asarray(1 + (ratio - 1) * wrapped, np.float32)


def bounded_ratio(
    target: Image, current: GridArray, skin_mask: NDArray[np.bool_], *, strength: float
) -> Image:
    """Return the ratio image target / current, as H×W×3.

    Its geometric mean on the skin is 1, so that exposure stays; its logarithm, times `strength`,
    is softly limited to ±MAX_LOG_RATIO by a hyperbolic tangent.
    """
    ratio = target / current[..., None]
    ratio /= np.exp(np.log(ratio[skin_mask]).mean()) if skin_mask.any() else ratio.mean()
    limited = np.exp(MAX_LOG_RATIO * np.tanh(strength * np.log(ratio) / MAX_LOG_RATIO))
    return cv2.GaussianBlur(limited.astype(np.float32), (0, 0), RATIO_BLUR)


def _keep_luminance(image: Image, ratio: Image, skin_mask: NDArray[np.bool_]) -> np.float32:
    """Return the factor to a ratio image at which the median luminance of the skin stays.

    `ratio` and `skin_mask` are on the grid. Light and dark parts of a face are not lit alike, so
    that a ratio whose mean is 1 still moves the skin's median.
    """
    if not skin_mask.any():
        return np.float32(1)
    skin = color.to_linear(resize_picture(image, (GRID_SIDE, GRID_SIDE))[skin_mask])
    before, after = (
        np.median(color.compute_luminance(light)) for light in (skin, skin * ratio[skin_mask])
    )
    return np.float32(before / max(float(after), MIN_FRONT))


def _tint_gain(kelvin: float, tint_share: float) -> NDArray[np.float32]:
    """Return linear RGB gains of luminance 1 for a share, 0 to 1, of a colour temperature."""
    linear_color = color.from_kelvin(kelvin)
    return np.asarray(
        (linear_color / color.compute_luminance(linear_color)) ** tint_share, np.float32
    )


def _rim_light(normals: GridArray, params: Relight, shape: tuple[int, ...]) -> Image:
    """Return the linear light, H×W×3, that a rim light adds to the edges opposite the key."""
    rim_direction = light_direction(
        -float(np.sign(params.azimuth or 1)) * RIM_AZIMUTH, RIM_ELEVATION
    )
    edge_weight = np.clip(1 - normals[..., 2], 0, 1) ** RIM_EXPONENT
    glow = (np.clip(normals @ rim_direction, 0, 1) * edge_weight).astype(np.float32)
    full_glow = cv2.resize(glow, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)
    rim_strength = RIM_LIGHT * params.rim * np.clip(full_glow, 0, 1)[..., None]
    return np.asarray(rim_strength * _tint_gain(params.rim_kelvin, RIM_TINT_SHARE), np.float32)
