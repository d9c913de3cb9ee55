"""Bluesky is connected in a real browser: from our page to its page of consent, and back."""

from contextlib import contextmanager
from itertools import count

import pytest
from playwright.sync_api import expect, sync_playwright

from integrations.connections import tokens as connection_tokens
from integrations.errors import Unauthorized
from integrations.models import Connection, Grant
from tests.support.people import browser
from tests.support.servers.atproto import PASSWORD, BlueskyPerson

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
)
numbers = count()


@pytest.fixture(params=["localhost", "127.0.0.1"])
def facet(request, live_server, settings, pds):
    """Facet as a newcomer starts it: at either name of this machine, without any setting.

    At the first of them the server counts it as its own site, at the other as a foreign one.
    """
    settings.SITE_URL = live_server.url.replace("localhost", request.param)
    settings.PLC_URL = pds[1]
    return settings.SITE_URL


@pytest.fixture
def person(pds):
    return BlueskyPerson(pds[0], f"cleo{next(numbers)}")


@contextmanager
def window(owner, address):
    """A window in which the owner is signed in, counting what they press."""
    session = browser(owner).cookies["sessionid"].value
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = chromium.new_context(base_url=address)
        context.add_cookies([{"name": "sessionid", "value": session, "url": address}])
        page = context.new_page()
        page.set_default_timeout(15_000)
        yield page
        chromium.close()


def go_there(page, person):
    """From our list of places to the server's page of consent, with three clicks."""
    page.goto("/connect/")
    page.get_by_role("link", name="Bluesky").click()
    page.get_by_label("Your handle").first.fill(person.did)
    page.get_by_role("button", name="Continue to Bluesky").click()
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def test_bluesky_is_connected_with_four_clicks_and_disconnected(facet, alice, person):
    with window(alice, facet) as page:
        go_there(page, person)
        page.get_by_role("button", name="Authorize").click()
        expect(page.get_by_role("heading", name=f"@{person.handle}")).to_be_visible()
        assert page.url.startswith(f"{facet}/connections/")
    connection = Connection.objects.get()
    assert connection.account_id == person.did and connection.owner == alice
    tokens, flow = connection_tokens.unseal_tokens(connection.grant)

    with window(alice, facet) as page:
        page.goto(f"/connections/{connection.pk}/")
        page.get_by_role("link", name="Disconnect", exact=True).click()
        page.get_by_role("button", name="Disconnect", exact=True).click()
        expect(page).to_have_url(f"{facet}/connect/")
    assert not Grant.objects.exists()
    with pytest.raises(Unauthorized):
        flow.refresh_tokens(tokens)


def test_no_at_the_server_is_no_error(facet, alice, person):
    with window(alice, facet) as page:
        go_there(page, person)
        page.get_by_role("button", name="Deny access").click()
        expect(page.get_by_text("Nothing was connected.")).to_be_visible()
        assert page.url == f"{facet}/connect/bluesky/"
    assert not Connection.objects.exists()


def test_answer_that_somebody_else_opens_connects_nothing(facet, alice, bob, person):
    with window(alice, facet) as page:
        go_there(page, person)
        page.context.clear_cookies(name="sessionid")  # she signed out meanwhile
        with page.expect_request("**/callback/**") as request_info:
            page.get_by_role("button", name="Authorize").click()
        answer = request_info.value.url
    with window(bob, facet) as page:
        page.goto(answer)
        expect(page.get_by_role("alert")).to_contain_text("Nothing was connected")
    assert not Connection.objects.exists()
