"""Applications are registered, changed, deleted, and ended on a page."""

import re

import pytest
from django.contrib.auth.hashers import check_password
from django.urls import reverse
from oauth2_provider.models import AccessToken, RefreshToken

from branding.api import services
from branding.api.models import Application
from branding.api.redirects import MAX_REDIRECT_URIS, BadRedirect, validate_redirect_uris
from headshots.errors import PhotoLimitReached
from tests.support.people import browser, grant_access, person

pytestmark = pytest.mark.django_db
URL = "/account/applications/"
BACK = "https://diary.example/back"
FORM_DATA = {
    "name": "Diary",
    "website": "https://diary.example",
    "redirects": BACK,
    "kind": "server",
}


def register_application(owner, name="Diary", **changes):
    values = {"website": BACK, "redirects": [BACK], "is_confidential": True, **changes}
    return services.register_application(owner, name, **values)


def test_secret_is_shown_once_and_kept_as_a_hash():
    client = browser(person("alice"))
    answer = client.post(URL, FORM_DATA)
    application = Application.objects.get()
    identity, secret, *_ = re.findall(r"<p><code>([^<]+)</code></p>", answer.content.decode())
    assert identity == application.client_id and application.is_confidential
    assert secret != application.client_secret and check_password(secret, application.client_secret)
    assert "no-store" in answer.headers["Cache-Control"]
    again = client.get(URL).content.decode()
    assert secret not in again and identity in again
    assert secret not in client.get(f"{URL}{application.pk}/").content.decode()


def test_public_application_is_shown_no_secret():
    text = browser(person("alice")).post(URL, FORM_DATA | {"kind": "device"}).content.decode()
    application = Application.objects.get()
    assert not application.is_confidential and application.client_id in text
    assert "client secret" not in text and application.client_secret not in text


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"website": "diary"},
        {"website": "javascript:alert(1)"},
        {"kind": "both"},
        {"redirects": ""},
        {"redirects": "http://diary.example/back"},
    ],
)
def test_application_needs_a_name_a_website_and_an_address(wrong):
    answer = browser(person("alice")).post(URL, FORM_DATA | wrong)
    assert answer.status_code == 200 and "errorlist" in answer.content.decode()
    assert not Application.objects.exists()


@pytest.mark.parametrize(
    "good",
    [
        BACK,
        "https://diary.example:8443/back?to=me",
        "http://127.0.0.1/back",
        "http://[::1]:80/",
        "http://localhost:3000/back",
        "org.example.diary:/back",
    ],
)
def test_application_may_be_answered_where_only_it_hears(good):
    assert validate_redirect_uris([good, good]) == [good]


@pytest.mark.parametrize(
    "bad",
    [
        "http://diary.example/back",
        "http://127.0.0.1.evil.example/",
        "https://",
        "https:/back",
        "https://me@diary.example/",
        "https://diary.example/#part",
        "https://diary.example/a b",
        "https://*.diary.example/",
        "diary:/back",
        "javascript:alert(1)",
        "java.script:alert(1)",
        "data:text/html,x",
        "//diary.example/back",
        "https://[::1",
        "https://diary.example/é",
        "https://diary.example/" + "a" * 500,
        "org.example.diary:",
        "",
        "https://diary.example:port/back",
        "https://diary.example<x>/",
        "http://127.0.0.1:99999/",
    ],
)
def test_application_is_answered_nowhere_else(bad):
    with pytest.raises(BadRedirect):
        validate_redirect_uris([bad])


def test_application_has_one_to_ten_addresses():
    many = [f"https://diary.example/{number}" for number in range(MAX_REDIRECT_URIS + 1)]
    assert validate_redirect_uris(many[:MAX_REDIRECT_URIS])
    for wrong in ([], many):
        with pytest.raises(BadRedirect):
            validate_redirect_uris(wrong)


def test_addresses_are_changed_and_nothing_else():
    alice = person("alice")
    application, secret = register_application(alice)
    url, client = f"{URL}{application.pk}/", browser(alice)
    assert BACK in client.get(url).content.decode()
    assert client.post(url, {"redirects": f"{BACK}\nhttp://127.0.0.1/x"}).status_code == 302
    application.refresh_from_db()
    assert application.redirects == [BACK, "http://127.0.0.1/x"]
    assert check_password(secret, application.client_secret)
    assert client.post(url, {"redirects": "http://evil.example/"}).status_code == 200
    assert Application.objects.get().redirects == application.redirects


def test_deleting_it_ends_its_tokens():
    alice, bob = person("alice"), person("bob")
    application, _ = register_application(alice)
    grant_access(bob, application)
    browser(bob).post(f"{URL}{application.pk}/delete/")
    assert AccessToken.objects.exists()
    browser(alice).post(f"{URL}{application.pk}/delete/")
    assert not Application.objects.exists()
    assert not AccessToken.objects.exists() and not RefreshToken.objects.exists()


def test_person_sees_what_acts_for_them_and_ends_it():
    maker, bob = person("maker"), person("bob")
    application, _ = register_application(maker)
    client = browser(bob)
    assert "Diary" not in client.get(URL).content.decode()
    grant_access(bob, application, scope="read publish")
    text = " ".join(client.get(URL).content.decode().split())
    assert "Diary" in text and "See everything; send to profiles" in text and "Last used" in text
    assert application.client_id not in text
    grant_access(maker, application)
    client.post(reverse("web:access_end", args=[application.pk]))
    assert "use your account any more" in client.get(URL).content.decode()
    assert "Diary" not in client.get(URL).content.decode()
    assert AccessToken.objects.get().user == maker


def test_account_has_a_limited_number_of_applications(monkeypatch):
    monkeypatch.setattr(services, "MAX_APPLICATIONS", 1)
    alice = person("alice")
    register_application(alice)
    with pytest.raises(PhotoLimitReached):
        register_application(alice)
    register_application(person("bob"))
