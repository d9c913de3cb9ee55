"""Every check reacts to the fault it is named after, and says what to do about it."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from headshots.engine import color
from headshots.engine.analysis import faces, input_checks, quality, subject
from headshots.engine.analysis.input_checks import CHECK_RULES, Check, CheckedPhoto, CheckRule
from headshots.engine.analysis.landmarks import FOREHEAD, LEFT_CHEEK, LEFT_EYE, LIPS, RIGHT_EYE
from headshots.engine.errors import UnusableFace
from headshots.engine.geometry import Transform, move_face
from headshots.engine.render import Renderer
from headshots.engine.types import Box

SIZE = 512


def prepare_view(pixels) -> CheckedPhoto:
    """What the input checks receive of a photo."""
    prepared_subject = subject.prepare_subject(np.ascontiguousarray(pixels), size=SIZE)
    image = prepared_subject.canvas.astype(np.float32) / 255
    close = quality.crop_to_face(image, prepared_subject.face)
    return CheckedPhoto(
        image,
        prepared_subject.face,
        prepared_subject.head,
        prepared_subject.matte.alpha,
        prepared_subject.to_canvas.scale,
        prepared_subject.faces_found,
        close,
        np.ascontiguousarray(pixels),
        prepared_subject.photo_face,
    )


@pytest.fixture(scope="module")
def good(astronaut):
    """The astronaut enlarged with crisper edges: enough pixels for every check."""
    large = cv2.resize(astronaut, None, fx=2.4, fy=2.4, interpolation=cv2.INTER_CUBIC)
    blurred = cv2.GaussianBlur(large, (0, 0), 2.5)
    return prepare_view(cv2.addWeighted(large, 2.2, blurred, -1.2, 0))


def repainted(view: CheckedPhoto, image):
    image = np.clip(image, 0, 1).astype(np.float32)
    return replace(view, image=image, close_up=quality.crop_to_face(image, view.face))


def reshaped(view, move):
    """The same photo with landmarks moved, measured again."""
    points = view.face.landmarks.copy()
    move(points)
    face = faces.measure_landmarks(points, box=view.face.box, score=view.face.score)
    return replace(view, face=face)


def turned(view, *, x=0.0, y=0.0, z=0.0):
    """The mesh turned in space, degrees about the three axes."""

    def move(points):
        a, b, c = np.radians([x, y, z])
        about_x = [[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]]
        about_y = [[np.cos(b), 0, np.sin(b)], [0, 1, 0], [-np.sin(b), 0, np.cos(b)]]
        about_z = [[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]]
        middle = points.mean(axis=0)
        points[:] = (points - middle) @ (np.array(about_z) @ about_y @ about_x).T + middle

    return reshaped(view, move)


def painted(view, outline, color, *, grow=0.0):
    """A patch of one colour over part of the face, grown by so many face heights."""
    shape = np.zeros(view.image.shape[:2], np.uint8)
    hull = cv2.convexHull(np.round(view.face.landmarks[list(outline), :2]).astype(np.int32))
    cv2.fillConvexPoly(shape, hull, 1)
    side = 2 * round(grow * view.face.height) + 1
    shape = cv2.dilate(shape, np.ones((side, side), np.uint8))
    return np.where(shape[..., None] > 0, np.float32(color), view.image)


def sunglasses(view):
    image = view.image
    for eye in (LEFT_EYE, RIGHT_EYE):
        image = painted(replace(view, image=image), eye, (0.03, 0.03, 0.03), grow=0.13)
    return repainted(view, image)


def side_light(view):
    columns = np.arange(view.image.shape[1]) - view.face.landmarks[:468, 0].mean()
    fall = 1 / (1 + np.exp(-columns / (0.08 * view.face.height)))
    return repainted(view, view.image * (0.3 + 0.7 * fall[None, :, None]))


def bright_behind(view):
    dark = view.image * 0.35
    return repainted(view, np.where(view.alpha[..., None] > 0.04, dark, 1))


def grainy(view):
    noise = np.random.default_rng(4).normal(0, 0.16, view.image.shape)
    return repainted(view, view.image + noise)


def closed_eyes(view):
    def move(points):
        for _, _, upper, lower, _ in faces.EYE_POINTS:
            points[upper] = points[lower] + (0, -0.2, 0)

    return reshaped(view, move)


def sideways_gaze(view):
    def move(points):
        points[[468, 473], 0] += 0.12 * view.face.eye_distance

    return reshaped(view, move)


def open_mouth(view):
    def move(points):
        points[14, 1] += 0.5 * view.face.eye_distance

    return reshaped(view, move)


def cropped(view, *, left=0.0, top=0.0, bottom=0.0):
    """The photo ends so many face heights from the face on that side."""
    low, high = view.face.landmarks[:468, :2].min(axis=0), view.face.landmarks[:468, :2].max(axis=0)
    unit = view.face.height
    height = view.image.shape[0]
    y = int(max(0, low[1] - top * unit)) if top else 0
    end = int(min(height, high[1] + bottom * unit)) if bottom else height
    x = int(max(0, low[0] - left * unit)) if left else 0
    face = replace(view.face, landmarks=view.face.landmarks - (x, y, 0), box=Box(0, 0, 1, 1))
    head = replace(
        view.head,
        crown=view.head.crown - y,
        eyes=view.head.eyes - y,
        chin=view.head.chin - y,
        axis=view.head.axis - x,
    )
    window = np.s_[y:end, x:]
    return replace(view, image=view.image[window], alpha=view.alpha[window], face=face, head=head)


def masked(view, color):
    image = painted(view, (197, 118, 138, 152, 367, 347), color)
    return repainted(view, image)


def hand_before_mouth(view):
    skin = np.median(view.image[painted(view, LEFT_CHEEK, (2, 2, 2))[..., 0] > 1], axis=0)
    return repainted(view, painted(view, LIPS, skin, grow=0.06))


def glaring(view):
    image = view.image
    for eye in (LEFT_EYE, RIGHT_EYE):
        image = painted(replace(view, image=image), eye, (1, 1, 1), grow=0.03)
    return repainted(view, image)


def moved(view, *, angle=0.0):
    """Blurred by a movement of 7 % of the face's height at an angle in degrees."""
    side = 2 * round(0.035 * view.face.height) + 1
    kernel, middle = np.zeros((side, side), np.float32), side // 2
    reach = middle * np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
    start, end = (tuple(np.round(middle + sign * reach).astype(int).tolist()) for sign in (-1, 1))
    cv2.line(kernel, start, end, 1.0)
    return repainted(view, cv2.filter2D(view.image, -1, kernel / kernel.sum()))


def of_one_material(view):
    """Carved from one stone: shape remains, colours and pupils do not."""
    gray = cv2.GaussianBlur(view.image.mean(axis=2), (0, 0), 0.06 * view.face.height)
    return repainted(view, gray[..., None] * np.float32([0.9, 0.6, 0.45]))


def printed(view):
    """The photo as a card that lies on a table."""
    margin = round(0.2 * len(view.photo))
    border = (margin, margin, margin, margin)
    photo = cv2.copyMakeBorder(view.photo, *border, cv2.BORDER_CONSTANT, value=(120, 150, 135))
    face = move_face(view.photo_face, Transform(-margin, -margin))
    return replace(view, photo=photo, photo_face=face)


def blurred(view, *, by):
    return repainted(view, cv2.GaussianBlur(view.image, (0, 0), by * view.face.height))


FAULTS = {
    "inter_eye_distance": lambda view: replace(view, scale=view.face.eye_distance / 60),
    "sharpness": lambda view: blurred(view, by=0.01),
    "under_exposure": lambda view: repainted(view, view.image * 0.25),
    "over_exposure": lambda view: repainted(view, view.image * 2.5),
    "dynamic_range": lambda view: repainted(view, 0.6 + 0.05 * view.image),
    "illumination_uniformity": side_light,
    "backlight": bright_behind,
    "noise": grainy,
    "motion_blur": moved,
    "original_photo": printed,
    "mouth_visible": hand_before_mouth,
    "nose_visible": lambda view: masked(view, (0.5, 0.7, 0.9)),
    "glasses_without_glare": glaring,
    "living_person": of_one_material,
    "colourful": lambda view: repainted(
        view, view.image.mean(axis=2, keepdims=True) + 0 * view.image
    ),
    "natural_colour": lambda view: repainted(view, view.image * (0.4, 0.7, 1.4)),
    "head_pose_yaw": lambda view: turned(view, y=28),
    "head_pose_pitch": lambda view: turned(view, x=view.face.pitch + 24),
    "head_pose_roll": lambda view: turned(view, z=18),
    "eyes_open": closed_eyes,
    "gaze": sideways_gaze,
    "mouth_closed": open_mouth,
    "face_in_frame": lambda view: cropped(view, left=0.05),
    "eyes_visible": sunglasses,
    "single_face": lambda view: replace(view, faces_found=3),
    "head_room": lambda view: cropped(view, top=0.12),
    "shoulders_visible": lambda view: cropped(view, bottom=0.2),
}


def check_named(view: CheckedPhoto, name) -> Check:
    return {check.name: check for check in input_checks.check_photo(view)}[name]


def test_there_are_at_least_fourteen_checks_and_every_one_is_tried():
    assert {rule.name for rule in CHECK_RULES} == set(FAULTS)
    assert len(FAULTS) >= 14


@pytest.mark.slow
@pytest.mark.parametrize("name", FAULTS)
def test_fault_is_found_by_the_check_of_its_name(good, name):
    before, after = check_named(good, name), check_named(FAULTS[name](good), name)
    assert before.ok, f"{before.value} is refused before anything is wrong"
    assert before.advice == ""
    assert not after.ok, f"{after.value} passes the limit {after.limit}"
    assert after.value != before.value
    assert after.advice[0].isupper() and after.advice.endswith(".")


@pytest.mark.slow
@pytest.mark.parametrize("rule", CHECK_RULES, ids=lambda rule: rule.name)
def test_limit_is_told(good, rule: CheckRule):
    check = rule.apply(good)
    assert check.limit == (rule.maximum if rule.minimum is None else rule.minimum)
    assert np.isfinite(check.value)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "mild", "grave"),
    [
        (
            "inter_eye_distance",
            FAULTS["inter_eye_distance"],
            lambda view: replace(view, scale=view.face.eye_distance / 20),
        ),
        ("sharpness", FAULTS["sharpness"], lambda view: blurred(view, by=0.08)),
        (
            "under_exposure",
            FAULTS["under_exposure"],
            lambda view: repainted(view, view.image * 0.05),
        ),
        (
            "over_exposure",
            lambda view: repainted(view, view.image * 1.2),
            lambda view: repainted(view, view.image * 20),
        ),
        ("head_pose_yaw", FAULTS["head_pose_yaw"], lambda view: turned(view, y=50)),
    ],
)
def test_what_could_be_better_is_not_what_cannot_be_used(good, name, mild, grave):
    better, unusable = check_named(mild(good), name), check_named(grave(good), name)
    assert not better.ok and not better.blocking
    assert not unusable.ok and unusable.blocking


@pytest.mark.slow
def test_blocking_check_stops_the_studio_with_its_advice(astronaut):
    night = (astronaut * 0.12).astype(np.uint8)
    with pytest.raises(UnusableFace, match="too dark") as caught:
        Renderer([night], size=SIZE).prepare_photo(0)
    blocking = {
        check.advice for check in input_checks.check_photo(prepare_view(night)) if check.blocking
    }
    assert caught.value.advice in blocking


@pytest.mark.slow
@pytest.mark.parametrize(
    "cloth", [(0.5, 0.7, 0.9), (0.95, 0.95, 0.95), (0.05, 0.05, 0.05), (0.9, 0.6, 0.7)]
)
def test_mask_of_any_colour_makes_a_photo_unusable(good, cloth):
    failed = [check for check in input_checks.check_photo(masked(good, cloth)) if check.blocking]
    assert failed[0].problem == "Your mouth or nose is covered."


@pytest.mark.slow
@pytest.mark.parametrize("angle", [0, 30, 90, 135])
def test_movement_in_any_direction_is_told(good, angle):
    shaken = moved(good, angle=angle)
    failed_checks = {check.name for check in input_checks.check_photo(shaken) if not check.ok}
    assert failed_checks & {"motion_blur", "sharpness"}


@pytest.mark.slow
@pytest.mark.parametrize("exposure", [0.5**3, 0.5**4.6])
def test_darkness_is_not_called_sunglasses(good, exposure):
    """In linear light, as a camera underexposes."""
    dark = repainted(good, color.to_srgb(color.to_linear(good.image) * np.float32(exposure)))
    failed_checks = [check.name for check in input_checks.check_photo(dark) if not check.ok]
    assert failed_checks[0] == "under_exposure"
    assert not set(failed_checks) & {"eyes_visible", "eyes_open", "mouth_visible", "living_person"}


@pytest.mark.slow
def test_what_covers_hair_and_forehead_is_nobody_s_business(good):
    scarf = repainted(good, painted(good, FOREHEAD, (0.1, 0.1, 0.15), grow=0.1))
    failed_checks = {check.name for check in input_checks.check_photo(scarf) if not check.ok}
    assert failed_checks <= {check.name for check in input_checks.check_photo(good) if not check.ok}
    advices = " ".join(rule.advice + rule.problem for rule in CHECK_RULES).lower()
    assert not any(word in advices for word in ("cap", "hood", "scarf off", "hat", "turban"))


@pytest.mark.slow
def test_score_is_the_share_that_passed(good):
    checks = input_checks.check_photo(good)
    passed = sum(check.ok for check in checks)
    assert input_checks.passed_share(checks) == pytest.approx(passed / len(CHECK_RULES))
    assert input_checks.passed_share(
        input_checks.check_photo(grainy(good))
    ) < input_checks.passed_share(checks)


@pytest.mark.slow
@pytest.mark.parametrize("size", [128, 256, 1024])
def test_verdict_is_about_the_photo_and_not_about_the_size_asked_for(astronaut, size):
    """A photo that is good enough for 512 pixels is not refused for fewer or for more."""
    wanted = {check.name: check.ok for check in input_checks.check_photo(prepare_view(astronaut))}
    checks = Renderer([astronaut], size=size).prepare_photo(0).checks
    assert {check.name: check.ok for check in checks} == wanted
