"""What a response means, within limits, and that no secret is revealed with it."""

import logging
import socket
import time
from datetime import UTC, datetime

import pytest

from integrations.errors import RateLimited, Rejected, Unauthorized, Unavailable, Uncertain
from integrations.outbound.client import Limits, OutboundClient
from integrations.outbound.redaction import redact
from integrations.outbound.responses import ResponseRule
from tests.support.platforms.scripted_server import ScriptedResponse, ScriptedServer

CANARY = "canary-5f3a9c1e7b"
LIMITS = Limits(connect=1, read=0.4, total=0.8, size=10_000)


def make_client(*, response_rules=(), secrets=()):
    return OutboundClient(
        None,
        allow_loopback=True,
        limits=LIMITS,
        platform="Example",
        response_rules=response_rules,
        secrets=secrets,
    )


KINDS = [
    (400, Rejected),
    (401, Unauthorized),
    (403, Rejected),
    (404, Rejected),
    (405, Rejected),
    (409, Rejected),
    (410, Rejected),
    (413, Rejected),
    (415, Rejected),
    (422, Rejected),
    (302, Rejected),
    (408, Unavailable),
    (429, RateLimited),
    (500, Uncertain),
    (502, Uncertain),
    (503, Unavailable),
    (504, Uncertain),
]


@pytest.mark.parametrize(("status", "kind"), KINDS)
def test_status_of_a_write_is_one_of_five_kinds(script: ScriptedServer, status, kind):
    script.responses["POST /a"] = ScriptedResponse(status)
    with pytest.raises(kind) as raised:
        make_client().send_request("POST", f"{script.url}/a")
    assert raised.value.status == status


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_read_that_fails_changed_nothing(script: ScriptedServer, status):
    script.responses["GET /a"] = ScriptedResponse(status)
    with pytest.raises(Unavailable):
        make_client().send_request("GET", f"{script.url}/a")


@pytest.mark.parametrize("word", ["insufficient_scope", "invalid_grant", "missing_scope"])
def test_missing_scope_asks_for_a_new_connection(script: ScriptedServer, word):
    script.responses["POST /a"] = ScriptedResponse(403, f'{{"error":"{word}"}}'.encode())
    with pytest.raises(Unauthorized):
        make_client().send_request("POST", f"{script.url}/a")


@pytest.mark.parametrize(
    ("value", "least", "most"),
    [
        ("7", 7, 7),
        ("", 60, 60),
        ("soon", 60, 60),
        ("2026-13-45", 60, 60),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 1, 1),
    ],
)
def test_platform_says_how_long_to_wait(script: ScriptedServer, value, least, most):
    script.responses["GET /a"] = ScriptedResponse(429, headers={"Retry-After": value})
    with pytest.raises(RateLimited) as raised:
        make_client().send_request("GET", f"{script.url}/a")
    assert least <= raised.value.retry_after <= most


@pytest.mark.parametrize("name", ["X-RateLimit-Reset", "X-Rate-Limit-Reset", "RateLimit-Reset"])
@pytest.mark.parametrize(
    ("seconds", "least", "most"), [(900, 840, 901), (-900, 1, 1), (9e8, 86_400, 86_400)]
)
def test_platform_says_when_its_limit_is_reset(script: ScriptedServer, name, seconds, least, most):
    moment = time.time() + seconds
    iso = datetime.fromtimestamp(moment, UTC).isoformat()
    for value in (f"{moment:.0f}", iso, iso.replace("+00:00", "Z")):
        script.responses["GET /a"] = ScriptedResponse(429, headers={name: value})
        with pytest.raises(RateLimited) as raised:
            make_client().send_request("GET", f"{script.url}/a")
        assert least <= raised.value.retry_after <= most
    script.responses["GET /a"] = ScriptedResponse(429, headers={name: value, "Retry-After": "7"})
    with pytest.raises(RateLimited) as raised:
        make_client().send_request("GET", f"{script.url}/a")
    assert raised.value.retry_after == 7


@pytest.mark.parametrize(("remaining", "kind"), [("0", RateLimited), ("7", Rejected)])
def test_used_up_rate_limit_is_no_rejection(script: ScriptedServer, remaining, kind):
    script.responses["GET /a"] = ScriptedResponse(403, headers={"X-RateLimit-Remaining": remaining})
    with pytest.raises(kind):
        make_client().send_request("GET", f"{script.url}/a")


def test_nobody_listens_is_unavailable():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/"
    for method in ("GET", "POST"):
        with pytest.raises(Unavailable):
            make_client().send_request(method, url)


def stay_silent(_):
    time.sleep(1.2)


def hang_up(handler):
    handler.connection.close()


def drip(handler):
    handler.send_response(200)
    handler.end_headers()
    for _ in range(12):
        handler.wfile.write(b"x")
        handler.wfile.flush()
        time.sleep(0.2)


def drip_headers(handler):
    for sign in b"HTTP/1.1 200 OK\r\nX: yyyyyyyyyyyyyyyyy":
        handler.wfile.write(bytes([sign]))
        handler.wfile.flush()
        time.sleep(0.2)


@pytest.mark.slow
@pytest.mark.parametrize("then", [stay_silent, hang_up, drip, drip_headers])
@pytest.mark.parametrize(("method", "kind"), [("POST", Uncertain), ("GET", Unavailable)])
def test_slow_or_broken_connection_ends_in_time(script: ScriptedServer, then, method, kind):
    script.responses[f"{method} /a"] = ScriptedResponse(run_instead=then)
    started = time.monotonic()
    with pytest.raises(kind):
        make_client().send_request(method, f"{script.url}/a")
    assert time.monotonic() - started < 1.1


def test_long_answer_is_cut(script: ScriptedServer):
    script.responses["GET /a"] = ScriptedResponse(body=b"x" * 20_000)
    with pytest.raises(Unavailable):
        make_client().send_request("GET", f"{script.url}/a")


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"half":'])
def test_success_that_cannot_be_read_is_unknown_after_a_write(script: ScriptedServer, body):
    script.responses["POST /a"] = script.responses["GET /a"] = ScriptedResponse(body=body)
    with pytest.raises(Uncertain):
        make_client().send_request("POST", f"{script.url}/a").json()
    with pytest.raises(Unavailable):
        make_client().send_request("GET", f"{script.url}/a").json()


def test_documented_oddity_wins_over_the_status(script: ScriptedServer):
    rule = ResponseRule(200, '"ok":false', Rejected)
    script.responses["POST /a"] = ScriptedResponse(body=b'{"ok": false, "error": "bad_image"}')
    with pytest.raises(Rejected, match="bad_image"):
        make_client(response_rules=[rule]).send_request("POST", f"{script.url}/a")


def test_redirect_is_not_followed_with_a_token(script: ScriptedServer):
    script.responses["GET /a"] = ScriptedResponse(302, headers={"Location": f"{script.url}/b"})
    with pytest.raises(Rejected):
        make_client().send_request("GET", f"{script.url}/a")
    assert len(script.requests) == 1


def test_proxy_of_the_environment_is_not_used(script: ScriptedServer, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    script.responses["GET /a"] = ScriptedResponse()
    assert make_client().send_request("GET", f"{script.url}/a").status == 200


@pytest.mark.parametrize("status", [200, 400, 401, 429, 500, 503])
def test_token_comes_out_nowhere(script: ScriptedServer, caplog, status):
    caplog.set_level(logging.DEBUG)
    script.responses["POST /a"] = ScriptedResponse(status, f"<p>{CANARY} was sent</p>".encode())
    sent = {"data": {"token": CANARY}, "headers": {"Authorization": f"Bearer {CANARY}"}}
    seen = ""
    try:
        answer = make_client(secrets=[CANARY]).send_request(
            "POST", f"{script.url}/a?access_token={CANARY}", **sent
        )
        seen += repr(answer)
    except Exception as error:  # noqa: BLE001
        seen += f"{error!r} {error} {vars(error)} {error.__context__!r} {error.__cause__!r}"
    assert CANARY.encode() in script.requests[0].body
    assert CANARY not in seen + caplog.text


@pytest.mark.parametrize(
    "text",
    [
        f"Authorization: Bearer {CANARY}",
        f"https://a.example/cb?code={CANARY}&state=x",
        f'{{"access_token": "{CANARY}", "expires_in": 60}}',
        f"refresh_token={CANARY}&a=b",
        f"client_secret: {CANARY}",
        f'oauth_signature="{CANARY}"',
        f"'password': '{CANARY}'",
    ],
)
def test_what_looks_like_a_secret_is_masked(text):
    assert CANARY not in redact(text)
