"""Run the steps of a look one by one, to see what a finished variant no longer shows."""

import tomllib
from dataclasses import replace

from headshots.engine import recipes
from headshots.engine.analysis import subject
from headshots.engine.operations import backdrops, framing, scenes
from headshots.engine.recipes import Recipe
from headshots.engine.render import PreparedPhoto
from headshots.engine.steps import STEPS_BY_NAME
from headshots.engine.types import Facts, Framing, Image

LOOKS = tuple(tomllib.loads(recipes.LOOKS_FILE.read_text()))
NEUTRAL = {"wrap": 0, "harmonise": 0}  # a backdrop that leaves the person alone


def build_bare_recipe(kind: str = "plain", *, inside: bool = False, **backdrop: object) -> Recipe:
    """Build a recipe that has a backdrop and no other step."""
    if kind == "scene":
        backdrop["scene"] = f"{next(iter(scenes.scene_library()))}/morning"
    recipe = recipes.parse_recipe("bare", {"backdrop": {"kind": kind, **backdrop}})
    return replace(recipe, framing_wish=replace(recipe.framing_wish, inside=inside))


def frame_photo(
    source: PreparedPhoto, recipe: Recipe, *, size: int, seed: int = 0, picture: Image | None = None
) -> tuple[Framing, Image, Facts]:
    """Frame a photo; return framing, image and facts as the first step of a look receives them."""
    prepared = source.subject
    crop = framing.solve_framing(
        prepared.face, prepared.head, prepared.matte.alpha, recipe.framing_wish
    )
    image, facts = subject.frame_subject(prepared, crop, size=size, seed=seed)
    backdrop, scene = recipe.step_params("backdrop"), None
    if backdrop.kind == "scene":
        scene = backdrops.mirror_by_seed(scenes.load_scene(backdrop.scene), seed)
    return crop, image, replace(facts, scene=scene, backdrop_picture=picture)


def run_steps(recipe: Recipe, image: Image, facts: Facts) -> Image:
    """Run every step of the recipe, in order."""
    for name, params in recipe.steps:
        image = STEPS_BY_NAME[name].run(image, facts, params)
    return image
