"""Clothes of the wardrobe: the face stays, old clothes are not seen, refusals are told."""

from dataclasses import replace

import numpy as np
import pytest

from headshots.engine import recipe_fitting, recipes
from headshots.engine.analysis.landmarks import FACE_OVAL, core_mask, outline_mask
from headshots.engine.errors import BadRecipe, ClothesRefused
from headshots.engine.io import provenance
from headshots.engine.operations import body_measures, clothes_layers, dressing, garments
from headshots.engine.operations.dressing import Dress
from tests.support.rendering import build_bare_recipe, frame_photo

SIZE = 256
SLUGS = list(garments.wardrobe())


@pytest.fixture(scope="module")
def framed(source):
    """The astronaut in a wide frame, as if she held her head straight and wore no space suit."""
    recipe = build_bare_recipe()
    recipe = replace(recipe, framing_wish=replace(recipe.framing_wish, head=0.46, eyes=0.36))
    _, image, facts = frame_photo(source, recipe, size=SIZE)
    facts = replace(facts, face=replace(facts.face, roll=0.0, yaw=0.0))
    return paint_skin(image, facts), replace(facts, alpha=draw_shoulders(facts))


def paint_skin(image, facts):
    """The image with bare skin instead of clothes below the face."""
    skin = np.median(image[core_mask(facts.face, image.shape) > 0], axis=0)
    below = np.arange(len(image))[:, None] > facts.face.landmarks[body_measures.MOUTH_POINT, 1]
    outside = outline_mask(facts.face, FACE_OVAL, image.shape) == 0
    return np.where((below & outside)[..., None], skin, image).astype(np.float32)


def draw_shoulders(facts):
    """The alpha of the head as it is, with a neck and level shoulders below the chin."""
    rows, columns = np.indices(facts.alpha.shape, np.float32)
    per_cm = body_measures.measure_scale(facts)
    below, beside = (
        (rows - facts.face.chin[1]) / per_cm,
        np.abs(columns - facts.face.landmarks[:468, 0].mean()) / per_cm,
    )
    body = ((beside < 6) | ((beside < 22) & (below > 3 + 0.3 * beside))) & (below > -5)
    head = facts.alpha * (below < -4)
    return np.maximum(head, body).astype(np.float32)


@pytest.fixture(scope="module", params=SLUGS)
def dressed(framed, request):
    image, facts = framed
    facts = dressing.prepare_clothes(image, facts, Dress(request.param))
    return dressing.wear_clothes(image, facts, Dress(request.param)), facts


def test_face_core_is_bit_equal(framed, dressed):
    core = core_mask(framed[1].face, framed[0].shape) > 0
    assert core.sum() > 300
    assert np.array_equal(dressed[0][core], framed[0][core])
    assert np.array_equal(dressed[1].alpha[core], framed[1].alpha[core])


def test_nothing_above_the_mouth_changes(framed, dressed):
    first_row = dressed[1].clothes.first_row
    assert np.array_equal(dressed[0][:first_row], framed[0][:first_row])
    assert np.array_equal(dressed[1].alpha[:first_row], framed[1].alpha[:first_row])


def test_clothes_are_seen(framed, dressed):
    below_chin = int(framed[1].face.chin[1] + 0.25 * framed[1].face.height)
    change = np.abs(dressed[0] - framed[0])[below_chin:].max(axis=-1)
    assert (change > 0.05).mean() > 0.3


def fitted_of(framed, slug):
    facts = framed[1]
    garment = garments.load_garment(slug)
    body = body_measures.measure_body(facts, dressing._outline_heights(garment))
    fitted = dressing.fit_garment(garment, body, facts, dressing.measure_light(facts))
    no_hair = np.zeros_like(fitted.light)
    return fitted, dressing.find_kept(facts, body, fitted, no_hair), body


@pytest.mark.parametrize("slug", SLUGS)
def test_own_clothes_stay_only_inside_the_opening(framed, slug):
    fitted, kept, body = fitted_of(framed, slug)
    below_collar = int(body.pit - fitted.first_row)
    outside = kept[below_collar:] * (1 - fitted.opening[below_collar:])
    assert outside.max() < 0.26  # of one half-covered pixel at the edge


@pytest.mark.parametrize("slug", SLUGS)
def test_no_hole_between_person_and_cloth(framed, slug):
    fitted, kept, body = fitted_of(framed, slug)
    alpha = framed[1].alpha[fitted.first_row :]
    below_collar = int(body.pit - fitted.first_row)
    enclosed = (dressing._find_enclosed(fitted) > 0.99) & (alpha == 1)
    covered = 1 - (1 - kept) * (1 - fitted.front) * (1 - fitted.behind)
    assert (
        covered[below_collar:][enclosed[below_collar:]].min() > 0.74
    )  # two halves leave a quarter


def test_no_garment_changes_nothing(framed):
    image, facts = framed
    assert dressing.prepare_clothes(image, facts, Dress()) is facts
    assert dressing.wear_clothes(image, facts, Dress()) is image


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"roll": 12.0}, "head is tilted"),
        ({"roll": -12.0}, "head is tilted"),
        ({"yaw": 25.0}, "head is turned"),
        ({"yaw": -25.0}, "head is turned"),
    ],
)
def test_a_head_that_is_not_straight_keeps_its_clothes(framed, changes, words):
    image, facts = framed
    facts = replace(facts, face=replace(facts.face, **changes))
    with pytest.raises(ClothesRefused, match=words) as refusal:
        dressing.prepare_clothes(image, facts, Dress(SLUGS[0]))
    assert refusal.value.advice


def test_a_picture_that_ends_at_the_neck_keeps_its_clothes(source):
    recipe = build_bare_recipe()
    recipe = replace(recipe, framing_wish=replace(recipe.framing_wish, head=0.74, eyes=0.46))
    _, image, facts = frame_photo(source, recipe, size=SIZE)
    facts = replace(facts, face=replace(facts.face, roll=0.0, yaw=0.0))
    with pytest.raises(ClothesRefused, match="ends at your neck"):
        dressing.prepare_clothes(image, facts, Dress(SLUGS[0]))


def test_a_chest_that_the_photo_does_not_show_keeps_its_clothes(framed):
    image, facts = framed
    alpha = facts.alpha.copy()
    alpha[int(facts.face.chin[1] + 0.5 * facts.face.height) :] = 0
    with pytest.raises(ClothesRefused):
        dressing.prepare_clothes(image, replace(facts, alpha=alpha), Dress(SLUGS[0]))


def test_a_refusal_becomes_a_note_and_the_recipe_says_own_clothes(framed):
    image, facts = framed
    recipe = recipes.built_in_looks()["linkedin"].with_clothes("blazer:navy")
    turned = replace(facts, face=replace(facts.face, yaw=40.0))
    kept, undressed, notes = recipe_fitting.add_clothes(image, turned, recipe)
    assert kept.step_params("dress").garment == "" and undressed.clothes is None
    assert len(notes) == 1 and "turned" in notes[0]


def test_dressing_is_told(framed):
    recipe = recipes.built_in_looks()["linkedin"].with_clothes("blazer:camel")
    kept, facts, notes = recipe_fitting.add_clothes(*framed, recipe)
    assert kept is recipe and facts.clothes is not None
    assert notes == (recipe_fitting.CLOTHES_RENDERED,)


def test_metadata_says_that_the_clothes_are_rendered():
    plain, dressed = (
        provenance.choose_source_type("paper", has_rendered_clothes=has_rendered_clothes)
        for has_rendered_clothes in (False, True)
    )
    assert (plain, dressed) == (provenance.COMPOSITE_CAPTURE, provenance.COMPOSITE_SYNTHETIC)


@pytest.mark.parametrize("clothes", ["blazer", "blazer:black", "fitted-blazer:#0B6E4F", ""])
def test_recipes_with_clothes_survive_storing(clothes):
    recipe = recipes.built_in_looks()["corporate"].with_clothes(clothes)
    restored = recipes.restore_recipe("corporate", recipe.to_plain_data())
    assert restored.step_params("dress") == recipe.step_params("dress")


@pytest.mark.parametrize("clothes", ["toga", "blazer:", "blazer:invisible", "../blazer"])
def test_unknown_clothes_are_refused(clothes):
    recipe = recipes.built_in_looks()["corporate"]
    if clothes == "blazer:":
        assert recipe.with_clothes(clothes).step_params("dress").color == "navy"
        return
    with pytest.raises(BadRecipe):
        recipe.with_clothes(clothes)


def test_light_from_the_left_lights_the_left_side(framed):
    facts = framed[1]
    garment = garments.load_garment(SLUGS[0])
    lit = []
    for side in (-0.4, 0.4):
        light = replace(facts.light, coefficients=np.array([0.2, side, 0.1, 0.3]))
        lit.append(garment.light(dressing.measure_light(replace(facts, light=light))))
    half = garment.alpha.shape[1] // 2
    assert np.allclose(lit[0], lit[1][:, ::-1], atol=1e-5)
    assert lit[0][:, :half].mean() > lit[0][:, half:].mean()


def test_clothes_over_the_face_are_refused(framed, monkeypatch):
    image, facts = framed
    layer = clothes_layers.lay

    def cover_everything(*arguments):
        picture, alpha = layer(*arguments)
        return np.zeros_like(picture), alpha

    monkeypatch.setattr(clothes_layers, "lay", cover_everything)
    with pytest.raises(ClothesRefused, match="a part of your face"):
        dressing.prepare_clothes(image, facts, Dress(SLUGS[0]))


def test_cloth_above_a_closed_garment_keeps_ones_clothes(framed):
    """A white collar between chin and band, where there was skin."""
    image, facts = framed
    with_collar = image.copy()
    chin = int(facts.face.chin[1])
    middle = int(facts.face.landmarks[:468, 0].mean())
    with_collar[chin + 4 :, middle - 40 : middle + 40] = [0.95, 0.95, 0.97]
    with pytest.raises(ClothesRefused, match="collar or beard"):
        dressing.prepare_clothes(with_collar, facts, Dress("roll-neck"))


def test_hair_over_a_closed_garment_keeps_ones_clothes(framed, monkeypatch):
    image, facts = framed

    def hang_hair(image, _facts, _body, first_row):
        hair = np.zeros((len(image) - first_row, image.shape[1]), np.float32)
        hair[:, : image.shape[1] // 3] = 1
        return hair

    monkeypatch.setattr(dressing, "find_hair", hang_hair)
    with pytest.raises(ClothesRefused, match="hair falls over"):
        dressing.prepare_clothes(image, facts, Dress("roll-neck"))


def test_a_garment_leaves_no_gap_where_its_inside_meets_its_front(framed):
    """A pixel that belongs to both halves is covered by their sum."""
    for slug in SLUGS:
        fitted, _, body = fitted_of(framed, slug)
        whole = garments.load_garment(slug)
        covered = 1 - (1 - fitted.front) * (1 - fitted.behind)
        expected = dressing.fit_garment(
            replace(whole, behind=np.zeros_like(whole.behind)), body, framed[1], np.zeros(9)
        ).front
        assert np.abs(covered - expected).max() < 0.02


def test_a_jacket_under_a_blazer_keeps_ones_clothes(framed):
    """A white shirt between the dark fronts of a jacket, on one side and on both."""
    image, facts = framed
    middle = int(facts.face.landmarks[:468, 0].mean())
    narrow = int(4 * body_measures.measure_scale(facts))
    below = int(facts.face.chin[1] + 0.2 * facts.face.height)
    suit = image.copy()
    suit[below:, middle + narrow :] = 0.06
    suit[below:, middle - 4 * narrow : middle + narrow] = 0.9
    with pytest.raises(ClothesRefused, match="jacket of your own"):
        dressing.prepare_clothes(suit, facts, Dress("blazer"))
    shirt = suit.copy()
    shirt[below:] = 0.9
    assert dressing.prepare_clothes(shirt, facts, Dress("blazer")).clothes is not None
