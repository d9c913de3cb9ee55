"""Our OAuth 2 against django-oauth-toolkit with reuse protection and no grace: the same race."""

import pytest

from integrations.auth.flow import SignInCancelled
from integrations.connections import services as connection_services
from integrations.connections import tokens as connection_tokens
from integrations.errors import Rejected, Unauthorized
from integrations.models import Connection, Grant
from tests.support.concurrency import together
from tests.support.servers import oidc_platform
from tests.support.servers.connections import begin, due, finish, use
from tests.support.servers.visitor import come_back

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
WORKERS = 8


@pytest.fixture
def server(toolkit, known):
    url, log = toolkit
    known(oidc_platform.toolkit(url))
    return log


@pytest.fixture
def connection(alice, server):
    return finish(alice, come_back(begin(alice), oidc_platform.CALLBACK))


def exchanges(log):
    return log.read_text().count('"POST /o/token/ HTTP/1.1" 200')


def test_account_is_connected_and_used(connection):
    assert connection.account_name == "alice" and use(connection) == "alice"


def test_no_on_the_page_is_a_choice(alice, server):
    answer = come_back(begin(alice), oidc_platform.CALLBACK, allow="")
    with pytest.raises(SignInCancelled):
        finish(alice, answer)


def test_eight_workers_renew_at_once_and_the_session_survives(connection, server):
    before = exchanges(server)
    due(connection)
    workers = [lambda: use(Connection.objects.get(pk=connection.pk))] * WORKERS
    assert together(*workers) == ["alice"] * WORKERS
    assert exchanges(server) == before + 1
    due(connection)
    assert use(connection) == "alice" and exchanges(server) == before + 2


def test_spent_token_ends_the_session_and_the_person_is_told(connection, mailoutbox):
    tokens, flow = connection_tokens.tokens_of(connection.grant)
    connection_tokens.renew(connection.grant)
    with pytest.raises(Unauthorized):
        flow.refresh(tokens)
    due(connection)
    with pytest.raises(Unauthorized):
        use(connection)
    connection.refresh_from_db()
    assert connection.state == "lost" and not Grant.objects.exists() and len(mailoutbox) == 1


def test_disconnecting_revokes_both_tokens(connection):
    tokens, flow = connection_tokens.tokens_of(connection.grant)
    assert connection_services.disconnect(connection)
    with pytest.raises(Unauthorized):
        flow.refresh(tokens)
    with pytest.raises(Rejected, match="403"):  # this decorator of the toolkit gives no reason
        flow.door.call("GET", f"{flow.server}/me", sign=flow.signer(tokens))
