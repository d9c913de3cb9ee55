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
    cheeks,
    outline,
    under_eyes,
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
class View:
    """What the checks measure: the canvas of a photo and the face in it, in canvas pixels."""

    image: Image
    face: Face
    head: Head
    alpha: Mask
    scale: float  # canvas pixels per photo pixel
    faces_found: int
    close: tuple[Image, Face]  # the face alone at a fixed scale, see quality.crop_to_face


@dataclass(frozen=True)
class Rule:
    """A measurement and its limit: `maximum` is the largest good value, or `minimum` the smallest.

    Beyond `blocking_limit` the photo cannot be used at all. The limits were measured on the
    development photos, good ones and ones with the fault in question.
    """

    name: str
    measure: Callable[[View], float]
    advice: str
    most: float | None = None
    least: float | None = None
    never: float | None = None

    def apply(self, view: View) -> Check:
        """Measure, round to three decimals, and compare with the limits."""
        value = round(float(self.measure(view)), 3)
        limit = self.most if self.least is None else self.least
        ok = not self._beyond(value, limit)
        advice = "" if ok else self.advice
        blocking = not ok and self._beyond(value, self.never)
        return Check(self.name, ok, value, float(limit or 0), advice, blocking)

    def _beyond(self, value: float, limit: float | None) -> bool:
        if limit is None:
            return False
        return value > limit if self.least is None else value < limit


def check(view: View) -> list[Check]:
    """Apply every rule; the advice is empty where a check is passed."""
    return [rule.apply(view) for rule in RULES]


def score(checks: list[Check]) -> float:
    """Compute the share of checks that passed, [0, 1], to choose between photos of one person."""
    return sum(each.ok for each in checks) / max(len(checks), 1)


def _resolution(view: View) -> float:
    """Distance between the eyes in pixels of the original photo."""
    return view.face.eye_distance / view.scale


def _sharpness(view: View) -> float:
    return quality.sharpness(*view.close)


def _dark(view: View) -> float:
    """Lightness of the brightest tenth of the face, so that dark skin passes in good light."""
    return _percentile(quality.skin_light(*view.close), BRIGHT_PERCENTILE)


def _bright(view: View) -> float:
    """Share of the face core that is burnt out."""
    light = quality.skin_light(*view.close)
    return float((light > BURNT_OUT).mean()) if light.size else 0.0


def _range(view: View) -> float:
    """ΔL between the dark and the light parts of the face."""
    light = quality.skin_light(*view.close)
    return _percentile(light, HIGH_PERCENTILE) - _percentile(light, LOW_PERCENTILE)


def _evenness(view: View) -> float:
    return quality.evenness(*view.close)


def _backlight(view: View) -> float:
    """ΔL by which the surroundings of the head are brighter than the face."""
    rows = slice(max(0, int(view.head.crown)), int(view.head.chin), BACKLIGHT_STRIDE)
    light = color.to_lab(view.image[rows, ::BACKLIGHT_STRIDE])[..., 0]
    around = light[view.alpha[rows, ::BACKLIGHT_STRIDE] < BACKGROUND_ALPHA]
    face = quality.skin_light(*view.close)
    if not around.size or not face.size:
        return 0.0
    return _percentile(around, MEDIAN) - _percentile(face, MEDIAN)


def _noise(view: View) -> float:
    return quality.noise(*view.close)


def _tint(view: View) -> float:
    """Degrees of hue between the cheeks and SKIN_HUE."""
    image, face = view.close
    lab = color.to_lab(image)[cheeks(face, image.shape) > 0]
    hue = np.degrees(np.arctan2(np.median(lab[:, 2]), np.median(lab[:, 1])))
    return float(abs((hue - SKIN_HUE + 180) % 360 - 180))


def _gaze(view: View) -> float:
    """Distance of the irises from the middle of the eyes, in eye widths."""
    return float(np.hypot(*view.face.gaze))


def _margin(view: View) -> float:
    """Face heights between the face and the nearest side of the photo."""
    x, y = view.face.landmarks[:FACE_POINTS, :2].T
    height, width = view.image.shape[:2]
    return float(min(x.min(), width - x.max(), y.min(), height - y.max()) / view.face.height)


def _head_room(view: View) -> float:
    """Head heights between the crown and the top of the photo."""
    return view.head.crown / view.head.height


def _body(view: View) -> float:
    """Head heights of body below the chin."""
    return (view.image.shape[0] - view.head.chin) / view.head.height


def _eyes_visible(view: View) -> float:
    """Lightness around the eyes over that of the cheeks: sunglasses and hair lower it."""
    image, face = view.close
    light = color.to_lab(image)[..., 0]
    eyes = np.maximum(outline(face, LEFT_EYE, light.shape), outline(face, RIGHT_EYE, light.shape))
    lids = cv2.dilate(eyes, np.ones((LID_SIZE, LID_SIZE), np.uint8))
    ring = np.maximum(lids, (under_eyes(face, light.shape) > 0.5).astype(np.float32)) > 0
    return _ratio(light[ring], light[cheeks(face, light.shape) > 0])


def _forehead_visible(view: View) -> float:
    """ΔE between forehead and cheeks: a cap, a hood or a fringe has another colour.

    Lightness counts half, because a forehead is often lit more than the cheeks.
    """
    image, face = view.close
    lab = color.to_lab(image) * np.array([FOREHEAD_LIGHTNESS_WEIGHT, 1, 1], np.float32)
    forehead = outline(face, FOREHEAD, lab.shape)
    skin = np.median(lab[cheeks(face, lab.shape) > 0], axis=0)
    return float(np.median(np.linalg.norm(lab[forehead > 0] - skin, axis=1)))


def _percentile(values: NDArray[np.float32], percent: float) -> float:
    """Return a percentile, 0 for no values."""
    return float(np.percentile(values, percent)) if values.size else 0.0


def _ratio(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    """Divide the medians of two sets of lightness values; 1 where the first set is empty."""
    return float(np.median(first) / max(float(np.median(second)), 1.0)) if first.size else 1.0


RULES = (
    Rule(
        "inter_eye_distance",
        _resolution,
        least=90,
        never=34,
        advice="Step closer, or use the original file instead of a shared copy.",
    ),
    Rule(
        "sharpness",
        _sharpness,
        least=1.2,
        never=0.5,
        advice="Wipe the lens, tap your face to focus, and keep the camera still.",
    ),
    Rule(
        "under_exposure",
        _dark,
        least=38,
        never=14,
        advice="Turn towards a window or add a lamp in front of you: the face is dark.",
    ),
    Rule(
        "over_exposure",
        _bright,
        most=0.05,
        never=0.5,
        advice="Step out of direct light: parts of the face are pure white.",
    ),
    Rule("dynamic_range", _range, least=8, advice="Use light from one side: the face looks flat."),
    Rule(
        "illumination_uniformity",
        _evenness,
        most=18,
        advice="Turn until both halves of the face get light: one is much darker.",
    ),
    Rule(
        "backlight",
        _backlight,
        most=30,
        advice="Put the bright window in front of you, not behind you.",
    ),
    Rule("noise", _noise, most=2.5, advice="Use more light: the camera had to guess in the dark."),
    Rule(
        "natural_colour",
        _tint,
        most=32,
        advice="Switch off coloured lamps and filters: skin has an unnatural hue.",
    ),
    Rule(
        "head_pose_yaw",
        lambda view: abs(view.face.yaw),
        most=20,
        never=35,
        advice="Turn your face more towards the camera.",
    ),
    Rule(
        "head_pose_pitch",
        lambda view: abs(view.face.pitch),
        most=16,
        never=30,
        advice="Hold the camera at the height of your eyes.",
    ),
    Rule(
        "head_pose_roll",
        lambda view: abs(view.face.roll),
        most=10,
        advice="Hold your head and the camera upright.",
    ),
    Rule(
        "eyes_open",
        lambda view: view.face.eyes_open,
        least=0.14,
        never=0.05,
        advice="Open your eyes: a lid is down.",
    ),
    Rule("gaze", _gaze, most=0.15, advice="Look into the lens, not at the screen."),
    Rule(
        "mouth_closed",
        lambda view: view.face.teeth,
        most=0.30,
        advice="Close your mouth, or smile: it is caught in the middle of a word.",
    ),
    Rule(
        "face_in_frame",
        _margin,
        least=0.15,
        never=0,
        advice="Leave room around your face on all sides.",
    ),
    Rule(
        "eyes_visible",
        _eyes_visible,
        least=0.62,
        never=0.35,
        advice="Take off sunglasses and brush the hair from your eyes.",
    ),
    Rule(
        "head_covering",
        _forehead_visible,
        most=20,
        advice="Take off cap or hood, or brush the hair from your forehead.",
    ),
    Rule(
        "single_face",
        lambda view: view.faces_found,
        most=1,
        advice="Stand alone: other people are in the picture.",
    ),
    Rule("head_room", _head_room, least=0.04, advice="Leave some room above your head."),
    Rule(
        "shoulders_visible",
        _body,
        least=0.45,
        advice="Hold the camera further away: show your shoulders.",
    ),
)
