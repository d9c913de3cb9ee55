"""Measure whether mouth, nose and eyes of a face can be seen.

Everything is measured on a close-up of the face at a fixed scale (quality.crop_to_face). A face
mesh is complete even where a mask or a hand hides the face, so each part is looked for in the
pixels where the mesh says that it lies: a mouth has a dark line between lips of another colour, a
nose has the colour of the skin around the eyes, and behind clear glasses there is skin. The scales
were measured on the development photos, and on the same photos with masks, scarves, hands and
phones drawn over them.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from headshots.engine import color
from headshots.engine.analysis.landmarks import (
    FOREHEAD,
    LEFT_CHEEK,
    LEFT_EYE,
    LIPS,
    RIGHT_CHEEK,
    RIGHT_EYE,
    outline_mask,
    under_eye_mask,
)
from headshots.engine.analysis.quality import skin_lightness
from headshots.engine.types import Face, Image, Mask

# MediaPipe Face Mesh indices, as closed outlines.
LOWER_NOSE = (5, 281, 275, 440, 344, 278, 294, 327, 2, 98, 64, 48, 115, 220, 45, 51)
NOSE_BRIDGE = (9, 285, 417, 465, 412, 351, 6, 122, 188, 245, 193, 55)
UPPER_LIP_SKIN = (2, 97, 165, 92, 186, 61, *LIPS[1:10], 291, 410, 322, 391, 326)
LEFT_LENS = (225, 224, 223, 222, 221, 189, 244, 233, 232, 231, 230, 229, 228, 31, 226, 113)
RIGHT_LENS = (445, 444, 443, 442, 441, 413, 464, 453, 452, 451, 450, 449, 448, 261, 446, 342)
BELOW_LEFT_EYE = (226, 31, 228, 229, 230, 231, 232, 233, 128, 121, 120, 119, 118, 117, 111)
BELOW_RIGHT_EYE = (446, 261, 448, 449, 450, 451, 452, 453, 357, 350, 349, 348, 347, 346, 340)
INNER_UPPER_LIP = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
INNER_LOWER_LIP = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)

SMOOTHING = 1.2  # pixels of standard deviation: noise is no colour difference
LIGHTNESS_WEIGHT = 0.5  # of a difference of lightness against one of colour: light falls unevenly
LIP_GAP = 7  # pixels around the lips that belong neither to them nor to the skin above
MOUTH_GAP = 3  # pixels around the opened mouth that are not lips
EYE_GAP = 9  # pixels around the eyes: lashes are not skin
LENS_MARGIN = 9  # pixels by which the area of a lens is widened
MIN_PIXELS = 20  # in an area that is compared

# The mouth's line is looked for so far above and below it, over the height of the face, and is
# compared with the outer quarters of that reach.
LINE_REACH = 0.06
LINE_SAMPLES = 31
LINE_ENDS = 8  # samples

# A mouth as it is usual counts 1 or more.
USUAL_LINE = 14.0  # ΔL between the line of the mouth and what surrounds it, at USUAL_LIGHTNESS
USUAL_LIP_DIFFERENCE = 10.0  # ΔE between the lips and the skin above them
USUAL_LIGHTNESS, DARKEST_LIGHTNESS = 60.0, 25.0  # L of the skin under the eyes

# The largest differences between a visible nose and the nearest other skin count about 0.85.
NOSE_COLOR_DIFFERENCE = 11.0  # Δab
NOSE_DIFFERENCE = 21.0  # ΔE

# Glare is at least so light, and so much lighter than the lightest twentieth of the face.
GLARE_LIGHTNESS = 88.0
GLARE_ABOVE_SKIN = 8.0
BRIGHT_PERCENTILE = 95

Lab = NDArray[np.float32]


def measure_mouth(face_image: Image, face: Face) -> float:
    """Measure how clearly a mouth is seen: 1 or more as usual, 0 where there is none."""
    lab = _smooth_lab(face_image)
    surface = _median_color(lab, _under_eye_skin(face, lab.shape))
    light = max(float(surface[0]), DARKEST_LIGHTNESS) / USUAL_LIGHTNESS
    line = _mouth_line_depth(lab[..., 0], face) / light / USUAL_LINE
    return float(np.hypot(line, _lip_difference(lab, face) / USUAL_LIP_DIFFERENCE))


def measure_nose_difference(face_image: Image, face: Face) -> float:
    """Measure how far the lower nose differs from all skin above it; 1 and more is no skin."""
    lab = _smooth_lab(face_image)
    nose = _median_color(lab, outline_mask(face, LOWER_NOSE, lab.shape))
    skin_areas = (
        outline_mask(face, NOSE_BRIDGE, lab.shape),
        outline_mask(face, FOREHEAD, lab.shape),
        _under_eye_skin(face, lab.shape),
    )
    differences = [nose - _median_color(lab, area) for area in skin_areas]
    color_difference = min(float(np.linalg.norm(difference[1:])) for difference in differences)
    difference = min(_weigh_difference(difference) for difference in differences)
    return max(color_difference / NOSE_COLOR_DIFFERENCE, difference / NOSE_DIFFERENCE)


def measure_eye_surroundings(face_image: Image, face: Face) -> float:
    """Measure the lightness below an eye over that of the cheek beside it; the lighter side counts.

    Dark glasses lower it on both sides; shade and hair on one side do not.
    """
    lightness = color.to_lab(face_image)[..., 0]
    ratios = []
    for below_eye, cheek in ((BELOW_LEFT_EYE, LEFT_CHEEK), (BELOW_RIGHT_EYE, RIGHT_CHEEK)):
        areas = [
            lightness[outline_mask(face, part, lightness.shape) > 0] for part in (below_eye, cheek)
        ]
        if min(area.size for area in areas) >= MIN_PIXELS:
            ratios.append(float(np.median(areas[0]) / max(float(np.median(areas[1])), 1.0)))
    return max(ratios, default=1.0)


def measure_glare(face_image: Image, face: Face) -> float:
    """Measure the share of the area around an eye that shines; the worse side counts."""
    lightness = color.to_lab(face_image)[..., 0]
    skin = skin_lightness(face_image, face)
    brightest_skin = float(np.percentile(skin, BRIGHT_PERCENTILE)) if skin.size else 0.0
    limit = max(GLARE_LIGHTNESS, brightest_skin + GLARE_ABOVE_SKIN)
    kernel = np.ones((LENS_MARGIN, LENS_MARGIN), np.uint8)
    shares = [0.0]
    for lens in (LEFT_LENS, RIGHT_LENS):
        area = cv2.dilate(outline_mask(face, lens, lightness.shape), kernel) > 0
        if np.count_nonzero(area) >= MIN_PIXELS:
            shares.append(float(np.mean(lightness[area] > limit)))
    return max(shares)


def _smooth_lab(face_image: Image) -> Lab:
    lab = color.to_lab(np.clip(face_image, 0, 1))
    return np.asarray(cv2.GaussianBlur(lab, (0, 0), SMOOTHING), np.float32)


def _under_eye_skin(face: Face, shape: tuple[int, ...]) -> Mask:
    """Draw the skin under the eyes without the eyes and their lashes."""
    skin = (under_eye_mask(face, shape) > 0.5).astype(np.float32)
    eyes = np.maximum(outline_mask(face, LEFT_EYE, shape), outline_mask(face, RIGHT_EYE, shape))
    skin[cv2.dilate(eyes, np.ones((EYE_GAP, EYE_GAP), np.uint8)) > 0] = 0
    return skin


def _lip_difference(lab: Lab, face: Face) -> float:
    """Return ΔE between the lips and the skin between them and the nose."""
    lips = outline_mask(face, LIPS, lab.shape)
    skin = outline_mask(face, UPPER_LIP_SKIN, lab.shape)
    skin[cv2.dilate(lips, np.ones((LIP_GAP, LIP_GAP), np.uint8)) > 0] = 0
    opened = outline_mask(face, INNER_UPPER_LIP + INNER_LOWER_LIP[::-1], lab.shape)
    lips[cv2.dilate(opened, np.ones((MOUTH_GAP, MOUTH_GAP), np.uint8)) > 0] = 0
    return _weigh_difference(_median_color(lab, lips) - _median_color(lab, skin))


def _mouth_line_depth(lightness: NDArray[np.float32], face: Face) -> float:
    """Return by how much the line between the lips is darker than what lies above and below it.

    Each point of the line is compared along the upright axis of the face; the median counts.
    """
    upper, lower = (
        face.landmarks[list(points), :2] for points in (INNER_UPPER_LIP, INNER_LOWER_LIP)
    )
    upwards = face.forehead - face.chin
    upwards = upwards / max(float(np.linalg.norm(upwards)), 1.0)
    middles, half_gaps = (upper + lower) / 2, np.linalg.norm(upper - lower, axis=1) / 2
    reach = np.linspace(-LINE_REACH, LINE_REACH, LINE_SAMPLES) * face.height
    offsets = reach + np.sign(reach) * half_gaps[:, None]
    positions = middles[:, None, :] + offsets[..., None] * upwards
    height, width = lightness.shape
    columns = np.clip(np.round(positions[..., 0]).astype(int), 0, width - 1)
    rows = np.clip(np.round(positions[..., 1]).astype(int), 0, height - 1)
    profiles = lightness[rows, columns]
    below, above = profiles[:, :LINE_ENDS].max(axis=1), profiles[:, -LINE_ENDS:].max(axis=1)
    middle = profiles[:, LINE_ENDS + 2 : -LINE_ENDS - 2].min(axis=1)
    return max(0.0, float(np.median(np.minimum(below, above) - middle)))


def _median_color(lab: Lab, area: Mask) -> Lab:
    """Return the median colour of an area, or of everything where it is too small."""
    values = lab[area > 0]
    if len(values) < MIN_PIXELS:
        values = lab.reshape(-1, 3)
    return np.asarray(np.median(values, axis=0), np.float32)


def _weigh_difference(difference: Lab) -> float:
    """Return ΔE of a difference in Lab, in which lightness counts half."""
    return float(np.linalg.norm(difference * np.array([LIGHTNESS_WEIGHT, 1, 1], np.float32)))
