"""A platform that fetches a picture itself finds it for some minutes, and nobody guesses where."""

from urllib.parse import urlsplit

import pytest
from django.core.cache import cache

from integrations.connections import tokens
from integrations.platforms.base import PictureSlot, Rendition
from integrations.publishing import deliveries, temporary_urls
from integrations.publishing import services as publishing_services
from tests.integrations.publishing.sending import profile_of
from tests.support.people import browser, jpeg, patches, person, variant_of
from tests.support.platforms.memory_platform import create_connection, put_in_registry

pytestmark = pytest.mark.django_db(transaction=True)
PICTURE = Rendition(jpeg(patches(1)))


def path(rendition):
    return urlsplit(rendition.url).path


def test_what_is_lent_is_there_for_some_minutes_only():
    lent = temporary_urls.attach_temporary_url(PICTURE)
    answer = browser().get(path(lent))
    assert answer.content == PICTURE.data and answer.headers["Content-Type"] == "image/jpeg"
    assert browser().get(path(lent).replace(".jpeg", ".png")).status_code == 404
    cache.clear()
    assert browser().get(path(lent)).status_code == 404
    assert path(temporary_urls.attach_temporary_url(PICTURE)) != path(lent)


@pytest.mark.parametrize(
    ("site", "lends"),
    [
        ("https://facet.example.org", True),
        ("http://localhost:8000", False),
        ("https://facet.internal", False),
    ],
)
def test_only_a_server_that_others_reach_lends(settings, site, lends):
    settings.SITE_URL, settings.OPEN_LOOPBACK = site, False
    assert bool(temporary_urls.attach_temporary_url(PICTURE).url) == lends


def test_slot_that_is_fetched_gets_an_address(monkeypatch):
    platform, seen = put_in_registry(monkeypatch, slots=(PictureSlot(needs_public_url=True),)), []
    publish = platform.upload_picture

    def noted(client, slot, rendition):
        seen.append(rendition)
        return publish(client, slot, rendition)

    monkeypatch.setattr(platform, "upload_picture", noted)
    alice = person()
    (publication,) = publishing_services.publish_variant(
        variant_of(alice), [profile_of(create_connection(alice))]
    )
    deliveries.send_publication(publication.pk, open_client=tokens.open_client)
    assert browser().get(path(seen[0])).content == platform.live.data
