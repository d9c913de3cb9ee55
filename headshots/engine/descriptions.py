"""Describe measurements and steps in sentences for the person who is shown."""

from collections.abc import Callable
from typing import Any, Final

from headshots.engine import thresholds
from headshots.engine.operations import scenes

# How the changes of prompts.CHANGES are described after they were made.
CHANGE_PHRASES: Final = {
    "smile": "with a smile",
    "serious": "with a serious expression",
    "contemplative": "with a thoughtful expression",
    "left": "turned to the left of the picture",
    "right": "turned to the right of the picture",
    "glare": "without reflections in the glasses",
}

# How the note of a headshot begins that keeps the photo's own background; the reason follows.
OWN_CLOTHES: Final = "Your own clothes stay:"  # starts every refusal of clothes
OWN_BACKGROUND: Final = "Your photo's own background, blurred:"

LIKENESS_PHRASES: Final = {
    "very close": "much closer than two photos of you usually are",
    "close": "closer than two photos of you usually are",
    "too far": "further than is ever shown",
}
MOUTH_MOVES: Final = {True: "raised", False: "lowered"}
WARMTHS: Final = {"warm": "warm", "neutral": "neutral", "cool": "cool"}
SIDES: Final = {True: "left", False: "right"}

# Colour temperatures in kelvin between light that is called warm, neutral and cool; chosen by eye.
WARM_BELOW: Final = 4800
COOL_FROM: Final = 5600


def describe_likeness(distance: float) -> str:
    """Describe a face distance; 0.31 to 0.38 was measured between two photos of one person."""
    if distance <= thresholds.MAX_LIKENESS_DISTANCE / 2:
        return LIKENESS_PHRASES["very close"]
    if distance <= thresholds.MAX_LIKENESS_DISTANCE:
        return LIKENESS_PHRASES["close"]
    return LIKENESS_PHRASES["too far"]


def describe_own_background(reason: str) -> str:
    """Return the note of a headshot that keeps the photo's own background."""
    return f"Your photo's own background, blurred: {reason}."


def describe_steps(steps: list[dict[str, Any]]) -> list[str]:
    """Return a sentence for each step of `Recipe.to_plain_data` that changed the photo."""
    params = {step["name"]: step["params"] for step in steps if step["name"] in DESCRIBERS}
    if params.get("generate_backdrop", {}).get("place"):
        params.pop("backdrop", None)  # replaced by the generated one
    sentences = [DESCRIBERS[name](values) for name, values in params.items()]
    return [sentence for sentence in sentences if sentence]


def _describe_framing(params: dict[str, Any]) -> str:
    return f"Cropped so that your head takes {params['head']:.0%} of the height."


def _describe_retouch(params: dict[str, Any]) -> str:
    strength = params["strength"]
    return f"Skin evened and shine taken back by {strength:.0%}." if strength else ""


def _describe_expression(params: dict[str, Any]) -> str:
    smile, contemplative = params["smile"], params["contemplative"]
    moved = MOUTH_MOVES[smile > 0]
    if smile and contemplative:
        return (
            f"The corners of your mouth {moved} a little and your eyes made calmer:"
            " your own face, moved, not redrawn."
        )
    if smile:
        return f"The corners of your mouth {moved} a little: your own face, moved, not redrawn."
    return "Your eyes made calmer: your own face, moved, not redrawn." if contemplative else ""


def _describe_light(params: dict[str, Any]) -> str:
    if not params["strength"]:
        return ""
    light_side = SIDES[params["azimuth"] > 0]
    kelvin = params["kelvin"]
    name = "warm" if kelvin < WARM_BELOW else "neutral" if kelvin < COOL_FROM else "cool"
    warmth = WARMTHS[name]
    return f"Lit with {warmth} light from the {light_side}."


def _describe_backdrop(params: dict[str, Any]) -> str:
    kind = params["kind"]
    if kind == "scene":
        slug, mood = scenes.parse_scene(params["scene"])
        scene = scenes.scene_library()[slug].name
        return f"Placed in: {scene}, {mood} light."
    return {
        "own": "Your own background kept, out of focus.",
        "picture": "Placed before your own picture.",
        "paper": "Placed before studio paper.",
        "gradient": "Placed before a soft two-coloured ground.",
        "plain": "Placed before a plain ground.",
    }.get(kind, "Placed before another background.")


def _describe_generated_backdrop(params: dict[str, Any]) -> str:
    place = params["place"]
    return f"Placed in surroundings that an image model painted: {place}." if place else ""


def _describe_outfit(params: dict[str, Any]) -> str:
    outfit = params["outfit"]
    return f"Clothes that an image model painted: {outfit}." if outfit else ""


def _describe_clothes(params: dict[str, Any]) -> str:
    return "Clothes rendered, from our wardrobe; no skin painted." if params["garment"] else ""


def _describe_restyling(params: dict[str, Any]) -> str:
    change = CHANGE_PHRASES.get(params["change"], "")
    return f"Your face was painted anew by an image model, {change}." if change else ""


def _describe_grading(params: dict[str, Any]) -> str:
    return "Developed with the colours of this look." if params["strength"] else ""


DESCRIBERS: Final[dict[str, Callable[[dict[str, Any]], str]]] = {
    "frame": _describe_framing,
    "retouch": _describe_retouch,
    "expression": _describe_expression,
    "relight": _describe_light,
    "backdrop": _describe_backdrop,
    "generate_backdrop": _describe_generated_backdrop,
    "dress": _describe_clothes,
    "change_outfit": _describe_outfit,
    "restyle": _describe_restyling,
    "grade": _describe_grading,
}
