"""Draw what is behind the person: plain, gradient, paper, own background, picture or scene."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from headshots.engine import color
from headshots.engine.errors import BadRecipe
from headshots.engine.types import Facts, Image, Mask, Pixels, SceneView

BACKDROP_KINDS = ("plain", "gradient", "paper", "own", "picture", "scene")

# Numbers without another source were chosen by eye on the development photos. "Sides" are
# lengths over the side of the square frame.

# Rendered scenes. A scene's picture is wider than the frame; a closer crop shows less of it.
SCENE_BLUR = 0.0035  # sides: blur radius on top of the blur that was rendered into the picture
MAX_SCENE_SHARE, MIN_SCENE_SHARE = (
    0.94,
    0.62,
)  # largest and smallest share of the picture's side that is shown
TYPICAL_HEAD = 0.55  # sides: head height of a usual portrait, FramingWish's default
TYPICAL_SCENE_SHARE = 0.86  # share of the picture's side shown behind a head of that height
HORIZON_HEIGHT = 0.5  # of the picture's height: scenes are rendered level, from eye height

# Seamless paper, lit by one lamp behind the head: a pool of light by the cosine fourth law.
PAPER_ACCENT_SHARE = 0.15  # share of the paper's light that takes the accent's colour
PAPER_ACCENT_GAIN = 2.0  # over the paper's mean light: an accent is darker than its paper
POOL_LEFT = 0.06  # sides: how far left of the head's axis the pool is brightest
POOL_BELOW_EYES = 0.05  # sides
POOL_FLATTENING = 0.85  # vertical distances count less: the pool is taller than wide
POOL_SCALE = 0.22  # squared sides, of the lamp from the paper: there the light is a quarter
CLOUD_AMOUNT = 0.05  # share of the light by which the paper is uneven
CLOUD_CELLS = 6  # cells of noise along a side
CLOUD_LIMIT = 2.0  # standard deviations at which the noise is cut off

# Blurred pictures and the photo's own background.
OWN_BLUR = 0.006  # sides: blur radius of an own background at blur 0, which hides the filling
BLUR_RANGE = 0.030  # sides: blur radius that blur 1 adds
NEGLIGIBLE_BLUR = 0.7  # pixels: a disc of this radius lies within one pixel
TWO_STEP_RADIUS = 3  # pixels: above it the blur is computed at half the size
STEP_RADIUS = 8  # pixels of radius that allow one more step of reduction
PERSON_ALPHA = 0.02  # alpha above which a pixel shows some of the person
PERSON_MARGIN = 1 / 90  # sides: how far hair and spill reach beyond the matte

# How far an own background takes the brightness and the colour of the scene it replaces.
BRIGHTNESS_SHARE, TINT_SHARE = 1.0, 0.5  # shares of the difference in stops
RELIGHT_RANGE = (-1.5, 1.0)  # stops that a channel may be darkened or brightened
LIGHT_OFFSET = 0.01  # linear light added before taking logarithms of nearly black pictures
THUMBNAIL_SIZE = (64, 64)  # pixels: enough for a mean

MIN_WEIGHT = 1e-6  # keeps a division by an empty weight finite
COARSEST_SIDE = 4  # pixels: at this side push-pull has reached its coarsest level
# A mean of 2×2 pixels one of which is known counts as wholly known one level up.
PIXELS_PER_MEAN = 4


@dataclass(frozen=True)
class Backdrop:
    """Parameters of the step `backdrop`.

    `kind` is one of BACKDROP_KINDS. `color` and `second` are '#RRGGBB': `second` is the lower
    colour of a gradient, or the colour towards which studio paper darkens. `scene` is
    '<slug>/<mood>'; an own background takes its light. `accent`, '' or '#RRGGBB', repaints the
    accent surfaces of a scene and tints paper slightly. `blur`, 0 to 1, is for `own` and
    `picture`. `shadow`, `wrap` and `harmonise`, 0 to 1, are the strengths of the contact shadow,
    of the backdrop's light around the person's edge, and of matching exposure and colour.
    """

    kind: str = "paper"
    color: str = "#8C8F93"
    second: str = "#3E4146"
    scene: str = ""
    accent: str = ""
    blur: float = 0.5
    shadow: float = 0.0
    wrap: float = 0.4
    harmonise: float = 0.5


def draw_backdrop(params: Backdrop, facts: Facts) -> Image:
    """Return the backdrop at the size of the frame, side×side×3.

    Raises BadRecipe for an unknown kind, or when `facts` holds no picture or scene for it.
    """
    side = facts.alpha.shape[0]
    if params.kind == "plain":
        return np.broadcast_to(color.from_hex(params.color), (side, side, 3)).copy()
    if params.kind == "gradient":
        return _draw_gradient(params, side)
    if params.kind == "paper":
        return _draw_paper(params, facts)
    if params.kind == "own":
        return _blur_own_background(params, facts)
    if params.kind == "picture" and facts.backdrop_picture is not None:
        return _blur_picture(facts.backdrop_picture, side, blur=params.blur)
    if params.kind == "scene" and facts.scene is not None:
        return _draw_scene(params, facts, facts.scene)
    raise BadRecipe(f"The backdrop '{params.kind}' is unknown or its picture is missing.")


def is_mirrored(seed: int) -> bool:
    """Whether this seed shows a scene mirrored, so that the headshots of a team vary."""
    return bool(np.random.default_rng(seed).integers(2))


def mirror_by_seed(scene: SceneView, seed: int) -> SceneView:
    """Return the scene as this seed shows it: picture, accent mask and light mirrored, or not."""
    if not is_mirrored(seed):
        return scene
    mirrored_probe = scene.probe.copy()
    mirrored_probe[[3, 4, 7]] *= -1  # the harmonics that are odd in x: x, xy, xz
    return replace(
        scene, picture=scene.picture[:, ::-1], accent=scene.accent[:, ::-1], probe=mirrored_probe
    )


def apply_lens_blur(image: Image, radius: float, *, side: int) -> Image:
    """Resize a square picture to side×side and blur it as a lens with a round aperture does.

    `radius` is that of the disc of confusion, in pixels of the result. The blur is computed in
    linear light, so that small lamps become bright discs, and at a reduced size, because a
    blurred picture needs fewer pixels.
    """
    if radius < NEGLIGIBLE_BLUR:
        return np.clip(_resize_square(image, side), 0, 1)
    reduction = 1 + (radius > TWO_STEP_RADIUS) + int(radius / STEP_RADIUS)
    linear_image = _resize_square(color.to_linear(image), side // reduction)
    kernel = _aperture_kernel(radius / reduction)
    blurred = cv2.filter2D(linear_image, -1, kernel, borderType=cv2.BORDER_REFLECT_101)
    return np.clip(_resize_square(color.to_srgb(blurred), side), 0, 1)


def _resize_square(image: Image, side: int) -> Image:
    """Resize a square picture to side×side."""
    if image.shape[0] == side:
        return image
    interpolation = cv2.INTER_AREA if image.shape[0] > side else cv2.INTER_CUBIC
    return cv2.resize(image, (side, side), interpolation=interpolation)


def _aperture_kernel(radius: float) -> NDArray[np.float32]:
    """Return an anti-aliased disc that sums to one, as a convolution kernel."""
    half_size = int(np.ceil(radius)) + 1
    rows, columns = np.mgrid[-half_size : half_size + 1, -half_size : half_size + 1]
    disc = np.clip(radius + 0.5 - np.hypot(rows, columns), 0, 1)
    return np.asarray(disc / disc.sum(), np.float32)


def _draw_gradient(params: Backdrop, side: int) -> Image:
    """Draw a gradient from `color` at the top to `second` at the bottom, mixed in linear light."""
    top_color, bottom_color = (
        color.to_linear(color.from_hex(hex_color)) for hex_color in (params.color, params.second)
    )
    weight = np.linspace(0, 1, side, dtype=np.float32)[:, None, None]
    gradient = color.to_srgb(np.ascontiguousarray(top_color * (1 - weight) + bottom_color * weight))
    return np.repeat(gradient, side, axis=1)


def _draw_paper(params: Backdrop, facts: Facts) -> Image:
    """Draw seamless paper with a pool of light behind the head.

    At a distance d from the pool's middle the light is 1 / (1 + d² / POOL_SCALE)², the cosine
    fourth law; it runs from `color` where it is 1 to `second` where it is 0.
    """
    side = facts.alpha.shape[0]
    near_color = color.to_linear(color.from_hex(params.color))
    far_color = color.to_linear(color.from_hex(params.second))
    if params.accent:
        accent_color = color.to_linear(color.from_hex(params.accent))
        accent_light = PAPER_ACCENT_SHARE * accent_color * near_color.mean() * PAPER_ACCENT_GAIN
        near_color = (1 - PAPER_ACCENT_SHARE) * near_color + accent_light
    rows, columns = np.mgrid[:side, :side].astype(np.float32) / side
    horizontal = columns - (facts.head.axis / side - POOL_LEFT)
    vertical = (rows - facts.head.eyes / side - POOL_BELOW_EYES) * POOL_FLATTENING
    falloff = 1 / (1 + (horizontal**2 + vertical**2) / POOL_SCALE) ** 2
    light = np.clip(falloff, 0, 1)[..., None]
    cloud = _cloud_noise(side, facts.seed)[..., None]
    return color.to_srgb(
        (far_color + (near_color - far_color) * light) * (1 + CLOUD_AMOUNT * cloud)
    )


def _cloud_noise(side: int, seed: int) -> Mask:
    """Return the large soft unevenness of hand-painted paper, side×side, mean 0, within ±1."""
    cells = (CLOUD_CELLS, CLOUD_CELLS)
    noise = np.random.default_rng(seed).standard_normal(cells).astype(np.float32)
    clouds = cv2.resize(noise, (side, side), interpolation=cv2.INTER_CUBIC)
    return np.clip(clouds, -CLOUD_LIMIT, CLOUD_LIMIT) / CLOUD_LIMIT


def _blur_own_background(params: Backdrop, facts: Facts) -> Image:
    """Blur the photo's own background, with the person replaced by what surrounds them.

    Blurring without replacing the person first would smear hair and skin into a halo around the
    head.
    """
    side = facts.alpha.shape[0]
    person = (facts.alpha > PERSON_ALPHA).astype(np.float32)
    person_area = cv2.dilate(person, np.ones((3, 3)), iterations=int(side * PERSON_MARGIN))
    background = fill_unknown(facts.photo, 1 - person_area)
    if facts.scene is not None:
        background = _match_light(background, facts.scene.picture)
    return apply_lens_blur(background, side * (OWN_BLUR + BLUR_RANGE * params.blur), side=side)


def _match_light(background: Image, scene_picture: Pixels) -> Image:
    """Move a background's mean light, brightness and colour, towards that of a scene."""
    own_light, scene_light = (
        color.to_linear(cv2.resize(picture, THUMBNAIL_SIZE, interpolation=cv2.INTER_AREA)).mean(
            axis=(0, 1)
        )
        for picture in (background, scene_picture.astype(np.float32) / 255.0)
    )
    stops = np.log2((scene_light + LIGHT_OFFSET) / (own_light + LIGHT_OFFSET))
    stops = BRIGHTNESS_SHARE * stops.mean() + TINT_SHARE * (stops - stops.mean())
    stops = np.clip(stops, *RELIGHT_RANGE)
    return color.to_srgb(color.to_linear(background) * (2**stops).astype(np.float32))


def fill_unknown(image: Image, known: Mask) -> Image:
    """Fill unknown pixels by push-pull interpolation, from means at ever coarser levels.

    `image` is H×W×3, `known` H×W: 1 where a pixel is known, 0 where it is to be filled. See
    section 3.4 of Gortler et al., "The Lumigraph" (1996).
    """
    if min(known.shape) <= COARSEST_SIDE or known.min() > 0:
        return image
    half_size = (known.shape[1] // 2, known.shape[0] // 2)
    weight = cv2.resize(known, half_size, interpolation=cv2.INTER_AREA)
    total = cv2.resize(image * known[..., None], half_size, interpolation=cv2.INTER_AREA)
    half_mean = total / np.maximum(weight, MIN_WEIGHT)[..., None]
    coarse_filled = fill_unknown(half_mean, np.minimum(weight * PIXELS_PER_MEAN, 1))
    full_size = (known.shape[1], known.shape[0])
    upsampled = cv2.resize(coarse_filled, full_size, interpolation=cv2.INTER_LINEAR)
    return np.asarray(image * known[..., None] + upsampled * (1 - known[..., None]), np.float32)


def _blur_picture(picture: Image, side: int, *, blur: float) -> Image:
    """Blur the middle square of a picture that the person gave as backdrop."""
    height, width = picture.shape[:2]
    square_side = min(height, width)
    top, left = (height - square_side) // 2, (width - square_side) // 2
    square = picture[top : top + square_side, left : left + square_side]
    return apply_lens_blur(square, side * BLUR_RANGE * blur, side=side)


def _draw_scene(params: Backdrop, facts: Facts, scene: SceneView) -> Image:
    """Draw the part of a scene behind this framing.

    The closer the crop of the head, the smaller the part that is shown and the more it is blurred,
    as with a longer lens.
    """
    side = facts.alpha.shape[0]
    closeness = facts.head.height / side / TYPICAL_HEAD
    shown_share = float(np.clip(TYPICAL_SCENE_SHARE / closeness, MIN_SCENE_SHARE, MAX_SCENE_SHARE))
    window = _scene_window(
        scene.picture.shape[0], shown_share, eye_line=facts.head.eyes / side, seed=facts.seed
    )
    visible_part = scene.picture[window].astype(np.float32) / 255.0
    if params.accent:
        visible_part = _repaint_accent(
            visible_part, scene.accent[window], params.accent, albedo=scene.accent_albedo
        )
    return apply_lens_blur(visible_part, side * SCENE_BLUR * closeness**2, side=side)


def _scene_window(
    picture_side: int, shown_share: float, *, eye_line: float, seed: int
) -> tuple[slice, slice]:
    """Choose a square of a scene's picture: panned by seed, its horizon at the person's eyes."""
    window_side = round(shown_share * picture_side)
    left = round(np.random.default_rng(seed + 1).random() * (picture_side - window_side))
    top = int(
        np.clip(
            round(HORIZON_HEIGHT * picture_side - eye_line * window_side),
            0,
            picture_side - window_side,
        )
    )
    return slice(top, top + window_side), slice(left, left + window_side)


def _repaint_accent(
    image: Image, accent_share: NDArray[np.uint8], hex_color: str, *, albedo: float
) -> Image:
    """Repaint the accent surfaces of a scene: their shading times the new colour, in linear light.

    `accent_share`, H×W of 0 to 255, is the share of a pixel's light that these surfaces sent; the
    rest of the light stays. `hex_color` is '#RRGGBB'; `albedo` is the linear reflectance in which
    they were rendered.
    """
    rows, columns = np.nonzero(accent_share)
    accent_light = color.to_linear(image[rows, columns][None])
    light_share = accent_share[rows, columns].astype(np.float32)[None, :, None] / 255
    shading = color.compute_luminance(accent_light)[..., None] / albedo
    repainted = shading * color.to_linear(color.from_hex(hex_color))
    result = image.copy()
    result[rows, columns] = color.to_srgb(accent_light + light_share * (repainted - accent_light))[
        0
    ]
    return result
