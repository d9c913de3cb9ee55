"""A program and a page can ask for large headshots, and get them where the photo has the pixels."""

import pytest

from headshots.models import Render
from tests.api.conftest import api_client_for
from tests.support import celery_messages
from tests.support.people import browser, person, photo_of

pytestmark = pytest.mark.django_db
LARGE = {"width": 3024, "height": 4032, "view_box": "400 300 2200 2200"}


@pytest.fixture
def alice():
    celery_messages.lose()
    return person("alice")


@pytest.mark.parametrize(("fields", "size"), [(LARGE, 1536), ({}, 1024)])
def test_program_gets_large_headshots_where_the_photo_has_the_pixels(alice, fields, size):
    photo = photo_of(alice, **fields)
    body = {"photos": [str(photo.pk)], "looks": ["plain"], "size": 1536}
    response = api_client_for(alice).post("/api/v1/renders", body, format="json")
    assert (response.status_code, response.json()["size"]) == (202, size)


@pytest.mark.parametrize("size", [0, 511, 1537, "large", None])
def test_program_is_told_which_sizes_there_are(alice, size):
    body = {"photos": [str(photo_of(alice, **LARGE).pk)], "size": size}
    response = api_client_for(alice).post("/api/v1/renders", body, format="json")
    assert response.status_code == 400 and "size" in response.json()["fields"]


def test_form_offers_large_headshots_only_where_a_photo_has_the_pixels(alice):
    client = browser(alice)
    photo_of(alice, seed=1)
    assert 'name="large"' not in client.get("/make/").content.decode()
    photo = photo_of(alice, seed=2, **LARGE)
    assert 'name="large"' in client.get("/make/").content.decode()
    for large, size in (("1", 1536), ("", 1024)):
        client.post("/make/", {"photos": photo.pk, "looks": "plain", "large": large})
        assert Render.objects.latest("created_at").size == size
