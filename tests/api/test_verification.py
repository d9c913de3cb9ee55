"""Any picture is verified through the API, as on the page."""

from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile

from headshots.engine.io.decode import decode
from integrations import renditions
from integrations.content_credentials import recognition
from tests.integrations.content_credentials.conftest import add_evidence
from tests.support.people import browser, jpeg, patches, variant_of

pytestmark = pytest.mark.django_db
URL = "/api/v1/verify"


@pytest.fixture(autouse=True)
def fresh():
    cache.clear()


@pytest.fixture
def headshot(alice):
    return add_evidence(variant_of(alice))


def verify(client, data):
    return client.post(URL, {"file": SimpleUploadedFile("picture.jpg", data)}, format="multipart")


def test_a_file_of_ours_is_known_and_another_is_not(client, headshot):
    answer = verify(client, renditions.build_download(headshot).data)
    assert answer.status_code == 200, answer.json()
    assert answer.json()["outcome"] == "signed_here" and answer.json()["signed_at"] is None
    assert answer.json()["face"] == "light_and_color" and answer.json()["sentences"]
    assert verify(client, jpeg(patches(3))).json()["outcome"] == "unknown"


@pytest.mark.parametrize("fields", [{}, {"file": SimpleUploadedFile("a.jpg", b"no picture")}])
def test_what_is_no_picture_is_refused(client, fields):
    answer = client.post(URL, fields, format="multipart")
    assert answer.status_code in (400, 415, 422) and answer.json()["message"]


def test_it_is_turned_off_with_the_page_and_limited_like_it(client, settings):
    settings.VERIFY_RATE = 1
    assert verify(client, jpeg(patches(3))).status_code == 200
    assert verify(client, jpeg(patches(3))).status_code == 429
    settings.VERIFY_PAGE = False
    assert verify(client, jpeg(patches(3))).status_code == 404


def test_a_badge_leads_to_a_page_that_ends_with_the_permission(client, headshot):
    url = f"/api/v1/variants/{headshot.pk}/recognition"
    assert client.get(url).json()["proof_url"] is None
    row = client.put(url).json()
    page, badge = (urlsplit(row[name]).path for name in row if "url" in name)
    stranger = browser()
    text = stranger.get(page).content.decode()
    assert "the face was not generated" in text and headshot.owner.email not in text
    assert stranger.get(page)["X-Robots-Tag"] == "noindex"
    assert stranger.get(badge)["Content-Type"] == "image/svg+xml"
    assert stranger.get(badge)["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert decode(stranger.get(f"{page}picture.jpg").content).shape == (400, 400, 3)
    client.delete(url)
    assert {stranger.get(path).status_code for path in (page, badge)} == {404}


@pytest.mark.parametrize("face", ["regenerated", "edited", "not_measured"])
def test_there_is_no_badge_for_a_face_that_may_be_generated(client, alice, face):
    headshot = add_evidence(variant_of(alice), face=face)
    recognition.allow_recognition(headshot)
    assert client.get(f"/api/v1/variants/{headshot.pk}/recognition").json()["proof_url"] is None
    token = recognition.proof_token(headshot)
    assert browser().get(f"/verify/{token}/").status_code == 404


def test_owner_copies_the_badge_from_the_page(alice, headshot):
    recognition.allow_recognition(headshot)
    page = browser(alice).get(f"/headshots/{headshot.pk}/").content.decode()
    assert "Copy the badge" in page and "badge.svg" in page
    assert page.count("&lt;a href=") == 2, "to be read and to be copied"
    assert page.count('alt="Verified') == 1, "the HTML to copy is text, no badge of its own"
