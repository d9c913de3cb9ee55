"""Applications of others are let in by a code with PKCE, renew in turn, and end when told to."""

import base64
import hashlib
import re
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core import serializers
from django.core.cache import cache
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone
from oauth2_provider.models import AccessToken, Grant, RefreshToken
from oauthlib.oauth2 import InvalidGrantError, OAuth2Error
from requests_oauthlib import OAuth2Session
from rest_framework.test import APIClient

from branding.accounts.services import delete_account
from branding.api import access
from branding.api.models import Application
from branding.api.selectors import accesses_of
from branding.api.services import end_access, forget_expired, register, remove
from branding.operations.backup import every_model
from tests.people import browser, let_in, person, photo_of
from tests.together import together

BACK = "https://diary.example/back"
AUTHORIZE, TOKEN, REVOKE = "/o/authorize/", "/o/token/", "/o/revoke/"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode()[:-1]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def fresh():
    cache.clear()


@pytest.fixture
def maker():
    return person("maker")


@pytest.fixture
def diary(maker):
    """A confidential application and its secret."""
    return register(
        maker, "Diary", website="https://diary.example", redirects=[BACK], is_confidential=True
    )


@pytest.fixture
def phone(maker):
    """A public one, on a person's own device."""
    redirects = ["org.example.phone:/back", "http://127.0.0.1/back"]
    return register(
        maker, "Phone", website="https://phone.example", redirects=redirects, is_confidential=False
    )[0]


class Program(OAuth2Session):
    """The application as its makers wrote it, with a library of theirs."""

    def __init__(self, site, application, secret="", redirect=BACK, scope=("read",)):
        super().__init__(application.client_id, redirect_uri=redirect, scope=scope, pkce="S256")
        self.site, self.secret = site, secret

    def asks(self):
        return self.authorization_url(f"{self.site}{AUTHORIZE}")[0]

    def redeems(self, answer):
        told = {"client_secret": self.secret} if self.secret else {}
        url = f"{self.site}{TOKEN}"
        return self.fetch_token(
            url, authorization_response=answer, include_client_id=True, timeout=20, **told
        )

    def renews(self, token):
        told = {"client_id": self.client_id, "client_secret": self.secret}
        return self.refresh_token(f"{self.site}{TOKEN}", token["refresh_token"], timeout=20, **told)

    def revokes(self, text):
        told = {"token": text, "client_id": self.client_id, "client_secret": self.secret}
        return self.post(f"{self.site}{REVOKE}", told, withhold_token=True, timeout=20)


def says(owner, url, answer="yes"):
    """A person reads the page and presses a button: the address that they are led to."""
    client, where = browser(owner), urlsplit(url)
    page = client.get(f"{where.path}?{where.query}")
    assert page.status_code == 200 and "no-store" in page.headers["Cache-Control"]
    return led(client.post(where.path, hidden(page) | ({"allow": answer} if answer else {})))


def hidden(page):
    found = re.findall(r'type="hidden" name="(\w+)"(?: value="([^"]*)")?', page.content.decode())
    return {name: unescape(value) for name, value in found if value}


def led(answer):
    """Where a page leads to by itself; no redirect, which our policy would stop after a form."""
    assert answer.status_code == 200, answer.content
    return unescape(re.search(r'content="0;url=([^"]+)"', answer.content.decode())[1])


def query(url):
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def asking(application, **changed):
    told = {
        "client_id": application.client_id, "response_type": "code", "redirect_uri": BACK,
        "scope": "read", "state": "kept", "code_challenge": CHALLENGE,
        "code_challenge_method": "S256", **changed,
    }  # fmt: skip
    return {name: value for name, value in told.items() if value is not None}


def code_for(owner, application, **changed):
    page = browser(owner).get(AUTHORIZE, asking(application, **changed))
    return query(led(browser(owner).post(AUTHORIZE, hidden(page) | {"allow": "yes"})))["code"]


def exchange(application, secret, **told):
    fields = {
        "grant_type": "authorization_code", "redirect_uri": BACK, "code_verifier": VERIFIER,
        "client_id": application.client_id, "client_secret": secret, **told,
    }  # fmt: skip
    return browser().post(TOKEN, {name: one for name, one in fields.items() if one is not None})


def calls(text, path="/api/v1/me", method="get", **told):
    client = APIClient(HTTP_HOST="localhost", HTTP_AUTHORIZATION=f"Bearer {text}")
    return getattr(client, method)(path, told or None, format="json")


def dump():
    """Every row there is, as a backup writes it."""
    return "".join(
        serializers.serialize("jsonl", model._base_manager.all()) for model in every_model()
    )


def test_application_is_let_in_acts_renews_and_ends(diary, live_server):
    alice, program = person("alice"), Program(live_server.url, *diary)
    answer = says(alice, program.asks())
    assert answer.startswith(f"{BACK}?") and query(answer)["iss"] == "http://localhost:8000"
    token = program.redeems(answer)
    assert token["token_type"] == "Bearer" and token["expires_in"] == 3600
    assert program.get(f"{live_server.url}/api/v1/me").json()["email"] == alice.email
    renewed = program.renews(token)
    assert program.get(f"{live_server.url}/api/v1/me").json()["scopes"] == ["read"]
    assert calls(token["access_token"]).status_code == 401  # renewed, it is over
    written = dump()
    for text in (token, renewed):
        for kind in ("access_token", "refresh_token"):
            assert text[kind] not in written and text[kind].removeprefix("facet_") not in written
    assert diary[1] not in written
    assert program.revokes(renewed["access_token"]).status_code == 200
    assert calls(renewed["access_token"]).status_code == 401
    with pytest.raises(InvalidGrantError):
        program.renews(renewed)
    assert accesses_of(alice) == []


def test_renewal_used_again_ends_everything_that_came_of_it(diary, live_server):
    program = Program(live_server.url, *diary)
    token = program.redeems(says(person("alice"), program.asks()))
    renewed = program.renews(token)
    with pytest.raises(InvalidGrantError):
        program.renews(token)
    assert calls(renewed["access_token"]).status_code == 401
    with pytest.raises(InvalidGrantError):
        program.renews(renewed)


def test_of_two_renewals_at_once_one_is_refused(diary, live_server):
    token = (program := Program(live_server.url, *diary)).redeems(
        says(person("alice"), program.asks())
    )

    def renewed():
        try:
            return Program(live_server.url, *diary).renews(token)["access_token"]
        except OAuth2Error as error:
            return error.error

    told = together(*[renewed] * 4)
    assert told.count("invalid_grant") == 3
    assert RefreshToken.objects.filter(revoked=None).count() <= 1


@pytest.mark.parametrize("redirect", ["org.example.phone:/back", "http://127.0.0.1:54321/back"])
def test_program_on_a_device_has_no_secret(phone, live_server, redirect):
    program = Program(live_server.url, phone, redirect=redirect)
    answer = says(person("alice"), program.asks())
    assert answer.startswith(f"{redirect}?")
    token = program.redeems(answer)
    assert program.renews(token)["access_token"] != token["access_token"]


def test_no_goes_back_with_a_refusal(diary):
    alice, url = person("alice"), f"{AUTHORIZE}?"
    page = browser(alice).get(AUTHORIZE, asking(diary[0]))
    told = led(browser(alice).post(url, hidden(page)))
    assert told.startswith(f"{BACK}?") and query(told)["error"] == "access_denied"
    assert query(told)["state"] == "kept" and not Grant.objects.exists()


def test_page_says_which_application_by_whom_and_what_it_may_do(diary, maker):
    asked = asking(diary[0], scope="read publish")
    text = browser(person("alice")).get(AUTHORIZE, asked).content.decode()
    assert "Let Diary act for you?" in text and "diary.example" in text
    assert "See everything" in text and "Send to profiles" in text and "Add photos" not in text
    assert maker.email not in text and "has not checked" in text
    assert "You registered it yourself" in browser(maker).get(AUTHORIZE, asked).content.decode()
    answer = browser().get(AUTHORIZE, asked)
    assert answer.status_code == 302 and answer.url.startswith(reverse("account_login"))


def test_person_is_asked_again_however_the_application_wants_it(diary):
    alice = person("alice")
    let_in(alice, diary[0])
    page = browser(alice).get(AUTHORIZE, asking(diary[0], approval_prompt="auto"))
    assert "Yes, let it" in page.content.decode() and not Grant.objects.exists()


@pytest.mark.parametrize("changed", [
    {"client_id": "nobody"}, {"client_id": None},
    {"redirect_uri": "https://diary.example/other"}, {"redirect_uri": "https://evil.example/back"},
    {"redirect_uri": f"{BACK}?more=1"}, {"redirect_uri": "https://diary.example@evil.example/back"},
])  # fmt: skip
def test_stranger_is_told_nothing_at_an_address_that_is_not_registered(diary, changed):
    answer = browser(person("alice")).get(AUTHORIZE, asking(diary[0], **changed))
    text = answer.content.decode()
    assert answer.status_code == 400 and "cannot be let in" in text
    assert "url=" not in text and "evil.example" not in text


@pytest.mark.parametrize(("changed", "error"), [
    ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
    ({"code_challenge_method": "plain"}, "invalid_request"),
    ({"code_challenge_method": None}, "invalid_request"),
    ({"scope": "read everything"}, "invalid_scope"),
    ({"response_type": "token"}, "unsupported_response_type"),
    ({"response_type": "id_token"}, "unsupported_response_type"),
])  # fmt: skip
def test_wrong_question_is_refused_before_the_person_is_asked(diary, changed, error):
    told = led(browser(person("alice")).get(AUTHORIZE, asking(diary[0], **changed)))
    assert told.startswith(f"{BACK}?") and query(told)["error"] == error


@pytest.mark.parametrize(("changed", "error"), [
    ({"code_verifier": None}, "invalid_request"),
    ({"code_verifier": "x" * 43}, "invalid_grant"),
    ({"redirect_uri": "https://diary.example/other"}, "invalid_request"),
    ({"code": "guessed"}, "invalid_grant"),
    ({"client_secret": "guessed"}, "invalid_client"),
    ({"client_secret": None}, "invalid_client"),
    ({"grant_type": "password", "username": "alice@example.com", "password": "x"},
     "unsupported_grant_type"),
    ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
    ({"grant_type": "urn:ietf:params:oauth:grant-type:device_code"}, "unsupported_grant_type"),
])  # fmt: skip
def test_wrong_exchange_is_refused(diary, changed, error):
    code = code_for(person("alice"), diary[0])
    answer = exchange(*diary, **{"code": code} | changed)
    assert answer.status_code in (400, 401) and answer.json()["error"] == error
    assert not AccessToken.objects.exists()


def test_code_is_good_once_and_for_its_application_only(diary, maker):
    other = register(maker, "Other", website=BACK, redirects=[BACK], is_confidential=True)
    code = code_for(person("alice"), diary[0])
    assert exchange(*other, code=code).json()["error"] == "invalid_grant"
    token = exchange(*diary, code=code).json()
    assert exchange(*diary, code=code).json()["error"] == "invalid_grant"
    theirs = {"client_id": other[0].client_id, "client_secret": other[1]}
    browser().post(REVOKE, theirs | {"token": token["access_token"]})
    assert calls(token["access_token"]).status_code == 200
    stolen = theirs | {"grant_type": "refresh_token", "refresh_token": token["refresh_token"]}
    assert browser().post(TOKEN, stolen).json()["error"] == "invalid_grant"


def test_token_does_what_its_scopes_say_and_no_more(diary):
    alice = person("alice")
    url = f"/api/v1/photos/{photo_of(alice).pk}"
    text, _ = let_in(alice, diary[0])
    assert calls(text, url).status_code == 200
    assert calls(text, url, "delete").status_code == 403
    assert calls(let_in(alice, diary[0], scope="make")[0], url, "delete").status_code == 204
    assert calls(let_in(person("carol"), diary[0])[0], url).status_code == 404


def test_token_that_does_not_hold_opens_nothing(diary):
    alice = person("alice")
    assert calls(let_in(alice, diary[0], held=-timedelta(seconds=1))[0]).status_code == 401
    text, renewal = let_in(alice, diary[0])
    assert calls(renewal).status_code == 401
    AccessToken.objects.update(resource=["https://elsewhere.example/"])
    assert calls(text).status_code == 401
    AccessToken.objects.update(resource=["http://localhost/api/"])
    assert calls(text).status_code == 200
    type(alice).objects.filter(pk=alice.pk).update(is_active=False)
    assert calls(text).status_code == 401


def test_calls_are_counted_by_token_and_by_account(diary, monkeypatch):
    alice = person("alice")
    one, two = let_in(alice, diary[0])[0], let_in(alice, diary[0])[0]
    monkeypatch.setattr(access.PerToken, "get_rate", lambda _: "2/min")
    assert [calls(one).status_code for _ in range(3)] == [200, 200, 429]
    assert calls(two).status_code == 200
    monkeypatch.setattr(access.PerAccount, "get_rate", lambda _: "2/min")
    assert calls(two).status_code == 429


@override_settings(ACCOUNT_RATE_LIMITS={"oauth": "2/m/ip"})
def test_programs_cannot_guess_without_end(diary):
    assert [exchange(*diary, code="x").status_code for _ in range(3)] == [400, 400, 429]


def test_metadata_says_what_there_is_and_nothing_else_is_there():
    told = browser().get("/.well-known/oauth-authorization-server").json()
    site = "http://localhost:8000"
    assert told == {
        "issuer": site,
        "authorization_endpoint": f"{site}{AUTHORIZE}",
        "token_endpoint": f"{site}{TOKEN}",
        "revocation_endpoint": f"{site}{REVOKE}",
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": ["make", "publish", "read"],
        "token_endpoint_auth_methods_supported": [
            "client_secret_basic", "client_secret_post", "none"
        ],
        "revocation_endpoint_auth_methods_supported": [
            "client_secret_basic", "client_secret_post", "none"
        ],
        "authorization_response_iss_parameter_supported": True,
        "client_id_metadata_document_supported": False,
    }  # fmt: skip
    for path in ("applications/", "authorized_tokens/", "introspect/", "device/", "register/",
                 "device-authorization/", "userinfo/", "logout/"):  # fmt: skip
        assert browser(person(path.strip("/"))).get(f"/o/{path}").status_code == 404


def test_person_ends_what_an_application_may_do(diary):
    alice, bob = person("alice"), person("bob")
    theirs, texts = let_in(bob, diary[0])[0], [let_in(alice, diary[0])[0] for _ in range(2)]
    end_access(alice, diary[0])
    assert [calls(text).status_code for text in (*texts, theirs)] == [401, 401, 200]
    assert accesses_of(alice) == [] and accesses_of(bob)


def test_what_may_act_is_told_for_every_device_together(diary, phone):
    alice, day = person("alice"), timedelta(days=1)
    let_in(alice, diary[0])
    let_in(alice, diary[0], scope="publish", held=-day)  # to be renewed
    let_in(alice, phone, held=-100 * day)  # not any more
    let_in(person("bob"), phone)
    (one,) = accesses_of(alice)
    assert one.application == diary[0] and one.scopes == ["read", "publish"]


def test_use_is_noted_once_a_minute(diary):
    text, _ = let_in(person("alice"), diary[0])
    before = timezone.now() - timedelta(minutes=5)
    AccessToken.objects.update(updated=before)
    calls(text)
    noted = AccessToken.objects.get().updated
    assert noted > before
    calls(text)
    assert AccessToken.objects.get().updated == noted


def test_deleted_application_and_account_take_their_tokens_along(diary, phone, maker):
    alice = person("alice")
    for application in (diary[0], phone):
        let_in(alice, application)
        code_for(alice, application, redirect_uri=application.redirects[0])
    remove(diary[0])
    for model in (Grant, AccessToken, RefreshToken):
        assert [one.application for one in model.objects.all()] == [phone]
    delete_account(alice)
    assert not any(model.objects.exists() for model in (Grant, AccessToken, RefreshToken))
    delete_account(maker)
    assert not Application.objects.exists()


def test_what_is_over_is_forgotten(diary):
    alice, day = person("alice"), timedelta(days=1)
    let_in(alice, diary[0])
    let_in(alice, diary[0], held=-day)
    let_in(alice, diary[0], held=-91 * day)
    code_for(alice, diary[0])
    Grant.objects.update(expires=timezone.now() - day)
    forget_expired()
    assert AccessToken.objects.count() == RefreshToken.objects.count() == 2
    assert not Grant.objects.exists()
