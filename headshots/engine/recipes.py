"""Recipes: what a headshot should look like, as validated data; looks are recipes with a name."""

import hashlib
import json
import tomllib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from headshots.engine import color
from headshots.engine.errors import BadRecipe
from headshots.engine.networks.catalog import CATALOG
from headshots.engine.operations import scenes
from headshots.engine.operations.backdrops import KINDS
from headshots.engine.operations.framing import Wish
from headshots.engine.steps import BY_NAME, STEPS, Params

LOOKS: Final = Path(__file__).parent / "looks.toml"
# Lowest and highest value of each parameter of FramingWish, over the frame's side. Heads stay a
# little below framing.MAX_HEAD_HEIGHT; all were chosen by eye on the development photos.
FRAME_RANGES: Final = {
    "head": (0.3, 0.78),
    "eyes": (0.25, 0.6),
    "eyes_band": (0.0, 0.1),
}
NO_RANGE: Final = (1.0, 0.0)  # no value lies in it: for names that do not exist


@dataclass(frozen=True)
class Recipe:
    """What a headshot should look like: its framing, and every step with its parameters, in order.

    `feel` is how the picture should seem, in words that go into the sentences for an image model.
    """

    slug: str
    title: str
    feel: str
    wish: Wish
    steps: tuple[tuple[str, Params], ...]

    def params(self, step: str) -> Params:
        """Return the parameters of a step by its name."""
        return dict(self.steps)[step]

    def changed(self, step: str, **values: Any) -> "Recipe":
        """Return the same recipe with some parameters of one step replaced.

        Raises BadRecipe for an unknown parameter or a value out of range.
        """
        params = BY_NAME[step].parse({**asdict(self.params(step)), **values})
        if step == "backdrop":
            check_backdrop(params)
        steps = tuple((name, params if name == step else old) for name, old in self.steps)
        return replace(self, steps=steps)

    @property
    def active(self) -> tuple[tuple[str, Params], ...]:
        """The steps that are run: a generated place replaces the backdrop."""
        placed = any(name == "generate_backdrop" for name, _ in self.painted)
        return tuple(step for step in self.steps if not (placed and step[0] == "backdrop"))

    @property
    def painted(self) -> tuple[tuple[str, Params], ...]:
        """The steps that need a diffusion pipeline."""
        return tuple(step for step in self.steps if BY_NAME[step[0]].paints(step[1]))

    def repainted(self, *, place: str = "", outfit: str = "", change: str = "") -> "Recipe":
        """Return the same recipe with a place or clothes in words, or a change of the face itself.

        Mood, feel and accent of the look are used with them. Raises BadRecipe for words that are
        too long, not plain, or about the person's body.
        """
        backdrop = self.params("backdrop")
        known = looks().get(self.slug, self)  # a restored recipe has no feel
        words = {"feel": self.feel or known.feel, "accent": backdrop.accent}
        mood = backdrop.scene.partition("/")[2]
        return (
            self.changed("generate_backdrop", place=place, mood=mood, **words)
            .changed("change_outfit", outfit=outfit, **words)
            .changed("restyle", change=change)
        )

    def framed(self, **values: float) -> "Recipe":
        """Return the same recipe with some of its framing replaced: see FRAMING_RANGES."""
        return replace(self, wish=_wish(self.slug, {**asdict(self.wish), **values}))

    def plain(self) -> list[dict[str, Any]]:
        """Return framing and steps as plain data for JSON; restore_recipe reads it."""
        frame = {"name": "frame", "params": asdict(self.wish)}
        return [frame, *({"name": name, "params": asdict(params)} for name, params in self.steps)]

    def fingerprint(self, photo: bytes, *, size: int, seed: int) -> str:
        """Return a hash of everything the pixels depend on: the same key means the same file."""
        facts = {
            "photo": hashlib.sha256(photo).hexdigest(),
            "wish": asdict(self.wish),
            "steps": [[name, BY_NAME[name].version, asdict(params)] for name, params in self.steps],
            "models": sorted(model.sha256 for model in CATALOG),
            "size": size,
            "seed": seed,
        }
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


# A photographer's own picture: cropped to a square, with the widest band, and otherwise as it is.
UNTOUCHED: Final = Recipe(
    slug="untouched",
    title="Untouched",
    feel="as photographed",
    wish=Wish(inside=True, eyes_band=FRAME_RANGES["eyes_band"][1]),
    steps=(),
)


@cache
def looks() -> dict[str, Recipe]:
    """Return the built-in looks by slug, in the order of looks.toml."""
    data = tomllib.loads(LOOKS.read_text())
    return {slug: parse(slug, values) for slug, values in data.items()}


def choose(names: Iterable[str]) -> list[Recipe]:
    """Return built-in looks by slug, each once, or all of them for 'all'.

    Raises BadRecipe for no name at all, or for names that do not exist.
    """
    known, wanted = looks(), list(names)
    if wanted == ["all"]:
        return list(known.values())
    unknown = [name for name in wanted if name not in known]
    if unknown or not wanted:
        raise BadRecipe(
            f"There is no look '{', '.join(unknown)}'.",
            advice=f"Choose from: {', '.join(known)}, or all.",
        )
    return [known[name] for name in dict.fromkeys(wanted)]


def parse(slug: str, data: dict[str, Any]) -> Recipe:
    """Parse a recipe from plain data; a step that is left out changes nothing.

    `backdrop` may be short, "scene:cafe/evening" or "own", with `accent` beside it. Raises
    BadRecipe for an unknown step or parameter, a value of the wrong type, or one out of range.
    """
    data = _written_out(data)
    unknown = set(data) - {"title", "feel", "frame", *BY_NAME}
    if unknown:
        raise BadRecipe(f"'{slug}' has unknown entries: {', '.join(sorted(unknown))}.")
    steps = []
    for step in STEPS:
        given = data.get(step.name)
        params = step.parse(given) if given is not None else step.identity or step.params()
        steps.append((step.name, params))
    check_backdrop(dict(steps)["backdrop"])
    wish = _wish(slug, data.get("frame", {}))
    return Recipe(slug, data.get("title", slug), data.get("feel", ""), wish, tuple(steps))


def restore(slug: str, steps: list[dict[str, Any]], *, title: str = "") -> Recipe:
    """Rebuild a recipe from what Recipe.to_plain_data returned, checked as untrusted data."""
    if slug == UNTOUCHED.slug:
        return UNTOUCHED
    entries = {step["name"]: step["params"] for step in steps}
    return parse(slug, {"title": title or slug, **entries})


def _written_out(data: dict[str, Any]) -> dict[str, Any]:
    """Write out a short backdrop, and an accent beside it, as parameters of the backdrop."""
    full = {name: value for name, value in data.items() if name != "accent"}
    backdrop = full.get("backdrop", {})
    if isinstance(backdrop, str):
        kind, _, scene = backdrop.partition(":")
        backdrop = {"kind": kind, "scene": scene}
    if "accent" in data:
        backdrop = {**backdrop, "accent": data["accent"]}
    return {**full, "backdrop": backdrop} if backdrop else full


def check_backdrop(params: Params) -> None:
    """Raise BadRecipe unless kind, colours and scene of a backdrop exist."""
    if params.kind not in KINDS:
        raise BadRecipe(
            f"There is no backdrop '{params.kind}'.", advice=f"One of {', '.join(KINDS)}."
        )
    for value in (params.color, params.second, *([params.accent] if params.accent else [])):
        try:
            color.from_hex(value)
        except ValueError as error:
            raise BadRecipe(f"{error}.") from error
    if params.kind == "scene" or params.scene:
        scenes.check(params.scene)


def _wish(slug: str, values: dict[str, Any]) -> Wish:
    """Parse framing parameters; raises BadRecipe for unknown names and values out of range."""
    for name, value in values.items():
        if name == "inside" and isinstance(value, bool):
            continue
        low, high = FRAME_RANGES.get(name, NO_RANGE)
        if not isinstance(value, (int, float)) or not low <= value <= high:
            raise BadRecipe(f"'{slug}.frame.{name} = {value}' is unknown or out of range.")
    return Wish(**values)
