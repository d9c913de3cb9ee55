"""A person of Bluesky says yes or no in a real browser, at the server's own page of consent."""

from contextlib import contextmanager
from itertools import count
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import sync_playwright

from integrations.oauth.flow import Cancelled
from tests.servers.atproto import PASSWORD, Person
from tests.servers.connecting import begin, finish

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
)  # fmt: skip
numbers = count()


@pytest.fixture
def person(pds, settings):
    server, settings.PLC_URL = pds
    return Person(server, f"cleo{next(numbers)}")


@contextmanager
def window():
    """A window of Chromium."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = chromium.new_page()
        page.set_default_timeout(15_000)
        yield page
        chromium.close()


def come_back(url, said):
    """What the browser brings back once the person signed in and pressed a button."""
    with window() as page:
        page.goto(url)
        page.get_by_role("textbox", name="Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        with page.expect_request("**/callback/**") as back:
            page.get_by_role("button", name=said).click()
        return dict(parse_qsl(urlsplit(back.value.url).query))


def test_yes_at_the_server_connects_the_account(alice, person):
    answer = come_back(begin(alice, "bluesky", told=person.did), "Authorize")
    connection = finish(alice, answer, "bluesky")
    assert connection.account_id == person.did
    assert connection.account_name == f"@{person.handle}"


def test_no_at_the_server_is_no_error(alice, person):
    answer = come_back(begin(alice, "bluesky", told=person.did), "Deny access")
    with pytest.raises(Cancelled):
        finish(alice, answer, "bluesky")
