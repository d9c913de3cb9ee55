"""Cut the chosen person out: alpha with hair, foreground colour, and how far it can be trusted.

Alpha and colours are solved at a small size inside a narrow unknown band (closed_form.py); at full
size the compositing equation I = αF + (1 - α)B then recovers single hairs.

Lengths called face heights are heights of the mesh from its highest to its lowest point. Where no
other source is given, the constants were chosen by eye on the development photos.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from headshots.engine.analysis import matte_error, people
from headshots.engine.analysis.segmentation import (
    SOLID_ALPHA,
    keep_connected,
    segment_chosen_person,
)
from headshots.engine.closed_form import estimate_colors, solve_alpha
from headshots.engine.geometry import round_kernel
from headshots.engine.types import (
    CHIN_POINT,
    EAR_POINTS,
    FACE_POINTS,
    Face,
    Head,
    Image,
    Mask,
    Pixels,
    Points,
)

# Pixels of the longer side at which the matting equations are solved. Measured: 0.4 s, against 1.2
# s at 1024, with the same hairs after the refinement at full size.
SOLVE_SIDE = 640
# Height of the face at which they are solved at least, where the photo has so many pixels: below it
# stair-steps show in a headshot.
MIN_SOLVED_FACE = 180

# Head: alpha along the axis finds the crown.
AXIS_REACH = 0.35  # eye distances to each side of the axis that are read
# Height of hair above the mesh, in face heights (hairline to chin); beyond it the matte is wrong.
MIN_HAIR, MAX_HAIR = 0.06, 0.6

# Ears.
EAR_SIZE = (0.22, 0.26)  # half axes of the ellipse around an ear, face heights

# Trimap: from these probabilities a pixel is known.
PERSON_PROBABILITY, BACKGROUND_PROBABILITY = 0.8, 0.2
# Unknown band inside and outside the segmentation's contour, in face heights.
HAIR_BAND = (0.06, 0.04)
CHEEK_BAND = (0.075, 0.04)  # the segmentation reaches too far beside the face
BODY_BAND = (0.03, 0.018)
BAND_POINTS = [168, 152]  # mesh points between the eyes and on the chin: rows where bands change
CORE_SHRINK = 0.93  # of the mesh around its centre: inside it everything is the person

# Prior: colours of known pixels around an unknown one; colour distances are Euclidean, RGB in [0,
# 1].
RING_RADII = (0.04, 0.07, 0.11, 0.16, 0.23)  # face heights at which known colours are searched
RING_ANGLE = np.pi / 5  # radians between the samples of a ring
RING_TWIST = 7  # radians per face height by which the samples of a ring are rotated
RING_PENALTY = 0.25  # colour distance per face height: of equal colours the nearer one wins
COLOUR_BLUR = 1.0  # pixels of standard deviation
HAIR_SAMPLES = 48  # colours of known hair
# Colour distance: of equal colours the nearer one wins, and background on the farthest ring, too.
HAIR_PENALTY = 0.06
NO_COLOUR = 9.0  # squared colour distance where no known pixel was found; above the largest, 3
GAP_SCALE = 0.03  # difference of colour distances for one unit of the log odds
MAX_LOGIT = 6
MIN_PROBABILITY = 0.01  # of the segmentation, from either end: it is never quite sure
# Colours of things behind are often found somewhere in hair or clothes, too; and the contour of the
# segmentation is coarse, so that it often takes what shows between hair for the person.
PERSON_COLOR_WEIGHT = 0.5  # of colours that fit the person
SEGMENTATION_WEIGHT = 0.5  # of the segmentation where colours fit the background
PRIOR_BLUR = 1.2  # pixels of standard deviation

# Solver.
PRIOR_WEIGHT = 0.04  # weight of the prior in the unknown band
LAPLACIAN_EPSILON = 3e-5  # regularisation of the matting Laplacian
VEIL = 0.08  # alpha that the solver leaves at both ends; removed by stretching
VEIL_RANGE = 0.84  # 1 - 2 * VEIL

# Smoothing where colours tell nothing.
SEPARATE_DISTANCE = 0.2  # colour distance from which the solved alpha is kept
SMOOTHING = 0.015  # face heights, standard deviation
OUTLINE_CONTRAST = 2  # by which the smoothed outline is made steeper

# Refinement at full size: rounding of alpha, and how far the compositing equation is trusted.
OPAQUE, TRANSPARENT = 0.995, 0.005
DISTANCE_OFFSET = 1e-4  # squared colour distance; keeps the division finite for equal colours
UNMIX_DISTANCE = 0.35  # colour distance of foreground and background from which it is trusted most
NOISE_DISTANCE = 0.08  # up to which only noise would be solved for
UNMIX_TRUST = 0.7
MAX_CORRECTION = 0.35  # of alpha
RESIDUAL_ALPHA = 0.4  # alpha from which unexplained colour is added to the foreground
RESIDUAL_RANGE = 0.6  # of alpha above it, until all of it is added


@dataclass(frozen=True, eq=False)
class Matte:
    """A cut-out: `alpha` and the colour of the person alone, both of one H×W."""

    alpha: Mask
    foreground: Pixels
    regions: tuple[matte_error.RegionQuality, ...]  # crown, sides and shoulders


def cut_out(pixels: Pixels, face: Face, *, others: tuple[Face, ...] = ()) -> Matte:
    """Compute the matte of one person; other people are background.

    `others` are further faces in the same pixels.
    """
    scale = min(1.0, max(SOLVE_SIDE / max(pixels.shape[:2]), MIN_SOLVED_FACE / face.height))
    small_pixels = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    landmarks = face.landmarks[:, :2] * scale
    other_landmarks = [other.landmarks[:, :2] * scale for other in others]
    person_mask = segment_chosen_person(small_pixels, landmarks, other_landmarks)
    trimap = _build_trimap(person_mask, landmarks)
    prior = _estimate_prior(small_pixels, trimap, person_mask, landmarks)
    small_alpha = _solve_alpha(small_pixels, trimap, prior)
    small_alpha = fill_ears(keep_connected(small_alpha, landmarks), landmarks)
    layer_colors = list(estimate_colors((small_pixels / 255).astype(np.float32), small_alpha))
    small_alpha = _smooth_uncertain(small_alpha, layer_colors, face_height=face.height * scale)
    alpha, foreground = _refine_edges(pixels, small_alpha, *layer_colors)
    regions = matte_error.predict_regions(
        person_mask,
        small_alpha,
        layer_colors,
        landmarks,
        strangers=people.find_strangers(small_alpha, landmarks, other_landmarks),
    )
    return Matte(alpha, foreground, regions)


def find_head(face: Face, alpha: Mask) -> Head:
    """Find crown (hair included, from the matte), eye line, chin and axis of the head."""
    axis = float(face.landmarks[:FACE_POINTS, 0].mean())
    half_width = int(AXIS_REACH * face.eye_distance)
    columns = alpha[:, max(0, int(axis) - half_width) : int(axis) + half_width + 1]
    rows = np.flatnonzero(np.median(columns, axis=1) > SOLID_ALPHA)
    chin, forehead = float(face.chin[1]), float(face.forehead[1])
    hair_height = forehead - float(rows[0]) if rows.size else 0.0
    crown = forehead - float(np.clip(hair_height, MIN_HAIR * face.height, MAX_HAIR * face.height))
    return Head(crown=crown, eyes=float(face.eyes[:, 1].mean()), chin=chin, axis=axis)


def fill_ears(alpha: Mask, landmarks: Points) -> Mask:
    """Fill holes near the ears: the shade inside an ear often has the colour of the background.

    Only there: a gap between curls further up really shows the background.
    """
    face_height = float(np.ptp(landmarks[:FACE_POINTS, 1]))
    solid_mask = alpha > SOLID_ALPHA
    holes = ndimage.binary_fill_holes(solid_mask) & ~solid_mask
    ear_area = np.zeros(alpha.shape, np.uint8)
    ear_axes = (int(EAR_SIZE[0] * face_height), int(EAR_SIZE[1] * face_height))
    for column, row in landmarks[EAR_POINTS]:
        cv2.ellipse(ear_area, (int(column), int(row)), ear_axes, 0, 0, 360, 1, cv2.FILLED)
    rim = cv2.dilate(holes.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return np.where((ear_area > 0) & (holes | rim & solid_mask), 1, alpha).astype(np.float32)


def _build_trimap(person_mask: Mask, landmarks: Points) -> Mask:
    """Mark known person 1, known background 0 and the rest 0.5: a band, widest around the head."""
    face_height = float(np.ptp(landmarks[:FACE_POINTS, 1]))
    inside = (person_mask > PERSON_PROBABILITY).astype(np.uint8)
    outside = (person_mask < BACKGROUND_PROBABILITY).astype(np.uint8)
    eye_row, chin_row = (
        int(np.clip(row, 1, person_mask.shape[0])) for row in landmarks[BAND_POINTS, 1]
    )
    trimap = np.full(person_mask.shape, 0.5, np.float32)
    bands = ((0, eye_row, HAIR_BAND), (eye_row, chin_row, CHEEK_BAND), (chin_row, None, BODY_BAND))
    for first_row, last_row, band in bands:
        rows = slice(first_row, last_row)
        trimap[rows][cv2.erode(inside, round_kernel(band[0] * face_height))[rows] > 0] = 1
        trimap[rows][cv2.erode(outside, round_kernel(band[1] * face_height))[rows] > 0] = 0
    mesh_center = landmarks[:FACE_POINTS].mean(axis=0)
    core_points = mesh_center + CORE_SHRINK * (landmarks[:FACE_POINTS] - mesh_center)
    hull = cv2.convexHull(core_points.astype(np.int32))
    cv2.fillConvexPoly(trimap, hull, 1.0)
    return trimap


def _estimate_prior(
    small_pixels: Pixels, trimap: Mask, person_mask: Mask, landmarks: Points
) -> Mask:
    """Correct the segmentation in the unknown band by the nearest known colours around.

    For each unknown pixel, known pixels are sampled on rings around it, and its probability moves
    towards the side whose colour it has. Sampling as in E. Gastal and M. Oliveira, "Shared Sampling
    for Real-Time Alpha Matting", Computer Graphics Forum 29(2), 2010. A strip of hair beside the
    face may have no known hair around: the colours of all known hair are possible there too.
    """
    face_height = float(np.ptp(landmarks[:FACE_POINTS, 1]))
    picture = cv2.GaussianBlur(small_pixels, (0, 0), COLOUR_BLUR).astype(np.float32) / 255.0
    unknown_rows, unknown_columns = np.nonzero(trimap == 0.5)
    unknown_colors = picture[unknown_rows, unknown_columns]
    colors = picture.reshape(-1, 3)
    background_distances = np.full(len(unknown_rows), NO_COLOUR, np.float32)
    person_distances = background_distances.copy()
    for radius, row_shift, column_shift in _ring_samples():
        rows = _shift_indexes(unknown_rows, row_shift * face_height, trimap.shape[0])
        columns = _shift_indexes(unknown_columns, column_shift * face_height, trimap.shape[1])
        pixels = rows * trimap.shape[1] + columns
        differences = colors.take(pixels, axis=0) - unknown_colors
        distances = np.einsum("ij,ij->i", differences, differences) + (RING_PENALTY * radius) ** 2
        known_values = trimap.ravel().take(pixels)
        for known_value, best in ((0, background_distances), (1, person_distances)):
            np.minimum(best, distances, out=best, where=known_values == known_value)
    for color in _sample_hair(picture, trimap, landmarks):
        distances = ((color - unknown_colors) ** 2).sum(axis=1) + HAIR_PENALTY**2
        np.minimum(person_distances, distances, out=person_distances)
    distance_gap = np.sqrt(background_distances) - np.sqrt(person_distances)
    prior = person_mask.copy()
    prior[unknown_rows, unknown_columns] = _combine_evidence(
        person_mask[unknown_rows, unknown_columns], distance_gap
    )
    return cv2.GaussianBlur(prior, (0, 0), PRIOR_BLUR)


def _combine_evidence(
    probability: NDArray[np.float32], distance_gap: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return the probability of N pixels by segmentation and colours, whose log odds add up.

    `distance_gap` says how much nearer a pixel's colour is to the person's than to the background.
    """
    bounded = np.clip(probability, MIN_PROBABILITY, 1 - MIN_PROBABILITY)
    odds = np.log(bounded / (1 - bounded))
    color_odds = np.clip(distance_gap / GAP_SCALE, -MAX_LOGIT, MAX_LOGIT)
    combined = np.where(
        color_odds > 0,
        odds + PERSON_COLOR_WEIGHT * color_odds,
        SEGMENTATION_WEIGHT * odds + color_odds,
    )
    return np.asarray(1 / (1 + np.exp(-combined)), np.float32)


def _sample_hair(picture: Image, trimap: Mask, landmarks: Points) -> Image:
    """Return colours, N×3, of known pixels of the head that lie outside the face."""
    chin_row = int(np.clip(landmarks[CHIN_POINT, 1], 1, len(trimap)))
    hair = (trimap == 1) & ~people.draw_mesh(trimap.shape, landmarks)
    colors = picture[:chin_row][hair[:chin_row]]
    return colors[:: max(1, len(colors) // HAIR_SAMPLES)]


def _ring_samples() -> Iterator[tuple[float, float, float]]:
    """Yield radius, row shift and column shift of each sample on the rings, in face heights."""
    for radius in RING_RADII:
        for angle in np.arange(0, 2 * np.pi, RING_ANGLE) + RING_TWIST * radius:
            yield radius, radius * np.sin(angle), radius * np.cos(angle)


def _shift_indexes(indexes: NDArray[np.intp], shift: float, size: int) -> NDArray[np.intp]:
    """Shift row or column indices, but not beyond the picture."""
    return np.clip(indexes + round(shift), 0, size - 1)


def _solve_alpha(small_pixels: Pixels, trimap: Mask, prior: Mask) -> Mask:
    """Solve the matting equation for the unknown pixels, and stretch the result to 0 and 1.

    The prior decides where the matting Laplacian alone would leave pixels half transparent.
    """
    if (trimap != 0.5).all():
        return trimap
    image = (small_pixels / 255).astype(np.float32)
    alpha = solve_alpha(image, trimap, prior, weight=PRIOR_WEIGHT, epsilon=LAPLACIAN_EPSILON)
    return np.clip((alpha - VEIL) / VEIL_RANGE, 0, 1).astype(np.float32)


def _smooth_uncertain(alpha: Mask, layer_colors: list[Image], *, face_height: float) -> Mask:
    """Smooth alpha, H×W, where person and background have one colour and noise decides.

    `layer_colors` are those of person and background, `face_height` is in pixels.
    """
    distance = np.linalg.norm(layer_colors[0] - layer_colors[1], axis=2)
    certainty = np.clip(distance / SEPARATE_DISTANCE, 0, 1)
    smooth = cv2.GaussianBlur(alpha, (0, 0), max(1.0, SMOOTHING * face_height))
    outline = np.clip((smooth - SOLID_ALPHA) * OUTLINE_CONTRAST + SOLID_ALPHA, 0, 1)
    return np.asarray(outline + certainty * (alpha - outline), np.float32)


def _refine_edges(
    pixels: Pixels, alpha: Mask, foreground_colors: Image, background_colors: Image
) -> tuple[Mask, Pixels]:
    """Scale alpha and colours to full size, and correct both within the band.

    `pixels` is the photo; `alpha` and the colours were solved at the small size. Returns alpha
    and foreground at full size.
    """
    full_size = (pixels.shape[1], pixels.shape[0])
    full_alpha = np.clip(cv2.resize(alpha, full_size, interpolation=cv2.INTER_CUBIC), 0, 1)
    full_alpha[full_alpha > OPAQUE], full_alpha[full_alpha < TRANSPARENT] = 1, 0
    foreground = pixels.copy()
    band = np.nonzero((full_alpha > 0) & (full_alpha < 1))
    layer_colors = [
        cv2.resize(layer, full_size, interpolation=cv2.INTER_LINEAR)[band]
        for layer in (foreground_colors, background_colors)
    ]
    full_alpha[band], refined_colors = _unmix_colors(
        pixels[band].astype(np.float32) / 255.0, full_alpha[band], *layer_colors
    )
    foreground[band] = np.round(refined_colors * 255).astype(np.uint8)
    return full_alpha, foreground


def _unmix_colors(
    photo_colors: NDArray[np.float32],
    alpha: NDArray[np.float32],
    foreground_colors: NDArray[np.float32],
    background_colors: NDArray[np.float32],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return alpha and foreground colour of N pixels of the band (colours N×3).

    Where foreground and background differ in colour, the compositing equation is solved for alpha;
    elsewhere the upsampled alpha is kept.
    """
    color_difference = foreground_colors - background_colors
    distance = np.einsum("ij,ij->i", color_difference, color_difference)
    projection = np.einsum("ij,ij->i", photo_colors - background_colors, color_difference)
    solved_alpha = np.clip(projection / (distance + DISTANCE_OFFSET), 0, 1)
    trust = UNMIX_TRUST * np.clip(
        (np.sqrt(distance) - NOISE_DISTANCE) / (UNMIX_DISTANCE - NOISE_DISTANCE), 0, 1
    )
    refined_alpha = alpha + trust * np.clip(solved_alpha - alpha, -MAX_CORRECTION, MAX_CORRECTION)
    column_alpha = refined_alpha[:, None]
    composite = column_alpha * foreground_colors + (1 - column_alpha) * background_colors
    residual = photo_colors - composite
    weight = np.clip((refined_alpha - RESIDUAL_ALPHA) / RESIDUAL_RANGE, 0, 1)[:, None]
    refined_colors = np.clip(foreground_colors + weight * residual, 0, 1)
    return refined_alpha, refined_colors
