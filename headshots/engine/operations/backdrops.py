"""What stands behind the person: plain, gradient, paper, own background, picture or scene."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from headshots.engine import color
from headshots.engine.errors import BadRecipe
from headshots.engine.types import Facts, Image, Mask, Pixels, Room

KINDS = ("plain", "gradient", "paper", "own", "picture", "scene")
ROOM_BLUR = 0.0035  # of the side: the pictures of the library are blurred by their own lens already
WIDEST, TIGHTEST = 0.94, 0.62  # how much of a scene's picture is shown
# How far an own background takes the brightness and colour of the place it stands in for.
RELIT, RETINTED = 1.0, 0.5
HORIZON = 0.5  # scenes are photographed level, from eye height


@dataclass(frozen=True)
class Backdrop:
    """`kind` one of KINDS; `color` and `second` '#RRGGBB'; `accent` '' or '#RRGGBB'.

    `second` is the lower colour of a gradient, or what studio paper falls off to. `scene` is
    '<slug>/<mood>'; an own background takes its light. `blur` 0 to 1 for own and picture.
    `accent` paints a scene's accent surfaces and tints paper by a breath. `shadow`, `wrap` and
    `harmonise` 0 to 1 tie the person to it.
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


def paint(params: Backdrop, facts: Facts) -> Image:
    """The backdrop at the size of the frame; BadRecipe when a picture or scene is not at hand."""
    side = facts.alpha.shape[0]
    if params.kind == "plain":
        return np.broadcast_to(color.from_hex(params.color), (side, side, 3)).copy()
    if params.kind == "gradient":
        return _gradient(params, side)
    if params.kind == "paper":
        return _paper(params, facts)
    if params.kind == "own":
        return _own(params, facts)
    if params.kind == "picture" and facts.picture is not None:
        return _picture(facts.picture, side, blur=params.blur)
    if params.kind == "scene" and facts.room is not None:
        return _scene(params, facts, facts.room)
    raise BadRecipe(f"The backdrop '{params.kind}' is unknown or its picture is missing.")


def mirrored(seed: int) -> bool:
    """Whether this seed shows a scene mirrored, so that a team varies."""
    return bool(np.random.default_rng(seed).integers(2))


def placed(room: Room, seed: int) -> Room:
    """The room as this seed shows it: mirrored or not, light and all."""
    if not mirrored(seed):
        return room
    probe = room.probe.copy()
    probe[[3, 4, 7]] *= -1  # the harmonics that are odd in x: x, xy, xz
    return replace(room, picture=room.picture[:, ::-1], accent=room.accent[:, ::-1], probe=probe)


def lens_blur(image: Image, radius: float, *, side: int) -> Image:
    """A square picture at side×side, out of focus as by a round aperture, in linear light.

    `radius` in pixels of the result. What is blurred needs fewer pixels, so it is computed small.
    """
    if radius < 0.7:
        return np.clip(_fit(image, side), 0, 1)
    step = 1 + (radius > 3) + int(radius / 8)
    linear = _fit(color.to_linear(image), side // step)
    kernel = _aperture(radius / step)
    blurred = cv2.filter2D(linear, -1, kernel, borderType=cv2.BORDER_REFLECT_101)
    return np.clip(_fit(color.to_srgb(blurred), side), 0, 1)


def _fit(image: Image, side: int) -> Image:
    """Any square picture at side×side."""
    if image.shape[0] == side:
        return image
    method = cv2.INTER_AREA if image.shape[0] > side else cv2.INTER_CUBIC
    return cv2.resize(image, (side, side), interpolation=method)


def _aperture(radius: float) -> NDArray[np.float32]:
    """An anti-aliased disc that sums to one."""
    reach = int(np.ceil(radius)) + 1
    rows, columns = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    disc = np.clip(radius + 0.5 - np.hypot(rows, columns), 0, 1)
    return np.asarray(disc / disc.sum(), np.float32)


def _gradient(params: Backdrop, side: int) -> Image:
    """From `color` at the top to `second` at the bottom, mixed in linear light."""
    top, bottom = (color.to_linear(color.from_hex(c)) for c in (params.color, params.second))
    fall = np.linspace(0, 1, side, dtype=np.float32)[:, None, None]
    column = color.to_srgb(np.ascontiguousarray(top * (1 - fall) + bottom * fall))
    return np.repeat(column, side, axis=1)


def _paper(params: Backdrop, facts: Facts) -> Image:
    """Seamless paper: a pool of light behind the head that falls off as the inverse square."""
    side = facts.alpha.shape[0]
    near, far = (color.to_linear(color.from_hex(c)) for c in (params.color, params.second))
    if params.accent:
        near = 0.85 * near + 0.15 * color.to_linear(color.from_hex(params.accent)) * near.mean() * 2
    rows, columns = np.mgrid[:side, :side].astype(np.float32) / side
    across = columns - (facts.head.axis / side - 0.06)
    down = (rows - facts.head.eyes / side - 0.05) * 0.85
    fall = 1 / (1 + (across**2 + down**2) / 0.22) ** 2
    light = np.clip(fall, 0, 1)[..., None]
    cloud = _cloud(side, facts.seed)[..., None]
    return color.to_srgb((far + (near - far) * light) * (1 + 0.05 * cloud))


def _cloud(side: int, seed: int) -> Mask:
    """Large soft unevenness of hand-painted paper, mean 0, about ±1."""
    noise = np.random.default_rng(seed).standard_normal((6, 6)).astype(np.float32)
    return np.clip(cv2.resize(noise, (side, side), interpolation=cv2.INTER_CUBIC), -2, 2) / 2


def _own(params: Backdrop, facts: Facts) -> Image:
    """The photo's own background with true lens blur; the person is filled in from around first.

    Without the filling the blur would smear hair and skin into a halo around the head.
    """
    side = facts.alpha.shape[0]
    grown = cv2.dilate(
        (facts.alpha > 0.02).astype(np.float32), np.ones((3, 3)), iterations=side // 90
    )
    behind = fill(facts.source, 1 - grown)
    if facts.room is not None:
        behind = _lit_like(behind, facts.room.picture)
    return lens_blur(behind, side * (0.006 + 0.030 * params.blur), side=side)


def _lit_like(behind: Image, room: Pixels) -> Image:
    """Give a background most of the mean light of another place, colour included."""
    small = (64, 64)
    mine, theirs = (
        color.to_linear(cv2.resize(each, small, interpolation=cv2.INTER_AREA)).mean(axis=(0, 1))
        for each in (behind, room.astype(np.float32) / 255)
    )
    stops = np.log2((theirs + 0.01) / (mine + 0.01))
    stops = np.clip(RELIT * stops.mean() + RETINTED * (stops - stops.mean()), -1.5, 1.0)
    return color.to_srgb(color.to_linear(behind) * (2**stops).astype(np.float32))


def fill(image: Image, known: Mask) -> Image:
    """Push-pull interpolation (Gortler et al. 1996): unknown pixels from ever coarser means."""
    if min(known.shape) <= 4 or known.min() > 0:
        return image
    half = (known.shape[1] // 2, known.shape[0] // 2)
    weight = cv2.resize(known, half, interpolation=cv2.INTER_AREA)
    total = cv2.resize(image * known[..., None], half, interpolation=cv2.INTER_AREA)
    coarse = fill(total / np.maximum(weight, 1e-6)[..., None], np.minimum(weight * 4, 1))
    full = (known.shape[1], known.shape[0])
    up = cv2.resize(coarse, full, interpolation=cv2.INTER_LINEAR)
    return np.asarray(image * known[..., None] + up * (1 - known[..., None]), np.float32)


def _picture(picture: Image, side: int, *, blur: float) -> Image:
    """The middle square of the person's own picture."""
    height, width = picture.shape[:2]
    edge = min(height, width)
    top, left = (height - edge) // 2, (width - edge) // 2
    square = picture[top : top + edge, left : left + edge]
    return lens_blur(square, side * 0.030 * blur, side=side)


def _scene(params: Backdrop, facts: Facts, room: Room) -> Image:
    """The part of a room behind this framing: the closer the crop, the less and the softer."""
    side = facts.alpha.shape[0]
    closeness = facts.head.height / side / 0.55
    share = float(np.clip(0.86 / closeness, TIGHTEST, WIDEST))
    window = _window(room.picture.shape[0], share, eye_line=facts.head.eyes / side, seed=facts.seed)
    shown = room.picture[window].astype(np.float32) / 255
    if params.accent:
        shown = _repaint(shown, room.accent[window], params.accent, albedo=room.accent_albedo)
    return lens_blur(shown, side * ROOM_BLUR * closeness**2, side=side)


def _window(whole: int, share: float, *, eye_line: float, seed: int) -> tuple[slice, slice]:
    """A square of the picture: panned by seed, its horizon at the person's eyes."""
    edge = round(share * whole)
    left = round(np.random.default_rng(seed + 1).random() * (whole - edge))
    top = int(np.clip(round(HORIZON * whole - eye_line * edge), 0, whole - edge))
    return slice(top, top + edge), slice(left, left + edge)


def _repaint(image: Image, accent: NDArray[np.uint8], paint: str, *, albedo: float) -> Image:
    """Give the accent surfaces another paint: their shading times its colour, in linear light.

    `accent` says what share of a pixel's light these surfaces sent: the rest stays as it is.
    """
    rows, columns = np.nonzero(accent)
    light = color.to_linear(image[rows, columns][None])
    share = accent[rows, columns].astype(np.float32)[None, :, None] / 255
    shading = color.luminance(light)[..., None] / albedo
    painted = shading * color.to_linear(color.from_hex(paint))
    result = image.copy()
    result[rows, columns] = color.to_srgb(light + share * (painted - light))[0]
    return result
