"""Connections heal: forgotten apps, tokens without a lifetime, dead tokens, moved accounts."""

import html
import json
import re
import threading
from dataclasses import asdict
from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from integrations.auth.flow import ClientForgotten, SignInCancelled, StateMismatch, Tokens
from integrations.connections import pictures as connection_pictures
from integrations.connections import services as connection_services
from integrations.connections import tokens as connection_tokens
from integrations.errors import AlreadyConnected, PlatformError, Unavailable
from integrations.models import Connection, Grant, Registration
from integrations.vault import SigningKey
from tests.support.concurrency import together
from tests.support.people import browser, person
from tests.support.platforms.mastodon import FakeMastodon, json_response
from tests.support.platforms.scripted_server import ScriptedResponse, ScriptedServer

pytestmark = pytest.mark.django_db(transaction=True)
ACCOUNT_PATH = "/api/v1/accounts/verify_credentials"


@pytest.fixture
def server():
    fake = FakeMastodon()
    yield fake
    fake.close()


@pytest.fixture
def renewing():
    fake = FakeMastodon(lives=1000, rotates=True)
    yield fake
    fake.close()


def begin(owner, server):
    address = server.url.removeprefix("http://")
    return connection_services.begin_connection(
        owner, "mastodon", binding="session", address=address
    ).url


def finish(owner, answer):
    return connection_services.finish_connection(
        owner, "mastodon", binding="session", callback_parameters=answer
    )


def connect(owner, server):
    return finish(owner, server.say_yes(begin(owner, server)))


def use(connection):
    with connection_tokens.open_client(connection) as client:
        return client.get_json(ACCOUNT_PATH)


def state_of(connection):
    connection.refresh_from_db()
    return connection.state


def app_of(url):
    return re.search("client_id=([0-9a-f]+)", url)[1]


# Apps that a server has forgotten


def test_app_that_the_server_has_deleted_is_registered_anew(server):
    first = begin(person(), server)
    server.apps.clear()
    second = begin(person("bob"), server)
    assert app_of(second) in server.apps and app_of(second) != app_of(first)
    assert Registration.objects.count() == 1


@pytest.mark.parametrize(
    "answer",
    [
        ({"error": "invalid_client"}, 401),
        ({"error": "invalid_client", "error_description": "Client authentication failed."}, 400),
        ({"error": "invalid_client_id"}, 400),
        ({"error": "Unknown application"}, 403),
    ],
    ids=str,
)
def test_app_that_is_deleted_meanwhile_is_forgotten_here(server, answer):
    alice = person()
    callback = server.say_yes(begin(alice, server))
    token, server.responses["POST /oauth/token"] = server.token, lambda _: json_response(*answer)
    with pytest.raises(ClientForgotten):
        finish(alice, callback)
    assert not Registration.objects.exists()
    server.responses["POST /oauth/token"] = token
    assert connect(alice, server).is_connected


def test_unclear_answer_does_not_make_a_new_app(server):
    begin(person(), server)
    for status in (400, 404, 429, 500, 503):
        server.responses["POST /oauth/token"] = json_response({"error": "busy"}, status)
        begin(person(f"p{status}"), server)
    assert len(server.apps) == 1


def test_app_with_other_scopes_is_another_app(server):
    alice = person()
    first = begin(alice, server)
    server.responses["GET /.well-known/oauth-authorization-server"] = json_response(
        {"scopes_supported": ["read", "write"]}
    )
    second = begin(alice, server)
    assert app_of(first) != app_of(second) and Registration.objects.count() == 2
    assert "scope=read+write" in second and "scope=read%3Aaccounts" in first


def test_broad_scopes_are_asked_for_where_a_server_has_no_others(server):
    server.responses["GET /nodeinfo"] = json_response(
        {"software": {"name": "takahe", "version": "0.11"}}
    )
    assert "scope=read+write" in begin(person(), server)


def test_page_goes_on_with_a_new_app_by_itself(server):
    client = browser(person())
    form = {"way": 0, "server": server.url.removeprefix("http://")}
    page = client.post(reverse("web:connect_platform", args=["mastodon"]), form)
    url = html.unescape(re.search(r'href="([^"]+oauth/authorize[^"]+)"', page.content.decode())[1])
    answer = server.say_yes(url)
    server.apps.clear()
    page = client.get(reverse("web:connect_callback", args=["mastodon"]), answer)
    url = html.unescape(re.search(r'href="([^"]+oauth/authorize[^"]+)"', page.content.decode())[1])
    page = client.get(reverse("web:connect_callback", args=["mastodon"]), server.say_yes(url))
    assert Connection.objects.get().is_connected


def test_grant_of_an_app_that_is_gone_is_lost_a_day_after_its_end(renewing):
    connection = connect(person(), renewing)
    renewing.apps.clear()
    now = timezone.now()
    for ended, state in ((timedelta(hours=1), "connected"), (timedelta(days=2), "lost")):
        Grant.objects.update(refresh_at=now, expires_at=now - ended)
        connection_tokens.refresh_due_tokens()
        assert state_of(connection) == state


# Tokens


@pytest.mark.parametrize("more", [{}, {"expires_in": None}, {"expires_in": 0}, {"expires_in": "x"}])
def test_refresh_token_without_a_lifetime_is_used_when_a_token_is_refused(renewing, more):
    issue = renewing.issue

    def issue_without():
        tokens = json.loads(issue().body)
        del tokens["expires_in"]
        return json_response({**tokens, **more})

    renewing.issue = issue_without
    connection = connect(person(), renewing)
    renewing.access.clear()
    Grant.objects.update(issued_at=timezone.now() - timedelta(hours=3))
    with pytest.raises(Unavailable):
        use(connection)
    assert use(connection)["username"] == "alice"
    assert state_of(connection) == "connected" and renewing.refreshed == 1


@pytest.mark.parametrize("expires_in", [1e308, -1, 1.8e12, 10**400, True, [], {"a": 1}])
def test_absurd_lifetime_spends_no_token(renewing, expires_in):
    issue = renewing.issue
    renewing.issue = lambda: json_response({**json.loads(issue().body), "expires_in": expires_in})
    connection = connect(person(), renewing)
    assert use(connection)["username"] == "alice"


def test_refresh_that_is_refused_for_good_loses_the_connection(renewing):
    connection = connect(person(), renewing)
    renewing.access.clear()
    renewing.responses["POST /oauth/token"] = json_response(
        {"error": "unsupported_grant_type"}, 400
    )
    Grant.objects.update(issued_at=timezone.now() - timedelta(hours=3))
    with pytest.raises(PlatformError):
        use(connection)
    assert state_of(connection) == "lost"


@pytest.mark.parametrize(
    ("status", "body", "content_type"),
    [
        (400, b"Invalid Bearer token", "text/plain"),
        (403, b'{"error": "The access token was revoked"}', "application/json"),
        (403, b'{"error": "Token has expired"}', "application/json"),
        (400, b'{"error": "out_of_scope_for_token"}', "application/json"),
        (403, b'{"error": "Your login is currently disabled"}', "application/json"),
        (401, b"", "text/html"),
    ],
)
def test_dead_token_is_understood_in_plain_words(server, status, body, content_type):
    connection = connect(person(), server)
    server.responses[f"GET {ACCOUNT_PATH}"] = ScriptedResponse(
        status, body, {"Content-Type": content_type}
    )
    with pytest.raises(PlatformError):
        use(connection)
    assert state_of(connection) == "lost"
    if content_type == "text/plain":
        assert "Invalid Bearer token" in connection.reason


@pytest.mark.parametrize(
    "body", [b"Invalid CSRF token", b"Unexpected token < in JSON", b"<p>Invalid file</p>", b"no"]
)
def test_other_refusals_lose_no_connection(server, body):
    connection = connect(person(), server)
    server.responses[f"GET {ACCOUNT_PATH}"] = ScriptedResponse(400, body)
    with pytest.raises(PlatformError):
        use(connection)
    assert state_of(connection) == "connected"


# Tokens that nobody uses are revoked


def test_token_of_a_refused_second_connection_is_revoked(server):
    connection = connect(person(), server)
    with pytest.raises(AlreadyConnected):
        connect(person("eve"), server)
    assert len(server.revoked) == 1 and use(connection)


def test_token_that_the_server_gives_twice_is_not_revoked(server):
    """Mastodon gives the same token to the same app again, and somebody uses it."""
    connection = connect(person(), server)
    (token,) = server.access
    server.issue = lambda: json_response({"access_token": token, "token_type": "Bearer"})
    with pytest.raises(AlreadyConnected):
        connect(person("eve"), server)
    assert connect(connection.owner, server) == connection
    assert not server.revoked


@pytest.mark.parametrize("status", [400, 403, 500, 503])
def test_token_is_revoked_if_the_account_cannot_be_read(server, status):
    server.responses[f"GET {ACCOUNT_PATH}"] = json_response({"error": "no"}, status)
    with pytest.raises(PlatformError):
        connect(person(), server)
    assert len(server.revoked) == 1 and not Connection.objects.exists()


def test_reconnecting_revokes_the_old_token(server):
    alice = person()
    connect(alice, server)
    (old,) = server.access
    connection = connect(alice, server)
    assert server.revoked == [old] and use(connection)["username"] == "alice"


# Accounts


def test_lost_connection_of_somebody_else_does_not_block_the_owner(server):
    eve, bob = person("eve"), person("bob")
    lost = connect(eve, server)
    Connection.objects.filter(pk=lost.pk).update(state="lost")
    Grant.objects.all().delete()
    assert connect(bob, server).owner == bob
    assert state_of(lost) == "ended"


def test_dead_connection_of_somebody_else_that_looks_alive_does_not_block_the_owner(server):
    lost = connect(person("eve"), server)
    server.access.clear()
    assert connect(person("bob"), server).is_connected
    assert state_of(lost) == "ended"


def test_denial_without_a_state_is_a_choice(server):
    begin(person("bob"), server)
    with pytest.raises(SignInCancelled):
        finish(person(), {"error": "access_denied"})


def test_callback_that_is_loaded_twice_leads_to_the_account(server):
    client = browser(person())
    form = {"way": 0, "server": server.url.removeprefix("http://")}
    page = client.post(reverse("web:connect_platform", args=["mastodon"]), form)
    url = html.unescape(re.search(r'href="([^"]+oauth/authorize[^"]+)"', page.content.decode())[1])
    answer, callback = server.say_yes(url), reverse("web:connect_callback", args=["mastodon"])
    first = client.get(callback, answer)
    again = client.get(callback, answer)
    account_page = reverse("web:connection", args=[Connection.objects.get().pk])
    assert first.url == again.url == account_page


def test_callbacks_at_the_same_time_both_lead_to_the_account(server):
    """The second one begins while the first one is asking the server for the tokens."""
    alice = person()
    client = browser(alice)
    form = {"way": 0, "server": server.url.removeprefix("http://")}
    page = client.post(reverse("web:connect_platform", args=["mastodon"]), form)
    url = html.unescape(re.search(r'href="([^"]+oauth/authorize[^"]+)"', page.content.decode())[1])
    answer, callback = server.say_yes(url), reverse("web:connect_callback", args=["mastodon"])
    exchanging, second_is_there = threading.Event(), threading.Event()
    give_token = server.token

    def give_token_late(request):
        exchanging.set()
        assert second_is_there.wait(20)
        return give_token(request)

    def come_second():
        assert exchanging.wait(20)
        second_is_there.set()
        return load()

    def load():
        other = browser()
        other.cookies = client.cookies
        return other.get(callback, answer)

    server.responses["POST /oauth/token"] = give_token_late
    first, second = together(load, come_second)
    connection = Connection.objects.get()
    account_page = reverse("web:connection", args=[connection.pk])
    assert first.status_code == second.status_code == 302
    assert first.url == second.url == account_page
    assert connection.is_connected and Grant.objects.count() == 1 and not server.revoked


def test_many_callbacks_at_once_make_one_connection(server):
    """In whatever order they come, on a real database."""
    alice = person()
    answer = server.say_yes(begin(alice, server))
    connections = together(*[lambda: finish(alice, answer)] * 4)
    assert {connection.pk for connection in connections} == {Connection.objects.get().pk}
    assert Grant.objects.count() == 1 and not server.revoked


def test_stranger_does_not_get_the_account_of_a_repeated_callback(server):
    alice = person()
    answer = server.say_yes(begin(alice, server))
    finish(alice, answer)
    with pytest.raises(StateMismatch):
        finish(person("bob"), answer)
    with pytest.raises(StateMismatch):
        connection_services.finish_connection(
            alice, "mastodon", binding="another session", callback_parameters=answer
        )


def test_repeated_callback_of_a_failed_sign_in_fails(server):
    alice = person()
    answer = server.say_yes(begin(alice, server))
    server.responses["POST /oauth/token"] = json_response({"error": "invalid_grant"}, 400)
    with pytest.raises(PlatformError):
        finish(alice, answer)
    with pytest.raises(StateMismatch):
        finish(alice, answer)


def test_account_that_has_moved_asks_for_the_new_one(server):
    connection = connect(person(), server)
    moved = {"id": "1", "username": "alice", "avatar": "", "moved": {"acct": "alice@new.example"}}
    server.responses[f"GET {ACCOUNT_PATH}"] = json_response(moved)
    connection_pictures.try_fetch_picture(connection.pk)
    assert state_of(connection) == "lost" and "alice@new.example" in connection.reason
    assert len(mail.outbox) == 1


class Network(ScriptedServer):
    """An atproto server that is also the directory of identities."""

    def __init__(self, pds=None):
        super().__init__()
        document = {
            "id": "did:plc:abc",
            "service": [{"id": "#atproto_pds", "serviceEndpoint": pds or self.url}],
        }
        self.responses = {
            "GET /did%3Aplc%3Aabc": json_response(document),
            "GET /did:plc:abc": json_response(document),
            "GET /.well-known/oauth-protected-resource": json_response(
                {"authorization_servers": [self.url]}
            ),
            "GET /.well-known/oauth-authorization-server": json_response(
                {"issuer": self.url, "require_pushed_authorization_requests": True}
            ),
            "GET /xrpc/com.atproto.repo.listRecords": json_response({"records": []}),
        }


def atproto_connection(server, issuer):
    connection = Connection.objects.create(
        owner=person(), slug="bluesky", server="", account_id="did:plc:abc", account_name="@alice"
    )
    more = {
        **{"key": SigningKey.generate().private_number, "did": "did:plc:abc", "server": server},
        **{"issuer": issuer, "token": f"{issuer}/token", "revoke": ""},
    }
    grant = Grant(connection=connection)
    grant.seal({"tokens": asdict(Tokens("a" * 20, "r" * 20, more=more)), "remembered": {}})
    grant.save()
    return connection


def read_picture(connection):
    connection.refresh_from_db()
    connection_pictures.fetch_current_picture(connection)


@pytest.mark.parametrize("answer", ["RepoDeactivated", "RepoNotFound", "gone"])
def test_account_is_found_on_its_new_server(settings, answer):
    new, old = Network(), ScriptedServer()
    settings.PLC_URL = new.url
    old.responses["GET /xrpc/com.atproto.repo.listRecords"] = json_response({"error": answer}, 400)
    if answer == "gone":
        old.close()
    connection = atproto_connection(old.url, issuer=new.url)
    with pytest.raises(PlatformError):
        read_picture(connection)
    read_picture(connection)
    assert state_of(connection) == "connected"


def test_account_that_moved_to_another_provider_asks_to_connect_again(settings):
    new, old = Network(), Network()
    settings.PLC_URL = new.url
    old.responses["GET /xrpc/com.atproto.repo.listRecords"] = json_response(
        {"error": "RepoDeactivated"}, 400
    )
    connection = atproto_connection(old.url, issuer=old.url)
    with pytest.raises(PlatformError):
        read_picture(connection)
    assert state_of(connection) == "lost" and "moved" in connection.reason


def test_account_that_is_gone_asks_to_connect_again(settings):
    old = Network()
    settings.PLC_URL = old.url
    old.responses["GET /xrpc/com.atproto.repo.listRecords"] = json_response(
        {"error": "RepoDeactivated"}, 400
    )
    connection = atproto_connection(old.url, issuer=old.url)
    with pytest.raises(PlatformError):
        read_picture(connection)
    assert state_of(connection) == "lost"
