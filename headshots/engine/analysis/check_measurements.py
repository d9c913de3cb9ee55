"""Measure what the input checks judge: the canvas of a photo and the face in it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from headshots.engine import color
from headshots.engine.analysis import color_cast, liveness, occlusion, picture_frames, quality
from headshots.engine.types import FACE_POINTS, Face, Head, Image, Mask, Pixels

# Percentiles of lightness.
LOW_PERCENTILE = 5
MEDIAN = 50
BRIGHT_PERCENTILE = 90
HIGH_PERCENTILE = 95

BURNT_OUT = 97  # L above which skin is taken to be pure white
BACKLIGHT_STRIDE = 4  # pixels: every fourth row and column is enough for a median
BACKGROUND_ALPHA = 0.05  # below it a pixel belongs to the surroundings


@dataclass(frozen=True, eq=False)
class CheckedPhoto:
    """What the checks measure: the canvas of a photo and the face in it, in canvas pixels.

    `photo` is the whole photo and `photo_face` the face in its pixels.
    """

    image: Image
    face: Face
    head: Head
    alpha: Mask
    scale: float  # canvas pixels per photo pixel
    faces_found: int
    close_up: tuple[Image, Face]  # the face alone at a fixed scale, see quality.crop_to_face
    photo: Pixels
    photo_face: Face


def eye_distance(photo: CheckedPhoto) -> float:
    """Distance between the eyes in pixels of the original photo."""
    return photo.face.eye_distance / photo.scale


def face_sharpness(photo: CheckedPhoto) -> float:
    return quality.measure_sharpness(*photo.close_up)


def brightest_lightness(photo: CheckedPhoto) -> float:
    """Lightness of the brightest tenth of the face, so that dark skin passes in good light."""
    return _safe_percentile(quality.skin_lightness(*photo.close_up), BRIGHT_PERCENTILE)


def burnt_out_share(photo: CheckedPhoto) -> float:
    """Share of the face core that is burnt out."""
    lightness = quality.skin_lightness(*photo.close_up)
    return float((lightness > BURNT_OUT).mean()) if lightness.size else 0.0


def lightness_range(photo: CheckedPhoto) -> float:
    """ΔL between the dark and the light parts of the face."""
    lightness = quality.skin_lightness(*photo.close_up)
    return _safe_percentile(lightness, HIGH_PERCENTILE) - _safe_percentile(
        lightness, LOW_PERCENTILE
    )


def lightness_difference(photo: CheckedPhoto) -> float:
    return quality.measure_unevenness(*photo.close_up)


def background_excess(photo: CheckedPhoto) -> float:
    """ΔL by which the surroundings of the head are brighter than the face."""
    rows = slice(max(0, int(photo.head.crown)), int(photo.head.chin), BACKLIGHT_STRIDE)
    lightness = color.to_lab(photo.image[rows, ::BACKLIGHT_STRIDE])[..., 0]
    surroundings = lightness[photo.alpha[rows, ::BACKLIGHT_STRIDE] < BACKGROUND_ALPHA]
    face_lightness = quality.skin_lightness(*photo.close_up)
    if not surroundings.size or not face_lightness.size:
        return 0.0
    return _safe_percentile(surroundings, MEDIAN) - _safe_percentile(face_lightness, MEDIAN)


def face_noise(photo: CheckedPhoto) -> float:
    return quality.measure_noise(*photo.close_up)


def gaze_offset(photo: CheckedPhoto) -> float:
    """Distance of the irises from the middle of the eyes, in eye widths."""
    return float(np.hypot(*photo.face.gaze))


def face_margin(photo: CheckedPhoto) -> float:
    """Face heights between the face and the nearest side of the photo."""
    columns, rows = photo.face.landmarks[:FACE_POINTS, :2].T
    height, width = photo.image.shape[:2]
    return float(
        min(columns.min(), width - columns.max(), rows.min(), height - rows.max())
        / photo.face.height
    )


def head_room(photo: CheckedPhoto) -> float:
    """Head heights between the crown and the top of the photo."""
    return photo.head.crown / photo.head.height


def body_below_chin(photo: CheckedPhoto) -> float:
    """Head heights of body below the chin."""
    return (photo.image.shape[0] - photo.head.chin) / photo.head.height


def mouth_clarity(photo: CheckedPhoto) -> float:
    """How clearly a mouth is seen, 1 as usual."""
    return occlusion.measure_mouth(*photo.close_up)


def nose_difference(photo: CheckedPhoto) -> float:
    """How far the nose differs from all other skin; 1 and more is something else."""
    return occlusion.measure_nose_difference(*photo.close_up)


def eye_surroundings(photo: CheckedPhoto) -> float:
    """Lightness below the eyes over that of the cheeks: dark glasses lower it."""
    return occlusion.measure_eye_surroundings(*photo.close_up)


def glare_share(photo: CheckedPhoto) -> float:
    """Share of the area around an eye that shines."""
    return occlusion.measure_glare(*photo.close_up)


def life_signs(photo: CheckedPhoto) -> float:
    """How far eyes and lips differ from the skin."""
    return liveness.measure_liveness(*photo.close_up)


def framed_share(photo: CheckedPhoto) -> float:
    """How completely straight edges frame the face inside the photo."""
    return picture_frames.measure_picture_frame(photo.photo, photo.photo_face)


def motion_blur(photo: CheckedPhoto) -> float:
    """By how much less detail there is in one direction."""
    return quality.measure_motion_blur(*photo.close_up)


def colorfulness(photo: CheckedPhoto) -> float:
    """Chroma that the photo reaches."""
    return color_cast.measure_colorfulness(photo.image)


def cast_strength(photo: CheckedPhoto) -> float:
    """Δab of what should be neutral."""
    return float(np.linalg.norm(color_cast.measure_cast(photo.image, photo.face)))


def _safe_percentile(values: NDArray[np.float32], percent: float) -> float:
    """Return a percentile, 0 for no values."""
    return float(np.percentile(values, percent)) if values.size else 0.0
