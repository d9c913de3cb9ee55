"""Tell looks apart that keep the photo's own background, and crop those anew that look alike."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

import cv2
import numpy as np
from skimage.color import deltaE_ciede2000

from headshots.engine import color, recipe_fitting
from headshots.engine.errors import QualityTooLow
from headshots.engine.recipes import FRAMING_RANGES, Recipe
from headshots.engine.results import RejectedVariant, RenderedVariant
from headshots.engine.types import Image, Pixels

# Two headshots are the same picture if at the size of an avatar in a list their mean difference,
# ΔE00, is below this: twice what can just be noticed.
THUMBNAIL_SIDE: Final = 96  # pixels
SAME_PICTURE: Final = 5.0
# Head heights over that of the look which are tried, one after another, for a look that repeats
# another. Measured on six development photos whose looks were all made to keep their background:
# all nine looks of each differ then, of two before. Photos cut closely leave less room.
OTHER_CROPS: Final = (1.15, 0.87, 1.3, 1.5)
SAME_CROP: Final = 0.02  # share by which head heights differ in the same crop
MAX_SAME_CROPS: Final = 2  # so many in which nothing changed: the photo leaves no room

Result = RenderedVariant | RejectedVariant


def vary_repeated(
    recipes: Iterable[Recipe], results: Iterable[Result], render: Callable[[Recipe], Result]
) -> Iterator[Result]:
    """Yield the results of recipes; one that repeats an earlier one is cropped anew.

    Only looks that keep the photo's own background can repeat one another. What differs from none
    in any crop, and a look that was requested before, is rejected.
    """
    shown: list[Image] = []
    requested_slugs: set[str] = set()
    for recipe, result in zip(recipes, results, strict=True):
        if isinstance(result, RejectedVariant) or not result.keeps_own_background:
            yield result
            continue
        crops = [result] if recipe.slug in requested_slugs else _try_crops(recipe, result, render)
        requested_slugs.add(recipe.slug)
        variant = next((crop for crop in crops if _is_new(crop, shown)), None)
        if variant is None:
            yield _reject(recipe)
        else:
            shown.append(_shrink_to_lab(variant.pixels))
            yield variant


def _is_new(variant: RenderedVariant, shown: list[Image]) -> bool:
    """Whether a headshot differs visibly from all those whose thumbnails are given, in CIELAB."""
    thumbnail = _shrink_to_lab(variant.pixels)
    return all(_mean_difference(thumbnail, other) >= SAME_PICTURE for other in shown)


def _try_crops(
    recipe: Recipe, first: RenderedVariant, render: Callable[[Recipe], Result]
) -> Iterator[RenderedVariant]:
    """Yield a look as it is, then in other crops, if the photo leaves room for any."""
    yield first
    same_crops = 0
    for factor in OTHER_CROPS:
        if same_crops == MAX_SAME_CROPS:
            return
        wished = min(factor * recipe.framing_wish.head, FRAMING_RANGES["head"][1])
        variant = render(recipe.with_framing(head=wished))
        if isinstance(variant, RejectedVariant):
            continue
        if abs(variant.head_fraction / first.head_fraction - 1) < SAME_CROP:
            same_crops += 1
        else:
            yield variant


def _reject(recipe: Recipe) -> RejectedVariant:
    error = QualityTooLow(
        "On your photo's own background this look would be the same picture again.",
        advice=recipe_fitting.ADVICE,
    )
    return RejectedVariant(recipe.slug, error)


def _shrink_to_lab(pixels: Pixels) -> Image:
    size = (THUMBNAIL_SIDE, THUMBNAIL_SIDE)
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return color.to_lab(small.astype(np.float32) / 255.0)


def _mean_difference(first_lab: Image, second_lab: Image) -> float:
    """Return the mean ΔE00 of two pictures in CIELAB."""
    differences = deltaE_ciede2000(first_lab, second_lab)  # type: ignore[no-untyped-call]
    return float(np.mean(differences))
