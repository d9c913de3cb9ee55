"""Of several people in a photo, one chooses one's own face; only boxes of faces are stored."""

import numpy as np
import pytest

from headshots import people, selectors, worker
from headshots.engine.analysis.faces import choose_face, find_faces
from headshots.engine.errors import UnknownFace
from headshots.engine.io.decode import decode
from headshots.engine.recipes import built_in_looks
from headshots.errors import NotReady
from headshots.models import Photo, Variant
from headshots.services import photo_corrections, photos, renders
from tests.api.conftest import api_client_for
from tests.support.people import browser, jpeg, patches, person, photo_of, sheet_of
from tests.support.portraits import astronaut
from tests.support.rejections import two_equal_faces

pytestmark = pytest.mark.django_db
LOOKS = list(built_in_looks().values())
# Two faces side by side, the larger one on the right.
BOXES = [[0.6, 0.2, 0.3, 0.4], [0.1, 0.3, 0.2, 0.3]]


@pytest.fixture
def alice():
    return person("alice")


@pytest.fixture
def group(alice):
    """A checked photo of two people of one size, which waits for a choice."""
    photo = photos.add_photo(alice, jpeg(decode(two_equal_faces()), quality=95))
    worker.check_photo(photo.pk)
    photo.refresh_from_db()
    return photo


def middle_of(view_box):
    left, _, width, _ = map(float, view_box.split())
    return left + width / 2


def test_face_is_found_by_its_position_whatever_its_number():
    pixels = decode(two_equal_faces())
    height, width = pixels.shape[:2]
    for face in find_faces(pixels):
        x, y = face.box.center
        position = (x / width, y / height)
        chosen = choose_face(find_faces(pixels), choice=position, width=width, height=height)
        assert chosen.box == face.box
    with pytest.raises(UnknownFace, match="not found again"):
        choose_face(find_faces(pixels), choice=(0.01, 0.99), width=width, height=height)


def test_photo_of_two_people_offers_their_faces(group):
    assert (group.state, group.code) == (Photo.State.REFUSED, "several_faces")
    assert group.prediction["fix"] == "choose_face"
    assert "We found 2 people" in group.prediction_sentence
    lefts = sorted(left for left, *_ in group.faces)
    assert len(group.faces) == 2 and lefts[0] < 0.5 < lefts[1]
    assert all(0 <= value <= 1 for box in group.faces for value in box)


@pytest.mark.slow
def test_photo_of_one_person_has_one_box_around_its_face(alice):
    photo = photos.add_photo(alice, jpeg(astronaut()))
    worker.check_photo(photo.pk)
    photo.refresh_from_db()
    (box,) = photo.faces
    face = find_faces(astronaut())[0]
    assert box == pytest.approx(
        [face.box.left / 512, face.box.top / 512, face.box.width / 512, face.box.height / 512],
        abs=0.03,
    )
    assert photo.prediction["fix"] == "" and not photo.has_several_faces


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("index", [0, 1])
def test_chosen_face_is_checked_predicted_and_rendered(alice, group, index):
    left, _, width, _ = group.faces[index]
    chosen_middle = (left + width / 2) * group.width
    photo_corrections.choose_face(group, index)
    worker.check_photo(group.pk)
    group.refresh_from_db()
    assert group.is_usable and group.face == index and len(group.faces) == 2
    assert middle_of(group.view_box) == pytest.approx(chosen_middle, abs=0.1 * group.width)
    assert group.prediction["looks"] and group.prediction["fix"] == "choose_face"
    assert "largest face" not in group.prediction_sentence, "the choice is made"
    render = renders.start_render(alice, [group], LOOKS[:1])
    worker.run_render(render.pk)
    variant = render.variants.get()
    assert variant.is_ready
    assert middle_of(variant.view_box) == pytest.approx(chosen_middle, abs=0.1 * group.width)


@pytest.mark.slow
def test_dominant_face_is_used_and_the_others_are_offered(alice):
    large, small = astronaut()[:400, 60:400], astronaut()[:400:2, 60:400:2]
    pixels = np.full((400, 510, 3), 200, np.uint8)
    pixels[:, :340], pixels[:200, 340:] = large, small
    photo = photos.add_photo(alice, jpeg(pixels))
    worker.check_photo(photo.pk)
    photo.refresh_from_db()
    assert photo.is_usable and photo.face is None and len(photo.faces) == 2
    assert photo.prediction["fix"] == "choose_face"
    assert "We found two people and use the largest face" in photo.prediction_sentence


def test_choice_is_checked_anew_and_what_was_made_remains(alice):
    photo = photo_of(alice, faces=BOXES, prediction={"sentence": "old"})
    sheet = sheet_of(alice, photo, count=2)
    changed = photo_corrections.choose_face(photo, 1)
    assert (changed.state, changed.face) == (Photo.State.CHECKING, 1)
    assert changed.prediction is None and changed.person is None and changed.faces == BOXES
    assert sheet.variants.filter(state=Variant.State.READY).count() == 2


def test_choosing_the_face_that_is_used_already_changes_nothing(alice):
    photo = photo_of(alice, faces=BOXES)
    assert photo_corrections.choose_face(photo, 0).state == Photo.State.USABLE


@pytest.mark.parametrize("index", [2, 99])
def test_face_that_is_not_there_cannot_be_chosen(alice, index):
    photo = photo_of(alice, faces=BOXES)
    with pytest.raises(UnknownFace, match="this photo shows 2 faces"):
        photo_corrections.choose_face(photo, index)
    photo.refresh_from_db()
    assert (photo.state, photo.face) == (Photo.State.USABLE, None)


@pytest.mark.parametrize(
    "fields", [{"state": Photo.State.CHECKING, "faces": BOXES}, {"faces": None}]
)
def test_face_cannot_be_chosen_before_the_faces_are_known(alice, fields):
    with pytest.raises(NotReady):
        photo_corrections.choose_face(photo_of(alice, **fields), 1)


def test_headshot_is_adjusted_with_the_face_it_was_made_of(alice):
    photo = photo_of(alice, faces=BOXES)
    before = sheet_of(alice, photo, count=1).variants.get()
    Photo.objects.filter(pk=photo.pk).update(face=1)
    photo.refresh_from_db()
    after = renders.start_render(alice, [photo], LOOKS[:1])
    assert after.face_in(photo) == 1
    variant = selectors.variant_for(alice, before.pk)
    assert variant.shows_other_face
    adjusted = renders.adjust_variant(variant, selectors.recipe_of(variant))
    assert adjusted.render.face_in(photo) is None and adjusted.shows_other_face


def test_refresh_never_takes_a_photo_for_another_face_than_was_shown(alice):
    photo = photo_of(alice, faces=BOXES)
    variant = sheet_of(alice, photo, count=1).variants.get()
    assert selectors.newest_usable_photo(alice, [variant]) == photo
    Photo.objects.filter(pk=photo.pk).update(face=1)
    variant = selectors.variant_for(alice, variant.pk)
    assert selectors.newest_usable_photo(alice, [variant]) is None


def test_people_are_told_apart_by_the_chosen_face(group, monkeypatch):
    described = []
    monkeypatch.setattr(people, "describe_reference", lambda _, face: described.append(face))
    for index in (0, 1):
        group.face = index
        people._describe(group)
    lefts = [face.box.left / group.width for face in described]
    assert lefts == pytest.approx([box[0] for box in group.faces], abs=0.01)


def test_page_has_a_button_over_each_face_without_scripts(alice):
    photo = photo_of(alice, faces=BOXES)
    client = browser(alice)
    page = client.get(f"/photos/{photo.pk}/").content.decode()
    assert page.count("<foreignObject") == 2
    assert "Use face 1 of 2" in page and "Use face 2 of 2" in page
    assert page.partition("<footer")[0].count('aria-current="true"') == 1, "the face in use"
    assert 'x="59.00%"' in page and " style=" not in page
    assert "Tap your face" in page
    response = client.post(f"/photos/{photo.pk}/face/", {"face": "1"})
    assert response.status_code == 302
    photo.refresh_from_db()
    assert (photo.face, photo.state) == (1, Photo.State.CHECKING)
    assert "<foreignObject" not in client.get(response.url).content.decode(), "it is checked now"


@pytest.mark.parametrize("face", ["", "x", "-1", "7", "9" * 30])
def test_page_says_that_there_is_no_such_face(alice, face):
    photo = photo_of(alice, faces=BOXES)
    response = browser(alice).post(f"/photos/{photo.pk}/face/", {"face": face})
    assert response.status_code == 400 and b"face" in response.content
    photo.refresh_from_db()
    assert photo.face is None


def test_list_leads_to_the_choice(alice):
    photo_of(alice, seed=1, faces=BOXES)
    photo_of(alice, seed=2, state=Photo.State.REFUSED, faces=BOXES)
    photo_of(alice, seed=3, faces=BOXES[:1])
    page = browser(alice).get("/photos/").content.decode()
    assert page.count("Choose your face") == 2


def test_face_of_somebody_elses_photo_cannot_be_chosen(alice):
    photo = photo_of(alice, faces=BOXES)
    bob = browser(person("bob"))
    assert bob.post(f"/photos/{photo.pk}/face/", {"face": "1"}).status_code == 404


def test_program_reads_the_faces_and_chooses_one(alice):
    photo = photo_of(alice, faces=BOXES)
    client = api_client_for(alice)
    url = f"/api/v1/photos/{photo.pk}"
    shown = client.get(url).json()
    assert shown["faces"][1] == {"left": 0.1, "top": 0.3, "width": 0.2, "height": 0.3}
    assert shown["face"] is None
    changed = client.patch(url, {"face": 1}, format="json")
    assert changed.status_code == 200
    assert (changed.json()["face"], changed.json()["state"]) == (1, "checking")
    assert client.patch(url, {"face": 0}, format="json").status_code == 409, "it is being checked"


@pytest.mark.parametrize(
    ("body", "code"),
    [({"face": 2}, "unknown_face"), ({"face": -1}, "invalid"), ({}, "invalid")],
)
def test_program_is_told_what_is_wrong_with_its_choice(alice, body, code):
    photo = photo_of(alice, faces=BOXES)
    response = api_client_for(alice).patch(f"/api/v1/photos/{photo.pk}", body, format="json")
    assert (response.status_code, response.json()["code"]) == (400, code)


def test_previous_release_can_still_add_photos_and_renders(alice):
    """It leaves the new columns out: the largest face is used then."""
    photo = Photo.objects.create(
        owner=alice, picture="0" * 40, name="", width=64, height=64, state=Photo.State.USABLE
    )
    variant = sheet_of(alice, photo_of(alice, seed=8), count=1).variants.get()
    assert photo.faces is None and photo.center_of_face(photo.face) is None
    assert not variant.shows_other_face and patches().size
