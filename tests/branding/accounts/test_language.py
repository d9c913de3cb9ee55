"""The language of pages and e-mails: stored choice, then cookie, then the browser's."""

import re

import pytest
from babel.messages.catalog import Catalog
from django.conf import settings as django_settings
from django.core import mail
from django.utils import translation

from branding.accounts.models import User
from branding.accounts.notices import send_notice
from tests.branding.accounts import test_written_emails as written_emails
from tests.support.people import PASSWORD, browser, person
from tests.support.pseudo_locale import OFFERED, pseudo_locale
from tests.support.urls import Belongings

pytestmark = pytest.mark.django_db
SENDERS = {
    **written_emails.SENDERS,
    "about the account": lambda own: send_notice(own.owner, "token_created", name="backup"),
}
MESSAGES = ("Help", "Account", "To stop emails like this one:", "Shall this headshot be sent?")


@pytest.fixture
def languages(tmp_path, settings):
    """English, French, and German in which a few texts stand in brackets."""
    catalog = Catalog()
    for message in MESSAGES:
        catalog.add(message)
    with pseudo_locale(settings, tmp_path, catalog):
        yield


def language_of(client, path="/help/", *, accept=""):
    """Return what a page says about its language."""
    response = client.get(path, headers={"Accept-Language": accept})
    language = re.search(r'<html\s+lang="([\w-]*)"', response.text)[1]
    assert response.headers["Content-Language"] == language
    assert ("[Help]" in response.text) == (language == "de")
    return language


@pytest.mark.usefixtures("languages")
def test_stored_choice_wins_over_the_cookie_and_the_cookie_over_the_browser():
    owner = person("alice")
    client = browser(owner)
    assert language_of(client) == "en"
    assert language_of(client, accept="fr") == "fr"
    client.cookies[django_settings.LANGUAGE_COOKIE_NAME] = "de"
    assert language_of(client, accept="fr") == "de"
    User.objects.update(language="en")
    assert language_of(client, accept="fr") == "en"
    User.objects.update(language="xx")  # not offered any more
    assert language_of(client, accept="fr") == "de"


@pytest.mark.usefixtures("languages")
def test_visitor_switches_the_language_and_stays_on_the_page():
    client = browser()
    page = client.get("/verify/?a=1").text
    assert [name for _code, name in OFFERED] == re.findall(
        r"<button\s+name=\"language\"[^>]*>\s*(\w+)\s*</button>", page
    )
    answer = client.post("/language/", {"language": "de", "next": "/verify/?a=1"})
    assert answer.headers["Location"] == "/verify/?a=1"
    assert language_of(client, accept="fr") == "de"


@pytest.mark.usefixtures("languages")
def test_person_keeps_the_language_on_every_device():
    owner = person("alice")
    browser(owner).post("/language/", {"language": "de", "next": "/account/"})
    phone = browser(owner)
    assert language_of(phone, "/account/", accept="fr") == "de"
    assert re.search(r'value="de"\s+lang="de"\s+selected', phone.get("/account/").text)
    phone.post("/language/", {"language": "", "next": "/account/"})
    assert language_of(phone, accept="fr") == "fr"
    assert User.objects.get().language == ""


@pytest.mark.usefixtures("languages")
@pytest.mark.parametrize("language", ["xx", "de; path=/", "../en"])
def test_language_that_is_not_offered_changes_nothing(language):
    owner = person("alice")
    client = browser(owner)
    answer = client.post("/language/", {"language": language, "next": "https://evil.example/"})
    assert answer.headers["Location"] == "/"
    assert django_settings.LANGUAGE_COOKIE_NAME not in client.cookies
    assert User.objects.get().language == ""


def test_one_language_leaves_no_choice(settings):
    settings.LANGUAGES = [("en", "English")]
    client = browser(person("alice"))
    assert 'action="/language/"' not in client.get("/account/").text


@pytest.mark.usefixtures("languages")
def test_account_has_the_language_in_which_it_was_made():
    client = browser()
    client.get("/accounts/signup/", headers={"Accept-Language": "de"})
    client.post(
        "/accounts/signup/",
        {"email": "bob@example.com", "password1": PASSWORD},
        headers={"Accept-Language": "de"},
    )
    assert User.objects.get().language == "de"


@pytest.mark.usefixtures("languages")
@pytest.mark.parametrize("name", SENDERS)
@pytest.mark.parametrize("language", ["de", "fr"])
def test_email_is_in_the_language_of_its_recipient(name, language):
    owner = person("alice")
    owner.language = language
    owner.save()
    own = Belongings(owner)
    mail.outbox.clear()
    with translation.override("fr" if language == "de" else "de"):  # of whoever caused it
        SENDERS[name](own)
    (email,) = mail.outbox
    html = email.alternatives[0].content
    assert f'<html lang="{language}">' in html
    in_brackets = any(f"[{message}]" in email.subject + email.body for message in MESSAGES)
    assert in_brackets == (language == "de" and name != "about the account")
