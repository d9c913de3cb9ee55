"""Find background that the segmentation took for the person, by the colours around it.

Between curls, beside a neck and under the brim of a hat the background shows in gaps that are too
small for the network. Such a gap has colours that the background nearby has often and the person
nearby hardly ever. How often is counted over a few colours of the picture, in a square around each
pixel, once in CIELAB and once in chromaticity: the background seen there may lie in the person's
shadow. Lengths called face heights are heights of the mesh from its highest to its lowest point;
where no other source is given, the constants were chosen by eye on the development photos.
"""

from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from headshots.engine.analysis import people
from headshots.engine.geometry import round_kernel
from headshots.engine.types import CHIN_POINT, EAR_POINTS, FACE_POINTS, Image, Mask, Pixels, Points

SEARCH_FACE: Final = 72  # pixels of the face's height at which colours are counted
WINDOW: Final = 1.0  # face heights: side of the square in which colours are counted

# The few colours.
LAB_COLORS, CHROMA_COLORS = 40, 32  # into which a picture is divided
FITTED_PIXELS: Final = 4000  # from which they are found
FIT_ROUNDS: Final = 8
LIKENESS: Final = 5.0  # CIELAB, standard deviation within which two of them count as one
# Chromaticity: a and b over this much more than L, scaled to about the size of a and b.
SHADE_OFFSET, SHADE_SCALE = 16.0, 60.0

# Where it is looked for.
SURE, POSSIBLE = 0.8, 0.2  # probability of the person
KNOWN_MARGIN: Final = 0.04  # face heights from where the person is possible to known background
DEPTH: Final = 0.35  # face heights inside the outline in which background is looked for
EAR_REACH: Final = 0.2  # face heights around an ear: its shade has the colour of many walls
MIN_LIGHTNESS: Final = 25.0  # L* below which a sure pixel is kept: shade in hair is as dark
MAX_DARK: Final = 0.2  # share of hair and hat so dark from which every such pixel is kept
MIN_SHADED_LIGHTNESS: Final = 8.0  # L* from which chromaticity says something
MIN_CHROMA: Final = 15.0  # CIELAB chroma from which it does

# How sure it must be: the share of the background in all that has such a colour nearby.
RARE: Final = 0.02  # added to the counts, so that a colour found nowhere else says nothing
DOUBTED, EXCLUDED = 0.75, 0.9  # share from which the person is doubted, and ruled out
SPECK_SIZE: Final = 3  # pixels: single ones in hair are its lights


def remove_background_colors(person_mask: Mask, small_pixels: Pixels, landmarks: Points) -> Mask:
    """Weaken the probability, H×W, of pixels that have the colours of the background nearby.

    Head, neck and chest around these landmarks, and the ears, stay as they are.
    """
    scale = min(1.0, SEARCH_FACE / float(np.ptp(landmarks[:FACE_POINTS, 1])))
    picture = cv2.resize(small_pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    mask = cv2.resize(person_mask, picture.shape[1::-1], interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    searched = _find_searched(mask, landmarks * scale)
    if not searched.any():
        return person_mask
    doubt = _measure_doubt(lab, mask, searched, landmarks * scale)
    doubt = cv2.resize(doubt, person_mask.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(person_mask * (1 - doubt), np.float32)


def _find_searched(mask: Mask, landmarks: Points) -> NDArray[np.bool_]:
    """Return where background may show: near the outline, outside head, neck, chest and ears."""
    face_height = float(np.ptp(landmarks[:FACE_POINTS, 1]))
    protected = people.draw_core(mask.shape, landmarks, body_rim=0).astype(np.uint8)
    for column, row in landmarks[EAR_POINTS]:
        cv2.circle(protected, (int(column), int(row)), int(EAR_REACH * face_height), 1, cv2.FILLED)
    # The photo's edge is no outline: what it cuts off is the person still.
    depth = cv2.distanceTransform((mask > POSSIBLE).astype(np.uint8), cv2.DIST_L2, 5)
    return (mask > POSSIBLE) & (protected == 0) & (depth < DEPTH * face_height)


def _find_telling(lightness: Mask, mask: Mask, landmarks: Points) -> NDArray[np.bool_]:
    """Return where the colour itself tells background from person, H×W.

    Not where it is as dark as hair in the shade, nor in what surely is clothes.
    """
    chin_row = max(0, int(landmarks[CHIN_POINT, 1]))
    sure = mask > SURE
    hair = sure & ~people.draw_mesh(mask.shape, landmarks)
    hair[chin_row:] = False
    dark = lightness < MIN_LIGHTNESS
    has_dark_hair = bool(hair.any()) and dark[hair].mean() > MAX_DARK
    telling = ~dark if has_dark_hair else ~(dark & sure)
    telling[chin_row:] &= ~sure[chin_row:]
    return np.asarray(telling)


def _measure_doubt(lab: Image, mask: Mask, searched: NDArray[np.bool_], landmarks: Points) -> Mask:
    """Return how surely each searched pixel is background, H×W; 0 elsewhere."""
    face_height = float(np.ptp(landmarks[:FACE_POINTS, 1]))
    background = (mask < POSSIBLE).astype(np.uint8)
    background = cv2.erode(background, round_kernel(KNOWN_MARGIN * face_height))
    areas = background > 0, mask > SURE
    window = 2 * round(WINDOW * face_height / 2) + 1
    lightness, chroma = lab[..., 0], np.hypot(lab[..., 1], lab[..., 2])
    shade_free = lab[..., 1:] * (SHADE_SCALE / (lightness[..., None] + SHADE_OFFSET))
    can_tell = _find_telling(lightness, mask, landmarks)
    can_tell_shaded = (lightness > MIN_SHADED_LIGHTNESS) & (chroma > MIN_CHROMA)
    doubt = np.zeros(mask.shape, np.float32)
    for colors, count, usable in (
        (lab, LAB_COLORS, can_tell),
        (shade_free, CHROMA_COLORS, can_tell_shaded),
    ):
        chosen = searched & usable
        share = _measure_share(np.ascontiguousarray(colors), count, areas, chosen, window)
        certainty = np.clip((share - DOUBTED) / (EXCLUDED - DOUBTED), 0, 1)
        doubt[chosen] = np.maximum(doubt[chosen], certainty)
    return cv2.medianBlur(doubt, SPECK_SIZE)


def _measure_share(
    colors: Image,
    count: int,
    areas: tuple[NDArray[np.bool_], NDArray[np.bool_]],
    chosen: NDArray[np.bool_],
    window: int,
) -> NDArray[np.float32]:
    """Return for N chosen pixels how much more often the background nearby has their colour, 0..1.

    `areas` are known background and person, `window` the side in pixels of what is nearby.
    """
    labels, centers = _divide_colors(colors, count)
    distances = ((centers[:, None] - centers[None]) ** 2).sum(axis=2)
    alike = np.exp(-distances / (2 * LIKENESS**2))[labels[chosen]]
    is_color = labels[..., None] == np.arange(count)
    shares = []
    for area in areas:
        channels = (is_color & area[..., None]).astype(np.float32)
        counts = _sum_around(channels, window)[chosen]
        shares.append((alike * counts).sum(axis=1) / np.maximum(counts.sum(axis=1), 1))
    background, person = shares
    return np.asarray(background / (background + person + RARE), np.float32)


def _sum_around(channels: NDArray[np.float32], window: int) -> NDArray[Any]:
    border = cv2.BORDER_CONSTANT
    return cv2.boxFilter(channels, -1, (window, window), normalize=False, borderType=border)


def _divide_colors(colors: Image, count: int) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Divide a picture into a few colours; return the index of each pixel's, and the colours."""
    pixels = colors.reshape(-1, colors.shape[-1])
    fitted = np.ascontiguousarray(pixels[:: max(1, len(pixels) // FITTED_PIXELS)])
    criteria = (cv2.TERM_CRITERIA_MAX_ITER, FIT_ROUNDS, 0.0)
    cv2.setRNGSeed(0)  # the same photo gives the same cut-out
    _, _, centers = cv2.kmeans(fitted, count, None, criteria, 1, cv2.KMEANS_PP_CENTERS)
    distances = (centers**2).sum(axis=1) - 2 * pixels @ centers.T
    return distances.argmin(axis=1).reshape(colors.shape[:2]), centers
