"""Fit a look to a photo: rate how well they match, and adapt the look where the photo needs it."""

from dataclasses import replace
from typing import Final

from headshots.engine.analysis import input_checks, matting
from headshots.engine.errors import QualityTooLow
from headshots.engine.operations import backdrops, scenes
from headshots.engine.operations.framing import Wish
from headshots.engine.recipes import Recipe
from headshots.engine.results import Source
from headshots.engine.types import Facts, Image

# Blur of the photo's own background where it replaces a scene, in [0, 1]. Chosen by eye on the
# development photos: strong enough to hide a flaw of the cut-out.
OWN_BLUR: Final = 0.7

# Weights of the misfit, against one unit of `Face.smile`; chosen by eye on the development photos.
DEGREES_PER_UNIT: Final = 60  # so many degrees of head pose weigh as much
CHECKS_WEIGHT: Final = 2  # a photo that fails all input checks

# Band around the intended eye line where the whole frame must lie on the photo, over its side.
INSIDE_EYES_BAND: Final = 0.1


def misfit(source: Source, wished: float) -> float:
    """Rate how badly a photo suits a look, 0 is best: by expression, head pose and input checks.

    `smile` is the smile that the look asks for, in [-1, 1].
    """
    face = source.subject.face
    turn = (abs(face.yaw) + abs(face.pitch) + abs(face.roll)) / DEGREES_PER_UNIT
    return abs(wished - face.smile) + turn + CHECKS_WEIGHT * (1 - input_checks.score(source.checks))


def suited(recipe: Recipe, source: Source, seed: int) -> tuple[Recipe, tuple[str, ...]]:
    """Adapt the backdrop of a recipe to the photo; return the recipe and notes for the person.

    A scene is chosen by `seed` among those that suit the look. Where the cut-out is uncertain, the
    photo's own background is kept and blurred; raises QualityTooLow where that is no substitute.
    """
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
    """Return the framing a look asks for; with the photo's own background it stays on the photo."""
    own = recipe.params("backdrop").kind == "own" and "backdrop" in dict(recipe.active)
    return replace(recipe.wish, inside=True, eyes_band=INSIDE_EYES_BAND) if own else recipe.wish


def furnish(facts: Facts, recipe: Recipe, picture: Image | None) -> Facts:
    """Add the scene that the recipe names, as the seed places it, and the person's own picture."""
    facts = replace(facts, picture=picture)
    backdrop = recipe.params("backdrop")
    if not backdrop.scene:
        return facts
    room = scenes.load(backdrop.scene, accent=bool(backdrop.accent))
    return replace(facts, room=backdrops.placed(room, facts.seed))
