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
from headshots.engine.analysis.landmarks import cheek_mask, core_mask
from headshots.engine.errors import ClothesRefused
from headshots.engine.operations import body_measures, garments
from headshots.engine.operations.body_measures import BodyMeasures
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
MIN_COVERED: Final = 0.93  # share of the opening below the chin that the person must fill

# Light. Of a surface that faces the camera, coefficients are relative to 1.
MIN_AMBIENT: Final = 0.35
SIDE_LIMIT: Final = 0.55
TOP_RANGE, FRONT_RANGE = (0.12, 0.5), (0.1, 0.6)
TYPICAL_SKIN_LIGHT: Final = 0.30  # linear luminance of a well exposed face
EXPOSURE_POWER, EXPOSURE_RANGE = 0.45, (0.62, 1.15)
# From a light of ambience and direction to harmonics of radiance: the inverse of the cosine lobe.
CONSTANT_GAIN, LINEAR_GAIN = 1 / 0.282095, 1.5 / 0.488603

CONTACT_WIDTH, CONTACT_SHADE = 0.55, 0.5  # of the shadow of the collar on neck and own clothes
HAIR_SHADE_WIDTH, HAIR_SHADE = 0.6, 0.35  # of the shadow of hair on the cloth below it
MAX_NOISE: Final = 0.012  # standard deviation of grain that is taken over from the photo
NOISE_SHARE: Final = 0.8
YARN: Final = 0.018  # unevenness of cloth's light, standard deviation


@dataclass(frozen=True)
class Dress:
    """Parameters of the step `wear_clothes`.

    `garment` is the slug of one of the wardrobe, "" for the person's own clothes; `color` one of
    CLOTH_COLORS or '#RRGGBB'.
    """

    garment: str = ""
    color: str = garments.DEFAULT_CLOTH_COLOR


@dataclass(frozen=True, eq=False)
class Fitted:
    """A garment as it lies in the frame, in the rows from `first_row` down.

    `light` is H×W, of cloth of reflectance 1; `front` and `behind` are alphas before and behind the
    neck, `opening` where the person's own clothes are seen.
    """

    first_row: int
    light: Mask
    front: Mask
    behind: Mask
    opening: Mask


@dataclass(frozen=True, eq=False)
class Layers:
    """What lies over one another: the person that stays, the garment, hair before it."""

    fitted: Fitted
    kept: Mask
    hair: Mask


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
    body_measures.require_dressable(facts, body)
    fitted = fit_garment(garment, body, facts, measure_light(facts))
    hair = find_hair(image, facts, body, fitted.first_row)
    kept = find_kept(facts, body, fitted, hair)
    _require_covered(kept, fitted, body)
    picture, alpha = _layer(image, facts, params, body, Layers(fitted, kept, hair))
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
    return Fitted(
        first_row=first_row,
        light=lay(garment.light(harmonics)),
        front=lay(garment.alpha - behind_share),
        behind=lay(behind_share),
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


def _find_enclosed(fitted: Fitted) -> Mask:
    """Return 1 where there is cloth on both sides: the opening, up to the collar."""
    from_left = np.maximum.accumulate(fitted.front, axis=1)
    from_right = np.maximum.accumulate(fitted.front[:, ::-1], axis=1)[:, ::-1]
    return np.asarray(np.minimum(from_left, from_right), np.float32)


def _require_covered(kept: Mask, fitted: Fitted, body: BodyMeasures) -> None:
    """Raise ClothesRefused where the photo ends inside the garment's opening."""
    first = max(0, int(body.pit - fitted.first_row))
    opening = fitted.opening[first:] * _find_enclosed(fitted)[first:]
    total = float(opening.sum())
    if total and float((kept[first:] * opening).sum()) < MIN_COVERED * total:
        raise ClothesRefused(
            "Your own clothes stay: the photo does not show enough of your chest.",
            advice="Take the photo from farther away.",
        )


def _layer(
    image: Image, facts: Facts, params: Dress, body: BodyMeasures, layers: Layers
) -> tuple[Image, Mask]:
    """Lay back of the collar, person, garment and hair over one another; picture and alpha."""
    fitted, kept = layers.fitted, layers.kept
    reflectance = garments.cloth_reflectance(params.color)
    person = _shade_person(image[fitted.first_row :], body, fitted)
    rng = np.random.default_rng(facts.seed + 7)
    yarn = cv2.GaussianBlur(
        rng.standard_normal(kept.shape, dtype=np.float32), (0, 0), 0.7, sigmaY=1.0
    )
    light = fitted.light * (1 + np.float32(YARN / yarn.std()) * yarn)
    cloth = color.to_srgb(light[..., None] * reflectance)
    cloth = _match_photo(cloth, image, facts, rng)
    inside = color.to_srgb(fitted.light[..., None] * reflectance)
    picture, alpha = inside, fitted.behind
    photo = image[fitted.first_row :]
    cloth = _shade_cloth(cloth, layers.hair, body)
    for layer, share in ((person, kept), (cloth, fitted.front), (photo, layers.hair)):
        covered = share + alpha * (1 - share)
        weight = (share / np.maximum(covered, 1e-4))[..., None]
        picture = picture + weight * (layer - picture)
        alpha = covered
    alpha = np.where(alpha > 0.996, 1, alpha).astype(np.float32)
    # Without rounding: the photo's own pixels.
    is_bare = (fitted.front == 0) & ((fitted.behind == 0) | (kept == 1))
    return np.where(is_bare[..., None], person, np.clip(picture, 0, 1)), alpha


def _shade_person(person: Image, body: BodyMeasures, fitted: Fitted) -> Image:
    """Darken neck and own clothes beside the garment, whose light it takes."""
    shade = cv2.GaussianBlur(fitted.front, (0, 0), CONTACT_WIDTH * body.per_cm)
    rows = np.arange(fitted.first_row, fitted.first_row + len(person), dtype=np.float32)[:, None]
    below_chin = np.clip((rows - body.chin - 0.2 * body.per_cm) / (1.2 * body.per_cm), 0, 1)
    gain = 1 - CONTACT_SHADE * np.clip(1.3 * shade, 0, 1) * below_chin
    shaded = color.to_srgb(color.to_linear(person) * gain[..., None])
    return np.where(gain[..., None] < 1, shaded, person)


def _shade_cloth(cloth: Image, hair: Mask, body: BodyMeasures) -> Image:
    """Darken cloth beside the hair that lies on it."""
    if not hair.any():
        return cloth
    shade = cv2.GaussianBlur(hair, (0, 0), HAIR_SHADE_WIDTH * body.per_cm)
    return cloth * (1 - HAIR_SHADE * np.clip(shade, 0, 1))[..., None]


def _match_photo(cloth: Image, image: Image, facts: Facts, rng: np.random.Generator) -> Image:
    """Give cloth the photo's grain."""
    luma = color.compute_luma(image)
    cheeks = cheek_mask(facts.face, image.shape) > 0
    if not cheeks.any():
        return cloth
    detail = luma - cv2.GaussianBlur(luma, (0, 0), 1.2)
    level = min(1.48 * float(np.median(np.abs(detail[cheeks]))), MAX_NOISE)
    grain = cv2.GaussianBlur(rng.standard_normal(cloth.shape[:2], dtype=np.float32), (0, 0), 0.7)
    grain *= np.float32(NOISE_SHARE * level / grain.std())
    return np.clip(cloth + grain[..., None], 0, 1)
