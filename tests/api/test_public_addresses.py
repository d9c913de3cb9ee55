"""A program opens, names, renews and closes what strangers may see, and nothing opens by itself."""

import pytest
from allauth.account.models import EmailAddress

from branding.api.models import Scope
from integrations.publishing import choices
from tests.api.conftest import api_client_for
from tests.support.people import browser, person, variant_of

pytestmark = pytest.mark.django_db
ADDRESSES, CALENDAR = "/api/v1/addresses", "/api/v1/calendar"
SITE = "http://localhost:8000"


def status_for_stranger(url):
    """What a stranger gets there."""
    assert url.startswith(SITE)
    return browser().get(url.removeprefix(SITE)).status_code


def change_addresses(client, url=ADDRESSES, **fields):
    return client.patch(url, fields, format="json")


@pytest.fixture
def chosen_headshot(alice):
    choices.choose_variant(variant_of(alice), ["avatar", "linkedin"])


def test_nobody_has_an_address_before_they_want_one(client):
    assert client.get(ADDRESSES).json() == {
        "url": "",
        "open": False,
        "name": "",
        "shown": [],
        "by_email": False,
        "emails": [],
    }


@pytest.mark.usefixtures("chosen_headshot")
def test_secret_address_opens_renews_and_closes(client):
    opened = change_addresses(client, open=True).json()
    assert opened["open"] and status_for_stranger(opened["url"]) == 200
    renewed = client.post(f"{ADDRESSES}/renew").json()
    assert status_for_stranger(opened["url"]) == 404 and status_for_stranger(renewed["url"]) == 200
    closed = change_addresses(client, open=False).json()
    assert closed["url"] == renewed["url"] and status_for_stranger(closed["url"]) == 404


@pytest.mark.usefixtures("chosen_headshot")
def test_places_show_under_a_name(client):
    addresses = change_addresses(client, name="alice", places=["linkedin"]).json()
    (shown,) = addresses["shown"]
    assert shown == {"place": "linkedin", "url": f"{SITE}/@alice/linkedin.jpg"}
    assert status_for_stranger(shown["url"]) == 200 and not addresses["open"]
    renamed = change_addresses(client, name="alice-two").json()
    assert [place["place"] for place in renamed["shown"]] == ["linkedin"]
    assert (
        status_for_stranger(shown["url"]) == 404
        and status_for_stranger(renamed["shown"][0]["url"]) == 200
    )
    assert change_addresses(client, places=[]).json()["shown"] == []
    assert change_addresses(client, name="").json()["name"] == ""


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"name": "Not A Name"}, 400, "invalid"),
        ({"name": "taken"}, 409, "name_taken"),
        ({"places": ["avatar"]}, 409, "not_ready"),
        ({"by_email": True}, 409, "not_ready"),
        ({"open": True, "name": "taken"}, 409, "name_taken"),
    ],
)
def test_what_cannot_be_opened_changes_nothing(client, fields, status, code):
    before = client.get(ADDRESSES).json()
    assert change_addresses(api_client_for(person("bob")), name="taken").status_code == 200
    answer = change_addresses(client, **fields)
    assert answer.status_code == status and answer.json()["code"] == code
    assert client.get(ADDRESSES).json() == before


def test_confirmed_email_is_answered_and_forgotten(client, alice):
    EmailAddress.objects.create(user=alice, email=alice.email, verified=True, primary=True)
    addresses = change_addresses(client, by_email=True).json()
    assert addresses["by_email"] and addresses["emails"] == [alice.email]
    assert not change_addresses(client, by_email=False).json()["by_email"]


def test_what_was_changed_meanwhile_is_not_overwritten(client):
    tag = client.get(ADDRESSES).headers["ETag"]
    first, late = [
        client.patch(ADDRESSES, {"open": True}, format="json", HTTP_IF_MATCH=tag) for _ in "ab"
    ]
    assert (first.status_code, late.status_code) == (200, 412)


@pytest.mark.usefixtures("chosen_headshot")
def test_card_carries_the_picture(client):
    answer = client.get(f"{ADDRESSES}/card")
    assert answer.headers["Content-Type"].startswith("text/vcard")
    assert "PHOTO;ENCODING=b;TYPE=JPEG:" in answer.content.decode()


def test_calendar_opens_renews_and_closes(client):
    assert client.get(CALENDAR).json() == {"url": "", "open": False}
    opened = change_addresses(client, CALENDAR, open=True).json()
    assert status_for_stranger(opened["url"]) == 200
    renewed = client.post(f"{CALENDAR}/renew", HTTP_IDEMPOTENCY_KEY="one").json()
    again = client.post(f"{CALENDAR}/renew", HTTP_IDEMPOTENCY_KEY="one").json()
    assert renewed == again != opened and status_for_stranger(opened["url"]) == 404
    assert change_addresses(client, CALENDAR, open=False).json() == {"url": "", "open": False}
    assert status_for_stranger(renewed["url"]) == 404


@pytest.mark.parametrize("url", [ADDRESSES, CALENDAR])
def test_opening_needs_the_scope_of_publishing(alice, url):
    for scope, status in ((Scope.MAKE, 403), (Scope.PUBLISH, 200)):
        assert change_addresses(api_client_for(alice, scope), url, open=True).status_code == status
