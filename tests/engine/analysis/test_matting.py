"""The cut-out holds the whole person and nobody else, down to the colour of the hair."""

import cv2
import numpy as np
import pytest

from headshots.engine.analysis import faces, matte_error, matting
from headshots.engine.analysis.landmarks import FACE_OVAL, outline_mask
from headshots.engine.analysis.subject import Subject
from headshots.engine.closed_form import estimate_colors
from headshots.engine.render import Renderer
from tests.support import portraits
from tests.support.portraits import ASTRONAUT, PORTRAITS, Portrait

SIZE = 512


@pytest.fixture(scope="module", params=PORTRAITS)
def subject(request) -> Subject:
    portrait: Portrait = request.param
    return portrait.renderer(SIZE).prepare_photo(0).subject


@pytest.fixture(scope="module")
def neighbours():
    """The astronaut beside herself: two faces and two bodies that touch."""
    half = portraits.astronaut()[:, 40:420]
    return np.ascontiguousarray(np.hstack([half, half[:, ::-1]]))


def test_masks_have_their_shape_and_range(subject):
    height, width = subject.canvas.shape[:2]
    alpha = subject.matte.alpha
    assert alpha.shape == (height, width) and alpha.dtype == np.float32
    assert alpha.min() >= 0 and alpha.max() <= 1
    assert subject.matte.foreground.shape == subject.canvas.shape
    assert [region.name for region in subject.matte.regions] == list(matte_error.REGIONS)
    assert all(region.error >= 0 for region in subject.matte.regions)


def test_face_is_solid(subject):
    face = outline_mask(subject.face, FACE_OVAL, subject.canvas.shape) > 0
    assert (subject.matte.alpha[face] > 0.99).mean() > 0.98


def test_corners_above_the_shoulders_are_background(subject):
    edge = max(4, subject.canvas.shape[1] // 30)
    crown = max(edge, int(subject.head.crown))
    for corner in (np.s_[:crown, :edge], np.s_[:crown, -edge:]):
        assert np.median(subject.matte.alpha[corner]) < 0.05


def test_foreground_is_the_photo_where_the_person_is_solid(subject):
    solid = subject.matte.alpha == 1
    assert solid.mean() > 0.2
    assert np.array_equal(subject.matte.foreground[solid], subject.canvas[solid])


def test_cut_out_over_its_own_photo_is_the_photo(subject):
    """αF + (1 - α)B must give back what was photographed: no halo, no bite."""
    alpha = subject.matte.alpha
    background = _estimate_background(subject.canvas, alpha)
    again = alpha[..., None] * subject.matte.foreground + (1 - alpha[..., None]) * background
    band = (subject.matte.alpha > 0.4) & (subject.matte.alpha < 1)
    assert np.median(np.abs(again - subject.canvas)[band]) < 16


def _estimate_background(pixels, alpha):
    _, background = estimate_colors((pixels / 255).astype(np.float32), alpha)
    return background * 255


def test_head_is_measured_in_order(subject):
    head = subject.head
    assert head.crown < subject.face.forehead[1] < head.eyes < head.chin
    assert 1.0 < head.height / subject.face.height < 1.65
    assert subject.face.landmarks[234, 0] < head.axis < subject.face.landmarks[454, 0]


@pytest.mark.slow
@pytest.mark.parametrize("index", [0, 1])
def test_only_the_chosen_person_is_cut_out(neighbours, index):
    prepared = Renderer([neighbours], size=SIZE, face=index).prepare_photo(0).subject
    faces_found = sorted(
        faces.find_faces(prepared.canvas),
        key=lambda face: abs(face_middle(face) - head_axis(prepared)),
    )
    assert abs(face_middle(faces_found[0]) - head_axis(prepared)) < 0.2 * prepared.face.height
    for other in faces_found[1:]:
        hidden = outline_mask(other, FACE_OVAL, prepared.canvas.shape) > 0
        assert (prepared.matte.alpha[hidden] < 0.05).mean() > 0.95


def face_middle(face):
    return face.landmarks[:468, 0].mean()


def head_axis(prepared: Subject):
    return prepared.head.axis


@pytest.mark.slow
@pytest.mark.skipif(not portraits.is_present("two_people"), reason="needs the folder of photos")
@pytest.mark.parametrize("index", [0, 1])
def test_person_beside_is_background(index):
    pixels = portraits.load_photo("two_people")
    prepared = Renderer([pixels], size=SIZE, face=index).prepare_photo(0).subject
    for face in faces.find_faces(prepared.canvas):
        seen = prepared.matte.alpha[outline_mask(face, FACE_OVAL, prepared.canvas.shape) > 0].mean()
        is_chosen = abs(face_middle(face) - head_axis(prepared)) < 0.2 * prepared.face.height
        assert seen > 0.98 if is_chosen else seen < 0.05


def test_known_cut_out_is_found_again():
    """The astronaut laid over plain green with her own matte: solving again gives it back."""
    prepared = ASTRONAUT.renderer(SIZE).prepare_photo(0).subject
    alpha = prepared.matte.alpha[..., None]
    green = np.array([60, 160, 90])
    pixels = np.round(alpha * prepared.matte.foreground + (1 - alpha) * green).astype(np.uint8)
    again = matting.cut_out(pixels, prepared.face)
    error = np.abs(again.alpha - prepared.matte.alpha)
    assert error.mean() < 0.02
    assert matte_error.find_flaw(again.regions, None) is None


@pytest.mark.slow
def test_edges_are_smooth_before_a_dark_noisy_ground():
    """A dark circle of hair before a nearly as dark ground: the edge is no staircase of blocks."""
    prepared = ASTRONAUT.renderer(SIZE).prepare_photo(0).subject
    noise = np.random.default_rng(2).normal(0, 3, prepared.canvas.shape)
    alpha = prepared.matte.alpha
    dark = np.where(alpha[..., None] > 0, 0.25 * prepared.matte.foreground, 0)
    pixels = dark * alpha[..., None] + (1 - alpha[..., None]) * 22 + noise
    again = matting.cut_out(np.clip(pixels, 0, 255).astype(np.uint8), prepared.face).alpha
    rows = slice(int(prepared.head.crown), int(prepared.head.chin))
    assert _measure_roughness(again[rows]) < 1.25 * _measure_roughness(alpha[rows])


def _measure_roughness(alpha):
    """Length of the outline over that of the outline smoothed by a hundredth of the picture."""
    lengths = []
    for picture in (alpha, cv2.GaussianBlur(alpha, (0, 0), alpha.shape[1] / 100)):
        contours, _ = cv2.findContours(
            (picture > 0.5).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
        )
        lengths.append(sum(cv2.arcLength(contour, closed=True) for contour in contours))
    return lengths[0] / lengths[1]


def test_filled_ears_keep_their_soft_edge():
    """Only holes are filled: a pixel at the edge of an ear that is half covered stays so."""
    face = ASTRONAUT.renderer(SIZE).prepare_photo(0).subject.face
    landmarks = face.landmarks[:, :2]
    alpha = np.zeros((512, 512), np.float32)
    column, row = landmarks[234].astype(int)
    cv2.circle(alpha, (column, row), 25, 1, cv2.FILLED)
    cv2.circle(alpha, (column, row), 8, 0, cv2.FILLED)
    soft = cv2.GaussianBlur(alpha, (0, 0), 2)
    filled = matting.fill_ears(soft, landmarks)
    assert filled[row, column] == 1
    edge = np.hypot(*np.ogrid[-row : 512 - row, -column : 512 - column]) > 20
    assert np.array_equal(filled[edge], soft[edge])


@pytest.mark.slow
def test_empty_surroundings_are_surer_than_busy_ones():
    prepared = ASTRONAUT.renderer(SIZE).prepare_photo(0).subject
    alpha = prepared.matte.alpha[..., None]
    hair = prepared.canvas[int(prepared.head.crown) + 6, int(prepared.head.axis)].astype(float)
    noise = np.random.default_rng(1).normal(0, 25, prepared.canvas.shape)
    errors = [
        sum_errors(
            matting.cut_out(
                np.clip(alpha * prepared.canvas + (1 - alpha) * behind, 0, 255).astype(np.uint8),
                prepared.face,
            )
        )
        for behind in (np.full(3, 250.0), hair + noise)
    ]
    assert errors[0] < errors[1]


def sum_errors(matte):
    return sum(region.error for region in matte.regions)
