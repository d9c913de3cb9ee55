"""The composite touches nothing inside the matte, framing keeps its word, skin keeps its pores."""

from dataclasses import replace

import numpy as np
import pytest
from skimage.color import deltaE_ciede2000

from headshots.engine import color, recipes
from headshots.engine.analysis import quality
from headshots.engine.analysis.landmarks import core_mask
from headshots.engine.operations.backdrops import KINDS
from headshots.engine.operations.framing import MIN_BODY
from headshots.engine.render import Source
from headshots.engine.steps import BY_NAME
from headshots.engine.types import Facts
from tests.support.portraits import PORTRAITS, Portrait
from tests.support.rendering import LOOKS, NEUTRAL, bare, developed, exposed

SIZE = 512
FULL = 1024  # texture is measured at the size people get
TEXTURE = 0.15
EDGE = 0.05  # alpha at a border of the photo that lies inside the frame

every_portrait = pytest.mark.parametrize("portrait", PORTRAITS)
every_look = pytest.mark.parametrize("look", LOOKS)


def source_of(portrait: Portrait, size=SIZE) -> Source:
    return portrait.studio(size).source(0)


def core(facts: Facts):
    return core_mask(facts.face, facts.alpha.shape) > 0


@every_portrait
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("ties", [NEUTRAL, {"harmonise": 0}], ids=["bare", "default wrap"])
def test_composite_touches_nothing_inside_the_matte(portrait, kind, ties):
    recipe = bare(kind, **ties)
    picture = np.full((300, 300, 3), 0.9, np.float32)
    _, image, facts = exposed(source_of(portrait), recipe, size=SIZE, picture=picture)
    result = developed(recipe, image, facts)
    skin = core(facts)
    assert skin.sum() > 2000
    assert np.array_equal(result[skin], facts.source[skin])
    assert deltaE_ciede2000(color.to_lab(result)[skin], color.to_lab(facts.source)[skin]).max() == 0


@every_portrait
def test_face_core_is_solid(portrait):
    _, _, facts = exposed(source_of(portrait), bare(), size=SIZE)
    assert (facts.alpha[core(facts)] == 1).all()


@every_portrait
@every_look
def test_body_leaves_through_the_bottom_edge(portrait, look):
    _, _, facts = exposed(source_of(portrait), recipes.looks()[look], size=SIZE)
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
    framing, _, facts = exposed(source, recipes.looks()[look], size=SIZE)
    height, width = source.subject.canvas.shape[:2]
    scale = SIZE / framing.side
    assert framing.top + framing.side <= height
    left, right = -framing.left * scale, (width - framing.left) * scale
    top = -framing.top * scale
    borders = {
        "left": facts.alpha[:, : int(left) + 1] if left > 1 else None,
        "right": facts.alpha[:, int(right) - 1 :] if right < SIZE - 1 else None,
        "top": facts.alpha[: int(top) + 1] if top > 1 else None,
    }
    for name, beyond in borders.items():
        assert beyond is None or beyond.max() <= EDGE, name


@every_portrait
def test_own_background_is_photographed_everywhere(portrait):
    source = source_of(portrait)
    recipe = bare("own", inside=True)
    recipe = replace(recipe, wish=replace(recipe.wish, eyes_band=0.1))
    framing, _, _ = exposed(source, recipe, size=SIZE)
    height, width = source.subject.canvas.shape[:2]
    assert 0 <= framing.left <= width - framing.side
    assert 0 <= framing.top <= height - framing.side


@every_portrait
def test_retouch_keeps_the_texture_of_skin(portrait):
    _, image, facts = exposed(source_of(portrait, FULL), bare(), size=FULL)
    retouched = BY_NAME["retouch"].run(image, facts, BY_NAME["retouch"].params())
    kept = quality.texture(retouched, facts.face) / quality.texture(facts.source, facts.face)
    assert 1 - TEXTURE <= kept <= 1 + TEXTURE


@every_portrait
def test_retouch_changes_something(portrait):
    _, image, facts = exposed(source_of(portrait, FULL), bare(), size=FULL)
    retouched = BY_NAME["retouch"].run(image, facts, BY_NAME["retouch"].params())
    assert np.abs(retouched - image)[core(facts)].max() > 1 / 255
