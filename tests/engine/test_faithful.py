"""The composite touches nothing inside the matte, framing keeps its word, skin keeps its pores."""

from dataclasses import replace

import numpy as np
import pytest
from skimage.color import deltaE_ciede2000

from headshots.engine import color, recipes
from headshots.engine.analysis import quality
from headshots.engine.analysis.landmarks import core_mask
from headshots.engine.analysis.subject import Subject
from headshots.engine.operations.backdrops import BACKDROP_KINDS
from headshots.engine.operations.framing import EDGE_ALPHA, MIN_BODY
from headshots.engine.render import PreparedPhoto
from headshots.engine.steps import STEPS_BY_NAME
from headshots.engine.types import Facts, Framing
from tests.support.portraits import PORTRAITS, Portrait
from tests.support.rendering import LOOKS, NEUTRAL, build_bare_recipe, frame_photo, run_steps

SIZE = 512
FULL = 1024  # texture is measured at the size people get
TEXTURE = 0.15
EDGE = 0.05  # alpha at a border of the photo that lies inside the frame

every_portrait = pytest.mark.parametrize("portrait", PORTRAITS)
every_look = pytest.mark.parametrize("look", LOOKS)


def source_of(portrait: Portrait, size=SIZE) -> PreparedPhoto:
    return portrait.renderer(size).prepare_photo(0)


def core_of(facts: Facts):
    return core_mask(facts.face, facts.alpha.shape) > 0


def crop_borders(subject: Subject, framing: Framing, facts: Facts):
    """Alpha beyond, and just inside, every border of the photo that lies inside the frame."""
    width = subject.canvas.shape[1]
    scale = SIZE / framing.side
    left, right = -framing.left * scale, (width - framing.left) * scale
    top = -framing.top * scale
    borders = {
        "left": facts.alpha[:, : int(left) + 1] if left > 1 else None,
        "right": facts.alpha[:, int(right) - 1 :] if right < SIZE - 1 else None,
        "top": facts.alpha[: int(top) + 1] if top > 1 else None,
    }
    return {name: beyond for name, beyond in borders.items() if beyond is not None}


@every_portrait
@pytest.mark.parametrize("kind", BACKDROP_KINDS)
@pytest.mark.parametrize("ties", [NEUTRAL, {"harmonise": 0}], ids=["bare", "default wrap"])
def test_composite_touches_nothing_inside_the_matte(portrait, kind, ties):
    recipe = build_bare_recipe(kind, **ties)
    picture = np.full((300, 300, 3), 0.9, np.float32)
    _, image, facts = frame_photo(source_of(portrait), recipe, size=SIZE, picture=picture)
    result = run_steps(recipe, image, facts)
    skin = core_of(facts)
    assert skin.sum() > 2000
    assert np.array_equal(result[skin], facts.photo[skin])
    assert deltaE_ciede2000(color.to_lab(result)[skin], color.to_lab(facts.photo)[skin]).max() == 0


@every_portrait
def test_face_core_is_solid(portrait):
    _, _, facts = frame_photo(source_of(portrait), build_bare_recipe(), size=SIZE)
    assert (facts.alpha[core_of(facts)] == 1).all()


@every_portrait
@every_look
def test_body_leaves_through_the_bottom_edge(portrait, look):
    _, _, facts = frame_photo(source_of(portrait), recipes.built_in_looks()[look], size=SIZE)
    bottom = facts.alpha[-1] > 0.5
    assert bottom.mean() >= MIN_BODY - 0.01
    chin = int(facts.head.chin)
    axis = facts.alpha[chin:, int(facts.head.axis)]
    assert (axis > 0.5).all(), "the body is solid from the chin down"


@every_portrait
@every_look
def test_no_pixel_of_the_person_is_invented(portrait, look):
    """Beyond the photo alpha is 0, and a body cut by its border does not end inside the frame."""
    source = source_of(portrait)
    framing, _, facts = frame_photo(source, recipes.built_in_looks()[look], size=SIZE)
    assert framing.top + framing.side <= source.subject.canvas.shape[0]
    for name, beyond in crop_borders(source.subject, framing, facts).items():
        assert beyond.max() <= EDGE, name


@every_look
def test_what_is_faint_at_a_border_fades_before_it(source, look):
    """So faint that the person does not touch the border: yet no straight line may end it."""
    matte = source.subject.matte
    veil = replace(matte, alpha=np.maximum(matte.alpha, 0.95 * EDGE_ALPHA).astype(np.float32))
    subject = replace(source.subject, matte=veil)
    framing, _, facts = frame_photo(
        replace(source, subject=subject), recipes.built_in_looks()[look], size=SIZE
    )
    assert facts.alpha.max() == 1
    for name, beyond in crop_borders(subject, framing, facts).items():
        assert beyond.max() <= EDGE, name


@every_portrait
def test_own_background_is_photographed_everywhere(portrait):
    source = source_of(portrait)
    recipe = build_bare_recipe("own", inside=True)
    recipe = replace(recipe, framing_wish=replace(recipe.framing_wish))
    framing, _, _ = frame_photo(source, recipe, size=SIZE)
    height, width = source.subject.canvas.shape[:2]
    assert 0 <= framing.left <= width - framing.side
    assert 0 <= framing.top <= height - framing.side


@pytest.mark.slow
@every_portrait
def test_retouch_keeps_the_texture_of_skin(portrait):
    _, image, facts = frame_photo(source_of(portrait, FULL), build_bare_recipe(), size=FULL)
    retouched = STEPS_BY_NAME["retouch"].run(image, facts, STEPS_BY_NAME["retouch"].params_type())
    texture_ratio = quality.measure_texture(retouched, facts.face) / quality.measure_texture(
        facts.photo, facts.face
    )
    assert 1 - TEXTURE <= texture_ratio <= 1 + TEXTURE


@every_portrait
def test_retouch_changes_something(portrait):
    _, image, facts = frame_photo(source_of(portrait, FULL), build_bare_recipe(), size=FULL)
    retouched = STEPS_BY_NAME["retouch"].run(image, facts, STEPS_BY_NAME["retouch"].params_type())
    assert np.abs(retouched - image)[core_of(facts)].max() > 1 / 255
