"""A mouth moves as far as is natural, and nothing outside the face moves at all."""

from dataclasses import replace

import numpy as np
import pytest

from headshots.engine.analysis import faces
from headshots.engine.analysis.landmarks import outline_mask
from headshots.engine.operations import expression as expressions
from headshots.engine.operations.expression import (
    CLOSED_MOUTH_LIMITS,
    SMILE_MOVES,
    TEETH_LIMITS,
    VISIBLE_TEETH,
    Expression,
    limit_smile,
)
from tests.support.portraits import ASTRONAUT
from tests.support.rendering import build_bare_recipe, frame_photo

SIZE = 512
OVAL_HULL = (10, 284, 454, 361, 379, 152, 150, 132, 234, 54)


@pytest.fixture(scope="module")
def exposure():
    return frame_photo(ASTRONAUT.renderer(SIZE).prepare_photo(0), build_bare_recipe(), size=SIZE)[
        1:
    ]


def measure_face(image):
    return faces.choose_face(faces.find_faces(np.round(image * 255).astype(np.uint8)))


def with_mouth(face, *, smile, teeth):
    return replace(face, smile=smile, teeth=teeth)


def corner_height(face):
    """How far the corners of the mouth lie above its middle, over the distance of the eyes."""
    mouth = face.landmarks[[61, 291, 13, 14], 1]
    return float((mouth[2:].mean() - mouth[:2].mean()) / face.eye_distance)


def test_nothing_wished_changes_nothing(exposure):
    assert np.array_equal(expressions.apply_expression(*exposure, Expression()), exposure[0])


def test_stern_mouth_has_lower_corners_than_a_cheerful_one(exposure):
    image, facts = exposure
    neutral = replace(facts, face=with_mouth(facts.face, smile=0, teeth=0))
    stern, broad = (
        expressions.apply_expression(image, neutral, Expression(smile=smile)) for smile in (-1, 1)
    )
    assert corner_height(measure_face(stern)) < corner_height(measure_face(broad)) - 0.01


def test_contemplation_changes_brows_and_lids(exposure):
    image, facts = exposure
    result = expressions.apply_expression(image, facts, Expression(contemplative=1))
    changed = np.abs(result - image).max(axis=2)
    upper = changed[: int(facts.face.landmarks[1, 1])]
    assert upper.max() > 0.05


@pytest.mark.parametrize("params", [Expression(smile=-1), Expression(smile=1, contemplative=1)])
def test_outside_the_face_nothing_moves(exposure, params):
    image, facts = exposure
    changed = np.abs(expressions.apply_expression(image, facts, params) - image).max(axis=2)
    points = facts.face.landmarks[:468, :2]
    margin = 0.04 * facts.face.height
    low, high = points.min(axis=0) - margin, points.max(axis=0) + margin
    changed[int(low[1]) : int(high[1]), int(low[0]) : int(high[0])] = 0
    assert changed.max() == 0


def test_outline_of_the_face_stays(exposure):
    image, facts = exposure
    moved = measure_face(
        expressions.apply_expression(image, facts, Expression(smile=1, contemplative=1))
    )
    before = measure_face(image)
    rim = [10, 234, 454, 127, 356]
    apart = np.linalg.norm((moved.landmarks - before.landmarks)[rim, :2], axis=1)
    assert apart.max() < 0.03 * before.height


def test_eyes_stay_where_they_are(exposure):
    image, facts = exposure
    smiling = measure_face(expressions.apply_expression(image, facts, Expression(smile=1)))
    before = measure_face(image)
    assert np.abs(smiling.eyes - before.eyes).max() < 0.02 * before.height


@pytest.mark.parametrize(
    ("teeth", "limits"), [(0.0, CLOSED_MOUTH_LIMITS), (VISIBLE_TEETH + 0.01, TEETH_LIMITS)]
)
def test_wish_is_held_to_what_is_natural(exposure, teeth, limits):
    face = with_mouth(exposure[1].face, smile=0.0, teeth=teeth)
    assert limit_smile(face, -1) == limits[0]
    assert limit_smile(face, 1) == limits[1]
    assert limit_smile(face, 0) == 0


def test_visible_teeth_allow_less():
    assert TEETH_LIMITS[0] > CLOSED_MOUTH_LIMITS[0] and TEETH_LIMITS[1] < CLOSED_MOUTH_LIMITS[1]


def test_smile_that_is_already_there_is_not_added_again(exposure):
    face = exposure[1].face
    given = [limit_smile(with_mouth(face, smile=smile, teeth=0), 0.5) for smile in (0.0, 0.4, 1.0)]
    assert given[0] == 0.5 and given[0] > given[1] > given[2] == 0


def test_stronger_wish_moves_more(exposure):
    image, facts = exposure
    neutral = replace(facts, face=with_mouth(facts.face, smile=0, teeth=0))
    mouth = outline_mask(facts.face, OVAL_HULL, image.shape) > 0
    moved = [
        np.abs(expressions.apply_expression(image, neutral, Expression(smile=smile)) - image)[
            mouth
        ].sum()
        for smile in (0.1, 0.3, 0.6)
    ]
    assert moved[0] < moved[1] < moved[2]


def test_both_halves_of_the_mouth_move():
    assert set(SMILE_MOVES) <= set(expressions.MIRRORED_LANDMARKS)
    assert not set(expressions.FIXED_LANDMARKS) & set(SMILE_MOVES)
