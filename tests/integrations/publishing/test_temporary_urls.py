"""A platform that fetches a picture itself finds it for some minutes, and nobody guesses where."""

from urllib.parse import urlsplit

import pytest
from django.core.cache import cache

from integrations.connections import tokens
from integrations.platforms.base import Rendition, Slot
from integrations.publishing import deliveries, temporary_urls
from integrations.publishing import services as publishing_services
from tests.integrations.publishing.sending import at
from tests.support.memory_platform import connected, put_in_registry
from tests.support.people import browser, jpeg, patches, person, variant_of

pytestmark = pytest.mark.django_db(transaction=True)
PICTURE = Rendition(jpeg(patches(1)))


def path(rendition):
    return urlsplit(rendition.url).path


def test_what_is_lent_is_there_for_some_minutes_only():
    lent = temporary_urls.lend(PICTURE)
    answer = browser().get(path(lent))
    assert answer.content == PICTURE.data and answer.headers["Content-Type"] == "image/jpeg"
    assert browser().get(path(lent).replace(".jpeg", ".png")).status_code == 404
    cache.clear()
    assert browser().get(path(lent)).status_code == 404
    assert path(temporary_urls.lend(PICTURE)) != path(lent)


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
    assert bool(temporary_urls.lend(PICTURE).url) == lends


def test_slot_that_is_fetched_gets_an_address(monkeypatch):
    platform, seen = put_in_registry(monkeypatch, slots=(Slot(fetched=True),)), []
    publish = platform.publish

    def noted(client, slot, rendition):
        seen.append(rendition)
        return publish(client, slot, rendition)

    monkeypatch.setattr(platform, "publish", noted)
    alice = person()
    (one,) = publishing_services.publish(variant_of(alice), [at(connected(alice))])
    deliveries.send(one.pk, open_client=tokens.client_of)
    assert browser().get(path(seen[0])).content == platform.live.data
