"""The check tells that the camera was too near; of the file's metadata nothing is stored."""

import cv2
import pytest
from PIL import Image

from headshots import worker
from headshots.engine.analysis import faces
from headshots.engine.camera_distance import measure_distance
from headshots.engine.io.exif import FILM_LONGER_SIDE
from headshots.services import photos
from tests.support.people import jpeg, person
from tests.support.portraits import astronaut

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
NAME = "camera_subject_distance"


def camera_picture():
    """The portrait with room at both sides, as large as a phone's camera writes it."""
    wide = cv2.copyMakeBorder(astronaut(), 0, 0, 86, 86, cv2.BORDER_REPLICATE)
    return cv2.resize(wide, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)


def checked_photo(pixels, *, film_focal_length):
    """A photo whose file states a focal length, or none, after its check."""
    exif = Image.Exif()
    if film_focal_length:
        exif.get_ifd(0x8769)[0xA405] = film_focal_length
    photo = photos.add_photo(person(), jpeg(pixels, exif=exif.tobytes()))
    worker.check_photo(photo.pk)
    photo.refresh_from_db()
    return photo


@pytest.mark.parametrize("film_focal_length", [12, 85, None])
def test_distance_is_told_where_the_file_states_the_focal_length(film_focal_length):
    pixels = camera_picture()
    photo = checked_photo(pixels, film_focal_length=film_focal_length)
    checks = {check["name"]: check for check in photo.checks}
    assert photo.is_usable
    if film_focal_length is None:
        assert NAME not in checks
        return
    focal_length = film_focal_length / FILM_LONGER_SIDE * max(pixels.shape[:2])
    expected = measure_distance(faces.find_faces(pixels)[0], focal_length)
    assert checks[NAME]["value"] == pytest.approx(expected, rel=0.05)
    is_near = film_focal_length == 12
    assert (expected < 55) == is_near == (not checks[NAME]["ok"])
    assert ("further away, then zoom" in " ".join(photo.advices)) == is_near
