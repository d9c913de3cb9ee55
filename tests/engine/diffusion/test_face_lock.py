"""The face lock: a generated picture is registered to the photo, and the face stays to the bit.

Pictures are changed here by arithmetic, so that what was done to them is known to the pixel.
"""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from headshots.engine.analysis.landmarks import core_mask
from headshots.engine.diffusion import face_lock, registration
from headshots.engine.errors import FaceLockFailed
from tests.support.diffusion_pipelines import bend_picture
from tests.support.portraits import PORTRAITS
from tests.support.rendering import build_bare_recipe, frame_photo

SIZE = 512
MOVES = [
    (1.0, 0.0, 0.0, 0.0),
    (1.0, 0.0, 7.3, -4.6),
    (1.0, 0.0, 31.0, 24.0),
    (0.8, 0.0, 12.0, 9.0),
    (1.2, 0.0, -9.0, 15.0),
    (1.07, 3.0, 5.5, -8.5),
    (0.93, -4.0, -20.0, 3.0),
]  # zoom, degrees, pixels across, pixels down


@pytest.fixture(scope="module")
def exposure():
    renderer = PORTRAITS[0].renderer(SIZE)
    return frame_photo(renderer.prepare_photo(0), build_bare_recipe(), size=SIZE)[1:]


def face_area(facts):
    return np.minimum(facts.alpha, face_lock.face_with_margin(facts.face, facts.alpha.shape))


def move_picture(image, zoom, degrees, across, down):
    """The picture as an image model returns it: zoomed around its middle, turned and shifted."""
    move = cv2.getRotationMatrix2D((SIZE / 2, SIZE / 2), degrees, zoom)
    move[:, 2] += across, down
    shown = cv2.warpAffine(image, move, (SIZE, SIZE), flags=cv2.INTER_CUBIC)
    return np.clip(shown, 0, 1), move


def move_points(move):
    """Points around the face, and where a similarity takes them."""
    points = np.array([[150, 120], [360, 130], [250, 330], [180, 260], [330, 250]], np.float64)
    return points, points @ move[:, :2].T + move[:, 2]


@pytest.mark.parametrize(("zoom", "degrees", "across", "down"), MOVES)
def test_known_shift_and_zoom_are_found_to_a_fraction_of_a_pixel(
    exposure, zoom, degrees, across, down
):
    image, facts = exposure
    generated, move = move_picture(image, zoom, degrees, across, down)
    registered = registration.register_image(generated, image, face_area(facts))
    points, moved_points = move_points(move)
    returned_points = moved_points @ registered.matrix[:, :2].T + registered.matrix[:, 2]
    assert np.linalg.norm(returned_points - points, axis=1).max() < 0.35
    assert registered.residual is not None and registered.residual < 0.5
    assert registered.zoom == pytest.approx(1 / zoom, abs=0.002)


@pytest.mark.parametrize(("zoom", "degrees", "across", "down"), MOVES[1:])
def test_moved_painting_is_laid_back_over_the_photo(exposure, zoom, degrees, across, down):
    image, facts = exposure
    generated, _ = move_picture(image, zoom, degrees, across, down)
    aligned = registration.warp_onto_photo(
        generated, registration.register_image(generated, image, face_area(facts))
    )
    face = core_mask(facts.face, image.shape) > 0
    assert np.abs(aligned - image)[face].mean() < 0.01
    assert np.abs(generated - image)[face].mean() > np.abs(aligned - image)[face].mean()


def test_repainted_surroundings_do_not_disturb_the_registration(exposure):
    """Everything but the head is noise, and other light falls on the head."""
    image, facts = exposure
    noise = np.random.default_rng(3).random(image.shape, np.float32)
    around = np.where(facts.alpha[..., None] > 0.5, image * 0.8 + 0.1, noise)
    generated, move = move_picture(around.astype(np.float32), 1.1, 0, 14.0, -11.0)
    registered = registration.register_image(generated, image, face_area(facts))
    points, moved_points = move_points(move)
    returned_points = moved_points @ registered.matrix[:, :2].T + registered.matrix[:, 2]
    assert np.linalg.norm(returned_points - points, axis=1).max() < 0.5


def test_noise_is_not_taken_for_the_person(exposure):
    image, facts = exposure
    noise = np.random.default_rng(4).random(image.shape, np.float32)
    assert registration.register_image(noise, image, face_area(facts)).residual is None


@pytest.mark.parametrize("bend", [2.5, 5.0])
def test_bent_painting_is_refused(exposure, bend):
    """What no similarity undoes lies beside the photo by as much as it was bent."""
    image, facts = exposure
    generated = bend_picture(image, amplitude=bend)
    registered = registration.register_image(generated, image, face_area(facts))
    assert registered.residual == pytest.approx(bend, rel=0.3)
    with pytest.raises(FaceLockFailed, match="pixels beside"):
        registration.warp_onto_photo(generated, registered)


def test_residual_above_the_limit_is_refused(exposure):
    registered = registration.ImageRegistration(
        registration.IDENTITY, registration.MAX_RESIDUAL + 0.01
    )
    with pytest.raises(FaceLockFailed):
        registration.warp_onto_photo(exposure[0], registered)
    unknown = replace(registered, residual=float("nan"))
    with pytest.raises(FaceLockFailed):
        registration.warp_onto_photo(exposure[0], unknown)


def test_one_changed_pixel_of_the_face_breaks_the_lock(exposure):
    image, facts = exposure
    assert face_lock.require_face_kept(image.copy(), image, facts.face) > 2000
    rows, columns = np.nonzero(core_mask(facts.face, image.shape))
    after = image.copy()
    after[rows[100], columns[100], 1] = np.nextafter(
        after[rows[100], columns[100], 1], np.float32(2)
    )
    with pytest.raises(FaceLockFailed, match="1 pixels"):
        face_lock.require_face_kept(after, image, facts.face)


@pytest.mark.parametrize("portrait", PORTRAITS)
def test_head_mask_keeps_the_head_and_gives_up_the_clothes(portrait):
    source = portrait.renderer(SIZE).prepare_photo(0)
    _, image, facts = frame_photo(source, build_bare_recipe(), size=SIZE)
    mask = face_lock.head_mask(image, facts.alpha, facts.face)
    core = core_mask(facts.face, image.shape) > 0
    assert (mask[core] == 1).all()
    above = int(facts.face.landmarks[face_lock.LOWER_LIP, 1]) - 4
    solid = facts.alpha[:above] > 0.99
    assert mask[:above][solid].mean() > 0.98, "hair and ears stay"
    chest = int(max(SIZE * 11 / 12, facts.face.chin[1] + facts.face.height / 2))
    clothes = facts.alpha[chest:] > 0.9  # none in a frame that ends at the neck
    assert mask[chest:][clothes].sum() <= 0.05 * clothes.sum(), "the chest may be painted"
    assert (mask <= facts.alpha + 1e-6).all()
