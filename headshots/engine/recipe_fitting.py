"""Fit a look to a photo: how well they suit each other, and what the look must do otherwise."""

from dataclasses import replace
from typing import Final

from headshots.engine.analysis import input_checks, matting
from headshots.engine.errors import QualityTooLow
from headshots.engine.operations import backdrops, scenes
from headshots.engine.operations.framing import Wish
from headshots.engine.recipes import Recipe
from headshots.engine.results import Source
from headshots.engine.types import Facts, Image

OWN_BLUR: Final = 0.7


def misfit(source: Source, wished: float) -> float:
    """How badly a photo suits a look: expression first, then pose and what the coach found."""
    face = source.subject.face
    turn = (abs(face.yaw) + abs(face.pitch) + abs(face.roll)) / 60
    return abs(wished - face.smile) + turn + 2 * (1 - input_checks.score(source.checks))


def suited(recipe: Recipe, source: Source, seed: int) -> tuple[Recipe, tuple[str, ...]]:
    """The recipe with its scene chosen by seed, or with the photo's own background if safer."""
    backdrop = recipe.params("backdrop")
    sure = source.subject.matte.score
    if sure < matting.SURE and "backdrop" not in dict(recipe.active):
        raise QualityTooLow(f"The cut-out is not sure enough here ({sure:.2f}) for another place.")
    if sure < matting.SURE and backdrop.kind == "plain":
        raise QualityTooLow(f"The cut-out is not sure enough here ({sure:.2f}) for a plain ground.")
    if sure < matting.SURE and backdrop.kind != "own":
        note = f"own background, blurred: the cut-out is not sure enough here ({sure:.2f})"
        return recipe.changed("backdrop", kind="own", blur=OWN_BLUR), (note,)
    if backdrop.kind == "scene" and seed:
        slug, mood = scenes.check(backdrop.scene)
        places = scenes.fitting(recipe.slug, first=slug)
        return recipe.changed("backdrop", scene=f"{places[seed % len(places)]}/{mood}"), ()
    return recipe, ()


def wish(recipe: Recipe) -> Wish:
    """The framing a look asks for; where the photo's own background shows, inside the photo."""
    own = recipe.params("backdrop").kind == "own" and "backdrop" in dict(recipe.active)
    return replace(recipe.wish, inside=True, eyes_band=0.1) if own else recipe.wish


def furnish(facts: Facts, recipe: Recipe, picture: Image | None) -> Facts:
    """Add the room that the recipe names, as the seed shows it, and the person's own picture."""
    facts = replace(facts, picture=picture)
    backdrop = recipe.params("backdrop")
    if not backdrop.scene:
        return facts
    room = scenes.load(backdrop.scene, accent=bool(backdrop.accent))
    return replace(facts, room=backdrops.placed(room, facts.seed))
