"""The crop meets every condition, whatever the head, the body and the borders of the photo."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from headshots.engine.analysis import faces
from headshots.engine.errors import NoFraming
from headshots.engine.geometry import Transform, move_face
from headshots.engine.operations import framing
from headshots.engine.operations.framing import CIRCLE, CLOSEST, MAX_SHIFT, MIN_BODY, Wish, solve
from headshots.engine.types import Head
from tests.support.portraits import astronaut

wishes = st.builds(
    Wish,
    head=st.floats(0.3, 0.78),
    eyes=st.floats(0.3, 0.5),
    eyes_band=st.floats(0, 0.1),
    inside=st.booleans(),
)


@cache
def mesh():
    """A real face, 100 pixels from hairline to chin, its hairline's middle at 0, 0."""
    face = faces.find_faces(astronaut())[0]
    x, y = face.forehead
    return move_face(face, Transform(x, y, 100 / face.height))


def person(axis, crown, *, tall, width, height, slant=0.9):
    """Face, head and alpha of someone whose shoulders widen downwards from the chin."""
    scale = tall / 135
    place = Transform(-axis / scale, -(crown + 0.26 * tall) / scale, scale)
    face = move_face(mesh(), place)
    head = Head(crown, float(face.eyes[:, 1].mean()), float(face.chin[1]), axis)
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    middle = (crown + head.chin) / 2
    oval = ((columns - axis) / (0.38 * tall)) ** 2 + ((rows - middle) / (0.5 * tall)) ** 2 <= 1
    reach = 0.25 * tall + slant * np.clip(rows - head.chin, 0, 0.9 * tall)
    body = (rows > head.chin - 0.1 * tall) & (np.abs(columns - axis) < reach)
    return face, head, (oval | body).astype(np.float32)


@st.composite
def people(draw):
    width, height = draw(st.integers(220, 700)), draw(st.integers(220, 700))
    tall = draw(st.integers(110, 320))
    axis, crown = draw(st.floats(0.2, 0.8)) * width, draw(st.floats(0.01, 0.5)) * height
    assume(crown + tall < height - 5)
    slant = draw(st.floats(0.1, 1.5))
    return person(axis, crown, tall=tall, width=width, height=height, slant=slant)


def solved(someone, wish):
    try:
        return solve(*someone, wish)
    except NoFraming as error:
        assert error.advice
        return None


@pytest.mark.slow
@given(someone=people(), wish=wishes)
@settings(max_examples=300, deadline=None)
def test_every_promise_holds_or_there_is_no_framing(someone, wish):
    face, head, alpha = someone
    found = solved(someone, wish)
    assume(found is not None)
    side, height = found.side, len(alpha)
    eyes, fraction = (head.eyes - found.top) / side, head.height / side
    assert found.eye_line == pytest.approx(eyes) and found.head_fraction == pytest.approx(fraction)
    assert wish.head * 0.98 <= fraction <= CLOSEST * 1.02
    assert abs(eyes - wish.eyes) <= wish.eyes_band + 1.5 / side
    assert abs(found.left + side / 2 - head.axis) <= MAX_SHIFT * side + 1
    assert found.top + side <= height, "the bottom edge lies on the photo"
    seen = alpha[found.top + side - 1, max(0, found.left) : max(0, found.left + side)]
    assert (seen > 0.5).sum() >= MIN_BODY * side, "the body leaves through the bottom edge"
    rim = face.landmarks[:468, :2] - (found.left + side / 2, found.top + side / 2)
    assert np.linalg.norm(rim, axis=1).max() <= (CIRCLE + 0.03) * side, "the face is in the circle"


@pytest.mark.slow
@given(someone=people(), wish=wishes)
@settings(max_examples=300, deadline=None)
def test_body_cut_by_the_photo_never_ends_inside_the_frame(someone, wish):
    _, _, alpha = someone
    found = solved(someone, wish)
    assume(found is not None)
    rows = slice(max(0, found.top), found.top + found.side)
    if found.left < -1:
        assert alpha[rows, 0].max() < 0.5
    if found.left + found.side > alpha.shape[1] + 1:
        assert alpha[rows, -1].max() < 0.5
    if found.top < -1:
        assert alpha[0].max() < 0.5


@given(someone=people(), wish=wishes)
@settings(max_examples=150, deadline=None)
def test_own_background_stays_on_the_photo(someone, wish):
    found = solved(someone, replace(wish, inside=True))
    assume(found is not None)
    height, width = someone[2].shape
    assert 0 <= found.left <= width - found.side
    assert 0 <= found.top <= height - found.side


def test_wish_is_granted_where_there_is_room():
    someone = person(500, 300, tall=200, width=1000, height=1000)
    found = solve(*someone, Wish(head=0.5, eyes=0.4))
    assert found.head_fraction == pytest.approx(0.5, abs=0.005)
    assert found.eye_line == pytest.approx(0.4, abs=0.005)
    assert found.left + found.side / 2 == pytest.approx(500, abs=1)
    assert found.notes == ()


def test_closer_crop_is_taken_and_told_when_the_photo_ends():
    someone = person(300, 60, tall=260, width=600, height=430)
    found = solve(*someone, Wish(head=0.4, eyes=0.4))
    assert found.head_fraction > 0.41
    assert "closer" in found.notes[0]


def test_eye_line_that_moved_is_told():
    found = solve(*person(500, 300, tall=200, width=1000, height=620), Wish(head=0.5, eyes=0.4))
    if abs(found.eye_line - 0.4) > 0.01:
        assert any("eyes" in note for note in found.notes)
    else:
        assert not any("eyes" in note for note in found.notes)


def test_photo_without_a_body_has_no_framing():
    face, head, alpha = person(300, 60, tall=260, width=600, height=600)
    alpha[int(head.chin) :] = 0
    with pytest.raises(NoFraming):
        solve(face, head, alpha, Wish())


def test_photo_cut_at_the_chin_has_no_framing():
    face, head, alpha = person(300, 60, tall=260, width=600, height=600)
    with pytest.raises(NoFraming):
        solve(face, head, alpha[: int(head.chin) - 20], Wish())


def test_bands_of_the_solver_leave_the_face_whole():
    assert framing.CIRCLE <= 0.5 and framing.CLOSEST < 1
