"""Cut the person of a headshot out: the look without anything behind the person, with alpha."""

import cv2
import numpy as np

from headshots.engine import color, recipe_fitting
from headshots.engine.analysis import matte_error, subject
from headshots.engine.errors import QualityTooLow
from headshots.engine.io.encode import to_pixels
from headshots.engine.operations import compositing, framing
from headshots.engine.recipes import Recipe
from headshots.engine.results import PreparedPhoto
from headshots.engine.steps import STEPS_BY_NAME
from headshots.engine.types import Pixels

# What a look adds to the whole frame makes no sense around a person who stands on anything.
NOT_ON_A_CUT_OUT = {"vignette": 0.0, "grain": 0.0}


def render_cut_out(photo: PreparedPhoto, recipe: Recipe, *, size: int, seed: int = 0) -> Pixels:
    """Render a look without a background: `size` × `size` × 4, RGB and straight alpha, 8 bits.

    Framing, retouching, expression, light and color are those of the headshot. Pixels without the
    person are black, so the file holds nothing of the place. Raises QualityTooLow where the cut-out
    would show a flaw on some background, and NoFraming.
    """
    flaw = matte_error.find_flaw(photo.subject.matte.regions, None)
    if flaw is not None:
        reason = recipe_fitting.REASONS[flaw.name]
        raise QualityTooLow(f"A cut-out would show a flaw: {reason}.", advice=recipe_fitting.ADVICE)
    wish = recipe_fitting.choose_wish(recipe)
    crop = framing.solve_framing(*photo.subject.framing_inputs, wish)
    image, facts = subject.frame_subject(photo.subject, crop, size=size, seed=seed)
    for step_name, params in recipe.with_params("grade", **NOT_ON_A_CUT_OUT).active_steps:
        if step_name == "backdrop":
            image = compositing.clean_edges(image, facts.alpha)
        else:
            image = STEPS_BY_NAME[step_name].run(image, facts, params)
    if photo.is_black_and_white:
        image = np.repeat(color.compute_luma(image)[..., None], 3, axis=2)
    pixels = np.dstack([to_pixels(image), to_pixels(facts.alpha)])
    pixels[pixels[..., 3] == 0] = 0
    return pixels


def resize_cut_out(pixels: Pixels, size: int) -> Pixels:
    """Scale a square cut-out to `size` × `size`; colors are weighted by alpha.

    Otherwise the black of pixels without the person would darken the edge.
    """
    if size == len(pixels):
        return pixels
    weighted = pixels.astype(np.float32)
    weighted[..., :3] *= weighted[..., 3:] / 255
    scaled = cv2.resize(weighted, (size, size), interpolation=cv2.INTER_AREA)
    alpha = scaled[..., 3:]
    colors = 255 * scaled[..., :3] / np.maximum(alpha, 1)
    return np.dstack([cv2.convertScaleAbs(colors), cv2.convertScaleAbs(alpha)])
