"""Our OAuth 2 against django-oauth-toolkit with reuse protection and no grace: the same race."""

import pytest

from integrations.auth.flow import SignInCancelled
from integrations.connections import services as connection_services
from integrations.connections import tokens as connection_tokens
from integrations.errors import Rejected, Unauthorized
from integrations.models import Connection, Grant
from tests.support.concurrency import together
from tests.support.servers import oidc_platform
from tests.support.servers.connections import (
    begin_sign_in,
    expire_token,
    fetch_own_name,
    finish_sign_in,
)
from tests.support.servers.visitor import visit_until_callback

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
WORKERS = 8


@pytest.fixture
def server(toolkit, register_platform):
    url, log = toolkit
    register_platform(oidc_platform.toolkit(url))
    return log


@pytest.fixture
def connection(alice, server):
    return finish_sign_in(alice, visit_until_callback(begin_sign_in(alice), oidc_platform.CALLBACK))


def exchanges(log):
    return log.read_text().count('"POST /o/token/ HTTP/1.1" 200')


def test_account_is_connected_and_used(connection):
    assert connection.account_name == "alice" and fetch_own_name(connection) == "alice"


def test_no_on_the_page_is_a_choice(alice, server):
    answer = visit_until_callback(begin_sign_in(alice), oidc_platform.CALLBACK, allow="")
    with pytest.raises(SignInCancelled):
        finish_sign_in(alice, answer)


def test_eight_workers_renew_at_once_and_the_session_survives(connection, server):
    before = exchanges(server)
    expire_token(connection)
    workers = [lambda: fetch_own_name(Connection.objects.get(pk=connection.pk))] * WORKERS
    assert together(*workers) == ["alice"] * WORKERS
    assert exchanges(server) == before + 1
    expire_token(connection)
    assert fetch_own_name(connection) == "alice" and exchanges(server) == before + 2


def test_spent_token_ends_the_session_and_the_person_is_told(connection, mailoutbox):
    tokens, flow = connection_tokens.unseal_tokens(connection.grant)
    connection_tokens.refresh_tokens(connection.grant)
    with pytest.raises(Unauthorized):
        flow.refresh_tokens(tokens)
    expire_token(connection)
    with pytest.raises(Unauthorized):
        fetch_own_name(connection)
    connection.refresh_from_db()
    assert connection.state == "lost" and not Grant.objects.exists() and len(mailoutbox) == 1


def test_disconnecting_revokes_both_tokens(connection):
    tokens, flow = connection_tokens.unseal_tokens(connection.grant)
    assert connection_services.end_connection(connection)
    with pytest.raises(Unauthorized):
        flow.refresh_tokens(tokens)
    with pytest.raises(Rejected, match="403"):  # this decorator of the toolkit gives no reason
        flow.outbound.send_request("GET", f"{flow.server}/me", sign=flow.make_signer(tokens))
