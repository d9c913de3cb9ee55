"""Requests of applications that are wrong, forged or not allowed are refused."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import override_settings
from oauth2_provider.models import AccessToken

from branding.api import throttling
from branding.api.services import register_application
from tests.support.oauth_client import (
    AUTHORIZE,
    BACK,
    REVOKE,
    TOKEN,
    authorization_parameters,
    call_api,
    exchange_code,
    query_parameters,
    redirect_target,
    request_code,
)
from tests.support.people import browser, grant_access, person, photo_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    "changed",
    [
        {"client_id": "nobody"},
        {"client_id": None},
        {"redirect_uri": "https://diary.example/other"},
        {"redirect_uri": "https://evil.example/back"},
        {"redirect_uri": f"{BACK}?more=1"},
        {"redirect_uri": "https://diary.example@evil.example/back"},
    ],
)
def test_stranger_is_told_nothing_at_an_address_that_is_not_registered(diary, changed):
    answer = browser(person("alice")).get(AUTHORIZE, authorization_parameters(diary[0], **changed))
    text = answer.content.decode()
    assert answer.status_code == 400 and "be connected" in text
    assert "url=" not in text and "evil.example" not in text


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"scope": "read everything"}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "id_token"}, "unsupported_response_type"),
    ],
)
def test_wrong_question_is_refused_before_the_person_is_asked(diary, changed, error):
    address = redirect_target(
        browser(person("alice")).get(AUTHORIZE, authorization_parameters(diary[0], **changed))
    )
    assert address.startswith(f"{BACK}?") and query_parameters(address)["error"] == error
    assert query_parameters(address)["iss"] == settings.SITE_URL  # RFC 9207


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code_verifier": None}, "invalid_request"),
        ({"code_verifier": "x" * 43}, "invalid_grant"),
        ({"redirect_uri": "https://diary.example/other"}, "invalid_request"),
        ({"code": "guessed"}, "invalid_grant"),
        ({"client_secret": "guessed"}, "invalid_client"),
        ({"client_secret": None}, "invalid_client"),
        (
            {"grant_type": "password", "username": "alice@example.com", "password": "x"},
            "unsupported_grant_type",
        ),
        ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
        ({"grant_type": "urn:ietf:params:oauth:grant-type:device_code"}, "unsupported_grant_type"),
    ],
)
def test_wrong_exchange_is_refused(diary, changed, error):
    code = request_code(person("alice"), diary[0])
    answer = exchange_code(*diary, **{"code": code} | changed)
    assert answer.status_code in (400, 401) and answer.json()["error"] == error
    assert not AccessToken.objects.exists()


def test_code_is_good_once_and_for_its_application_only(diary, maker):
    other = register_application(
        maker, "Other", website=BACK, redirects=[BACK], is_confidential=True
    )
    code = request_code(person("alice"), diary[0])
    assert exchange_code(*other, code=code).json()["error"] == "invalid_grant"
    token = exchange_code(*diary, code=code).json()
    assert exchange_code(*other, code=code).json()["error"] == "invalid_grant"
    theirs = {"client_id": other[0].client_id, "client_secret": other[1]}
    browser().post(REVOKE, theirs | {"token": token["access_token"]})
    assert call_api(token["access_token"]).status_code == 200
    stolen = theirs | {"grant_type": "refresh_token", "refresh_token": token["refresh_token"]}
    assert browser().post(TOKEN, stolen).json()["error"] == "invalid_grant"


def renewal(token):
    return {"grant_type": "refresh_token", "refresh_token": token["refresh_token"]}


def test_code_that_is_used_twice_ends_what_came_of_it(diary):
    alice = person("alice")
    kept, _ = grant_access(alice, diary[0])
    code = request_code(alice, diary[0])
    token = exchange_code(*diary, code=code).json()
    renewed = exchange_code(*diary, **renewal(token)).json()
    assert call_api(renewed["access_token"]).status_code == 200
    assert exchange_code(*diary, code=code).json()["error"] == "invalid_grant"
    assert call_api(renewed["access_token"]).status_code == 401
    assert exchange_code(*diary, **renewal(renewed)).json()["error"] == "invalid_grant"
    assert call_api(kept).status_code == 200
    assert exchange_code(*diary, code="never given").json()["error"] == "invalid_grant"


def test_token_does_what_its_scopes_say_and_no_more(diary):
    alice = person("alice")
    url = f"/api/v1/photos/{photo_of(alice).pk}"
    text, _ = grant_access(alice, diary[0])
    assert call_api(text, url).status_code == 200
    assert call_api(text, url, "delete").status_code == 403
    assert (
        call_api(grant_access(alice, diary[0], scope="make")[0], url, "delete").status_code == 204
    )
    assert call_api(grant_access(person("carol"), diary[0])[0], url).status_code == 404


def test_token_that_does_not_hold_opens_nothing(diary):
    alice = person("alice")
    assert call_api(grant_access(alice, diary[0], held=-timedelta(seconds=1))[0]).status_code == 401
    text, renewal = grant_access(alice, diary[0])
    assert call_api(renewal).status_code == 401
    AccessToken.objects.update(resource=["https://elsewhere.example/"])
    assert call_api(text).status_code == 401
    AccessToken.objects.update(resource=[f"{settings.SITE_URL}/api/"])
    assert call_api(text).status_code == 200
    type(alice).objects.filter(pk=alice.pk).update(is_active=False)
    assert call_api(text).status_code == 401


def test_calls_are_counted_by_token_and_by_account(diary, monkeypatch):
    alice = person("alice")
    first_token, second_token = grant_access(alice, diary[0])[0], grant_access(alice, diary[0])[0]
    monkeypatch.setattr(throttling.TokenRateThrottle, "get_rate", lambda _: "2/min")
    assert [call_api(first_token).status_code for _ in range(3)] == [200, 200, 429]
    assert call_api(second_token).status_code == 200
    monkeypatch.setattr(throttling.AccountRateThrottle, "get_rate", lambda _: "2/min")
    assert call_api(second_token).status_code == 429


@override_settings(ACCOUNT_RATE_LIMITS={"oauth": "2/m/ip"})
def test_programs_cannot_guess_without_end(diary):
    answers = [exchange_code(*diary, code="x") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [400, 400, 429]
    assert answers[-1].json()["error"] and int(answers[-1].headers["Retry-After"]) > 0


def test_wrong_secret_is_challenged(diary):
    answer = exchange_code(*diary, code="x", client_secret="guessed")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")
