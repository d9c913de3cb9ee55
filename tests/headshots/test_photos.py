"""Photos: only pixels are kept, content decides, limits hold, and a refusal leaves nothing."""

import io

import numpy as np
import pytest
from PIL import Image

from headshots import worker
from headshots.engine.errors import BadImage, TooLarge
from headshots.engine.io.decode import decode
from headshots.errors import NotReady, PhotoLimitReached, StorageFull
from headshots.models import Photo, Variant
from headshots.services import photos, renders
from headshots.storage import pictures
from tests.support import image_files, portraits
from tests.support.people import jpeg, patches, person, photo_of, selfie, sheet_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice():
    return person("alice")


def taken_by_phone(pixels):
    """A JPEG as a phone writes it: lying on its side, with place, time and model."""
    tags = Image.Exif()
    tags[0x0112] = 6  # Orientation: turn it clockwise
    tags[0x010F], tags[0x0110] = "Somephone", "Model 12"
    tags.get_ifd(0x8825)[1] = "N"  # GPS
    tags.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
    return jpeg(np.rot90(pixels).copy(), exif=tags, comment=b"secret comment")


def test_only_pixels_are_kept(alice):
    photo = photos.add_photo(alice, taken_by_phone(patches(1, side=256)), name="IMG_1.jpg")
    data = pictures.read_file(photo.picture)
    kept = Image.open(io.BytesIO(data))
    assert not kept.getexif() and set(kept.info) <= {
        "jfif",
        "jfif_version",
        "jfif_unit",
        "jfif_density",
    }
    assert b"Somephone" not in data and b"secret" not in data and b"Exif" not in data
    assert np.abs(decode(data).astype(int) - patches(1, side=256)).mean() < 3, "it stands upright"


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF", "TIFF", "BMP", "GIF"])
def test_content_decides_whatever_the_name_says(alice, form):
    photo = photos.add_photo(
        alice, image_files.encode_picture(patches(2), form), name="holiday.txt"
    )
    assert (photo.width, photo.height, photo.name) == (96, 96, "holiday.txt")
    assert Image.open(io.BytesIO(pictures.read_file(photo.picture))).format == "JPEG"


LARGE = image_files.build_png(20_000, 20_000, data=b"")
REFUSED = {
    "text": (b"I am a photo, honestly.", BadImage),
    "empty": (b"", BadImage),
    "page": (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", BadImage),
    "pdf": (b"%PDF-1.7 \n1 0 obj", BadImage),
    "half": (jpeg(patches(3, side=512))[:3000], BadImage),
    "tiny": (jpeg(patches(3, side=32)), BadImage),
    "bomb": (LARGE, TooLarge),
}


@pytest.mark.parametrize(("data", "error"), REFUSED.values(), ids=list(REFUSED))
def test_refusal_says_what_to_do_and_leaves_nothing(alice, media, data, error):
    with pytest.raises(error) as refused:
        photos.add_photo(alice, data, name="photo.jpg")
    assert refused.value.code == error.code
    assert refused.value.message and refused.value.advice
    assert not Photo.objects.exists()
    assert not [path for path in media.rglob("*") if path.is_file()]


def test_grain_is_no_reason_to_refuse(alice):
    noise = np.random.default_rng(0).integers(0, 256, (300, 300, 3), dtype=np.uint8)
    assert photos.add_photo(alice, image_files.encode_picture(noise, "PNG")).width == 300


def test_longest_side_is_limited(alice):
    wide = np.zeros((100, 5000, 3), np.uint8)
    photo = photos.add_photo(alice, image_files.encode_picture(wide, "PNG"))
    assert (photo.width, photo.height) == (4096, 82)
    assert pictures.read_pixels(photo.picture).shape == (82, 4096, 3)


def test_same_photo_twice_is_one(alice):
    first, second = (photos.add_photo(alice, jpeg(patches(1)), name=name) for name in ("a", "b"))
    assert first == second and Photo.objects.get().name == "a"


def test_two_people_with_one_photo_have_two(alice, django_capture_on_commit_callbacks):
    bob = person("bob")
    alices, bobs = (photos.add_photo(owner, jpeg(patches(1))) for owner in (alice, bob))
    assert alices.picture != bobs.picture
    with django_capture_on_commit_callbacks(execute=True):
        photos.delete_photo(alices)
    assert pictures.list_names() == {bobs.picture}
    assert pictures.read_file(bobs.picture)


def test_count_is_limited_and_deleting_makes_room(alice, settings):
    settings.PHOTO_LIMIT = 2
    first, _ = (photos.add_photo(alice, jpeg(patches(seed))) for seed in (1, 2))
    before = pictures.list_names()
    with pytest.raises(PhotoLimitReached, match="2 photos"):
        photos.add_photo(alice, jpeg(patches(3)))
    assert pictures.list_names() == before and Photo.objects.count() == 2
    photos.delete_photo(first)
    photos.add_photo(alice, jpeg(patches(3)))


def test_full_disk_is_said_and_leaves_nothing(alice, disk):
    with pytest.raises(StorageFull):
        photos.add_photo(alice, selfie())
    assert not Photo.objects.exists() and not pictures.list_names()
    assert not [path for path in disk.folder.rglob("*") if path.is_file()]


def test_deleted_photo_takes_its_files_and_leaves_its_headshots(
    alice, django_capture_on_commit_callbacks
):
    photo = photo_of(alice)
    sheet_of(alice, photo, count=2)
    with django_capture_on_commit_callbacks(execute=True):
        photos.delete_photo(photo)
    assert not Photo.objects.exists()
    assert pictures.list_names() == set(Variant.objects.values_list("picture", flat=True))
    assert Variant.objects.filter(photo=None).count() == 2


def test_everything_can_be_forgotten(alice, django_capture_on_commit_callbacks):
    bob = person("bob")
    sheet_of(alice, photo_of(alice))
    kept = sheet_of(bob, photo_of(bob))
    with django_capture_on_commit_callbacks(execute=True):
        photos.delete_all_pictures(alice)
    assert set(Photo.objects.values_list("owner", flat=True)) == {bob.pk}
    assert set(Variant.objects.values_list("render", flat=True)) == {kept.pk}
    names = {kept.photos.get().picture, kept.variants.first().picture}
    assert pictures.list_names() == names


@pytest.mark.slow
def test_coach_looks_once_and_finds_the_head(alice):
    photo = photos.add_photo(alice, selfie())
    assert photos.claim_photo(photo.pk) and photos.claim_photo(photo.pk) is None
    Photo.objects.update(claim=None)
    worker.check_photo(photo.pk)
    photo.refresh_from_db()
    assert photo.is_usable and photo.claim is None
    assert photo.checks and all(check["name"] for check in photo.checks)
    assert photo.advices == [check["advice"] for check in photo.checks if not check["ok"]]
    left, top, width, height = map(float, photo.view_box.split())
    eyes = (225, 110)  # of the astronaut, in its pixels
    assert left < eyes[0] < left + width and top < eyes[1] < top + height
    attempts = photo.attempts
    worker.check_photo(photo.pk)
    photo.refresh_from_db()
    assert photo.attempts == attempts, "what was looked at is not looked at again"
    assert photo.appearance["smile"] > 0.3 and photo.appearance["head_height"] > 50


def test_photo_without_a_person_is_refused_with_reason_and_advice(alice):
    photo = photos.add_photo(alice, jpeg(portraits.cat()))
    worker.check_photo(photo.pk)
    photo.refresh_from_db()
    assert photo.state == Photo.State.REFUSED
    assert photo.code == "no_face" and photo.message and photo.advice
    with pytest.raises(NotReady):
        renders.start_render(alice, [photo], list(worker.recipes.built_in_looks().values()))


def test_photo_that_ends_its_worker_every_time_is_refused_in_the_end(alice, settings):
    photo = photos.add_photo(alice, selfie())
    Photo.objects.update(attempts=settings.RENDER_ATTEMPTS)
    worker.check_photo(photo.pk)
    photo.refresh_from_db()
    assert photo.state == Photo.State.REFUSED and "many times" in photo.message and photo.advice


def test_late_verdict_of_a_lost_run_changes_nothing(alice):
    photo = photos.add_photo(alice, selfie())
    lost = photos.claim_photo(photo.pk)
    Photo.objects.update(claim=None)
    holder = photos.claim_photo(photo.pk)
    refusal = photos.CheckResult([], None, BadImage("It is no photo."))
    assert not photos.record_check(lost, refusal)
    assert photos.record_check(holder, photos.CheckResult([], None))
    assert Photo.objects.get().is_usable


@pytest.mark.parametrize(("width", "height"), [(65, 16_384), (16_384, 200)])
def test_strip_is_refused_at_the_door(alice, width, height):
    strip = np.zeros((height, width, 3), np.uint8)
    with pytest.raises(BadImage):
        photos.add_photo(alice, image_files.encode_picture(strip, "PNG"))
    assert not Photo.objects.exists()
