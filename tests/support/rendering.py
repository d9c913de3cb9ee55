"""Run the steps of a look one by one, to see what a finished variant no longer shows."""

import tomllib
from dataclasses import replace

from headshots.engine import recipes
from headshots.engine.analysis import subject
from headshots.engine.operations import backdrops, framing, scenes
from headshots.engine.recipes import Recipe
from headshots.engine.render import Source
from headshots.engine.steps import BY_NAME
from headshots.engine.types import Facts, Framing, Image

LOOKS = tuple(tomllib.loads(recipes.LOOKS.read_text()))
NEUTRAL = {"wrap": 0, "harmonise": 0}  # a backdrop that leaves the person alone


def bare(kind: str = "plain", *, inside: bool = False, **backdrop: object) -> Recipe:
    """Build a recipe that has a backdrop and no other step."""
    if kind == "scene":
        backdrop["scene"] = f"{next(iter(scenes.library()))}/morning"
    recipe = recipes.parse("bare", {"backdrop": {"kind": kind, **backdrop}})
    return replace(recipe, wish=replace(recipe.wish, inside=inside))


def exposed(
    source: Source, recipe: Recipe, *, size: int, seed: int = 0, picture: Image | None = None
) -> tuple[Framing, Image, Facts]:
    """Frame a photo; return framing, image and facts as the first step of a look receives them."""
    ready = source.subject
    found = framing.solve(ready.face, ready.head, ready.matte.alpha, recipe.wish)
    image, facts = subject.frame(ready, found, size=size, seed=seed)
    backdrop, room = recipe.params("backdrop"), None
    if backdrop.kind == "scene":
        room = backdrops.placed(scenes.load(backdrop.scene), seed)
    return found, image, replace(facts, room=room, picture=picture)


def developed(recipe: Recipe, image: Image, facts: Facts) -> Image:
    """Run every step of the recipe, in order."""
    for name, params in recipe.steps:
        image = BY_NAME[name].run(image, facts, params)
    return image
