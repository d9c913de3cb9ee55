"""Applications get tokens by an authorization code with PKCE, and renew them."""

import pytest
from django.urls import reverse
from oauth2_provider.models import Grant, RefreshToken
from oauthlib.oauth2 import InvalidGrantError, OAuth2Error

from branding.api.selectors import accesses_of
from tests.support.concurrency import together
from tests.support.oauth_client import (
    AUTHORIZE,
    BACK,
    REVOKE,
    TOKEN,
    ThirdPartyClient,
    answer_consent,
    authorization_parameters,
    call_api,
    dump_rows,
    hidden_fields,
    query_parameters,
    redirect_target,
)
from tests.support.people import browser, grant_access, person

pytestmark = pytest.mark.django_db(transaction=True)


def test_application_is_let_in_acts_renews_and_ends(diary, live_server):
    alice, program = person("alice"), ThirdPartyClient(live_server.url, *diary)
    answer = answer_consent(alice, program.authorization_address())
    assert (
        answer.startswith(f"{BACK}?") and query_parameters(answer)["iss"] == "http://localhost:8000"
    )
    token = program.exchange_answer(answer)
    assert token["token_type"] == "Bearer" and token["expires_in"] == 3600
    assert program.get(f"{live_server.url}/api/v1/me").json()["email"] == alice.email
    renewed = program.renew_token(token)
    assert program.get(f"{live_server.url}/api/v1/me").json()["scopes"] == ["read"]
    assert call_api(token["access_token"]).status_code == 401  # renewed, it is over
    written = dump_rows()
    for text in (token, renewed):
        for kind in ("access_token", "refresh_token"):
            assert text[kind] not in written and text[kind].removeprefix("facet_") not in written
    assert diary[1] not in written
    assert program.revoke_token(renewed["access_token"]).status_code == 200
    assert call_api(renewed["access_token"]).status_code == 401
    with pytest.raises(InvalidGrantError):
        program.renew_token(renewed)
    assert accesses_of(alice) == []


def test_renewal_used_again_ends_everything_that_came_of_it(diary, live_server):
    program = ThirdPartyClient(live_server.url, *diary)
    token = program.exchange_answer(
        answer_consent(person("alice"), program.authorization_address())
    )
    renewed = program.renew_token(token)
    with pytest.raises(InvalidGrantError):
        program.renew_token(token)
    assert call_api(renewed["access_token"]).status_code == 401
    with pytest.raises(InvalidGrantError):
        program.renew_token(renewed)


def test_of_two_renewals_at_once_one_is_refused(diary, live_server):
    token = (program := ThirdPartyClient(live_server.url, *diary)).exchange_answer(
        answer_consent(person("alice"), program.authorization_address())
    )

    def renewed():
        try:
            return ThirdPartyClient(live_server.url, *diary).renew_token(token)["access_token"]
        except OAuth2Error as error:
            return error.error

    results = together(*[renewed] * 4)
    assert results.count("invalid_grant") == 3
    assert RefreshToken.objects.filter(revoked=None).count() <= 1


@pytest.mark.parametrize("redirect", ["org.example.phone:/back", "http://127.0.0.1:54321/back"])
def test_program_on_a_device_has_no_secret(phone, live_server, redirect):
    program = ThirdPartyClient(live_server.url, phone, redirect=redirect)
    answer = answer_consent(person("alice"), program.authorization_address())
    assert answer.startswith(f"{redirect}?")
    token = program.exchange_answer(answer)
    assert program.renew_token(token)["access_token"] != token["access_token"]


def test_no_goes_back_with_a_refusal(diary):
    alice, url = person("alice"), f"{AUTHORIZE}?"
    page = browser(alice).get(AUTHORIZE, authorization_parameters(diary[0]))
    address = redirect_target(browser(alice).post(url, hidden_fields(page)))
    assert address.startswith(f"{BACK}?") and query_parameters(address)["error"] == "access_denied"
    assert query_parameters(address)["state"] == "kept" and not Grant.objects.exists()


def test_page_says_which_application_by_whom_and_what_it_may_do(diary, maker):
    parameters = authorization_parameters(diary[0], scope="read publish")
    text = browser(person("alice")).get(AUTHORIZE, parameters).content.decode()
    assert "Let Diary act for you?" in text and "diary.example" in text
    assert "See everything" in text and "Send to profiles" in text and "Add photos" not in text
    assert maker.email not in text and "has not checked" in text
    assert (
        "You registered it yourself" in browser(maker).get(AUTHORIZE, parameters).content.decode()
    )
    answer = browser().get(AUTHORIZE, parameters)
    assert answer.status_code == 302 and answer.url.startswith(reverse("account_login"))


def test_person_is_asked_again_however_the_application_wants_it(diary):
    alice = person("alice")
    grant_access(alice, diary[0])
    page = browser(alice).get(AUTHORIZE, authorization_parameters(diary[0], approval_prompt="auto"))
    assert ">Allow<" in page.content.decode() and not Grant.objects.exists()


def test_metadata_says_what_there_is_and_nothing_else_is_there():
    metadata = browser().get("/.well-known/oauth-authorization-server").json()
    site = "http://localhost:8000"
    assert metadata == {
        "issuer": site,
        "authorization_endpoint": f"{site}{AUTHORIZE}",
        "token_endpoint": f"{site}{TOKEN}",
        "revocation_endpoint": f"{site}{REVOKE}",
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": ["make", "publish", "read"],
        "token_endpoint_auth_methods_supported": [
            "client_secret_basic",
            "client_secret_post",
            "none",
        ],
        "revocation_endpoint_auth_methods_supported": [
            "client_secret_basic",
            "client_secret_post",
            "none",
        ],
        "authorization_response_iss_parameter_supported": True,
        "client_id_metadata_document_supported": False,
    }
    for path in (
        "applications/",
        "authorized_tokens/",
        "introspect/",
        "device/",
        "register/",
        "device-authorization/",
        "userinfo/",
        "logout/",
    ):
        assert browser(person(path.strip("/"))).get(f"/o/{path}").status_code == 404
