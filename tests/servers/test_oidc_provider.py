"""Our OAuth 2 against oidc-provider: PKCE, rotation with family revocation, `iss`, the race."""

import subprocess
import sys
from contextlib import contextmanager

import pytest
from django.conf import settings

from branding import env
from integrations.auth.flow import SignInCancelled, StateMismatch
from integrations.connections import services as connection_services
from integrations.connections import sign_in_setup
from integrations.connections import tokens as connection_tokens
from integrations.errors import Rejected, Unauthorized
from integrations.models import Grant
from tests.support.servers import oidc_platform
from tests.support.servers.connections import (
    begin_sign_in,
    expire_token,
    fetch_own_name,
    finish_sign_in,
)
from tests.support.servers.programs import ROOT
from tests.support.servers.visitor import visit_until_callback

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
WORKERS = 8
ALICE = {"login": "alice", "password": "x"}


@pytest.fixture
def server(oidc_provider, register_platform):
    url, log = oidc_provider
    register_platform(oidc_platform.oidc_provider(url))
    return log


@pytest.fixture
def connection(alice, server):
    answer = visit_until_callback(begin_sign_in(alice), oidc_platform.CALLBACK, **ALICE)
    return finish_sign_in(alice, answer)


def renewals(log):
    return log.read_text().count("granted refresh_token")


def test_account_is_connected_with_pkce_and_used(connection):
    assert connection.account_name == "alice" and fetch_own_name(connection) == "alice"
    assert connection.grant.refresh_at and "avatar:write" in connection.grant.scope


def test_question_without_a_challenge_is_refused(alice, oidc_provider, register_platform):
    register_platform(oidc_platform.oidc_provider(oidc_provider[0], pkce=False))
    answer = visit_until_callback(begin_sign_in(alice), oidc_platform.CALLBACK)
    with pytest.raises(Rejected, match="PKCE"):
        finish_sign_in(alice, answer)


def test_code_without_its_proof_is_worth_nothing(alice, server):
    flow, _ = sign_in_setup.prepare_flow(sign_in_setup.get_adapter("strict"), 0, "")
    begun = flow.begin_sign_in("a state")
    answer = visit_until_callback(begun.url, oidc_platform.CALLBACK, **ALICE)
    with pytest.raises(Unauthorized, match="grant request is invalid"):
        flow.finish_sign_in({"verifier": "v" * 64}, answer)


def test_code_is_used_once(alice, server):
    flow, _ = sign_in_setup.prepare_flow(sign_in_setup.get_adapter("strict"), 0, "")
    begun = flow.begin_sign_in("a state")
    answer = visit_until_callback(begun.url, oidc_platform.CALLBACK, **ALICE)
    tokens = flow.finish_sign_in(begun.saved_state, answer)
    for once_more in (
        lambda: flow.finish_sign_in(begun.saved_state, answer),
        lambda: flow.refresh_tokens(tokens),
    ):
        with pytest.raises(Unauthorized):
            once_more()


def test_no_on_the_page_is_a_choice(alice, server):
    url = begin_sign_in(alice)
    answer = visit_until_callback(url, oidc_platform.CALLBACK, refuse_link_suffix="abort", **ALICE)
    with pytest.raises(SignInCancelled):
        finish_sign_in(alice, answer)


def test_answer_names_its_issuer_and_another_one_is_refused(alice, server):
    answer = visit_until_callback(begin_sign_in(alice), oidc_platform.CALLBACK, **ALICE)
    assert answer["iss"].startswith("http://127.0.0.1:")
    with pytest.raises(StateMismatch, match="Another server"):
        finish_sign_in(alice, answer | {"iss": "https://evil.example"})


def test_renewing_spends_the_old_token_and_keeps_the_session(connection, server):
    before = connection_tokens.unseal_tokens(connection.grant)[0]
    expire_token(connection)
    assert fetch_own_name(connection) == "alice"
    after = connection_tokens.unseal_tokens(Grant.objects.get())[0]
    assert after.refresh != before.refresh and after.access != before.access


def test_spent_token_ends_the_session_and_the_person_is_told(connection, server, mailoutbox):
    tokens, flow = connection_tokens.unseal_tokens(connection.grant)
    connection_tokens.refresh_tokens(connection.grant)
    with pytest.raises(Unauthorized) as refused:
        flow.refresh_tokens(tokens)  # somebody else has a copy and uses it
    assert "invalid_grant" in refused.value.answer
    expire_token(connection)
    with pytest.raises(Unauthorized):
        fetch_own_name(connection)
    connection.refresh_from_db()
    assert connection.state == "lost" and not Grant.objects.exists()
    assert [email.to for email in mailoutbox] == [["alice@example.com"]]


@contextmanager
def workers(connection, url):
    """Eight processes that are ready to use the connection; all of them are ended."""
    database = f"sqlite:///{settings.DATABASES['default']['TEST']['NAME']}"
    world = env.environment_with(DATABASE_URL=database, **oidc_platform.KEYS)
    command = [sys.executable, "-m", "tests.support.servers.worker", str(connection.pk), url]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    started = [subprocess.Popen(command, cwd=ROOT, env=world, **pipes) for _ in range(WORKERS)]
    try:
        assert [worker.stdout.readline() for worker in started] == ["ready\n"] * WORKERS
        yield started
    finally:
        for worker in started:
            worker.kill()
            worker.communicate()


def test_eight_workers_renew_at_once_and_the_session_survives(connection, oidc_provider):
    url, log = oidc_provider
    before = renewals(log)
    expire_token(connection)
    with workers(connection, url) as started:
        for worker in started:
            print(file=worker.stdin, flush=True)
        assert [worker.stdout.readline() for worker in started] == ["alice\n"] * WORKERS
    assert renewals(log) == before + 1
    expire_token(connection)
    assert fetch_own_name(connection) == "alice" and renewals(log) == before + 2


def test_disconnecting_revokes_the_whole_grant(connection, server):
    tokens, flow = connection_tokens.unseal_tokens(connection.grant)
    assert connection_services.end_connection(connection)
    with pytest.raises(Unauthorized):
        flow.refresh_tokens(tokens)
    sign = flow.make_signer(tokens)
    with pytest.raises(Unauthorized):
        flow.outbound.send_request("GET", f"{flow.server}/me", sign=sign)
