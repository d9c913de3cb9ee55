"""Signing in as every OAuth 2 platform documents it: page, exchange, renewal, revocation."""

import base64
import logging
from urllib.parse import parse_qsl, urlsplit

import pytest

from integrations.auth.factory import make_flow
from integrations.auth.flow import ClientApp, SignInCancelled, StateMismatch, Tokens
from integrations.connections import sign_in_setup
from integrations.errors import (
    PlatformError,
    RateLimited,
    Rejected,
    Unauthorized,
    Unavailable,
    Uncertain,
)
from integrations.outbound.client import Limits
from tests.support.platforms.platform_account import FOLDERS, RecordedAccount
from tests.support.platforms.recordings import SECRET, Failure, load_recording

BACK = "https://facet.example.org/back"
CODE, ACCESS, REFRESH = "canary-code-1", "canary-access-1", "canary-refresh-1"
OLD = Tokens(access="canary-access-0", refresh=REFRESH, scope="old")
KNOWN = {
    "back": BACK,
    "code": CODE,
    "access": ACCESS,
    "refresh": REFRESH,
    "secret": SECRET,
    "app": base64.b64encode(f"app:{SECRET}".encode()).decode(),
    "verifier": "canary-verifier-0",
}
MEMORY = {"verifier": KNOWN["verifier"]}
KINDS = {"Rejected": Rejected, "Unauthorized": Unauthorized}
# Servers repeat what they were sent, wherever it was.
ECHO = f'{{"error": "%s", "error_description": "{REFRESH} {SECRET}"}}'
ECHO_OF_CODE = f'{{"error": "%s", "error_description": "{CODE} {KNOWN["verifier"]} {SECRET}"}}'
# What a response to a refresh means: only the second ends a connection (connections/tokens.py).
RENEWALS = [
    (Failure("busy", 429, b""), RateLimited),
    (Failure("gone", 400, (ECHO % "invalid_grant").encode()), Unauthorized),
    (Failure("our secret is wrong", 401, (ECHO % "invalid_client").encode()), Unauthorized),
    (Failure("our secret is wrong", 400, (ECHO % "invalid_client").encode()), Rejected),
    (Failure("closed", 503, (ECHO % "x").encode()), Unavailable),
    (Failure("broken", 500, (ECHO % "x").encode()), Uncertain),
    (Failure("half", 200, b'{"access'), Uncertain),
    (Failure("empty", 200, b""), Uncertain),
    (Failure("no token", 200, b'{"token_type": "Bearer"}'), Uncertain),
    (Failure("a list", 200, b"[]"), Uncertain),
    (Failure("refused"), Unavailable),
    (Failure("hangs up", closes_connection=True), Uncertain),
]
SIGNED_IN = [folder for folder in FOLDERS if "signin" in load_recording(folder)]
RENEWED = [folder for folder in SIGNED_IN if "refresh" in load_recording(folder)["signin"]]


class SignIn:
    """The sign-in of one platform, and what its documentation says about it."""

    def __init__(self, folder, replay):
        account = RecordedAccount(folder, replay)
        self.replay, self.recorded = replay, account.recorded["signin"]
        self.auth = account.auth
        self.outbound = sign_in_setup.create_outbound_client(
            account.platform, account.server, resolve=replay.resolve, limits=Limits(2, 5, 9)
        )
        app = ClientApp(BACK, "app", SECRET)
        self.flow = make_flow(self.auth, outbound=self.outbound, app=app, server=account.server)
        url = urlsplit(self.recorded["authorize"])
        self.issuer = f"{url.scheme}://{url.netloc}"

    def expect(self, name, failure=None):
        self.replay.expect(
            [self.recorded[name]], KNOWN, failing=0, failure=failure
        ) if failure else (self.replay.expect([self.recorded[name]], KNOWN))


@pytest.fixture(params=SIGNED_IN)
def way(request, trusted):
    return SignIn(request.param, trusted)


@pytest.fixture(params=RENEWED)
def renewing(request, trusted):
    return SignIn(request.param, trusted)


def test_person_is_sent_to_the_documented_page(way: SignIn):
    begun = way.flow.begin_sign_in("a-state")
    url, query = begun.url.split("?")
    parameters = dict(parse_qsl(query))
    wanted = {
        "response_type": "code",
        "client_id": "app",
        "redirect_uri": BACK,
        "state": "a-state",
        **way.recorded["query"],
    }
    if way.recorded["pkce"]:
        assert len(parameters.pop("code_challenge")) == 43
        wanted["code_challenge_method"] = "S256"
    assert (url, parameters) == (way.recorded["authorize"], wanted)
    assert bool(begun.saved_state) == way.recorded["pkce"] and "canary" not in begun.url


def test_code_is_exchanged_as_documented(way: SignIn):
    way.expect("token")
    tokens = way.flow.finish_sign_in(
        MEMORY if way.recorded["pkce"] else {}, {"code": CODE, "iss": way.issuer}
    )
    assert not way.replay.wrong
    assert tokens.access == ACCESS
    assert tokens.refresh == (REFRESH if "refresh" in way.recorded else "")


@pytest.mark.parametrize("issuer", ["https://evil.example", "https://slack.com.evil.example"])
def test_answer_of_another_server_spends_no_code(way: SignIn, issuer):
    way.replay.expect([], KNOWN)
    with pytest.raises(StateMismatch):
        way.flow.finish_sign_in(MEMORY, {"code": CODE, "iss": issuer})
    assert not way.replay.connected


def test_no_is_a_choice_and_no_code_is_a_mix_up(way: SignIn):
    for answer, kind in (
        ({"error": "access_denied"}, SignInCancelled),
        ({"error": "server_error", "error_description": "Later"}, Rejected),
        ({"state": "a-state"}, StateMismatch),
    ):
        with pytest.raises(kind) as raised:
            way.flow.finish_sign_in(MEMORY, answer)
        assert type(raised.value) is kind


def test_tokens_are_renewed_as_documented(renewing: SignIn):
    renewing.expect("refresh")
    tokens = renewing.flow.refresh_tokens(OLD)
    assert not renewing.replay.wrong
    assert (tokens.access, tokens.refresh) == (ACCESS, REFRESH)


def test_missing_or_empty_refresh_token_never_takes_the_place_of_one(renewing: SignIn):
    for more in ("", ', "refresh_token": ""', ', "refresh_token": null'):
        body = f'{{"ok": true, "access_token": "{ACCESS}", "token_type": "bearer"{more}}}'
        renewing.expect("refresh", Failure("none", 200, body.encode()))
        tokens = renewing.flow.refresh_tokens(OLD)
        assert (tokens.access, tokens.refresh, tokens.scope) == (ACCESS, REFRESH, "old")


@pytest.mark.parametrize(
    ("failure", "kind"), RENEWALS, ids=lambda value: getattr(value, "name", "")
)
def test_renewal_that_fails_is_of_its_kind_and_tells_no_secret(
    renewing: SignIn, failure, kind, caplog
):
    caplog.set_level(logging.DEBUG)
    renewing.expect("refresh", failure)
    with pytest.raises(PlatformError) as raised:
        renewing.flow.refresh_tokens(OLD)
    error = raised.value
    assert type(error) is kind
    assert ("invalid_grant" in error.answer) == (failure.name == "gone")
    assert "canary-" not in f"{error!r} {vars(error)} {error.__context__!r} {caplog.text}"


def test_exchange_that_fails_tells_no_secret(way: SignIn, caplog):
    caplog.set_level(logging.DEBUG)
    repeated = [
        Failure(str(status), status, (ECHO_OF_CODE % word).encode())
        for status in (400, 401, 403, 429, 500, 503)
        for word in ("invalid_grant", "invalid_client", "x")
    ]
    for failure in (*repeated, *(failure for failure, _ in RENEWALS if not failure.status)):
        way.expect("token", failure)
        with pytest.raises(PlatformError) as raised:
            way.flow.finish_sign_in(MEMORY, {"code": CODE})
        error = raised.value
        assert "canary-" not in f"{error!r} {vars(error)} {error.__context__!r} {caplog.text}"


def test_grant_is_revoked_as_documented(way: SignIn):
    if "revoke" in way.recorded:
        way.expect("revoke")
        way.flow.revoke_tokens(
            Tokens(access=ACCESS, refresh=REFRESH if "refresh" in way.recorded else "")
        )
        assert not way.replay.wrong and way.replay.arrived == 1


@pytest.mark.parametrize(
    ("folder", "number"),
    [
        (folder, number)
        for folder in SIGNED_IN
        for number in range(len(load_recording(folder)["signin"].get("odd", [])))
    ],
)
def test_documented_oddity_of_a_sign_in_is_of_its_kind(trusted, folder, number):
    way = SignIn(folder, trusted)
    odd = way.recorded["odd"][number]
    way.expect(odd["at"], Failure("odd", odd.get("status", 200), odd["answer"].encode()))
    with pytest.raises(PlatformError) as raised:
        way.flow.finish_sign_in({}, {"code": CODE}) if odd[
            "at"
        ] == "token" else way.flow.refresh_tokens(OLD)
    assert type(raised.value) is KINDS[odd["kind"]]
