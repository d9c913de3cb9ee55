"""Whatever a server answers, the kernel returns what was asked for or raises a PlatformError.

Answers are arbitrary: status lines, headers, bodies that are no JSON, and JSON with the names that
adapters read and absurd values.
"""

import json
import logging
import time
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from integrations.auth import dynamic_registration
from integrations.auth.factory import make_flow
from integrations.auth.flow import ClientApp, Tokens
from integrations.errors import PlatformError
from integrations.outbound.client import Limits, OutboundClient
from integrations.platforms import registry
from integrations.platforms.base import PlatformClient, Rendition, UploadReceipt
from integrations.vault import SigningKey
from tests.support.platforms.raw_server import RawServer, response_bytes

ADAPTERS = [registry.get_adapter(platform.slug) for platform in registry.all_platforms()]
LIMITS = Limits(connect=2, read=2, total=4, size=300_000)
MAX_SECONDS = 3.0  # of computing, for all calls about one answer; most take milliseconds
MAX_MEMORY = 120_000_000  # bytes that reading one answer of LIMITS.size may take
FACTS = dict.fromkeys(("user", "id", "hash", "page", "did", "software", "version"), "x")

ABSURD = st.sampled_from(
    [
        *(b"1e400", b"-1e400", b"NaN", b"Infinity", b"9" * 400, b"9" * 5000, b"1e308", b"-1", b"0"),
        *(b"null", b"true", b"[]", b"{}", b'""', b"[null]", b'{"a": {}}', b"1.5"),
        *(b'"\\ud800"', b'"\\u0000"', b'"\xff"', b'"http://[bad"', b'"//"', b'"https://x:y:z"'),
        *(b"[" * 2000, b'{"a":' * 2000, b'"' + b"x" * 100_000 + b'"', b'"\\r\\nX: y"'),
    ]
)
# Every name that any adapter or flow reads.
FIELD_NAMES = sorted(
    {
        *("access_token", "refresh_token", "expires_in", "scope", "token_type", "error", "sub"),
        *("client_id", "client_secret", "issuer", "authorization_endpoint", "token_endpoint"),
        *("registration_endpoint", "pushed_authorization_request_endpoint", "request_uri"),
        *("authorization_servers", "require_pushed_authorization_requests", "did", "service"),
        *("alsoKnownAs", "accessJwt", "refreshJwt", "handle", "records", "value", "avatar", "cid"),
        *("links", "href", "rel", "software", "name", "version", "id", "username", "url", "login"),
        *("avatar_url", "avatar_template", "user", "current_user", "user_id", "message", "data"),
        *("uri", "link", "pictures", "profile", "image_original", "avatar_hash", "ok", "_id"),
        *("poll", "endpoint", "token", "appPassword", "loginName", "ocs", "display-name", "email"),
        *("m.homeserver", "base_url", "content_uri", "blob", "ref", "$link", "team", "team_id"),
        *("display_name", "hash", "profile_url", "image_id", "image_url", "selected", "photoData"),
        *("account_id", "profile_photo_url", "pic_url", "last_picture_update", "avatarETag"),
    }
)


def as_json(value):
    """Return JSON in which bytes stand for themselves."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, dict):
        items = (json.dumps(name).encode() + b":" + as_json(item) for name, item in value.items())
        return b"{" + b",".join(items) + b"}"
    if isinstance(value, list):
        return b"[" + b",".join(map(as_json, value)) + b"]"
    return json.dumps(value).encode()


SCALARS = ABSURD | st.text(max_size=20) | st.integers() | st.booleans() | st.none()
DOCUMENTS = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(FIELD_NAMES), inner, max_size=8)
    ),
    max_leaves=12,
).map(as_json)
BODIES = (
    DOCUMENTS
    | st.binary(max_size=200)
    | st.sampled_from(
        [
            b"",
            b"<!doctype html><title>Sign in</title>",
            b"a=b&access_token=c&expires_in=1e400",
            b"[" * 100_000,
            b'{"error":"' + b"eyJ-" * 50_000,
            b'{"a":' * 60_000,
            "{}".encode("utf-16"),
            b"\xef\xbb\xbf{}",
            b"{" + b'"a":1,' * 40_000 + b'"b":2}',
        ]
    )
)
HEADERS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                *("Location", "Retry-After", "Content-Type", "Content-Length", "DPoP-Nonce"),
                *("WWW-Authenticate", "Set-Cookie", "Content-Encoding", "Transfer-Encoding"),
                *("X-RateLimit-Reset", "X-RateLimit-Remaining", "ETag", "Link"),
            ]
        ),
        st.sampled_from(
            [
                *("http://[bad", "https://x:y", "//", "ftp://a", "\x00", "\xff\xfe", "a" * 5000),
                *("9" * 400, "1e400", "NaN", "-1", "0001-01-01", "9999-99-99", "soon", "0"),
                *("Wed, 99999999999 Oct 2015 07:28:00 GMT", "Mon, 01 Jan 0000 00:00:00 -9999"),
                *("text/html; charset=bogus", "application/json; charset=idna", "gzip", "br"),
                *("chunked", "gzip, gzip, gzip, gzip, gzip, gzip", "a=b; expires=9e99", "²"),
                *("DPoP error=use_dpop_nonce", "5", "120"),
            ]
        )
        | st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=30),
    ),
    max_size=4,
)
STATUSES = st.integers(100, 999) | st.sampled_from([200, 200, 200, 201, 302, 400, 401, 429, 503])
ANSWERS = st.builds(response_bytes, STATUSES, HEADERS, BODIES) | st.binary(max_size=300)


@pytest.fixture(scope="module")
def server():
    logging.disable(logging.WARNING)
    raw_server = RawServer()
    yield raw_server
    raw_server.close()
    logging.disable(logging.NOTSET)


def calls_of(adapter, url):
    """Return everything that the kernel can ask a server, for one platform."""
    platform = adapter.platform
    outbound = OutboundClient(
        None, allow_loopback=True, limits=LIMITS, platform=platform.name,
        response_rules=platform.response_rules,
    )  # fmt: skip
    client = PlatformClient(outbound, url, sign=None, facts=FACTS)
    slot, rendition = platform.slot, Rendition(b"picture", alt_text="x", url="https://a.example/b")
    app = ClientApp("https://facet.example.org/back", "app", "secret", plc_directory=url)
    yield lambda: adapter.resolve_server(outbound, url, platform.auth[0])
    yield lambda: adapter.identify_account(client)
    yield lambda: adapter.read_current_picture(client, slot)
    yield lambda: adapter.check_upload(client, slot, UploadReceipt("key", {"before": "x"}))
    yield lambda: adapter.upload_picture(client, slot, rendition)
    yield lambda: adapter.restore_previous_picture(client, slot, rendition)
    yield lambda: adapter.restore_previous_picture(client, slot, None)
    more = {
        **dict.fromkeys(("token", "revoke", "server", "issuer", "pds"), url),
        "did": "did:plc:x",
        "user": "u",
        "secret": "s",
        "key": SigningKey.generate().private_number,
    }
    tokens = Tokens("access", "refresh", more=more)
    saved = {**more, "verifier": "v", "poll": url, "token": "t"}
    callback = {"code": "c", "iss": url, "oauth_token": "t", "oauth_verifier": "v"}
    pasted = {"handle": "did:plc:x", "password": "p" * 10, "token": "t", "user": "u", "key": "k"}
    for auth in platform.auth:
        local = _at_server(auth, url)
        flow = make_flow(local, outbound=outbound, app=app, server=url)
        yield lambda flow=flow: flow.begin_sign_in("state", "did:plc:x")
        yield lambda flow=flow: flow.finish_sign_in(saved, {**callback, **pasted})
        yield lambda flow=flow: flow.refresh_tokens(tokens)
        yield lambda flow=flow: flow.revoke_tokens(tokens)
        known = {"outbound": outbound, "server": url, "redirect_uri": url, "website": url}
        if getattr(auth, "register", ""):
            yield lambda local=local, known=known: dynamic_registration.register_app(local, **known)
        if getattr(auth, "metadata", ""):
            yield lambda local=local, known=known: dynamic_registration.discover_and_register(
                local, device="d", **known
            )


def _at_server(auth, url):
    """Return a sign-in method whose fixed URLs lead to the server of the test."""
    moved = {
        name: url + "/x"
        for name, value in vars(auth).items()
        if isinstance(value, str) and value.startswith(("https://", "{server}"))
    }
    return replace(auth, **moved)


def check_answer(server, adapter, answer):
    server.answer = answer
    started = time.thread_time()
    for call in calls_of(adapter, server.url):
        try:
            call()
        except PlatformError as error:
            assert len(str(error)) < 1000 and len(error.answer) < 1000, answer[:500]
            assert 0 <= error.retry_after <= 86_400, answer[:500]
    assert time.thread_time() - started < MAX_SECONDS, answer[:500]


# Shrinking an answer takes minutes; the message of a failure names it.
SETTINGS = {
    "deadline": None,
    "database": None,
    "phases": [Phase.generate],
    "suppress_health_check": list(HealthCheck),
}


@pytest.mark.slow
@settings(max_examples=100, derandomize=True, **SETTINGS)
@given(answer=ANSWERS, index=st.integers(0, len(ADAPTERS) - 1))
def test_every_answer_is_understood_or_a_platform_error(server, answer, index):
    check_answer(server, ADAPTERS[index], answer)


@pytest.mark.slow
@settings(max_examples=1000, **SETTINGS)
@given(answer=ANSWERS, index=st.integers(0, len(ADAPTERS) - 1))
def test_ten_thousand_answers_are_understood_or_platform_errors(server, answer, index):
    """Each example is answered to ten calls or more."""
    check_answer(server, ADAPTERS[index], answer)
