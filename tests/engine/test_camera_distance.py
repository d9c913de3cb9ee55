"""The distance of the camera comes from the irises and the focal length that the file states."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from PIL import Image

from headshots.engine import camera_distance
from headshots.engine.analysis import faces
from headshots.engine.io.decode import decode_photo
from headshots.engine.io.exif import FILM_LONGER_SIDE
from tests.support.image_files import encode_picture
from tests.support.portraits import astronaut

FOCAL_LENGTH, EXIF_DIRECTORY, WIDTH, HEIGHT = 0xA405, 0x8769, 0xA002, 0xA003
ORIGINAL = (2600, 1950)  # width and height of a picture as a camera writes it


def photo_file(form="JPEG", *, size=ORIGINAL, **tags):
    """A file of a grey picture with tags of the EXIF directory, by the names above."""
    exif = Image.Exif()
    exif.get_ifd(EXIF_DIRECTORY).update({globals()[name]: value for name, value in tags.items()})
    return encode_picture(Image.new("RGB", size, "grey"), form, exif=exif.tobytes())


@pytest.fixture(scope="module")
def face():
    return faces.find_faces(astronaut())[0]


def with_iris(face, diameter):
    """The face with irises of so many pixels."""
    landmarks = face.landmarks.copy()
    for center, rim in ((468, range(469, 473)), (473, range(474, 478))):
        offsets = np.array([[1, 0, 0], [0, -1, 0], [-1, 0, 0], [0, 1, 0]]) * diameter / 2
        landmarks[list(rim)] = landmarks[center] + offsets
    return replace(face, landmarks=landmarks)


@pytest.mark.slow
@pytest.mark.parametrize("form", ["JPEG", "HEIF"])
def test_focal_length_is_read_before_metadata_is_dropped(form):
    photo = decode_photo(photo_file(form, FOCAL_LENGTH=26, WIDTH=2600, HEIGHT=1950))
    assert photo.focal_share == pytest.approx(26 / FILM_LONGER_SIDE)
    assert photo.pixels.shape == (1950, 2600, 3)


@pytest.mark.parametrize(
    ("size", "tags"),
    [
        (ORIGINAL, {}),
        (ORIGINAL, {"FOCAL_LENGTH": 0}),
        (ORIGINAL, {"FOCAL_LENGTH": 60_000}),
        ((1600, 1200), {"FOCAL_LENGTH": 26}),
        ((2600, 2600), {"FOCAL_LENGTH": 26}),
        ((2600, 1733), {"FOCAL_LENGTH": 26, "WIDTH": 4000, "HEIGHT": 3000}),
    ],
    ids=["not stated", "zero", "impossible", "made small", "square", "cropped"],
)
def test_focal_length_is_not_believed_where_it_may_be_wrong(size, tags):
    assert decode_photo(photo_file(size=size, **tags)).focal_share is None


@pytest.mark.parametrize("cut", [4, 9, 20, 40])
def test_broken_metadata_never_refuses_a_photo(cut):
    exif = Image.Exif()
    exif.get_ifd(EXIF_DIRECTORY)[FOCAL_LENGTH] = 26
    broken = exif.tobytes()[: 6 + cut]
    data = encode_picture(Image.new("RGB", ORIGINAL, "grey"), "JPEG", exif=broken)
    assert decode_photo(data).pixels.shape == (1950, 2600, 3)


@pytest.mark.parametrize("centimetres", [30, 54, 56, 120])
def test_distance_is_that_of_similar_triangles(face, centimetres):
    focal_length = 3000.0
    near = with_iris(face, focal_length * 1.17 / centimetres)
    assert camera_distance.measure_distance(near, focal_length) == pytest.approx(centimetres)
    check = camera_distance.check_distance(near, focal_length)
    assert check.value == centimetres and not check.blocking
    assert check.ok == (centimetres >= 55) == (check.advice == "")
    assert check.ok or "zoom" in check.advice


@pytest.mark.parametrize("scale", [0.5, 2.0])
def test_distance_does_not_depend_on_the_size_of_the_picture(face, scale):
    pixels = cv2.resize(astronaut(), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    other = camera_distance.measure_distance(faces.find_faces(pixels)[0], 3000.0 * scale)
    assert other == pytest.approx(camera_distance.measure_distance(face, 3000.0), rel=0.05)
