"""Our OAuth 1.0a, and X's adapter with it, against a server by Authlib: signatures and nonces."""

from dataclasses import replace

import pytest

from integrations.auth.flow import SignInCancelled, StateMismatch
from integrations.connections import services as connection_services
from integrations.connections import tokens
from integrations.errors import Unauthorized
from integrations.models import Connection
from integrations.platforms import registry
from integrations.platforms.base import OAuth1, Outcome, Rendition
from integrations.platforms.x import X
from tests.support.people import jpeg, patches
from tests.support.servers import oauth1
from tests.support.servers.connections import begin, finish
from tests.support.servers.visitor import come_back

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
CALLBACK = "http://localhost:8000/connect/x/callback/"


@pytest.fixture
def server(oauth1_server, monkeypatch, settings):
    """X, if it lived there."""
    paths = ("/oauth/request_token", "/oauth/authorize", "/oauth/access_token")
    here = X()
    here.platform = replace(
        X.platform, server=oauth1_server, auth=(OAuth1(*(oauth1_server + path for path in paths)),)
    )
    monkeypatch.setitem(registry._BY_SLUG, "x", here)
    settings.PLATFORM_KEYS = {"X_CLIENT_ID": oauth1.CLIENT, "X_CLIENT_SECRET": oauth1.SECRET}
    return oauth1_server


@pytest.fixture
def connection(alice, server):
    return finish(alice, come_back(begin(alice, "x"), CALLBACK), "x")


def test_account_is_connected_with_three_signed_legs(connection):
    assert (connection.account_id, connection.account_name) == ("7", "@alice")


def test_picture_is_set_checked_and_put_back(connection):
    first, second = (Rendition(jpeg(patches(seed, side=400))) for seed in (1, 2))
    x = registry.adapter("x")
    with tokens.client_of(connection) as client:
        for rendition in (first, second):
            receipt = x.publish(client, x.platform.slot, rendition)
            assert x.check(client, x.platform.slot, receipt) == Outcome.UNKNOWN
            live = x.current(client, x.platform.slot)
            assert client.door.fetch(live.url).data == rendition.data
        x.withdraw(client, x.platform.slot, first)
        assert client.door.fetch(x.current(client, x.platform.slot).url).data == first.data


def test_no_on_the_page_is_a_choice(alice, server):
    answer = come_back(begin(alice, "x"), CALLBACK, answer="no")
    with pytest.raises(SignInCancelled):
        finish(alice, answer, "x")


def test_answer_to_another_question_is_refused(alice, server):
    answers = [come_back(begin(alice, "x"), CALLBACK) for _ in range(2)]
    with pytest.raises(StateMismatch):
        finish(alice, answers[0] | {"state": answers[1]["state"]}, "x")
    assert not Connection.objects.exists()


def test_app_with_a_wrong_secret_gets_no_token(alice, server, settings):
    settings.PLATFORM_KEYS = settings.PLATFORM_KEYS | {"X_CLIENT_SECRET": "another secret"}
    with pytest.raises(Unauthorized):
        begin(alice, "x")


def test_call_that_is_sent_again_by_somebody_else_is_refused(connection):
    with tokens.client_of(connection) as client, client.door.session() as session:
        seen = session.get(client.at("/2/users/me"), auth=client._sign)
        replayed = session.get(client.at("/2/users/me"), headers=seen.request.headers)
    assert (seen.status_code, replayed.status_code) == (200, 401)
    assert "invalid_nonce" in replayed.text


def test_disconnecting_forgets_the_secret(connection):
    assert not connection_services.disconnect(connection)  # X has no call that could be told
    with pytest.raises(Unauthorized), tokens.client_of(connection):
        pass
