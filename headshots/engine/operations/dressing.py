"""Put a garment of the wardrobe on the person; face, neck and hair stay the photograph.

The garment is placed by the measures of the body, lit with the light that was measured on the face,
and laid over the person, whose own clothes stay only inside its opening. Nothing above the mouth is
touched.
"""

from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from headshots.engine import color
from headshots.engine.analysis.landmarks import FACE_OVAL, core_mask, outline_mask
from headshots.engine.errors import ClothesRefused
from headshots.engine.operations import body_measures, clothes_layers, garments, own_clothes
from headshots.engine.operations.body_measures import BodyMeasures
from headshots.engine.operations.clothes_layers import Fitted, Layers
from headshots.engine.operations.garments import Garment
from headshots.engine.operations.hair_mask import find_hair
from headshots.engine.types import Clothes, Facts, Image, Mask

# Numbers without another source were chosen by eye on the development photos. Lengths are
# centimetres at the person.
TUBE_MARGIN: Final = 0.9  # beside jaw and neck that still belongs to the person
TUBE_FADE: Final = 0.12
# Shoulders are this much narrower against the face than those of the blocks, from here outwards.
SHOULDER_START, SHOULDER_WIDTH = 8.0, 0.92
NECK_HALF: Final = 6.6  # half width of what is kept around the neck
JAW_TO_NECK: Final = 2.2  # below the jaw, over which the one width becomes the other
TRIM_FADE: Final = 1.0  # below the jaw, over which what is beside the neck is taken away
COLLAR_REACH: Final = 2.5  # above the pit of the neck, where the opening begins to decide
MAX_BESIDE_JAW: Final = (
    5.0  # square centimetres beside mouth and chin that are neither skin nor hair
)
THROAT_HALF: Final = 4.0  # half width of what must be seen of the throat above a closed garment
MIN_COVERED: Final = 0.93  # share of the opening below the chin that the person must fill

# Light. Of a surface that faces the camera, coefficients are relative to 1.
MIN_AMBIENT: Final = 0.35
SIDE_LIMIT: Final = 0.55
TOP_RANGE, FRONT_RANGE = (0.12, 0.5), (0.1, 0.6)
TYPICAL_SKIN_LIGHT: Final = 0.30  # linear luminance of a well exposed face
EXPOSURE_POWER, EXPOSURE_RANGE = 0.45, (0.62, 1.15)
# From a light of ambience and direction to harmonics of radiance: the inverse of the cosine lobe.
CONSTANT_GAIN, LINEAR_GAIN = 1 / 0.282095, 1.5 / 0.488603


@dataclass(frozen=True)
class Dress:
    """Parameters of the step `wear_clothes`.

    `garment` is the slug of one of the wardrobe, "" for the person's own clothes; `color` one of
    CLOTH_COLORS or '#RRGGBB'.
    """

    garment: str = ""
    color: str = garments.DEFAULT_CLOTH_COLOR


def check_dress(params: Dress) -> None:
    """Raise BadRecipe unless garment and colour exist."""
    if params.garment:
        garments.require_garment(params.garment, params.color)


def wear_clothes(image: Image, facts: Facts, _: Dress) -> Image:
    """Return the image with the clothes that prepare_clothes has put into the facts."""
    if facts.clothes is None:
        return image
    dressed = image.copy()
    dressed[facts.clothes.first_row :] = facts.clothes.picture
    return dressed


def prepare_clothes(image: Image, facts: Facts, params: Dress) -> Facts:
    """Return the facts with clothes for `image`, and with the outline of the dressed person.

    Raises ClothesRefused where they would not sit right.
    """
    if not params.garment:
        return facts
    garment = garments.load_garment(params.garment)
    body = body_measures.measure_body(facts, _outline_heights(garment))
    is_closed = garment.needs == garments.BARE_NECK
    body_measures.require_dressable(facts, body, is_closed=is_closed)
    fitted = fit_garment(garment, body, facts, measure_light(facts))
    hair = find_hair(image, facts, body, fitted.first_row)
    kept = find_kept(facts, body, fitted, hair)
    layers = Layers(fitted, kept, hair)
    _require_fitting_own_clothes(image, facts, body, layers, is_closed=is_closed)
    _require_covered(kept, fitted, body, is_closed=is_closed)
    picture, alpha = clothes_layers.lay(image, facts, params.color, body, layers)
    _require_same_face(image, picture, facts, fitted.first_row)
    whole_alpha = facts.alpha.copy()
    whole_alpha[fitted.first_row :] = alpha
    clothes = Clothes(fitted.first_row, picture)
    return replace(facts, alpha=whole_alpha, clothes=clothes)


def _require_same_face(image: Image, picture: Image, facts: Facts, first_row: int) -> None:
    """Raise ClothesRefused if a pixel of the face differs in the picture from this row down."""
    core = core_mask(facts.face, image.shape)[first_row:] > 0
    if not np.array_equal(picture[core], image[first_row:][core]):
        raise ClothesRefused("Your own clothes stay: others would cover a part of your face.")


def _outline_heights(garment: Garment) -> NDArray[np.float64]:
    """Return how high the garment reaches above the pit of the neck at SHOULDER_COLUMNS."""
    column, anchor_row = garment.anchor
    columns = np.round(column + body_measures.SHOULDER_COLUMNS * garment.pixels_per_cm).astype(int)
    tops = (garment.alpha[:, columns] > 0.5).argmax(axis=0)
    return np.asarray((anchor_row - tops) / garment.pixels_per_cm, np.float64)


def measure_light(facts: Facts) -> NDArray[np.float64]:
    """Return the nine harmonics of the light on the face, bounded, for cloth of reflectance 1."""
    ambient, *direction = (float(value) for value in facts.light.coefficients)
    front = max(ambient + direction[2], 1e-3)
    ambient = max(ambient / front, MIN_AMBIENT)
    side = float(np.clip(direction[0] / front, -SIDE_LIMIT, SIDE_LIMIT))
    top = float(np.clip(direction[1] / front, *TOP_RANGE))
    forward = float(np.clip(direction[2] / front, *FRONT_RANGE))
    exposure = float(np.clip((front / TYPICAL_SKIN_LIGHT) ** EXPOSURE_POWER, *EXPOSURE_RANGE))
    gain = exposure / (ambient + forward)
    harmonics = np.zeros(9)
    harmonics[0] = ambient * gain * CONSTANT_GAIN
    harmonics[1:4] = np.array([top, forward, side]) * gain * LINEAR_GAIN
    return harmonics


def fit_garment(
    garment: Garment, body: BodyMeasures, facts: Facts, harmonics: NDArray[np.float64]
) -> Fitted:
    """Lay a garment into the frame by a similarity, in the rows from the mouth down."""
    side = facts.alpha.shape[0]
    first_row = int(facts.face.landmarks[body_measures.MOUTH_POINT, 1])
    scale = body.per_cm / garment.pixels_per_cm  # frame pixels a garment pixel
    columns, rows = np.meshgrid(
        np.arange(side, dtype=np.float32), np.arange(first_row, side, dtype=np.float32)
    )
    angle = np.radians(body.tilt)
    right, down = (columns - body.middle) / scale, (rows - body.pit) / scale
    column, row = garment.anchor
    across = np.cos(angle) * right + np.sin(angle) * down
    beside = np.maximum(np.abs(across) - SHOULDER_START * garment.pixels_per_cm, 0)
    across += np.sign(across) * beside * (1 / SHOULDER_WIDTH - 1)
    map_x = (across + column).astype(np.float32)
    map_y = (np.cos(angle) * down - np.sin(angle) * right + row).astype(np.float32)
    map_y = np.minimum(map_y, garment.alpha.shape[0] - 1.5)

    def lay(layer: Mask, outside: float = 0.0) -> Mask:
        return cv2.remap(
            layer,
            map_x,
            map_y,
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=outside,
        )

    behind_share = garment.alpha * garment.behind
    front, behind = lay(garment.alpha - behind_share), lay(behind_share)
    # Where both share a pixel they cover their sum, although one lies over the other.
    behind = np.minimum(behind / np.maximum(1 - front, 1e-3), 1) * (behind > 0)
    return Fitted(
        first_row=first_row,
        light=lay(garment.light(harmonics)),
        front=front,
        behind=behind.astype(np.float32),
        opening=lay(garment.opening, 1.0),
    )


def find_kept(facts: Facts, body: BodyMeasures, fitted: Fitted, hair: Mask) -> Mask:
    """Return the share of each pixel that stays: neck, hair, own clothes in the opening."""
    height, width = facts.alpha.shape
    rows = np.arange(fitted.first_row, height, dtype=np.float32)[:, None]
    columns = np.arange(width, dtype=np.float32)[None]
    per_cm = body.per_cm
    jaw_points = facts.face.landmarks[list(body_measures.JAW_POINTS), 0]
    down = np.clip((rows - body.jaw) / (JAW_TO_NECK * per_cm), 0, 1)
    jaw_half = np.ptp(jaw_points) / 2 + TUBE_MARGIN * per_cm
    neck_half = NECK_HALF * per_cm
    half = (1 - down) * max(jaw_half, neck_half) + down * neck_half
    middle = (1 - down) * jaw_points.mean() + down * body.middle
    tube = np.clip((half - np.abs(columns - middle)) / (TUBE_FADE * per_cm) + 0.5, 0, 1)
    below_jaw = np.clip((rows - body.jaw) / (TRIM_FADE * per_cm), 0, 1)
    at_collar = np.clip((rows - body.pit) / per_cm + COLLAR_REACH, 0, 1)
    enclosed = _find_enclosed(fitted) * at_collar
    allowed = np.maximum(1 - below_jaw * (1 - np.maximum(tube, enclosed)), hair)
    cut_off = facts.alpha[fitted.first_row :] * below_jaw * (1 - np.maximum(tube, hair))
    _require_free_jaw(cut_off, body, facts)
    kept = facts.alpha[fitted.first_row :] * np.maximum(allowed * fitted.opening, hair)
    return np.asarray(kept, np.float32)


def _require_free_jaw(cut_off: Mask, body: BodyMeasures, facts: Facts) -> None:
    """Raise ClothesRefused where something else than skin and hair is beside jaw and chin.

    `cut_off` is how much of the person would be taken away, from the row of the mouth down.
    """
    mouth = float(facts.face.landmarks[body_measures.MOUTH_POINT, 1])
    beside = cut_off[: max(1, int(body.chin - mouth))]
    if float(beside.sum()) > MAX_BESIDE_JAW * body.per_cm**2:
        raise ClothesRefused(
            "Your own clothes stay: something beside your chin would be cut off.",
            advice="If it is a hand or a strap, take the photo without it.",
        )


def _require_fitting_own_clothes(
    image: Image, facts: Facts, body: BodyMeasures, layers: Layers, *, is_closed: bool
) -> None:
    """Raise ClothesRefused where what stays of the photo does not go with the garment."""
    fitted = layers.fitted
    lab = color.to_lab(image[fitted.first_row :])
    core = core_mask(facts.face, image.shape)[fitted.first_row :] > 0
    skin = np.median(lab[core], axis=0)
    seen = layers.kept * (1 - layers.hair) * (1 - fitted.front)
    if is_closed:
        oval = outline_mask(facts.face, FACE_OVAL, image.shape)[fitted.first_row :]
        own_clothes.require_bare_neck(lab, skin, seen * (oval == 0), body.per_cm)
        own_clothes.require_short_hair(layers.hair * fitted.front, body.per_cm)
        return
    first = int(body.pit - fitted.first_row)
    chest = np.s_[first : first + int(own_clothes.CHEST_ROWS * body.per_cm)]
    inside = (seen * _find_enclosed(fitted))[chest]
    own_clothes.require_one_top(lab[chest], skin, inside, fitted.front[chest], body.per_cm)


def _find_enclosed(fitted: Fitted) -> Mask:
    """Return 1 where there is cloth on both sides: the opening, up to the collar."""
    from_left = np.maximum.accumulate(fitted.front, axis=1)
    from_right = np.maximum.accumulate(fitted.front[:, ::-1], axis=1)[:, ::-1]
    return np.asarray(np.minimum(from_left, from_right), np.float32)


def _require_covered(kept: Mask, fitted: Fitted, body: BodyMeasures, *, is_closed: bool) -> None:
    """Raise ClothesRefused where the photo ends inside the garment's opening."""
    start = body.chin if is_closed else body.pit
    first = max(0, int(start - fitted.first_row))
    opening = fitted.opening[first:] * _find_enclosed(fitted)[first:]
    if is_closed:
        columns = np.arange(opening.shape[1], dtype=np.float32)
        opening = opening * (np.abs(columns - body.middle) < THROAT_HALF * body.per_cm)
    total = float(opening.sum())
    if total and float((kept[first:] * opening).sum()) < MIN_COVERED * total:
        raise ClothesRefused(
            "Your own clothes stay: the photo does not show enough of your chest.",
            advice="Take the photo from farther away.",
        )
