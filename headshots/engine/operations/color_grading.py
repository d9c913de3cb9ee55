"""Grade a finished picture, and match the person's exposure and colour to the backdrop."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from headshots.engine import color
from headshots.engine.analysis.lighting import draw_core
from headshots.engine.types import Face, Facts, Image, Mask

# Numbers without another source were chosen by eye on the development photos.

CURVE_LEVELS = 4096  # entries of a tone curve's lookup table

# Tone curve. Levels are sRGB-encoded, 0 to 1.
CONTRAST_PIVOT = 0.45  # level that a contrast curve leaves in place
CONTRAST_GAIN = 1.2  # how much contrast 1 adds to the exponent of the curve
FADE_LIFT = 0.12  # level to which fade 1 lifts black
FADE_DROP = 0.03  # level by which fade 1 lowers white
FADE_EXPONENT = 3  # confines both to the ends of the curve
SHADOW_WARMTH = 0.030  # level that shadows 1 adds to red where shadows are
HIGHLIGHT_WARMTH = 0.018  # level that highlights 1 adds to red at white
BLUE_PER_RED = 1.15  # how much a warm tone takes from blue for what it adds to red
SHADOW_EXPONENTS = 3, 0.3  # the shadows' weight (1 - x)^3 · x^0.3 is 0 at black and at white
HIGHLIGHT_EXPONENT = 2

# Vignette. Lengths over the side of the frame, distances squared.
VIGNETTE_BELOW_EYES = 0.08  # where its middle lies
VIGNETTE_START = 0.10  # squared distance up to which nothing is darkened
VIGNETTE_RANGE = 0.55  # squared distance further, where the full amount is reached

# Grain.
GRAIN_AMOUNT = 0.035  # share of a pixel's level, standard deviation before blurring, at grain 1
GRAIN_SIZE = 0.7  # pixels: standard deviation of the blur that makes it coarser than a pixel
GRAIN_SEED_OFFSET = 2  # keeps its noise apart from that of backdrops, which use seed and seed + 1

# Exposure of the person, so that skin keeps its lightness.
PERSON_EXPOSURE_RANGE = (-1.5, 1.5)  # EV in which it is searched; the built-in looks need 0.4
EXPOSURE_ROUNDS = 12  # halvings of that range: to less than a thousandth of a stop
PERSON_WARMTH_SHARE = 0.2  # share of the warmth of both ends that reaches the person
SKIN_SIZE = (128, 128)  # pixels: enough for the median colour of the skin

# Matching the person to the backdrop.
BLACK_PERCENTILE = 1
BLACK_SHARE = 0.3  # share of the difference between the black points that is taken over
MAX_BLACK_SHIFT = 0.035  # level by which black may move towards the backdrop's
BLACK_EXPONENT = 6  # confines the move to the darkest tones
TINT_SHARE = 0.02  # share of the backdrop's mean colour cast that is taken over
MAX_TINT = 0.004  # level that the backdrop's colour may add to a channel
SOLID_ALPHA = 0.95  # alpha above which a pixel is the person alone
THUMBNAIL_SIZE = (96, 96)  # pixels: enough for percentiles and means


@dataclass(frozen=True)
class Grade:
    """Parameters of the step `apply_grade`.

    `exposure`, of everything around the person, is in EV, -1 to 1. `contrast`, `fade` (lifted
    black), `vignette` and `grain` are 0 to 1. `saturation`, 0 to 1.3, keeps colour at 1; the person
    gets none above it. `shadows` and `highlights`, -1 (cool) to 1 (warm), tone that end of the
    curve. `strength`, 0 to 1, is 0 for the identity.
    """

    exposure: float = 0.0
    contrast: float = 0.1
    fade: float = 0.0
    saturation: float = 1.0
    shadows: float = 0.0
    highlights: float = 0.0
    vignette: float = 0.1
    grain: float = 0.15
    strength: float = 1.0


def apply_grade(image: Image, facts: Facts, params: Grade) -> Image:
    """Apply the tone curve, saturation, a vignette around the head and a fine even grain.

    The curve is looked up by lightness and added to all channels alike: applied to single
    channels it would deepen the colour of skin. The person gets it at an exposure of their own, at
    which the skin keeps the lightness it has in the photo, only PERSON_WARMTH_SHARE of the warmth,
    and no saturation above 1: skin would get yellower, which measures as darker.
    """
    if params.strength == 0:
        return image
    lightness = color.compute_luma(image)
    change = _look_up(_warm_offsets(_list_levels(), params), lightness)
    change *= (1 - np.float32(1 - PERSON_WARMTH_SHARE) * facts.alpha)[..., None]
    saturation = params.saturation + facts.alpha * np.float32(
        _limit_saturation(params) - params.saturation
    )
    change += (image - lightness[..., None]) * (saturation - 1)[..., None]
    change += _tone_offset(image, facts, params, lightness)[..., None]
    light_gain = _vignette_gain(facts, params.vignette) + _grain_noise(
        image.shape, facts.seed, params.grain
    )
    graded = np.clip((image + change) * light_gain[..., None], 0, 1)
    return np.asarray(image + np.float32(params.strength) * (graded - image), np.float32)


def _tone_offset(image: Image, facts: Facts, params: Grade, lightness: Mask) -> Mask:
    """Return what the tone curve adds to the level of every pixel, H×W.

    The person and what is around them have exposures of their own.
    """
    levels = _list_levels()
    around = _bend_levels(levels, params.exposure, params)
    offset = _look_up(around - levels, lightness)
    skin_color = _median_skin_color(image, facts.face)
    if skin_color is None:
        return offset
    person = _bend_levels(levels, _solve_person_exposure(skin_color, params), params)
    return offset + facts.alpha * _look_up(person - around, lightness)


def _median_skin_color(image: Image, face: Face) -> NDArray[np.float32] | None:
    """Return the median colour of the face core, RGB; None where the frame shows none of it."""
    small_image = cv2.resize(image, SKIN_SIZE, interpolation=cv2.INTER_AREA)
    skin = draw_core(face, SKIN_SIZE[0] / image.shape[1], SKIN_SIZE)
    return np.median(small_image[skin], axis=0) if skin.any() else None


def _solve_person_exposure(skin_color: NDArray[np.float32], params: Grade) -> float:
    """Return the EV at which the grade leaves the luminance of skin as it is.

    Found by bisection: a higher exposure never makes a colour darker.
    """
    target = _measure_luminance(skin_color)
    lowest, highest = PERSON_EXPOSURE_RANGE
    for _ in range(EXPOSURE_ROUNDS):
        middle = (lowest + highest) / 2
        if _measure_luminance(_grade_skin(skin_color, middle, params)) < target:
            lowest = middle
        else:
            highest = middle
    return (lowest + highest) / 2


def _measure_luminance(rgb: NDArray[np.float32]) -> float:
    """Return the relative luminance of one sRGB-encoded colour."""
    return float(color.compute_luminance(color.to_linear(rgb[None]))[0])


def harmonise_foreground(
    foreground: Image, alpha: Mask, backdrop: Image, *, strength: float
) -> Image:
    """Move the black point and slightly the colour of the subject to the backdrop's.

    `strength` is 0 to 1; 0 changes nothing. The exposure stays the photo's: the brightness of a
    place says nothing about skin, and a subject without a white has no highlight to measure by.
    """
    foreground_thumbnail, backdrop_thumbnail = (
        cv2.resize(picture, THUMBNAIL_SIZE, interpolation=cv2.INTER_AREA)
        for picture in (foreground, backdrop)
    )
    solid = cv2.resize(alpha, THUMBNAIL_SIZE, interpolation=cv2.INTER_AREA) > SOLID_ALPHA
    if strength == 0 or not solid.any():
        return foreground
    curve = _harmony_offsets(foreground_thumbnail[solid], backdrop_thumbnail, strength=strength)
    return np.clip(foreground + _look_up(curve, color.compute_luma(foreground)), 0, 1)


def _harmony_offsets(
    subject_colors: NDArray[np.float32], backdrop: Image, *, strength: float
) -> NDArray[np.float32]:
    """Return the offsets to every level, CURVE_LEVELS×3, that fit N×3 colours to a backdrop."""
    levels = _list_levels()
    black_difference = _black_point(backdrop.reshape(-1, 3)) - _black_point(subject_colors)
    black_shift = np.clip(BLACK_SHARE * black_difference, -MAX_BLACK_SHIFT, MAX_BLACK_SHIFT)
    black_offsets = black_shift * (1 - levels) ** BLACK_EXPONENT
    offsets = (black_offsets[:, None] + _cast_offset(backdrop)) * strength
    return np.asarray(offsets, np.float32)


def _cast_offset(backdrop: Image) -> NDArray[np.float32]:
    """Return what is added to each channel, RGB, for the mean colour cast of the backdrop.

    Its luminance is that of grey, so that it tints without making lighter or darker.
    """
    mean_color = backdrop.reshape(-1, 3).mean(axis=0)
    offset = TINT_SHARE * (mean_color - color.compute_luminance(mean_color))
    return np.asarray(np.clip(offset, -MAX_TINT, MAX_TINT), np.float32)


def _look_up(curve: NDArray[np.float32], lightness: Mask) -> NDArray[np.float32]:
    """Look up a curve of CURVE_LEVELS entries at the lightness, H×W, of every pixel.

    Returns H×W for a curve of numbers, H×W×3 for one of colours.
    """
    indices = np.clip(lightness * (CURVE_LEVELS - 1) + 0.5, 0, CURVE_LEVELS - 1).astype(np.uint16)
    return np.asarray(np.take(curve, indices, axis=0), np.float32)


def _expose_levels(levels: NDArray[Any], gain: float) -> NDArray[np.float32]:
    """Multiply the linear light of sRGB levels by a gain."""
    return color.to_srgb(color.to_linear(levels.astype(np.float32)) * np.float32(gain))


def _black_point(pixels: NDArray[np.float32]) -> float:
    return float(np.percentile(pixels.mean(axis=1), BLACK_PERCENTILE))


def _apply_contrast(levels: NDArray[Any], contrast: float) -> NDArray[Any]:
    """Bend levels into an S-curve around CONTRAST_PIVOT; a contrast of 0 changes nothing."""
    exponent = 1 + CONTRAST_GAIN * contrast
    lower_half = CONTRAST_PIVOT * (levels / CONTRAST_PIVOT) ** exponent
    upper_half = 1 - (1 - CONTRAST_PIVOT) * ((1 - levels) / (1 - CONTRAST_PIVOT)) ** exponent
    return np.where(levels < CONTRAST_PIVOT, lower_half, upper_half)


def _bend_levels(levels: NDArray[np.float32], exposure: float, params: Grade) -> NDArray[Any]:
    """Return what exposure in EV, contrast around CONTRAST_PIVOT and fade make of levels."""
    bent = _apply_contrast(_expose_levels(levels, 2**exposure), params.contrast)
    fade_lift = params.fade * FADE_LIFT * (1 - bent) ** FADE_EXPONENT
    fade_drop = params.fade * FADE_DROP * bent**FADE_EXPONENT
    return bent + fade_lift - fade_drop


def _warm_offsets(levels: NDArray[np.float32], params: Grade) -> NDArray[np.float32]:
    """Return what the warm or cool ends of a grade add to levels (N), N×3."""
    shadow_fall, shadow_rise = SHADOW_EXPONENTS
    shadow_weight = (1 - levels) ** shadow_fall * levels**shadow_rise
    warmth = (
        SHADOW_WARMTH * params.shadows * shadow_weight
        + HIGHLIGHT_WARMTH * params.highlights * levels**HIGHLIGHT_EXPONENT
    )
    return np.stack([warmth, np.zeros_like(warmth), -BLUE_PER_RED * warmth], axis=1)


def _list_levels() -> NDArray[np.float32]:
    """Return the level of every entry of a tone curve."""
    return np.linspace(0, 1, CURVE_LEVELS, dtype=np.float32)


def _grade_skin(
    skin_color: NDArray[np.float32], exposure: float, params: Grade
) -> NDArray[np.float32]:
    """Return what a grade makes of one colour of the person, RGB, at an exposure in EV."""
    level = color.compute_luma(skin_color[None, None])[0]
    warmth = PERSON_WARMTH_SHARE * _warm_offsets(level, params)[0]
    bent = _bend_levels(level, exposure, params)
    graded = bent + (skin_color - level) * _limit_saturation(params) + warmth
    return np.asarray(np.clip(graded, 0, 1), np.float32)


def _limit_saturation(params: Grade) -> float:
    """Return the saturation of the person."""
    return min(params.saturation, 1.0)


def _vignette_gain(facts: Facts, amount: float) -> Mask:
    """Return the gain of a vignette, side×side: 1 around the head, less towards the corners."""
    side = facts.alpha.shape[0]
    positions = np.arange(side, dtype=np.float32) / side
    horizontal = (positions - facts.head.axis / side) ** 2
    vertical = (positions - facts.head.eyes / side - VIGNETTE_BELOW_EYES) ** 2
    distance = horizontal[None, :] + vertical[:, None]
    shade = np.clip((distance - VIGNETTE_START) / VIGNETTE_RANGE, 0, 1)
    return np.asarray(1 - amount * shade, np.float32)


def _grain_noise(shape: tuple[int, ...], seed: int, amount: float) -> Mask:
    """Return film grain, H×W around 0, equal over person and backdrop so that both look alike."""
    if amount == 0:
        return np.zeros(shape[:2], np.float32)
    return _film_noise(shape[:2], seed) * np.float32(GRAIN_AMOUNT * amount)


@lru_cache(maxsize=2)
def _film_noise(shape: tuple[int, ...], seed: int) -> Mask:
    """Return Gaussian noise a little coarser than a pixel; cached: callers must not change it."""
    noise = np.random.default_rng(seed + GRAIN_SEED_OFFSET).standard_normal(shape, dtype=np.float32)
    return cv2.GaussianBlur(noise, (0, 0), GRAIN_SIZE)
