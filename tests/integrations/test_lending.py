"""A platform that fetches a picture itself finds it for some minutes, and nobody guesses where."""

from urllib.parse import urlsplit

import pytest
from django.core.cache import cache

from integrations.contract import Rendition, Slot
from integrations.services import deliveries, lending, publications
from tests.integrations.memory import connected, put_in_registry
from tests.integrations.publications.sending import at
from tests.people import browser, jpeg, patches, person, variant_of

pytestmark = pytest.mark.django_db(transaction=True)
PICTURE = Rendition(jpeg(patches(1)))


def path(rendition):
    return urlsplit(rendition.url).path


def test_what_is_lent_is_there_for_some_minutes_only():
    lent = lending.lend(PICTURE)
    answer = browser().get(path(lent))
    assert answer.content == PICTURE.data and answer.headers["Content-Type"] == "image/jpeg"
    assert browser().get(path(lent).replace(".jpeg", ".png")).status_code == 404
    cache.clear()
    assert browser().get(path(lent)).status_code == 404
    assert path(lending.lend(PICTURE)) != path(lent)


@pytest.mark.parametrize(("site", "lends"), [
    ("https://facet.example.org", True), ("http://localhost:8000", False),
    ("https://facet.internal", False),
])  # fmt: skip
def test_only_a_server_that_others_reach_lends(settings, site, lends):
    settings.SITE_URL, settings.OPEN_LOOPBACK = site, False
    assert bool(lending.lend(PICTURE).url) == lends


def test_slot_that_is_fetched_gets_an_address(monkeypatch):
    platform, seen = put_in_registry(monkeypatch, slots=(Slot(fetched=True),)), []
    publish = platform.publish

    def noted(client, slot, rendition):
        seen.append(rendition)
        return publish(client, slot, rendition)

    monkeypatch.setattr(platform, "publish", noted)
    alice = person()
    (one,) = publications.publish(variant_of(alice), [at(connected(alice))])
    deliveries.send(one.pk)
    assert browser().get(path(seen[0])).content == platform.live.data
