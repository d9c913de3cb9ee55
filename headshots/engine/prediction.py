"""Predict, before anything is rendered, which looks a photo will give and why not the others."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from headshots.engine import recipe_fitting
from headshots.engine.errors import EngineError, SeveralFaces, TurnedPhoto
from headshots.engine.operations import framing
from headshots.engine.recipes import Recipe
from headshots.engine.results import PreparedPhoto
from headshots.errors import FacetError

NUMBER_WORDS: Final = (
    *("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve"),
)
DEGREES_PER_TURN: Final = 90


@dataclass(frozen=True)
class Prediction:
    """What a photo will give, by slugs of looks, and a sentence for the person.

    `own_background` are those of `looks` that keep the photo's background, `needs_smile` those
    whose smile this photo cannot give. `fix` names what Facet offers to do: `turn` by `degrees` to
    the left, or `choose_face` among those that were found; it is empty where there is nothing to
    offer.
    """

    sentence: str
    total: int
    looks: tuple[str, ...] = ()
    own_background: tuple[str, ...] = ()
    needs_smile: tuple[str, ...] = ()
    fix: str = ""
    degrees: int = 0


def predict(
    outcome: PreparedPhoto | FacetError,
    recipes: Sequence[Recipe],
    *,
    faces_found: int = 1,
    is_face_chosen: bool = False,
) -> Prediction:
    """Predict which looks a prepared photo gives, from what decides it when they are rendered.

    `outcome` is the prepared photo, or the error that makes it unusable. A look is given if the
    cut-out is safe for its backdrop and a crop keeps the laws of its framing. `faces_found` is the
    number of faces in an unusable photo, `is_face_chosen` says that the person chose one.
    """
    if isinstance(outcome, FacetError):
        return _predict_nothing(outcome, len(recipes), faces_found=faces_found)
    reasons: dict[str, EngineError] = {}
    own_background = []
    for recipe in recipes:
        try:
            if _keeps_own_background(recipe, outcome):
                own_background.append(recipe.slug)
        except EngineError as error:
            reasons[recipe.slug] = error
    looks = tuple(recipe.slug for recipe in recipes if recipe.slug not in reasons)
    needs_smile = tuple(
        recipe.slug
        for recipe in recipes
        if recipe.slug in looks and recipe_fitting.needs_smile(recipe, outcome)
    )
    faces_found = outcome.subject.faces_found
    sentences = [
        _count_sentence(len(looks), len(recipes), reasons.values()),
        _own_background_sentence(len(own_background)),
        next((check.problem for check in outcome.checks if check.problem), ""),
        "" if is_face_chosen else _other_faces_sentence(faces_found),
        _smile_sentence([recipe.title for recipe in recipes if recipe.slug in needs_smile]),
    ]
    return Prediction(
        sentence=" ".join(sentence for sentence in sentences if sentence),
        total=len(recipes),
        looks=looks,
        own_background=tuple(own_background),
        needs_smile=needs_smile,
        fix="choose_face" if faces_found > 1 else "",
    )


def _predict_nothing(error: FacetError, total: int, *, faces_found: int) -> Prediction:
    """Predict for a photo that cannot be used, with what Facet offers to do about it."""
    sentence = " ".join(("This photo gives no headshots.", error.message, error.advice)).strip()
    if isinstance(error, TurnedPhoto):
        degrees = DEGREES_PER_TURN * error.quarter_turns
        return Prediction(sentence, total, fix="turn", degrees=degrees)
    can_choose = faces_found > 1 or isinstance(error, SeveralFaces)
    return Prediction(sentence, total, fix="choose_face" if can_choose else "")


def _keeps_own_background(recipe: Recipe, photo: PreparedPhoto) -> bool:
    """Whether a look must keep the photo's background; raises the error that prevents the look."""
    adapted_recipe, _ = recipe_fitting.adapt_recipe(recipe, photo, seed=0)
    framing_wish = recipe_fitting.choose_wish(adapted_recipe)
    framing.solve_framing(*photo.subject.framing_inputs, framing_wish)
    return (
        adapted_recipe.step_params("backdrop").kind == "own"
        and recipe.step_params("backdrop").kind != "own"
    )


def _count_sentence(given: int, total: int, reasons: Iterable[EngineError]) -> str:
    total_word, given_word = _number_word(total), _number_word(given)
    if given == total == 1:
        return "This photo will give the headshot."
    if given == total:
        return f"This photo will give all {total_word} headshots."
    reason = next(iter(reasons))
    sentence = f"This photo will give {given_word} of {total_word} headshots."
    return " ".join((sentence, reason.message, reason.advice)).strip()


def _own_background_sentence(count: int) -> str:
    if not count:
        return ""
    if count == 1:
        return (
            "One keeps your own background, because your hair is hard to cut out here: a photo in"
            " front of a plain wall gives every place."
        )
    number_word = _number_word(count).capitalize()
    return (
        f"{number_word} keep your own background, because your hair is hard to cut out here:"
        " a photo in front of a plain wall gives every place."
    )


def _other_faces_sentence(faces_found: int) -> str:
    if faces_found == 1:
        return ""
    number_word = _number_word(faces_found)
    return f"We found {number_word} people and use the largest face: choose yours if it is another."


def _smile_sentence(titles: Sequence[str]) -> str:
    if not titles:
        return ""
    *first, look = titles
    if not first:
        return f"{look} needs a photo in which you smile: add one for the real thing."
    looks = ", ".join(first)
    return f"{looks} and {look} need a photo in which you smile: add one for the real thing."


def _number_word(number: int) -> str:
    return NUMBER_WORDS[number] if number < len(NUMBER_WORDS) else str(number)
