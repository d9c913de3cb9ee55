"""Apps are registered without an operator, as Mastodon and Matrix document it."""

import pytest

from integrations.auth import dynamic_registration
from integrations.auth.factory import make_flow
from integrations.auth.flow import StateMismatch
from integrations.connections import sign_in_setup
from integrations.errors import PlatformError, Rejected, Unavailable, Uncertain
from tests.support.platforms.platform_account import RecordedAccount
from tests.support.platforms.recordings import Failure

SITE, BACK = "https://facet.example.org", "https://facet.example.org/back"


def replayed(folder, trusted, names, failure=None):
    """Return the account of a recording that expects these calls; the last one may fail."""
    account = RecordedAccount(folder, trusted)
    calls = [account.recorded["calls"][name] for name in names]
    last = len(calls) - 1 if failure else -1
    trusted.expect(calls, {}, failing=last, failure=failure)
    outbound = sign_in_setup.create_outbound_client(
        account.platform, account.server, any_host=True, resolve=trusted.resolve
    )
    return account, outbound


def register(trusted, failure=None):
    account, outbound = replayed("mastodon", trusted, ["register"], failure)
    options = {"server": account.server, "redirect_uri": BACK, "website": SITE}
    return dynamic_registration.register_app(account.auth, outbound=outbound, **options)


def discover(trusted, names, failure=None):
    account, outbound = replayed("matrix", trusted, names, failure)
    options = {
        "server": account.server,
        "redirect_uri": BACK,
        "website": SITE,
        "device": "ABCDEFGHIJ",
    }
    return dynamic_registration.discover_and_register(
        account.auth, outbound=outbound, **options
    ), outbound


def test_app_is_registered_at_a_mastodon_server(trusted):
    app = register(trusted)
    assert not trusted.wrong
    assert app.client_id.startswith("TWhM") and app.client_secret == "canary-app-secret"
    assert "canary-" not in repr(app)


def test_public_client_is_registered_at_a_matrix_server(trusted):
    (auth, app), outbound = discover(trusted, ["metadata", "register"])
    assert not trusted.wrong
    assert (app.client_id, app.client_secret) == ("01JCLIENT", "")
    begun = make_flow(auth, outbound=outbound, app=app).begin_sign_in("a-state")
    assert begun.url.startswith("https://account.example.org/authorize?")
    assert "response_mode=query" in begun.url and "device%3AABCDEFGHIJ" in begun.url


def test_server_answers_by_the_name_it_gave_itself(trusted):
    (auth, app), outbound = discover(trusted, ["metadata", "register"])
    matrix_flow = make_flow(auth, outbound=outbound, app=app)
    trusted.expect([], {}, failing=0, failure=Failure("refused"))
    with pytest.raises(StateMismatch):
        matrix_flow.finish_sign_in(
            {"verifier": "v"}, {"code": "c", "iss": "https://account.example.org/"}
        )
    with pytest.raises(Unavailable):  # the right issuer; only its token endpoint is away
        matrix_flow.finish_sign_in(
            {"verifier": "v"}, {"code": "c", "iss": "https://account.example.org/realm/"}
        )


FAILED = [
    (Failure("no", 403, b'{"error": "no"}'), Rejected),
    (Failure("away", 503, b""), Unavailable),
    (Failure("broken", 200, b"<html>"), Uncertain),
    (Failure("shape", 200, b"[]"), PlatformError),
    (Failure("nothing", 200, b"{}"), PlatformError),
    (Failure("null", 200, b"null"), PlatformError),
]


@pytest.mark.parametrize(("failure", "kind"), FAILED, ids=lambda value: getattr(value, "name", ""))
def test_server_that_takes_no_apps_says_so(trusted, failure, kind):
    for fails in (
        lambda: register(trusted, failure),
        lambda: discover(trusted, ["metadata", "register"], failure),
    ):
        with pytest.raises(kind):
            fails()


@pytest.mark.parametrize("body", [b"{}", b"[]", b"null", b'{"issuer": "https://a.example"}'])
def test_metadata_that_says_too_little_is_no_stray_error(trusted, body):
    with pytest.raises(Unavailable):
        discover(trusted, ["metadata"], Failure("shape", 200, body))
