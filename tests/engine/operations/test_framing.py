"""The crop keeps every law, whatever the head, the body and the borders of the photo."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from headshots.engine.analysis import faces
from headshots.engine.errors import NoFraming
from headshots.engine.geometry import Transform, move_face
from headshots.engine.operations.framing import (
    CIRCLE_RADIUS,
    MIN_BODY,
    OUTLINE_LANDMARKS,
    FramingWish,
    solve_framing,
)
from headshots.engine.types import Head
from tests.support.portraits import astronaut

wishes = st.builds(
    FramingWish,
    head=st.floats(0.3, 0.78),
    eyes=st.floats(0.3, 0.5),
    inside=st.booleans(),
)


@cache
def real_face():
    """A real face, 100 pixels from hairline to chin, its hairline's middle at 0, 0."""
    face = faces.find_faces(astronaut())[0]
    x, y = face.forehead
    return move_face(face, Transform(x, y, 100 / face.height))


def draw_person(axis, crown, *, head_height, width, height, shoulder_slant=0.9):
    """Face, head and alpha of someone whose shoulders widen downwards from the chin."""
    scale = head_height / 135
    transform = Transform(-axis / scale, -(crown + 0.26 * head_height) / scale, scale)
    face = move_face(real_face(), transform)
    head = Head(crown, float(face.eyes[:, 1].mean()), float(face.chin[1]), axis)
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    middle = (crown + head.chin) / 2
    oval = ((columns - axis) / (0.38 * head_height)) ** 2 + (
        (rows - middle) / (0.5 * head_height)
    ) ** 2 <= 1
    reach = 0.25 * head_height + shoulder_slant * np.clip(rows - head.chin, 0, 0.9 * head_height)
    body = (rows > head.chin - 0.1 * head_height) & (np.abs(columns - axis) < reach)
    return face, head, (oval | body).astype(np.float32)


@st.composite
def drawn_people(draw):
    width, height = draw(st.integers(220, 700)), draw(st.integers(220, 700))
    head_height = draw(st.integers(110, 320))
    axis, crown = draw(st.floats(0.2, 0.8)) * width, draw(st.floats(0.01, 0.5)) * height
    assume(crown + head_height < height - 5)
    shoulder_slant = draw(st.floats(0.1, 1.5))
    return draw_person(
        axis,
        crown,
        head_height=head_height,
        width=width,
        height=height,
        shoulder_slant=shoulder_slant,
    )


def solve_or_none(someone, wish):
    try:
        return solve_framing(*someone, wish)
    except NoFraming as error:
        assert error.advice
        return None


@pytest.mark.slow
@given(someone=drawn_people(), wish=wishes)
@settings(max_examples=300, deadline=None)
def test_every_law_holds_or_there_is_no_framing(someone, wish):
    face, head, alpha = someone
    solution = solve_or_none(someone, wish)
    assume(solution is not None)
    side = solution.side
    assert solution.eye_line == pytest.approx((head.eyes - solution.top) / side)
    assert solution.head_fraction == pytest.approx(head.height / side)
    assert solution.top + side <= len(alpha), "the bottom edge lies on the photo"
    seen = alpha[solution.top + side - 1, max(0, solution.left) : max(0, solution.left + side)]
    assert (seen > 0.5).sum() >= MIN_BODY * side, "the body leaves through the bottom edge"
    outline = face.landmarks[list(OUTLINE_LANDMARKS), :2]
    middle = (solution.left + side / 2, solution.top + side / 2)
    assert np.linalg.norm(outline - middle, axis=1).max() <= CIRCLE_RADIUS * side + 1, (
        "the face is in the circle"
    )


@pytest.mark.slow
@given(someone=drawn_people(), wish=wishes)
@settings(max_examples=300, deadline=None)
def test_body_cut_by_the_photo_never_ends_inside_the_frame(someone, wish):
    _, _, alpha = someone
    solution = solve_or_none(someone, wish)
    assume(solution is not None)
    rows = slice(max(0, solution.top), solution.top + solution.side)
    if solution.left < -1:
        assert alpha[rows, 0].max() < 0.5
    if solution.left + solution.side > alpha.shape[1] + 1:
        assert alpha[rows, -1].max() < 0.5
    if solution.top < -1:
        assert alpha[0].max() < 0.5


@pytest.mark.slow
@given(someone=drawn_people(), wish=wishes)
@settings(max_examples=150, deadline=None)
def test_own_background_stays_on_the_photo(someone, wish):
    solution = solve_or_none(someone, replace(wish, inside=True))
    assume(solution is not None)
    height, width = someone[2].shape
    assert 0 <= solution.left <= width - solution.side
    assert 0 <= solution.top <= height - solution.side


def test_wish_is_granted_where_there_is_room():
    someone = draw_person(500, 300, head_height=200, width=1000, height=1000)
    solution = solve_framing(*someone, FramingWish(head=0.5, eyes=0.4))
    assert solution.head_fraction == pytest.approx(0.5, abs=0.005)
    assert solution.eye_line == pytest.approx(0.4, abs=0.005)
    assert solution.left + solution.side / 2 == pytest.approx(500, abs=1)
    assert solution.notes == ()


def test_closer_crop_is_taken_and_told_when_the_photo_ends():
    someone = draw_person(300, 60, head_height=260, width=600, height=430)
    solution = solve_framing(*someone, FramingWish(head=0.4, eyes=0.4))
    assert solution.head_fraction > 0.5
    assert "more room around head and shoulders" in solution.notes[0]


def test_eye_line_that_moved_is_told():
    someone = draw_person(300, 5, head_height=200, width=600, height=600)
    someone[2][:3, 250:350] = 1  # the hair is cut off by the photo
    solution = solve_framing(*someone, FramingWish(head=0.3, eyes=0.45))
    moved = abs(solution.eye_line - 0.45) > 0.03
    assert moved == any("eyes" in note for note in solution.notes)


@pytest.mark.parametrize("width", [330, 400])
def test_looks_of_a_photo_with_hair_at_both_sides_differ_in_their_crop(width):
    face, head, alpha = draw_person(
        width / 2, 20, head_height=260, width=width, height=500, shoulder_slant=1.5
    )
    alpha[150:, :8] = alpha[150:, -8:] = 1  # long hair leaves through the sides
    wide, close = (
        solve_framing(face, head, alpha, FramingWish(head=wished, eyes=0.42))
        for wished in (0.46, 0.72)
    )
    assert close.head_fraction > 1.08 * wide.head_fraction
    for solution in (wide, close):
        assert solution.left >= 0 and solution.left + solution.side <= width


def test_photo_without_a_body_has_no_framing():
    face, head, alpha = draw_person(300, 60, head_height=260, width=600, height=600)
    alpha[int(head.chin) :] = 0
    with pytest.raises(NoFraming):
        solve_framing(face, head, alpha, FramingWish())


def test_photo_cut_at_the_chin_has_no_framing():
    face, head, alpha = draw_person(300, 60, head_height=260, width=600, height=600)
    with pytest.raises(NoFraming):
        solve_framing(face, head, alpha[: int(head.chin) - 20], FramingWish())
