"""Check a photo before it is used: measured values, their limits, and advice for the person.

The names follow the quality components of ISO/IEC 29794-5 (face image quality).
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from headshots.engine import color
from headshots.engine.analysis import quality
from headshots.engine.analysis.landmarks import (
    FOREHEAD,
    LEFT_EYE,
    RIGHT_EYE,
    cheek_mask,
    outline_mask,
    under_eye_mask,
)
from headshots.engine.types import FACE_POINTS, Face, Head, Image, Mask

# Percentiles of lightness.
LOW_PERCENTILE = 5
MEDIAN = 50
BRIGHT_PERCENTILE = 90
HIGH_PERCENTILE = 95

BURNT_OUT = 97  # L above which skin is taken to be pure white
BACKLIGHT_STRIDE = 4  # pixels: every fourth row and column is enough for a median
BACKGROUND_ALPHA = 0.05  # below it a pixel belongs to the surroundings
SKIN_HUE = 50  # degrees in CIELAB: human skin of every tone lies around it
LID_SIZE = 9  # pixels of the close-up by which the outline of an eye is widened to its lids
FOREHEAD_LIGHTNESS_WEIGHT = 0.5


@dataclass(frozen=True)
class Check:
    """The result of one check. `blocking` means that the photo cannot be used at all."""

    name: str
    ok: bool
    value: float
    limit: float
    advice: str
    blocking: bool = False


@dataclass(frozen=True, eq=False)
class CheckedPhoto:
    """What the checks measure: the canvas of a photo and the face in it, in canvas pixels."""

    image: Image
    face: Face
    head: Head
    alpha: Mask
    scale: float  # canvas pixels per photo pixel
    faces_found: int
    close_up: tuple[Image, Face]  # the face alone at a fixed scale, see quality.crop_to_face


@dataclass(frozen=True)
class CheckRule:
    """A measurement and its limit: `maximum` is the largest good value, or `minimum` the smallest.

    Beyond `blocking_limit` the photo cannot be used at all. The limits were measured on the
    development photos, good ones and ones with the fault in question.
    """

    name: str
    measure: Callable[[CheckedPhoto], float]
    advice: str
    maximum: float | None = None
    minimum: float | None = None
    blocking_limit: float | None = None

    def apply(self, photo: CheckedPhoto) -> Check:
        """Measure, round to three decimals, and compare with the limits."""
        value = round(float(self.measure(photo)), 3)
        limit = self.maximum if self.minimum is None else self.minimum
        ok = not self._is_beyond(value, limit)
        advice = "" if ok else self.advice
        blocking = not ok and self._is_beyond(value, self.blocking_limit)
        return Check(self.name, ok, value, float(limit or 0), advice, blocking)

    def _is_beyond(self, value: float, limit: float | None) -> bool:
        if limit is None:
            return False
        return value > limit if self.minimum is None else value < limit


def check_photo(photo: CheckedPhoto) -> list[Check]:
    """Apply every rule; the advice is empty where a check is passed."""
    return [rule.apply(photo) for rule in CHECK_RULES]


def passed_share(checks: list[Check]) -> float:
    """Compute the share of checks that passed, [0, 1], to choose between photos of one person."""
    return sum(result.ok for result in checks) / max(len(checks), 1)


def _eye_distance(photo: CheckedPhoto) -> float:
    """Distance between the eyes in pixels of the original photo."""
    return photo.face.eye_distance / photo.scale


def _face_sharpness(photo: CheckedPhoto) -> float:
    return quality.measure_sharpness(*photo.close_up)


def _brightest_lightness(photo: CheckedPhoto) -> float:
    """Lightness of the brightest tenth of the face, so that dark skin passes in good light."""
    return _safe_percentile(quality.skin_lightness(*photo.close_up), BRIGHT_PERCENTILE)


def _burnt_out_share(photo: CheckedPhoto) -> float:
    """Share of the face core that is burnt out."""
    lightness = quality.skin_lightness(*photo.close_up)
    return float((lightness > BURNT_OUT).mean()) if lightness.size else 0.0


def _lightness_range(photo: CheckedPhoto) -> float:
    """ΔL between the dark and the light parts of the face."""
    lightness = quality.skin_lightness(*photo.close_up)
    return _safe_percentile(lightness, HIGH_PERCENTILE) - _safe_percentile(
        lightness, LOW_PERCENTILE
    )


def _lightness_difference(photo: CheckedPhoto) -> float:
    return quality.measure_unevenness(*photo.close_up)


def _background_excess(photo: CheckedPhoto) -> float:
    """ΔL by which the surroundings of the head are brighter than the face."""
    rows = slice(max(0, int(photo.head.crown)), int(photo.head.chin), BACKLIGHT_STRIDE)
    lightness = color.to_lab(photo.image[rows, ::BACKLIGHT_STRIDE])[..., 0]
    surroundings = lightness[photo.alpha[rows, ::BACKLIGHT_STRIDE] < BACKGROUND_ALPHA]
    face_lightness = quality.skin_lightness(*photo.close_up)
    if not surroundings.size or not face_lightness.size:
        return 0.0
    return _safe_percentile(surroundings, MEDIAN) - _safe_percentile(face_lightness, MEDIAN)


def _face_noise(photo: CheckedPhoto) -> float:
    return quality.measure_noise(*photo.close_up)


def _hue_deviation(photo: CheckedPhoto) -> float:
    """Degrees of hue between the cheeks and SKIN_HUE."""
    face_image, face = photo.close_up
    lab = color.to_lab(face_image)[cheek_mask(face, face_image.shape) > 0]
    hue = np.degrees(np.arctan2(np.median(lab[:, 2]), np.median(lab[:, 1])))
    return float(abs((hue - SKIN_HUE + 180) % 360 - 180))


def _gaze_offset(photo: CheckedPhoto) -> float:
    """Distance of the irises from the middle of the eyes, in eye widths."""
    return float(np.hypot(*photo.face.gaze))


def _face_margin(photo: CheckedPhoto) -> float:
    """Face heights between the face and the nearest side of the photo."""
    columns, rows = photo.face.landmarks[:FACE_POINTS, :2].T
    height, width = photo.image.shape[:2]
    return float(
        min(columns.min(), width - columns.max(), rows.min(), height - rows.max())
        / photo.face.height
    )


def _head_room(photo: CheckedPhoto) -> float:
    """Head heights between the crown and the top of the photo."""
    return photo.head.crown / photo.head.height


def _body_below_chin(photo: CheckedPhoto) -> float:
    """Head heights of body below the chin."""
    return (photo.image.shape[0] - photo.head.chin) / photo.head.height


def _eyes_visible(photo: CheckedPhoto) -> float:
    """Lightness around the eyes over that of the cheeks: sunglasses and hair lower it."""
    face_image, face = photo.close_up
    lightness = color.to_lab(face_image)[..., 0]
    eye_mask = np.maximum(
        outline_mask(face, LEFT_EYE, lightness.shape),
        outline_mask(face, RIGHT_EYE, lightness.shape),
    )
    lid_mask = cv2.dilate(eye_mask, np.ones((LID_SIZE, LID_SIZE), np.uint8))
    eye_surroundings = (
        np.maximum(lid_mask, (under_eye_mask(face, lightness.shape) > 0.5).astype(np.float32)) > 0
    )
    return _median_ratio(
        lightness[eye_surroundings], lightness[cheek_mask(face, lightness.shape) > 0]
    )


def _forehead_visible(photo: CheckedPhoto) -> float:
    """ΔE between forehead and cheeks: a cap, a hood or a fringe has another colour.

    Lightness counts half, because a forehead is often lit more than the cheeks.
    """
    face_image, face = photo.close_up
    lab = color.to_lab(face_image) * np.array([FOREHEAD_LIGHTNESS_WEIGHT, 1, 1], np.float32)
    forehead_mask = outline_mask(face, FOREHEAD, lab.shape)
    cheek_color = np.median(lab[cheek_mask(face, lab.shape) > 0], axis=0)
    return float(np.median(np.linalg.norm(lab[forehead_mask > 0] - cheek_color, axis=1)))


def _safe_percentile(values: NDArray[np.float32], percent: float) -> float:
    """Return a percentile, 0 for no values."""
    return float(np.percentile(values, percent)) if values.size else 0.0


def _median_ratio(numerator: NDArray[np.float32], denominator: NDArray[np.float32]) -> float:
    """Divide the medians of two sets of lightness values; 1 where the first set is empty."""
    return (
        float(np.median(numerator) / max(float(np.median(denominator)), 1.0))
        if numerator.size
        else 1.0
    )


CHECK_RULES = (
    CheckRule(
        "inter_eye_distance",
        _eye_distance,
        minimum=90,
        blocking_limit=34,
        advice="Step closer, or use the original file instead of a shared copy.",
    ),
    CheckRule(
        "sharpness",
        _face_sharpness,
        minimum=1.2,
        blocking_limit=0.5,
        advice="Wipe the lens, tap your face to focus, and keep the camera still.",
    ),
    CheckRule(
        "under_exposure",
        _brightest_lightness,
        minimum=38,
        blocking_limit=14,
        advice="Turn towards a window or add a lamp in front of you: the face is dark.",
    ),
    CheckRule(
        "over_exposure",
        _burnt_out_share,
        maximum=0.05,
        blocking_limit=0.5,
        advice="Step out of direct light: parts of the face are pure white.",
    ),
    CheckRule(
        "dynamic_range",
        _lightness_range,
        minimum=8,
        advice="Use light from one side: the face looks flat.",
    ),
    CheckRule(
        "illumination_uniformity",
        _lightness_difference,
        maximum=18,
        advice="Turn until both halves of the face get light: one is much darker.",
    ),
    CheckRule(
        "backlight",
        _background_excess,
        maximum=30,
        advice="Put the bright window in front of you, not behind you.",
    ),
    CheckRule(
        "noise",
        _face_noise,
        maximum=2.5,
        advice="Use more light: the camera had to guess in the dark.",
    ),
    CheckRule(
        "natural_colour",
        _hue_deviation,
        maximum=32,
        advice="Switch off coloured lamps and filters: skin has an unnatural hue.",
    ),
    CheckRule(
        "head_pose_yaw",
        lambda view: abs(view.face.yaw),
        maximum=20,
        blocking_limit=35,
        advice="Turn your face more towards the camera.",
    ),
    CheckRule(
        "head_pose_pitch",
        lambda view: abs(view.face.pitch),
        maximum=16,
        blocking_limit=34,
        advice="Hold the camera at the height of your eyes.",
    ),
    CheckRule(
        "head_pose_roll",
        lambda view: abs(view.face.roll),
        maximum=10,
        advice="Hold your head and the camera upright.",
    ),
    CheckRule(
        "eyes_open",
        lambda view: view.face.eyes_open,
        minimum=0.14,
        blocking_limit=0.05,
        advice="Open your eyes: a lid is down.",
    ),
    CheckRule("gaze", _gaze_offset, maximum=0.15, advice="Look into the lens, not at the screen."),
    CheckRule(
        "mouth_closed",
        lambda view: view.face.teeth,
        maximum=0.30,
        advice="Close your mouth, or smile: it is caught in the middle of a word.",
    ),
    CheckRule(
        "face_in_frame",
        _face_margin,
        minimum=0.15,
        blocking_limit=0,
        advice="Leave room around your face on all sides.",
    ),
    CheckRule(
        "eyes_visible",
        _eyes_visible,
        minimum=0.62,
        blocking_limit=0.35,
        advice="Take off sunglasses and brush the hair from your eyes.",
    ),
    CheckRule(
        "head_covering",
        _forehead_visible,
        maximum=20,
        advice="Take off cap or hood, or brush the hair from your forehead.",
    ),
    CheckRule(
        "single_face",
        lambda view: view.faces_found,
        maximum=1,
        advice="Stand alone: other people are in the picture.",
    ),
    CheckRule("head_room", _head_room, minimum=0.04, advice="Leave some room above your head."),
    CheckRule(
        "shoulders_visible",
        _body_below_chin,
        minimum=0.45,
        advice="Hold the camera further away: show your shoulders.",
    ),
)
