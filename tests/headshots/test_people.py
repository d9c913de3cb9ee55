"""Photos of different people are told apart when they are added; nothing of a face is stored."""

import numpy as np
import pytest

from headshots import people, selectors, worker
from headshots.engine.recipes import built_in_looks
from headshots.errors import DifferentPeople, NotReady
from headshots.models import Photo
from headshots.services import photo_corrections, photos, renders
from tests.support import portraits
from tests.support.people import jpeg, person

pytestmark = pytest.mark.django_db
LOOKS = list(built_in_looks().values())


@pytest.fixture
def alice():
    return person("alice")


@pytest.fixture
def faces(monkeypatch):
    """Stand in for the network: photos show the person that is written here, by picture."""
    shown: dict[str, int] = {}

    class KnownFace:
        def __init__(self, number):
            self.number = number

        def is_stranger(self, other):
            return self.number != other.number

    monkeypatch.setattr(people, "_describe", lambda photo: KnownFace(shown[photo.picture]))

    def add(owner, number):
        position = len(shown)
        pixels = np.full((96, 96, 3), 20 + 5 * position, np.uint8)
        photo = photos.add_photo(owner, jpeg(pixels))
        Photo.objects.filter(pk=photo.pk).update(state=Photo.State.USABLE)
        shown[photo.picture] = number
        people.assign_person(photo, KnownFace(number))
        photo.refresh_from_db()
        return photo

    return add


def test_photos_are_grouped_by_person(alice, faces):
    first, second, third, fourth = (faces(alice, number) for number in (1, 2, 1, 2))
    assert first.person != second.person
    first.refresh_from_db()
    groups = selectors.group_by_person(selectors.photos_of(alice))
    assert [[photo.pk for photo in group] for group in groups] == [
        [fourth.pk, second.pk],
        [third.pk, first.pk],
    ]


def test_photos_of_another_owner_are_not_compared(alice, faces):
    mine, hers = faces(person("bob"), 1), faces(alice, 1)
    assert mine.person != hers.person


def test_headshots_are_made_of_one_person_at_a_time(alice, faces):
    shown = [faces(alice, 1), faces(alice, 2)]
    with pytest.raises(DifferentPeople):
        renders.start_render(alice, shown, LOOKS)
    assert renders.start_render(alice, shown[:1], LOOKS).variants.count() == len(LOOKS)


def test_refresh_takes_the_newest_photo_of_the_same_person(alice, faces):
    older, newer, _ = faces(alice, 1), faces(alice, 1), faces(alice, 2)
    variant = renders.start_render(alice, [older], LOOKS[:1]).variants.get()
    variant.photo.refresh_from_db()
    assert selectors.newest_usable_photo(alice, [variant]) == newer
    variant.photo = None
    assert selectors.newest_usable_photo(alice, [variant]) is None, "it may be either"


@pytest.mark.slow
def test_two_photos_of_one_person_get_one_number(alice):
    """The astronaut of scikit-image and the sample show the same person."""
    kept = [
        photos.add_photo(alice, jpeg(portraits.astronaut())),
        photos.add_sample_photo(alice),
    ]
    for photo in kept:
        worker.check_photo(photo.pk)
    assert len({photo.person for photo in selectors.photos_of(alice)}) == 1
    stored = Photo.objects.filter(owner=alice).values()
    assert not any(
        isinstance(value, (bytes, list)) and len(value) == 128
        for row in stored
        for value in row.values()
    )


@pytest.mark.slow
def test_check_stores_what_the_photo_will_give_and_a_turn_mends_it(alice):
    upside_down = np.ascontiguousarray(np.rot90(portraits.astronaut(), 2))
    photo = photos.add_photo(alice, jpeg(upside_down))
    worker.check_photo(photo.pk)
    photo.refresh_from_db()
    assert (photo.state, photo.code) == ("refused", "turned")
    assert photo.degrees_to_turn == 180 and "upside down" in photo.prediction_sentence
    old_picture = photo.picture
    turned = photo_corrections.turn_photo(photo)
    assert turned.state == "checking" and turned.picture != old_picture
    worker.check_photo(turned.pk)
    turned.refresh_from_db()
    assert turned.is_usable and len(turned.prediction["looks"]) == len(LOOKS)
    with pytest.raises(NotReady):
        photo_corrections.turn_photo(turned)
