"""One account from its first yes to its end, on pages: seen, looked at, chosen for, lost, ended."""

import html
from urllib.parse import quote

import pytest
from django.core import mail
from django.urls import reverse

from integrations.connections import tokens
from integrations.emails import services as emails
from integrations.models import Choice, Connection, Grant
from integrations.publishing import choices
from tests.support import celery_messages
from tests.support.people import browser, jpeg, patches, person, variant_of
from tests.support.platforms import memory_platform
from tests.support.platforms.mastodon import FakeMastodon, json_response

pytestmark = pytest.mark.django_db(transaction=True)
CALLBACK = "/connect/mastodon/callback/"
LOCAL, NUMBER = {"HTTP_HOST": "localhost:8000"}, {"HTTP_HOST": "127.0.0.1:8000"}


@pytest.fixture(autouse=True)
def no_messages():
    celery_messages.lose()


@pytest.fixture
def alice():
    return person("alice")


@pytest.fixture
def instance():
    server = FakeMastodon()
    server.avatar = jpeg(patches(5, side=256))
    yield server
    server.close()


def begin(client, instance, **host):
    """What the platform sends the person back with."""
    fields = {"way": 0, "server": instance.url.removeprefix("http://")}
    answer = client.post(reverse("web:connect_platform", args=["mastodon"]), fields, **host)
    url = answer.context["url"]
    assert url.startswith(f"{instance.url}/oauth/authorize?")
    assert f'content="0;url={html.escape(url)}"' in answer.content.decode()
    return instance.say_yes(url)


def connected(owner, instance):
    client = browser(owner)
    client.get(CALLBACK, begin(client, instance))
    return Connection.objects.get(owner=owner, account_id=instance.account)


def page(owner, view, connection, **data):
    answer = browser(owner).get(reverse(f"web:{view}", args=[connection.pk]), **data)
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def test_picture_that_hangs_there_comes_by_a_worker(alice, instance):
    connection = connected(alice, instance)
    waiting = page(alice, "connection", connection)
    assert "Checking…" in waiting and 'hx-trigger="every 1s"' in waiting
    assert ("integrations.fetch_current_picture", [str(connection.pk)]) in celery_messages.waiting()
    celery_messages.deliver()
    seen = page(alice, "connection", connection, HTTP_HX_REQUEST="true")
    portrait = reverse("web:connection_portrait", args=[connection.pk])
    assert "Checked now" in seen and portrait in seen and "hx-trigger" not in seen
    answer = browser(alice).get(portrait)
    assert answer.headers["Content-Type"] == "image/jpeg" and answer.content[:2] == b"\xff\xd8"


def test_look_again_waits_for_the_new_look(alice, instance):
    connection = connected(alice, instance)
    celery_messages.deliver()
    url = reverse("web:connection_look", args=[connection.pk])
    assert "Checking…" in browser(alice).post(url, HTTP_HX_REQUEST="true").content.decode()
    without_script = browser(alice).post(url, follow=True)
    assert "Checking…" in without_script.content.decode()
    celery_messages.deliver()
    again = browser(alice).get(without_script.redirect_chain[-1][0])
    assert "Checking…" not in again.content.decode()


@pytest.mark.parametrize("since", ["", "x", "-1", "9" * 14, "9" * 40, "١"])
def test_any_moment_in_the_address_is_answered(alice, instance, since):
    connection = connected(alice, instance)
    answer = browser(alice).get(reverse("web:connection", args=[connection.pk]), {"since": since})
    assert answer.status_code == 200


def test_account_hangs_on_the_board_with_its_live_picture(alice, instance):
    connection = connected(alice, instance)
    celery_messages.deliver()
    board = html.unescape(browser(alice).get(reverse("web:profiles")).content.decode())
    live = f"{reverse('web:connection_portrait', args=[connection.pk])}?v="
    assert board.count(live) == 1 and "Choose a headshot" in board
    choices.choose_variant(variant_of(alice), ["mastodon"])
    board = html.unescape(browser(alice).get(reverse("web:profiles")).content.decode())
    assert board.count(live) == 0 and "Choose a headshot" not in board


def test_account_without_a_picture_says_so(alice, instance):
    instance.avatar = b""
    connection = connected(alice, instance)
    celery_messages.deliver()
    assert "There was no picture" in page(alice, "connection", connection)
    gone = browser(alice).get(reverse("web:connection_portrait", args=[connection.pk]))
    assert gone.status_code == 404


def test_picture_that_cannot_be_shown_is_no_error(alice, instance):
    instance.avatar = b"<svg xmlns='http://www.w3.org/2000/svg'/>"
    connection = connected(alice, instance)
    celery_messages.deliver()
    assert "can't be shown here" in page(alice, "connection", connection)


def test_message_that_got_lost_is_told_again(alice, instance):
    connection = connected(alice, instance)
    celery_messages.lose()
    celery_messages.app.tasks["integrations.run_maintenance"]()
    assert ("integrations.fetch_current_picture", [str(connection.pk)]) in celery_messages.waiting()


def test_server_that_is_away_is_looked_at_another_time(alice, instance):
    connection = connected(alice, instance)
    instance.responses["GET /api/v1/accounts/verify_credentials"] = json_response({}, 503)
    celery_messages.deliver()
    connection.refresh_from_db()
    assert connection.looked_at is None and connection.is_connected


@pytest.mark.parametrize("here", [LOCAL, NUMBER])
def test_answer_at_the_other_name_of_this_machine_is_carried_over(alice, instance, here):
    """atproto brings people back to 127.0.0.1; whoever began at localhost has no session there."""
    other = NUMBER if here == LOCAL else LOCAL
    client = browser(alice)
    answer = begin(client, instance, **here)
    moved = browser().get(CALLBACK, answer, **other)
    assert moved.status_code == 302 and moved.url.startswith(
        f"http://{here['HTTP_HOST']}{CALLBACK}"
    )
    client.get(moved.url.partition(here["HTTP_HOST"])[2], **here)
    assert Connection.objects.get().owner == alice


def test_answer_nobody_asked_for_is_carried_back_once_and_no_further():
    answer, hosts = {"code": "c", "state": "s"}, []
    url, host = CALLBACK, LOCAL
    for _ in range(5):
        moved = browser().get(url, answer, **host)
        hosts.append(moved.url.split("/")[2])
        if "/accounts/login/" in moved.url:
            break
        host = NUMBER if host == LOCAL else LOCAL
        url, answer = moved.url.partition(host["HTTP_HOST"])[2], {}
    assert hosts[:2] == ["127.0.0.1:8000", "localhost:8000"] and len(hosts) == 3


def test_answer_at_a_public_name_is_never_carried_anywhere(settings):
    settings.ALLOWED_HOSTS = ["facet.example.org"]
    answer = browser().get(CALLBACK, {"code": "c"}, HTTP_HOST="facet.example.org")
    assert answer.status_code == 302 and answer.url.startswith("/accounts/login/")


def test_disconnecting_asks_first_and_tells_the_platform(alice, instance):
    connection = connected(alice, instance)
    confirmation = page(alice, "connection_end", connection)
    assert "Disconnect @alice" in confirmation and "We tell" in confirmation
    assert not instance.revoked
    url = reverse("web:connection_end", args=[connection.pk])
    ended = browser(alice).post(url, follow=True)
    assert "removed our access" in ended.content.decode() and len(instance.revoked) == 1
    assert not Grant.objects.exists() and browser(alice).get(url).status_code == 404


def test_platform_that_can_never_be_told_is_said_before(alice, monkeypatch):
    memory_platform.put_in_registry(monkeypatch)
    account = memory_platform.create_connection(alice)
    confirmation = page(alice, "connection_end", account)
    assert (
        "doesn't let apps remove their own access" in confirmation and "We tell" not in confirmation
    )
    url = reverse("web:connection_end", args=[account.pk])
    assert "could not reach" in browser(alice).post(url, follow=True).content.decode()


def test_disconnecting_says_when_the_platform_could_not_be_told(alice, instance):
    connection = connected(alice, instance)
    instance.responses["POST /oauth/revoke"] = json_response({}, 503)
    url = reverse("web:connection_end", args=[connection.pk])
    assert "could not reach" in browser(alice).post(url, follow=True).content.decode()


def test_lost_account_leads_back_in_and_keeps_its_history(alice, instance):
    connection = connected(alice, instance)
    instance.access.clear()
    celery_messages.deliver()  # the worker looks, and is refused
    email = mail.outbox[-1]
    link = email.body.partition("/connect/")[2].split()[0]
    assert link == "mastodon/"
    shown = html.unescape(browser(alice).get(f"/connect/{link}").content.decode())
    assert "Action needed: connect it again" in shown
    again = reverse("web:connect_platform", args=["mastodon"])
    lost = page(alice, "connection", connection)
    server = instance.url.removeprefix("http://")
    assert "You are signed out of" in lost
    assert f"{again}?server={quote(server)}" in lost
    assert f'value="{server}"' in browser(alice).get(f"{again}?server={server}").content.decode()
    assert connected(alice, instance) == connection
    assert "You are signed out of" not in page(alice, "connection", connection)


def test_one_account_of_several_has_a_headshot_of_its_own(alice, instance):
    first, second = connected(alice, instance), None
    instance.account = "2"
    second = connected(alice, instance)
    common = variant_of(alice)
    own = variant_of(alice, photo=common.photo)
    client = browser(alice)
    client.post(reverse("web:choose"), {"variant": common.pk, "places": "mastodon"})
    back = reverse("web:connection", args=[second.pk])
    chosen = {"variant": own.pk, "accounts": second.pk, "next": back}
    assert client.post(reverse("web:choose"), chosen).url == back
    assert "has its own headshot" in page(alice, "connection", second)
    assert "It uses your headshot for Mastodon" in page(alice, "connection", first)
    assert Choice.objects.filter(current=True, place="mastodon").count() == 2


def test_headshot_is_never_chosen_for_somebody_elses_account(alice, instance):
    theirs = connected(alice, instance)
    bob = person("bob")
    chosen = {"variant": variant_of(bob).pk, "accounts": theirs.pk}
    assert browser(bob).post(reverse("web:choose"), chosen).status_code == 404
    assert not Choice.objects.exists()


@pytest.mark.parametrize(("days", "said"), [(1, "within a day"), (7, "within 7 days")])
def test_email_that_a_grant_ends_says_when(alice, instance, days, said):
    emails.send_expiry_warning(connected(alice, instance), days)
    assert said in mail.outbox[-1].subject and "/connect/mastodon/" in mail.outbox[-1].body


def test_document_is_there_only_where_others_can_read_it(client, settings):
    url = reverse("web:connect_document")
    assert client.get(url).status_code == 404
    settings.SITE_URL = "https://facet.example.org"
    answer = client.get(url)
    document = answer.json()
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "application/json"
    assert document["client_id"] == f"https://facet.example.org{url}"
    assert document["redirect_uris"] == ["https://facet.example.org/connect/bluesky/callback/"]
    assert "d" not in document["jwks"]["keys"][0]
    assert client.get(url).json() == document  # the key is made once


def test_tokens_of_a_connection_are_where_they_belong(alice, instance):
    connection = connected(alice, instance)
    (token,) = instance.access
    assert tokens.unseal_tokens(connection.grant)[0].access == token
    assert token not in page(alice, "connection", connection)
