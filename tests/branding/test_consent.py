"""Whoever adds a photo says that they may: the words are shown, and kept with the photo."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from branding.api.services import create_token
from headshots.models import Photo
from headshots.services import photos
from headshots.wording import CONSENT_TEXT, CONSENT_VERSION
from tests.support.people import browser, jpeg, patches, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice():
    return person("alice")


def photo_file():
    return SimpleUploadedFile("me.jpg", jpeg(patches(1, side=256)))


def add_by_page(alice):
    return browser(alice).post(reverse("web:photos"), {"photos": photo_file()})


def add_by_script(alice):  # as the camera and dropped files do
    headers = {"HX-Request": "true"}
    return browser(alice).post(reverse("web:photos"), {"photos": photo_file()}, headers=headers)


def add_by_trial(_alice):
    return browser().post(reverse("web:trial"), {"photo": photo_file()})


def add_by_api(alice):
    _, text = create_token(alice, name="Program", scopes=["read", "make"], days=30)
    client = browser(headers={"Authorization": f"Bearer {text}"})
    return client.post(reverse("api:photos"), {"file": photo_file()})


@pytest.mark.parametrize("add", [add_by_page, add_by_script, add_by_trial, add_by_api])
def test_every_way_in_keeps_when_and_by_which_words(alice, add):
    add(alice)
    photo = Photo.objects.get()
    assert photo.consent_version == CONSENT_VERSION
    assert photo.consented_at is not None
    assert timezone.now() - photo.consented_at < timedelta(minutes=1)


@pytest.mark.parametrize("name", ["photos", "sheets", "home"])
def test_the_words_stand_beside_every_form(alice, name):
    client = browser() if name == "home" else browser(alice)
    assert str(CONSENT_TEXT) in client.get(reverse(f"web:{name}"), follow=True).content.decode()


def test_the_sample_is_nobodys_own_photo(alice):
    photo = photos.add_sample_photo(alice)
    assert photo.consented_at is None and photo.consent_version == ""
