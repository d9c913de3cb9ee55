"""The page on which anybody verifies a picture, without an account."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from headshots.engine.io.encode import encode
from integrations import renditions
from integrations.models import RecognizableHeadshot
from tests.support.people import browser, patches, person, variant_of

pytestmark = pytest.mark.django_db
URL = "/verify/"


def send(data, client=None):
    return (client or browser()).post(URL, {"picture": SimpleUploadedFile("a.jpg", data)})


def test_anybody_sees_that_a_picture_was_made_here():
    variant = variant_of(person())
    page = send(renditions.build_download(variant).data).content.decode()
    assert "Signed by this installation, and not changed since." in page
    assert "Skin retouched" in page and "alice" not in page


def test_an_unknown_picture_and_no_picture_are_told_apart():
    assert "Not known here" in send(encode(patches(3, side=128))).content.decode()
    assert 'role="alert"' in send(b"no picture").content.decode()
    assert 'role="alert"' in browser().post(URL).content.decode()


def test_the_page_can_be_switched_off(settings):
    assert browser().get(URL).status_code == 200
    settings.VERIFY_PAGE = False
    assert browser().get(URL).status_code == 404
    assert send(encode(patches(3))).status_code == 404


def test_one_address_cannot_ask_without_end(settings):
    settings.VERIFY_RATE = 2
    data = encode(patches(3, side=64))
    # Four requests: at most two windows of a minute are touched, whatever the clock shows.
    statuses = [send(data).status_code for _ in range(5)]
    assert statuses[:2] == [200, 200] and 429 in statuses


def test_owner_lets_copies_be_recognized_and_ends_it():
    alice = person()
    variant = variant_of(alice)
    client = browser(alice)
    url = reverse("web:variant_recognize", args=[variant.pk])
    assert client.post(url, {"allow": "1"}).status_code == 302
    assert RecognizableHeadshot.objects.filter(variant=variant).exists()
    page = client.get(reverse("web:variant", args=[variant.pk])).content.decode()
    assert "Stop recognizing copies" in re.sub(r"\s+", " ", page)
    client.post(url)
    assert not RecognizableHeadshot.objects.exists()
    assert browser(person("bob")).post(url, {"allow": "1"}).status_code == 404
