"""Check a photo before it is used: measured values, their limits, and advice for the person.

The names follow the quality components of ISO/IEC 29794-5 (face image quality). What covers hair
and forehead is not checked: a headscarf, a turban or a hat belongs to the person.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from headshots.engine.analysis import check_measurements as measured
from headshots.engine.analysis.check_measurements import CheckedPhoto
from headshots.engine.analysis.color_cast import STRONG_CAST

__all__ = ["CHECK_RULES", "Check", "CheckRule", "CheckedPhoto", "check_photo", "passed_share"]


@dataclass(frozen=True)
class Check:
    """The result of one check. `blocking` means that the photo cannot be used at all.

    `problem` says what is wrong, `advice` what to do; both are empty where the check is passed.
    """

    name: str
    ok: bool
    value: float
    limit: float
    advice: str
    blocking: bool = False
    problem: str = ""


@dataclass(frozen=True)
class CheckRule:
    """A measurement and its limit: `maximum` is the largest good value, or `minimum` the smallest.

    Beyond `blocking_limit` the photo cannot be used at all. The limits were measured on the
    development photos, good ones and ones with the fault in question. Where a check of `unless`
    has failed, this one has nothing to say: eyes in the dark are not hidden by sunglasses.
    """

    name: str
    measure: Callable[[CheckedPhoto], float]
    advice: str
    maximum: float | None = None
    minimum: float | None = None
    blocking_limit: float | None = None
    problem: str = ""
    unless: tuple[str, ...] = ()

    def apply(self, photo: CheckedPhoto) -> Check:
        """Measure, round to three decimals, and compare with the limits."""
        value = round(float(self.measure(photo)), 3)
        limit = self.maximum if self.minimum is None else self.minimum
        ok = not self._is_beyond(value, limit)
        blocking = not ok and self._is_beyond(value, self.blocking_limit)
        return Check(
            name=self.name,
            ok=ok,
            value=value,
            limit=float(limit or 0),
            advice="" if ok else self.advice,
            blocking=blocking,
            problem="" if ok else self.problem,
        )

    def _is_beyond(self, value: float, limit: float | None) -> bool:
        if limit is None:
            return False
        return value > limit if self.minimum is None else value < limit


def check_photo(photo: CheckedPhoto) -> list[Check]:
    """Apply every rule, those that matter most first; problem and advice are empty where passed."""
    results: dict[str, Check] = {}
    for rule in CHECK_RULES:
        result = rule.apply(photo)
        if any(not results[name].ok for name in rule.unless):
            result = replace(result, ok=True, blocking=False, problem="", advice="")
        results[rule.name] = result
    return list(results.values())


def passed_share(checks: list[Check]) -> float:
    """Compute the share of checks that passed, [0, 1], to choose between photos of one person."""
    return sum(result.ok for result in checks) / max(len(checks), 1)


UNCOVER = "Take off the mask, and keep hands, scarf and phone away from your face."
COVERED = "Your mouth or nose is covered."

# In the order in which they matter: the first that fails is told first. A check follows those that
# it names in `unless`.
CHECK_RULES = (
    CheckRule(
        "under_exposure",
        measured.brightest_lightness,
        minimum=38,
        blocking_limit=14,
        problem="Your face is too dark.",
        advice="Turn towards a window, or put a lamp in front of you.",
    ),
    CheckRule(
        "over_exposure",
        measured.burnt_out_share,
        maximum=0.05,
        blocking_limit=0.5,
        problem="Parts of your face are pure white.",
        advice="Step out of direct light, or switch the flash off.",
    ),
    CheckRule(
        "motion_blur",
        measured.motion_blur,
        maximum=0.2,
        problem="The photo is blurred by movement.",
        advice="Hold the camera still with both hands, or lean it on something.",
    ),
    CheckRule(
        "sharpness",
        measured.face_sharpness,
        minimum=1.2,
        blocking_limit=0.5,
        problem="Your face is blurred.",
        advice="Wipe the lens, tap your face to focus, and keep the camera still.",
    ),
    CheckRule(
        "original_photo",
        measured.framed_share,
        maximum=0.8,
        blocking_limit=0.8,
        problem="This is a photo of a screen, a card or a print.",
        advice="Use the original file, or take a new photo of yourself.",
    ),
    CheckRule(
        "mouth_visible",
        measured.mouth_clarity,
        minimum=0.65,
        blocking_limit=0.65,
        problem=COVERED,
        advice=UNCOVER,
        unless=("under_exposure",),
    ),
    CheckRule(
        "nose_visible",
        measured.nose_difference,
        maximum=1.0,
        blocking_limit=1.0,
        problem=COVERED,
        advice=UNCOVER,
        unless=("under_exposure",),
    ),
    CheckRule(
        "eyes_visible",
        measured.eye_surroundings,
        minimum=0.66,
        blocking_limit=0.5,
        problem="Your eyes are hard to see.",
        advice="Take off sunglasses, and push your hair back.",
        unless=("under_exposure",),
    ),
    CheckRule(
        "glasses_without_glare",
        measured.glare_share,
        maximum=0.05,
        problem="Light shines in your glasses and hides your eyes.",
        advice="Turn your head or the lamp a little, or take the glasses off.",
    ),
    CheckRule(
        "eyes_open",
        lambda view: view.face.eyes_open,
        minimum=0.14,
        blocking_limit=0.05,
        problem="Your eyes are closed.",
        advice="Open your eyes: a lid is down.",
        unless=("under_exposure", "eyes_visible"),
    ),
    CheckRule(
        "living_person",
        measured.life_signs,
        minimum=0.8,
        blocking_limit=0.8,
        problem="This looks like a statue or a drawing.",
        advice="Use a photo of yourself.",
        unless=("under_exposure", "over_exposure", "eyes_visible"),
    ),
    CheckRule(
        "colourful",
        measured.colorfulness,
        minimum=6,
        problem="The photo is black and white, and so will your headshots be.",
        advice="Use a colour photo if you want headshots in colour.",
    ),
    CheckRule(
        "natural_colour",
        measured.cast_strength,
        maximum=STRONG_CAST,
        problem="Coloured light covers the photo. We take half of it back.",
        advice="Switch off coloured lamps and filters, or use daylight.",
        unless=("colourful", "under_exposure", "eyes_visible"),
    ),
    CheckRule(
        "inter_eye_distance",
        measured.eye_distance,
        minimum=90,
        blocking_limit=28,
        problem="Your face is small in this photo, and the headshots will be less sharp.",
        advice="Step closer, or use the original file instead of a shared copy.",
    ),
    CheckRule(
        "head_pose_yaw",
        lambda view: abs(view.face.yaw),
        maximum=20,
        blocking_limit=35,
        problem="Your face is turned to the side.",
        advice="Turn your face more towards the camera.",
    ),
    CheckRule(
        "head_pose_pitch",
        lambda view: abs(view.face.pitch),
        maximum=16,
        blocking_limit=34,
        problem="Your face is tilted up or down.",
        advice="Hold the camera at the height of your eyes.",
    ),
    CheckRule(
        "face_in_frame",
        measured.face_margin,
        minimum=0.15,
        blocking_limit=0,
        problem="Your face is cut off by the edge of the photo.",
        advice="Leave room around your face on all sides.",
    ),
    CheckRule(
        "illumination_uniformity",
        measured.lightness_difference,
        maximum=18,
        advice="Turn until both halves of the face get light: one is much darker.",
    ),
    CheckRule(
        "backlight",
        measured.background_excess,
        maximum=30,
        advice="Put the bright window in front of you, not behind you.",
    ),
    CheckRule(
        "dynamic_range",
        measured.lightness_range,
        minimum=8,
        advice="Use light from one side: the face looks flat.",
        unless=("under_exposure", "over_exposure"),
    ),
    CheckRule(
        "noise",
        measured.face_noise,
        maximum=2.5,
        advice="Use more light: the camera had to guess in the dark.",
    ),
    CheckRule(
        "head_pose_roll",
        lambda view: abs(view.face.roll),
        maximum=10,
        advice="Hold your head and the camera upright.",
    ),
    CheckRule(
        "gaze",
        measured.gaze_offset,
        maximum=0.15,
        advice="Look into the lens, not at the screen.",
        unless=("under_exposure", "eyes_visible"),
    ),
    CheckRule(
        "mouth_closed",
        lambda view: view.face.teeth,
        maximum=0.36,
        advice="Close your mouth, or smile: it is caught in the middle of a word.",
    ),
    CheckRule(
        "single_face",
        lambda view: view.faces_found,
        maximum=1,
        advice="Stand alone: other people are in the picture.",
    ),
    CheckRule(
        "head_room",
        measured.head_room,
        minimum=0.04,
        advice="Leave some room above your head.",
    ),
    CheckRule(
        "shoulders_visible",
        measured.body_below_chin,
        minimum=0.45,
        advice="Hold the camera further away: show your shoulders.",
    ),
)
