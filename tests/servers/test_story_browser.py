"""The whole promise in a browser: connect a real server, plan, see it arrive, be asked, undo."""

import io
import re
import threading
import time
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections
from PIL import Image
from playwright.sync_api import expect

from headshots.storage import pictures
from integrations.scheduling import dispatcher
from tests.servers.test_bluesky_browser import facet, go_there, person, window  # noqa: F401
from tests.support import celery_messages
from tests.support.people import jpeg, patches, variant_of
from tests.support.platforms.mastodon_family import (
    TEMPERAMENTS,
    MastodonFamilyServer,
    encode_webp,
)

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
WORDS = {"displayName": "Cleo", "description": "Sails."}
BEFORE, BY_HAND = (jpeg(patches(seed, side=512)) for seed in (90, 91))
MINUTES = 2 * 60_000  # milliseconds


@contextmanager
def clock_and_worker():
    """What the supervisor starts beside the page: a tick a second, and somebody who works."""
    stop_requested = threading.Event()

    def run():
        while not stop_requested.is_set():
            dispatcher.dispatch_due()
            celery_messages.deliver()
            time.sleep(0.5)
        connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop_requested.set()
        thread.join()


@pytest.fixture
def headshot(alice, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    celery_messages.lose()
    variant = variant_of(alice)
    picture = pictures.store_picture(alice.pk, patches(1, side=512))
    type(variant).objects.filter(pk=variant.pk).update(kept=True, picture=picture)
    return variant


@pytest.mark.parametrize("facet", ["127.0.0.1"], indirect=True)
@pytest.mark.usefixtures("headshot")
def test_connect_plan_arrive_drift_and_undo(facet, alice, person):  # noqa: F811
    person.write_profile(**WORDS, avatar=person.upload(BEFORE))
    with window(alice, facet) as page, clock_and_worker():
        connect_and_choose(page, person)
        plan_for_the_next_minute(page, f"@{person.handle}")
        watch_it_happen(page)
        ours = person.fetch_picture()
        assert ours != BEFORE and person.fetch_record() | WORDS == person.fetch_record()

        person.write_profile(**WORDS, avatar=person.upload(BY_HAND))
        be_asked_about_it(page, "Bluesky")
        assert person.fetch_picture() == BY_HAND
        page.get_by_role("button", name="Replace it with mine").click()
        expect_receipt(page)
        assert pixels_of(person.fetch_picture()) == pixels_of(ours)

        page.get_by_role("button", name=re.compile("^Undo")).first.click()
        expect_receipt(page)
        assert (
            person.fetch_picture() == BY_HAND
            and person.fetch_record() | WORDS == person.fetch_record()
        )


@pytest.mark.parametrize("temperament", TEMPERAMENTS, ids=lambda kind: kind.software)
@pytest.mark.usefixtures("headshot")
def test_server_with_the_api_of_mastodon(temperament, live_server, settings, alice):
    settings.SITE_URL = live_server.url
    server = MastodonFamilyServer(temperament)
    server.set_by_hand(BEFORE)
    with closing(server), window(alice, live_server.url) as page, clock_and_worker():
        page.goto("/connect/mastodon/")
        agree_or_refuse(page, server, "Deny")
        expect(page.get_by_text("Nothing was connected.")).to_be_visible()
        agree_or_refuse(page, server, "Authorize")
        expect(page.get_by_role("heading", name="alice")).to_be_visible()
        account = page.url
        choose_headshot(page)
        plan_for_the_next_minute(page, "alice")
        watch_it_happen(page)
        server.set_by_hand(BY_HAND)
        be_asked_about_it(page, temperament.software)
        page.get_by_role("button", name="Replace it with mine").click()
        expect_receipt(page)
        page.get_by_role("button", name=re.compile("^Undo")).first.click()
        expect_receipt(page)
        assert server.uploads[-1] == encode_webp(BY_HAND)

        server.forget_apps()
        page.goto(account)
        page.get_by_role("link", name="Disconnect", exact=True).click()
        page.get_by_role("button", name="Disconnect", exact=True).click()
        page.wait_for_url("**/connect/")
        assert server.revoked
        page.goto("/connect/mastodon/")
        agree_or_refuse(page, server, "Authorize")  # though the server has forgotten the app
        expect(page.get_by_role("heading", name="alice")).to_be_visible()


def agree_or_refuse(page, server, words):
    """Type the address of the server, and answer its question."""
    page.get_by_label(re.compile("server", re.IGNORECASE)).first.fill(server.url)
    page.get_by_role("button", name=re.compile("^Continue|^Connect")).first.click()
    page.get_by_role("link", name=words).click()


def pixels_of(data):
    """What a picture shows: two files of one headshot have signatures of their own."""
    return Image.open(io.BytesIO(data)).tobytes()


def connect_and_choose(page, person):  # noqa: F811
    """The account is connected, and gets a headshot of its own."""
    go_there(page, person)
    page.get_by_role("button", name="Authorize").click()
    expect(page.get_by_role("heading", name=f"@{person.handle}")).to_be_visible()
    choose_headshot(page)


def choose_headshot(page):
    """Give the account of the open page a headshot of its own."""
    page.locator("input[name=variant]").first.check()
    page.locator("section", has=page.locator("#pick")).get_by_role("button", name="Save").click()


def plan_for_the_next_minute(page, account):
    """On a date, at the next minute that leaves time to fill this in, on the clock of UTC."""
    soon = datetime.now(UTC) + timedelta(seconds=75)  # noqa: TID251  the real clock runs here
    page.goto("/schedules/new/?preset=date")
    page.locator("[name=start]").fill(soon.date().isoformat())
    page.locator("[name=at]").fill(soon.strftime("%H:%M"))
    page.get_by_label(account).check()
    page.locator("[name=ask_first]").uncheck()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Schedule on.").first).to_be_visible()


def watch_it_happen(page):
    """The run appears by itself, and its receipt says that the picture was seen."""
    last = page.get_by_role("heading", name="Last runs")
    until = time.monotonic() + 120
    while not last.is_visible() and time.monotonic() < until:
        page.goto("/schedules/")
        page.wait_for_timeout(1000)
    page.locator("section", has=last).get_by_role("link").first.click()
    expect_receipt(page)


def expect_receipt(page):
    """Every profile of the update is up to date and checked."""
    whole = re.compile(r"(\d)\s+of \1 profiles? up to date and checked")
    expect(page.get_by_text(whole)).to_be_visible(timeout=MINUTES)


def be_asked_about_it(page, platform):
    """Somebody changed it by hand: nothing is overwritten without asking."""
    page.goto("/profiles/")
    page.get_by_label(f"More for {platform}").click()
    page.get_by_role("button", name="Check it and update again").click()
    expect(page.get_by_role("button", name="Keep the picture there")).to_be_visible(timeout=MINUTES)
