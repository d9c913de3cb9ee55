"""The form for headshots says what each photo will give, the worst first, with a way to mend it."""

import pytest

from headshots.models import Photo
from tests.support import celery_messages
from tests.support.people import browser, person, photo_of

pytestmark = pytest.mark.django_db
ALL_TEN = {"sentence": "This photo will give all ten headshots.", "looks": ["plain"] * 10}
SIX = {"sentence": "This photo will give six of ten headshots. Hair.", "looks": ["plain"] * 6}
TURNED = {"sentence": "The photo is on its side.", "looks": [], "degrees": 90, "fix": "turn"}
TWO_FACES = [[0.1, 0.1, 0.2, 0.2], [0.5, 0.1, 0.2, 0.2]]


@pytest.fixture
def alice():
    celery_messages.lose()
    return person("alice")


def read_form(owner):
    return browser(owner).get("/make/").content.decode()


def test_form_says_what_each_photo_will_give_the_worst_first(alice):
    photo_of(alice, seed=1, prediction=SIX)
    photo_of(alice, seed=2, prediction=ALL_TEN)
    photo_of(person("bob"), prediction=SIX | {"sentence": "Not yours."})
    page = read_form(alice)
    assert 0 < page.index(SIX["sentence"]) < page.index(ALL_TEN["sentence"])
    assert "Not yours" not in page


def test_form_leads_to_the_choice_of_a_face(alice):
    photo = photo_of(alice, prediction=ALL_TEN, faces=TWO_FACES)
    page = read_form(alice)
    assert "Choose your face" in page and f"/photos/{photo.pk}/" in page


def test_form_says_what_to_do_where_no_photo_can_be_used(alice):
    photo_of(alice, state=Photo.State.REFUSED, prediction=TURNED)
    page = read_form(alice)
    assert TURNED["sentence"] in page and "Turn it" in page
    assert "You have no photos yet" not in page


def test_form_says_nothing_of_a_photo_that_is_not_checked_yet(alice):
    photo_of(alice, state=Photo.State.CHECKING)
    assert 'class="predictions' not in read_form(alice)
