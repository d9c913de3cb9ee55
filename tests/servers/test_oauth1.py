"""Our OAuth 1.0a, and X's adapter with it, against a server by Authlib: signatures and nonces."""

from dataclasses import replace

import pytest

from integrations.auth.flow import SignInCancelled, StateMismatch
from integrations.connections import services as connection_services
from integrations.connections import tokens
from integrations.errors import Unauthorized
from integrations.models import Connection
from integrations.platforms import registry
from integrations.platforms.base import OAuth1, Rendition, UploadStatus
from integrations.platforms.x import X
from tests.support.people import jpeg, patches
from tests.support.servers import oauth1
from tests.support.servers.connections import begin_sign_in, finish_sign_in
from tests.support.servers.visitor import visit_until_callback

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
CALLBACK = "http://localhost:8000/connect/x/callback/"


@pytest.fixture
def server(oauth1_server, monkeypatch, settings):
    """X, if it lived there."""
    paths = ("/oauth/request_token", "/oauth/authorize", "/oauth/access_token")
    adapter = X()
    adapter.platform = replace(
        X.platform, server=oauth1_server, auth=(OAuth1(*(oauth1_server + path for path in paths)),)
    )
    monkeypatch.setitem(registry._ADAPTERS_BY_SLUG, "x", adapter)
    settings.PLATFORM_KEYS = {"X_CLIENT_ID": oauth1.CLIENT, "X_CLIENT_SECRET": oauth1.SECRET}
    return oauth1_server


@pytest.fixture
def connection(alice, server):
    return finish_sign_in(alice, visit_until_callback(begin_sign_in(alice, "x"), CALLBACK), "x")


def test_account_is_connected_with_three_signed_legs(connection):
    assert (connection.account_id, connection.account_name) == ("7", "@alice")


def test_picture_is_set_checked_and_put_back(connection):
    first, second = (Rendition(jpeg(patches(seed, side=400))) for seed in (1, 2))
    x = registry.get_adapter("x")
    with tokens.open_client(connection) as client:
        for rendition in (first, second):
            receipt = x.upload_picture(client, x.platform.slot, rendition)
            assert x.check_upload(client, x.platform.slot, receipt) == UploadStatus.UNKNOWN
            live = x.read_current_picture(client, x.platform.slot)
            assert client.outbound.download_picture(live.url).data == rendition.data
        x.restore_previous_picture(client, x.platform.slot, first)
        assert (
            client.outbound.download_picture(
                x.read_current_picture(client, x.platform.slot).url
            ).data
            == first.data
        )


def test_no_on_the_page_is_a_choice(alice, server):
    answer = visit_until_callback(begin_sign_in(alice, "x"), CALLBACK, answer="no")
    with pytest.raises(SignInCancelled):
        finish_sign_in(alice, answer, "x")


def test_answer_to_another_question_is_refused(alice, server):
    answers = [visit_until_callback(begin_sign_in(alice, "x"), CALLBACK) for _ in range(2)]
    with pytest.raises(StateMismatch):
        finish_sign_in(alice, answers[0] | {"state": answers[1]["state"]}, "x")
    assert not Connection.objects.exists()


def test_app_with_a_wrong_secret_gets_no_token(alice, server, settings):
    settings.PLATFORM_KEYS = settings.PLATFORM_KEYS | {"X_CLIENT_SECRET": "another secret"}
    with pytest.raises(Unauthorized):
        begin_sign_in(alice, "x")


def test_call_that_is_sent_again_by_somebody_else_is_refused(connection):
    with tokens.open_client(connection) as client, client.outbound.make_session() as session:
        seen = session.get(client.absolute_url("/2/users/me"), auth=client._sign)
        replayed = session.get(client.absolute_url("/2/users/me"), headers=seen.request.headers)
    assert (seen.status_code, replayed.status_code) == (200, 401)
    assert "invalid_nonce" in replayed.text


def test_disconnecting_forgets_the_secret(connection):
    assert not connection_services.end_connection(connection)  # X has no call that could be told
    with pytest.raises(Unauthorized), tokens.open_client(connection):
        pass
