"""Fit a look to a photo: rate how well they match, and adapt the look where the photo needs it."""

from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from headshots.engine import color
from headshots.engine.analysis import input_checks, matte_error
from headshots.engine.analysis.matte_error import RegionQuality
from headshots.engine.descriptions import describe_own_background
from headshots.engine.errors import ClothesRefused, QualityTooLow
from headshots.engine.operations import backdrops, dressing, expression, scenes
from headshots.engine.operations.framing import FramingWish
from headshots.engine.recipes import Recipe
from headshots.engine.results import PreparedPhoto
from headshots.engine.types import Facts, Image

# Blur of the photo's own background where it replaces another, in [0, 1], by the mood of the scene
# that it stands in for, so that looks differ. Chosen by eye on the development photos: strong
# enough to hide a flaw of the cut-out.
OWN_BLURS: Final = {"morning": 0.55, "golden": 0.75, "evening": 1.0, "": 0.9}
REASONS: Final = {
    "crown": "the hair on top of the head cannot be told from what is behind it",
    "sides": "the hair beside the face cannot be told from what is behind it",
    "shoulders": "the shoulders cannot be told from what is behind them",
}
ADVICE: Final = (
    "A photo in front of a plain wall that is lighter or darker than your hair and clothes works."
)

SCENE_STRIDE: Final = 16  # pixels: every sixteenth row and column is enough for a mean colour

# Weights of the misfit, against one unit of `Face.smile`; chosen by eye on the development photos.
DEGREES_PER_UNIT: Final = 60  # so many degrees of head pose weigh as much
CHECKS_WEIGHT: Final = 2  # a photo that fails all input checks

NEEDS_SMILE: Final = (
    "This look needs a photo in which you smile. From this one we could only lift the corners of"
    " your mouth a little."
)
BLACK_AND_WHITE: Final = "Your photo is black and white, and so is this headshot."
SOFTENED: Final = (
    "Light and retouching are gentler than usual in this look, so that your face stays as it is."
)
SOFTENED_LIGHT: Final = 0.5  # of the strength of relighting
CLOTHES_RENDERED: Final = (
    "The clothes are rendered, from our wardrobe. Your face, neck and hair are the photograph."
)
CAST_CORRECTED: Final = "Coloured light covered your photo. We took half of it back."


def rate_misfit(photo: PreparedPhoto, requested_smile: float) -> float:
    """Rate how badly a photo suits a look, 0 is best: by expression, head pose and input checks.

    `smile` is the smile that the look asks for, in [-1, 1].
    """
    face = photo.subject.face
    head_turn = (abs(face.yaw) + abs(face.pitch) + abs(face.roll)) / DEGREES_PER_UNIT
    return (
        abs(requested_smile - face.smile)
        + head_turn
        + CHECKS_WEIGHT * (1 - input_checks.passed_share(photo.checks))
    )


def adapt_recipe(recipe: Recipe, photo: PreparedPhoto, seed: int) -> tuple[Recipe, tuple[str, ...]]:
    """Adapt the backdrop of a recipe to the photo; return the recipe and notes for the person.

    A scene is chosen by `seed` among those that suit the look. Where the cut-out would show a flaw
    on the look's background, the photo's own is kept and blurred; raises QualityTooLow where that
    is no substitute.
    """
    backdrop = recipe.step_params("backdrop")
    if backdrop.kind == "scene" and seed:
        scene_slug, mood = scenes.parse_scene(backdrop.scene)
        scene_slugs = scenes.scenes_with_tag(recipe.slug, preferred=scene_slug)
        recipe = recipe.with_params(
            "backdrop", scene=f"{scene_slugs[seed % len(scene_slugs)]}/{mood}"
        )
    flaw = find_flaw(recipe, photo)
    return (recipe, ()) if flaw is None else _keep_own_background(recipe, REASONS[flaw.name])


def soften_recipe(recipe: Recipe) -> Recipe:
    """Return a look with half of its light and without rim light and retouching.

    It is tried where the look itself changes a face too much.
    """
    light_strength = SOFTENED_LIGHT * recipe.step_params("relight").strength
    softened = recipe.with_params("relight", rim=0.0, strength=light_strength)
    return softened.with_params("retouch", strength=0.0)


def find_flaw(recipe: Recipe, photo: PreparedPhoto) -> RegionQuality | None:
    """Return the region in which the cut-out would show a flaw on the look's background.

    None where it would not, as on the photo's own background.
    """
    is_generated = "backdrop" not in dict(recipe.active_steps)
    if not is_generated and recipe.step_params("backdrop").kind == "own":
        return None
    mean_color = None if is_generated else _find_mean_color(recipe.step_params("backdrop"))
    return matte_error.find_flaw(photo.subject.matte.regions, mean_color)


def _find_mean_color(backdrop: backdrops.Backdrop) -> NDArray[np.floating[Any]] | None:
    """Return the mean colour of a backdrop, RGB in [0, 1]; None where it depends on the photo."""
    if backdrop.kind == "plain":
        return color.from_hex(backdrop.color)
    if backdrop.kind in ("gradient", "paper"):
        hex_colors = (backdrop.color, backdrop.second)
        return np.mean([color.from_hex(hex_color) for hex_color in hex_colors], axis=0)
    if backdrop.kind == "scene":
        picture = scenes.load_scene(backdrop.scene, with_accent=bool(backdrop.accent)).picture
        return np.mean(picture[::SCENE_STRIDE, ::SCENE_STRIDE] / 255, axis=(0, 1))
    return None


def needs_smile(recipe: Recipe, photo: PreparedPhoto) -> bool:
    """Whether a look asks for a smile that this photo cannot give."""
    requested_smile = recipe.step_params("expression").smile
    return not expression.is_reachable(photo.subject.face, requested_smile)


def describe_differences(recipe: Recipe, photo: PreparedPhoto) -> tuple[str, ...]:
    """Return notes for the person about what this photo cannot give, or had to have corrected."""
    failed_checks = {check.name for check in photo.checks if not check.ok}
    notes = (
        (needs_smile(recipe, photo), NEEDS_SMILE),
        ("colourful" in failed_checks, BLACK_AND_WHITE),
        ("natural_colour" in failed_checks, CAST_CORRECTED),
    )
    return tuple(note for applies, note in notes if applies)


def _keep_own_background(recipe: Recipe, reason: str) -> tuple[Recipe, tuple[str, ...]]:
    """Adapt a recipe to an uncertain cut-out; QualityTooLow where no background can stay."""
    backdrop = recipe.step_params("backdrop")
    if "backdrop" not in dict(recipe.active_steps):
        raise QualityTooLow(f"Another place would show a flaw: {reason}.", advice=ADVICE)
    if backdrop.kind == "plain":
        raise QualityTooLow(f"A plain background would show a flaw: {reason}.", advice=ADVICE)
    mood = backdrop.scene.partition("/")[2]
    own_background = recipe.with_params("backdrop", kind="own", blur=OWN_BLURS[mood])
    return own_background, (f"{describe_own_background(reason)} {ADVICE}",)


def choose_wish(recipe: Recipe) -> FramingWish:
    """Return the framing a look asks for; with the photo's own background it stays on the photo."""
    shows_own_background = recipe.step_params("backdrop").kind == "own" and "backdrop" in dict(
        recipe.active_steps
    )
    return (
        replace(recipe.framing_wish, inside=True) if shows_own_background else recipe.framing_wish
    )


def add_backdrop(facts: Facts, recipe: Recipe, backdrop_picture: Image | None) -> Facts:
    """Add the scene that the recipe names, as the seed places it, and the person's own picture."""
    facts = replace(facts, backdrop_picture=backdrop_picture)
    backdrop = recipe.step_params("backdrop")
    if not backdrop.scene:
        return facts
    scene = scenes.load_scene(backdrop.scene, with_accent=bool(backdrop.accent))
    return replace(facts, scene=backdrops.mirror_by_seed(scene, facts.seed))


def add_clothes(
    image: Image, facts: Facts, recipe: Recipe
) -> tuple[Recipe, Facts, tuple[str, ...]]:
    """Add the clothes that the recipe names, fitted to the person; return recipe, facts and notes.

    Where they would not sit right, the person keeps their own, and a note says why.
    """
    params = recipe.step_params("dress")
    if not params.garment:
        return recipe, facts, ()
    try:
        return recipe, dressing.prepare_clothes(image, facts, params), (CLOTHES_RENDERED,)
    except ClothesRefused as refusal:
        return recipe.with_clothes(""), facts, (f"{refusal.message} {refusal.advice}",)
