"""People and pictures of people beside, behind and on the clothes of the chosen person."""

import cv2
import numpy as np
import pytest

from headshots.engine.analysis import faces, matting, people
from tests.support import portraits

FRAME = 240  # pixels a side of a pasted picture
HEADSHOT_END = 720  # row below which no headshot of the enlarged astronaut reaches


@pytest.fixture(scope="module")
def person():
    """The astronaut at twice her size, her face and her cut-out."""
    pixels = enlarge(portraits.astronaut(), 2)
    face = faces.find_faces(pixels)[0]
    return pixels, face, matting.cut_out(pixels, face).alpha


def enlarge(pixels, factor):
    return cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)


def paste_head(pixels, *, left, top):
    """Paste a small square picture of a head, as a print or in a frame; mirrored."""
    pasted = pixels.copy()
    head = cv2.resize(portraits.astronaut()[0:220, 110:330][:, ::-1], (FRAME, FRAME))
    pasted[top : top + FRAME, left : left + FRAME] = head
    return pasted


def cut_out_largest(pixels):
    largest, *others = faces.find_faces(pixels)
    return matting.cut_out(pixels, largest, others=tuple(others)).alpha, others


@pytest.mark.slow
@pytest.mark.parametrize(
    ("left", "top"), [(330, 600), (30, 60), (750, 260)], ids=["on clothes", "left", "right"]
)
def test_picture_of_a_face_never_cuts_the_person_in_two(person, left, top):
    pixels, _, alone = person
    alpha, others = cut_out_largest(paste_head(pixels, left=left, top=top))
    assert others, "the picture shows a face, or this test proves nothing"
    solid = alone > 0.95
    solid[HEADSHOT_END:] = False
    assert (alpha[solid] > 0.5).mean() > 0.98


@pytest.mark.slow
@pytest.mark.parametrize("left", [30, 750])
def test_framed_face_beside_the_head_is_background(person, left):
    pixels, _, alone = person
    alpha, _ = cut_out_largest(paste_head(pixels, left=left, top=100))
    frame = np.zeros(alpha.shape, bool)
    frame[100 : 100 + FRAME, left : left + FRAME] = True
    assert alpha[frame & (alone < 0.05)].mean() < 0.03


@pytest.mark.slow
def test_blurred_person_behind_the_shoulder_is_background(person):
    """Out of focus and half hidden, so that no face is found in it."""
    pixels, _, alone = person
    alpha = alone[..., None]
    background = np.full_like(pixels, 180)
    background[190:890, 560:960] = cv2.GaussianBlur(pixels[:700, 260:660], (0, 0), 12)
    scene = np.round(alpha * pixels + (1 - alpha) * background).astype(np.uint8)
    cut_alpha, others = cut_out_largest(scene)
    assert not others
    beside = np.zeros(cut_alpha.shape, bool)
    beside[260:460, 640:900] = True
    assert cut_alpha[beside & (alpha[..., 0] < 0.05)].mean() < 0.1


@pytest.mark.parametrize(("rise", "is_kept"), [(0.1, True), (0.9, False)])
def test_smooth_shoulder_at_the_height_of_the_chin_is_the_person(person, rise, is_kept):
    """Who leans forward has it there; what rises as high as a head behind is out of focus."""
    pixels, face, alone = person
    landmarks, (chin_x, chin_row) = face.landmarks[:, :2], face.chin
    piece = np.zeros(pixels.shape[:2], bool)
    left = int(chin_x + 0.65 * face.height)
    piece[int(chin_row - rise * face.height) : int(chin_row + 0.1 * face.height), left:960] = True
    blurred = cv2.GaussianBlur(pixels, (0, 0), 8)
    scene = np.where(piece[..., None], blurred, pixels)
    person_mask = np.where(piece, 1, alone).astype(np.float32)
    mask = people.separate_person(person_mask, scene, landmarks, [])
    assert (mask[piece].mean() > 0.95) == is_kept


@pytest.mark.slow
def test_blurred_skin_is_background_up_to_the_cheek(person):
    """Beside a turned face there is no hair, and somebody's face behind has its colour, too."""
    pixels, face, alone = person
    landmarks, (_, chin_row) = face.landmarks[:, :2], face.chin
    cheek = int(face.landmarks[:, 0].max())
    beside = np.zeros(pixels.shape[:2], bool)
    beside[int(chin_row - 0.7 * face.height) : int(chin_row), cheek:960] = True
    skin = np.median(
        pixels[int(chin_row) - 60 : int(chin_row) - 30, cheek - 60 : cheek - 40], (0, 1)
    )
    noise = np.random.default_rng(4).normal(0, 1, pixels.shape[:2]).astype(np.float32)
    shades = cv2.GaussianBlur(noise, (0, 0), 10)
    behind = skin + 22 * (shades / shades.std())[..., None]
    scene = np.where(beside[..., None], np.clip(behind, 0, 255), pixels).astype(np.uint8)
    person_mask = np.where(beside, 1, alone).astype(np.float32)
    mask = people.separate_person(person_mask, scene, landmarks, [])
    rows = slice(int(chin_row - 0.6 * face.height), int(chin_row - 0.3 * face.height))
    near = slice(cheek + int(0.02 * face.height), cheek + int(0.1 * face.height))
    assert mask[rows, near].mean() < 0.2
    assert mask[people.draw_mesh(mask.shape, landmarks)].mean() > 0.95


@pytest.mark.slow
@pytest.mark.skipif(
    not portraits.is_present("people-behind-3"), reason="needs the folder of photos"
)
def test_person_far_behind_is_background_down_to_the_legs():
    alpha, _ = cut_out_largest(portraits.load_photo("people-behind-3"))
    assert alpha[230:430, 20:110].mean() < 0.02
    assert alpha[600:, 20:200].mean() > 0.95, "the arm in front of her stays"
