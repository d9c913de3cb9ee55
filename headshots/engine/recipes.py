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
from headshots.engine.operations.backdrops import BACKDROP_KINDS
from headshots.engine.operations.framing import FramingWish
from headshots.engine.operations.garments import DEFAULT_CLOTH_COLOR
from headshots.engine.steps import STEPS, STEPS_BY_NAME, Params, Step

LOOKS_FILE: Final = Path(__file__).parent / "looks.toml"
# Lowest and highest value of each parameter of FramingWish, over the frame's side; chosen by eye on
# the development photos.
FRAMING_RANGES: Final = {"head": (0.3, 0.78), "eyes": (0.25, 0.6)}
# Parameters that stored recipes may still name and that mean nothing any more.
RETIRED_FRAMING_PARAMETERS: Final = {"eyes_band"}
EMPTY_RANGE: Final = (1.0, 0.0)  # no value lies in it: for names that do not exist


@dataclass(frozen=True)
class Recipe:
    """What a headshot should look like: its framing, and every step with its parameters, in order.

    `feel` is how the picture should seem, in words that go into the sentences for an image model.
    """

    slug: str
    title: str
    feel: str
    framing_wish: FramingWish
    steps: tuple[tuple[str, Params], ...]

    def step_params(self, step_name: str) -> Params:
        """Return the parameters of a step by its name."""
        return dict(self.steps)[step_name]

    def with_params(self, step: str, **values: Any) -> "Recipe":
        """Return the same recipe with some parameters of one step replaced.

        Raises BadRecipe for an unknown parameter or a value out of range.
        """
        params = STEPS_BY_NAME[step].parse_params({**asdict(self.step_params(step)), **values})
        if step == "backdrop":
            require_backdrop(params)
        steps = tuple(
            (other_name, params if other_name == step else other_params)
            for other_name, other_params in self.steps
        )
        return replace(self, steps=steps)

    @property
    def active_steps(self) -> tuple[tuple[str, Params], ...]:
        """The steps that are run: a generated place replaces the backdrop."""
        has_generated_place = any(
            step_name == "generate_backdrop" for step_name, _ in self.diffusion_steps
        )
        return tuple(
            step for step in self.steps if not (has_generated_place and step[0] == "backdrop")
        )

    @property
    def diffusion_steps(self) -> tuple[tuple[str, Params], ...]:
        """The steps that need a diffusion pipeline."""
        return tuple(step for step in self.steps if STEPS_BY_NAME[step[0]].needs_diffusion(step[1]))

    def with_diffusion(self, *, place: str = "", outfit: str = "", change: str = "") -> "Recipe":
        """Return the same recipe with a place or clothes in words, or a change of the face itself.

        Mood, feel and accent of the look are used with them. Raises BadRecipe for words that are
        too long, not plain, or about the person's body.
        """
        backdrop = self.step_params("backdrop")
        built_in = built_in_looks().get(self.slug, self)  # a restored recipe has no feel
        shared_params = {"feel": self.feel or built_in.feel, "accent": backdrop.accent}
        mood = backdrop.scene.partition("/")[2]
        return (
            self.with_params("generate_backdrop", place=place, mood=mood, **shared_params)
            .with_params("change_outfit", outfit=outfit, **shared_params)
            .with_params("restyle", change=change)
        )

    def with_clothes(self, clothes: str) -> "Recipe":
        """Return the same recipe with clothes of the wardrobe, '<garment>:<colour>'.

        Without a colour it is navy; '' is the person's own clothes. Raises BadRecipe for what does
        not exist.
        """
        garment, _, cloth_color = clothes.partition(":")
        return self.with_params("dress", garment=garment, color=cloth_color or DEFAULT_CLOTH_COLOR)

    def with_framing(self, **values: float) -> "Recipe":
        """Return the same recipe with some of its framing replaced: see FRAMING_RANGES."""
        return replace(
            self, framing_wish=_parse_framing(self.slug, {**asdict(self.framing_wish), **values})
        )

    def to_plain_data(self) -> list[dict[str, Any]]:
        """Return framing and steps as plain data for JSON; restore_recipe reads it."""
        framing_entry = {"name": "frame", "params": asdict(self.framing_wish)}
        return [
            framing_entry,
            *({"name": step_name, "params": asdict(params)} for step_name, params in self.steps),
        ]

    def cache_key(self, photo_bytes: bytes, *, side: int, seed: int) -> str:
        """Return a hash of everything the pixels depend on: the same key means the same file."""
        inputs = {
            "photo": hashlib.sha256(photo_bytes).hexdigest(),
            "wish": asdict(self.framing_wish),
            "steps": [
                [step_name, STEPS_BY_NAME[step_name].version, asdict(params)]
                for step_name, params in self.steps
            ],
            "models": sorted(model.sha256 for model in CATALOG),
            "size": side,
            "seed": seed,
        }
        return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()


# A photographer's own picture: cropped to a square and otherwise as it is.
UNTOUCHED: Final = Recipe(
    slug="untouched",
    title="Untouched",
    feel="as photographed",
    framing_wish=FramingWish(inside=True),
    steps=(),
)


@cache
def built_in_looks() -> dict[str, Recipe]:
    """Return the built-in looks by slug, in the order of looks.toml."""
    looks_data = tomllib.loads(LOOKS_FILE.read_text())
    return {slug: parse_recipe(slug, values) for slug, values in looks_data.items()}


def choose_recipes(slugs: Iterable[str]) -> list[Recipe]:
    """Return built-in looks by slug, each once, or all of them for 'all'.

    Raises BadRecipe for no name at all, or for names that do not exist.
    """
    looks_by_slug, wanted_slugs = built_in_looks(), list(slugs)
    if wanted_slugs == ["all"]:
        return list(looks_by_slug.values())
    unknown_slugs = [
        wanted_slug for wanted_slug in wanted_slugs if wanted_slug not in looks_by_slug
    ]
    if unknown_slugs or not wanted_slugs:
        raise BadRecipe(
            f"There is no look '{', '.join(unknown_slugs)}'.",
            advice=f"Choose from: {', '.join(looks_by_slug)}, or all.",
        )
    return [looks_by_slug[wanted_slug] for wanted_slug in dict.fromkeys(wanted_slugs)]


def parse_recipe(slug: str, recipe_data: dict[str, Any]) -> Recipe:
    """Parse a recipe from plain data; a step that is left out changes nothing.

    `backdrop` may be short, "scene:cafe/evening" or "own", with `accent` beside it. Raises
    BadRecipe for an unknown step or parameter, a value of the wrong type, or one out of range.
    """
    recipe_data = _expand_shorthand(recipe_data)
    unknown_entries = set(recipe_data) - {"title", "feel", "frame", *STEPS_BY_NAME}
    if unknown_entries:
        raise BadRecipe(f"'{slug}' has unknown entries: {', '.join(sorted(unknown_entries))}.")
    steps = [(step.name, _parse_step(step, recipe_data.get(step.name))) for step in STEPS]
    require_backdrop(dict(steps)["backdrop"])
    framing_wish = _parse_framing(slug, recipe_data.get("frame", {}))
    return Recipe(
        slug,
        recipe_data.get("title", slug),
        recipe_data.get("feel", ""),
        framing_wish,
        tuple(steps),
    )


def _parse_step(step: Step, step_data: Any) -> Params:
    """Parse the parameters of a step; without any, return those that change nothing."""
    if step_data is not None:
        return step.parse_params(step_data)
    return step.identity or step.params_type()


def restore_recipe(slug: str, plain_data: list[dict[str, Any]], *, title: str = "") -> Recipe:
    """Rebuild a recipe from what Recipe.to_plain_data returned, checked as untrusted data."""
    if slug == UNTOUCHED.slug:
        return UNTOUCHED
    recipe_data = {entry["name"]: entry["params"] for entry in plain_data}
    return parse_recipe(slug, {"title": title or slug, **recipe_data})


def _expand_shorthand(recipe_data: dict[str, Any]) -> dict[str, Any]:
    """Write out a short backdrop, and an accent beside it, as parameters of the backdrop."""
    expanded = {
        entry_name: entry for entry_name, entry in recipe_data.items() if entry_name != "accent"
    }
    backdrop = expanded.get("backdrop", {})
    if isinstance(backdrop, str):
        kind, _, scene = backdrop.partition(":")
        backdrop = {"kind": kind, "scene": scene}
    if "accent" in recipe_data:
        backdrop = {**backdrop, "accent": recipe_data["accent"]}
    return {**expanded, "backdrop": backdrop} if backdrop else expanded


def require_backdrop(params: Params) -> None:
    """Raise BadRecipe unless kind, colours and scene of a backdrop exist."""
    if params.kind not in BACKDROP_KINDS:
        raise BadRecipe(
            f"There is no backdrop '{params.kind}'.", advice=f"One of {', '.join(BACKDROP_KINDS)}."
        )
    for hex_color in (params.color, params.second, *([params.accent] if params.accent else [])):
        try:
            color.from_hex(hex_color)
        except ValueError as error:
            raise BadRecipe(f"{error}.") from error
    if params.kind == "scene" or params.scene:
        scenes.parse_scene(params.scene)


def _parse_framing(slug: str, values: dict[str, Any]) -> FramingWish:
    """Parse framing parameters; raises BadRecipe for unknown names and values out of range."""
    values = {
        name: value for name, value in values.items() if name not in RETIRED_FRAMING_PARAMETERS
    }
    for parameter, value in values.items():
        if parameter == "inside" and isinstance(value, bool):
            continue
        lowest, highest = FRAMING_RANGES.get(parameter, EMPTY_RANGE)
        if not isinstance(value, (int, float)) or not lowest <= value <= highest:
            raise BadRecipe(f"'{slug}.frame.{parameter} = {value}' is unknown or out of range.")
    return FramingWish(**values)
