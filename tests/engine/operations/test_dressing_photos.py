"""What becomes of clothes on real photos: put on, or refused with the sentence that is true."""

from dataclasses import replace

import pytest

from headshots.engine import recipes
from headshots.engine.analysis.landmarks import core_mask
from headshots.engine.errors import ClothesRefused
from headshots.engine.operations import dressing
from headshots.engine.operations.dressing import Dress
from headshots.engine.render import Renderer
from tests.support import portraits
from tests.support.rendering import frame_photo

pytestmark = pytest.mark.slow
SIZE = 512

REFUSED = [
    ("obama", "blazer", "a jacket of your own"),
    ("east-asian-1", "blazer", "a jacket of your own"),
    ("obama", "roll-neck", "a collar or beard"),
    ("glasses-1", "roll-neck", "your hair falls"),
    ("long-hair-2", "blazer", "the same colour"),
    ("afro-1", "blazer", "your head is tilted"),
    ("colour-cast-2", "roll-neck", "your head is turned"),
    ("tight-3", "blazer", "the picture ends at your neck"),
    ("dark-skin-1", "blazer", "something beside your chin"),
]
WORN = [("dark-on-dark-2", "blazer"), ("dark-on-dark-2", "roll-neck"), ("hard-sun-1", "roll-neck")]


def present(rows):
    return [row for row in rows if portraits.is_present(row[0])]


def frame(name):
    photo = Renderer([portraits.load_photo(name)], size=SIZE).prepare_photo(0)
    _, image, facts = frame_photo(photo, recipes.built_in_looks()["linkedin"], size=SIZE)
    return image, facts


@pytest.mark.parametrize(("name", "garment", "words"), present(REFUSED))
def test_each_refusal_comes_on_its_photo(name, garment, words):
    with pytest.raises(ClothesRefused, match=words) as refusal:
        dressing.prepare_clothes(*frame(name), Dress(garment))
    assert refusal.value.advice


@pytest.mark.parametrize(("name", "garment"), present(WORN))
def test_clothes_are_put_on_and_the_face_stays(name, garment):
    image, facts = frame(name)
    dressed_facts = dressing.prepare_clothes(image, facts, Dress(garment))
    dressed = dressing.wear_clothes(image, dressed_facts, Dress(garment))
    core = core_mask(facts.face, image.shape) > 0
    assert (dressed[core] == image[core]).all()
    bottom = dressed_facts.alpha[-20:, SIZE // 2 - 100 : SIZE // 2 + 100]
    assert bottom.min() > 0.98 and (dressed != image)[-20:].mean() > 0.3


@pytest.mark.parametrize("share", [0.0, 0.3])
def test_core_is_the_same_wherever_the_face_is_in_the_picture(source, share):
    """The mask is drawn in the box of the face only; at the edge of the picture, too."""
    face, canvas = source.subject.face, source.subject.canvas
    whole = core_mask(face, canvas.shape)
    rows, columns = (int(share * face.height), int(face.landmarks[:, 0].min() * share))
    wide = (canvas.shape[0] + rows, canvas.shape[1] + columns)
    landmarks = face.landmarks.copy()
    landmarks[:, :2] += [columns, rows]
    moved = core_mask(replace(face, landmarks=landmarks), wide)
    assert (moved[rows:, columns:] == whole).all() and whole.sum() > 0
