"""Describe measurements and steps in sentences for the person who is shown."""

from collections.abc import Callable
from typing import Any, Final

from headshots.engine import thresholds
from headshots.engine.operations import scenes

# How the changes of prompts.CHANGES are described after they were made.
CHANGED: Final = {
    "smile": "with a smile",
    "serious": "with a serious expression",
    "contemplative": "with a thoughtful expression",
    "left": "turned to the left of the picture",
    "right": "turned to the right of the picture",
    "glare": "without reflections in the glasses",
}

# Colour temperatures in kelvin between light that is called warm, neutral and cool; chosen by eye.
WARM_BELOW: Final = 4800
COOL_FROM: Final = 5600


def likeness_in_words(distance: float) -> str:
    """Describe a face distance; 0.31 to 0.38 was measured between two photos of one person."""
    if distance <= thresholds.LIKENESS / 2:
        return "much closer than two photos of you usually are"
    if distance <= thresholds.LIKENESS:
        return "closer than two photos of you usually are"
    return "further than is ever shown"


def done_in_words(steps: list[dict[str, Any]]) -> list[str]:
    """Return one sentence for each step of `Recipe.plain` that changed the photo, in order."""
    params = {step["name"]: step["params"] for step in steps if step["name"] in TELL}
    if params.get("generate_backdrop", {}).get("place"):
        params.pop("backdrop", None)  # replaced by the generated one
    told = [TELL[name](values) for name, values in params.items()]
    return [sentence for sentence in told if sentence]


def _frame(params: dict[str, Any]) -> str:
    return f"Cropped so that your head takes {params['head']:.0%} of the height."


def _retouch(params: dict[str, Any]) -> str:
    strength = params["strength"]
    return f"Skin evened and shine taken back by {strength:.0%}." if strength else ""


def _expression(params: dict[str, Any]) -> str:
    smile, thought = params["smile"], params["contemplative"]
    moves = [
        f"the corners of your mouth {'raised' if smile > 0 else 'lowered'} a little" * bool(smile),
        "your eyes made calmer" * bool(thought),
    ]
    told = " and ".join(move for move in moves if move)
    return f"{told[0].upper()}{told[1:]}: your own face, moved, not redrawn." if told else ""


def _relight(params: dict[str, Any]) -> str:
    if not params["strength"]:
        return ""
    side = "left" if params["azimuth"] > 0 else "right"
    kelvin = params["kelvin"]
    warmth = "warm" if kelvin < WARM_BELOW else "neutral" if kelvin < COOL_FROM else "cool"
    return f"Lit with {warmth} light from the {side}."


def _backdrop(params: dict[str, Any]) -> str:
    kind = params["kind"]
    if kind == "scene":
        slug, mood = scenes.check(params["scene"])
        return f"Placed in: {scenes.library()[slug].name}, {mood} light."
    return {
        "own": "Your own background kept, out of focus.",
        "picture": "Placed before your own picture.",
        "paper": "Placed before studio paper.",
        "gradient": "Placed before a soft two-coloured ground.",
        "plain": "Placed before a plain ground.",
    }.get(kind, "Placed before another background.")


def _generate_backdrop(params: dict[str, Any]) -> str:
    place = params["place"]
    return f"Placed in surroundings that an image model painted: {place}." if place else ""


def _change_outfit(params: dict[str, Any]) -> str:
    outfit = params["outfit"]
    return f"Clothes that an image model painted: {outfit}." if outfit else ""


def _restyle(params: dict[str, Any]) -> str:
    change = CHANGED.get(params["change"], "")
    return f"Your face was painted anew by an image model, {change}." if change else ""


def _grade(params: dict[str, Any]) -> str:
    return "Developed with the colours of this look." if params["strength"] else ""


TELL: Final[dict[str, Callable[[dict[str, Any]], str]]] = {
    "frame": _frame,
    "retouch": _retouch,
    "expression": _expression,
    "relight": _relight,
    "backdrop": _backdrop,
    "generate_backdrop": _generate_backdrop,
    "change_outfit": _change_outfit,
    "restyle": _restyle,
    "grade": _grade,
}
