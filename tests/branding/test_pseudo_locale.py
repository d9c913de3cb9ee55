"""No page and no e-mail shows English where another language is chosen.

Every text of the catalogue is set in brackets. Letters outside of brackets are then English that no
translator can reach, unless they are names or what people typed.
"""

import re
from functools import cache
from html.parser import HTMLParser
from itertools import product

import pytest
from django.core import mail
from django.utils import translation

from headshots.services import previews
from integrations.places import all_places
from tests.branding.accounts.test_language import SENDERS
from tests.branding.accounts.test_written_emails import EMAILS, send_account_email
from tests.catalogues import extraction
from tests.support import celery_messages
from tests.support.people import browser, person
from tests.support.pseudo_locale import pseudo_locale
from tests.support.urls import Belongings, every_address

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
SHOWN = ("alt", "aria-label", "placeholder", "title")
IN_ENGLISH = "in English"  # stands for an element that says that it is
HIDDEN = {"script", "style", "code", "pre", "kbd", IN_ENGLISH}
VOID = {"br", "hr", "img", "input", "link", "meta", "source", "wbr"}
# What the person of the tests typed, and what the fixtures of photos are called.
OWN = re.compile(
    r"@account-\d+|[\w.]+@example\.com|https?://[^\s⟦⟧]+|\b[\w.-]+\.(example|org|social|com)\b"
    r"|\bDiary( of \d+)?\b|backup|my key|Firefox|Who would you hire\?|…\w+|No\. Try again\."
    r"|Turn towards the window\.|The light comes from the left\.|\bexposure\b"
    r"|\bread\b|render\.finished"  # of the API
)
NAMES = ["Facet", "JPEG", "PNG", "WebP", "px", "MB", "UTC", "English", "Deutsch", "Français"]
NAMES += sorted((place.name for place in all_places().values()), key=len, reverse=True)
MONTHS = ["Januar", "November", "Dezember"]  # in Django's German
KEPT = re.compile(rf"\b({'|'.join(re.escape(name) for name in NAMES + MONTHS)})\b")
# The reference of the API is for programmers and stays as its schema is.
LEFT_IN_ENGLISH = {"web:api"}

build_template = cache(extraction.build_template)


class Texts(HTMLParser):
    """The texts of a page that a reader sees or hears."""

    def __init__(self):
        super().__init__()
        self.open, self.texts, self.attributes = [], [], []

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            in_english = tag != "html" and ("lang", "en") in attrs  # such as a citation
            self.open.append(IN_ENGLISH if in_english else tag)
        self.attributes += [value or "" for name, value in attrs if name in SHOWN]

    def handle_endtag(self, tag):
        while self.open and self.open.pop() not in (tag, IN_ENGLISH):
            pass

    def handle_data(self, data):
        if not HIDDEN & set(self.open):
            self.texts.append(data)


def texts_of(content):
    """Return the texts of a page: a sentence with a link in it is one, so they come as a whole."""
    page = Texts()
    page.feed(content)
    return ["\n".join(page.texts), *page.attributes]


def find_english(text):
    """Return the lines outside of brackets that have a letter and are nobody's own."""
    for pattern in (OWN, KEPT):
        text = pattern.sub(" ", text)
    while text != (outside := re.sub(r"⟦[^⟦⟧]*⟧", " ", text)):
        text = outside
    lines = (" ".join(line.split()) for line in text.splitlines())
    return [line for line in lines if re.search(r"[^\W\d_]", line)]


@pytest.fixture
def german(tmp_path, settings):
    messages = build_template()
    with pseudo_locale(settings, tmp_path, messages, brackets="⟦⟧"), translation.override("de"):
        yield


@pytest.mark.usefixtures("german")
def test_no_page_shows_english(monkeypatch):
    celery_messages.lose()
    monkeypatch.setattr(previews, "ANSWER_TIMEOUT_SECONDS", 0.05)
    own = Belongings(person("alice"))
    clients = [browser(own.owner, raise_request_exception=False), browser()]
    addresses = [
        address
        for address in every_address()
        if not address.name.startswith("api:") and address.name not in LEFT_IN_ENGLISH
    ]
    urls_by_english, page_count = {}, 0
    for client, address in product(clients, addresses):
        for url in own.urls(address):
            answer = client.get(url, headers={"Accept-Language": "de"})
            assert answer.status_code != 500 or "webauthn" in url, url  # its key is no real one
            if answer.get("Content-Type", "").startswith("text/html") and not answer.streaming:
                page_count += 1
                for text in texts_of(answer.text):
                    urls_by_english |= {english: url for english in find_english(text)}
            answer.close()
    assert urls_by_english == {}
    assert page_count > 40


def assert_email_is_translated(email):
    html = email.alternatives[0].content
    assert 'lang="de"' in html
    for text in (email.subject, email.body, *texts_of(html)):
        assert find_english(text) == []


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize("name", EMAILS)
def test_no_email_about_an_account_has_english(name):
    assert_email_is_translated(send_account_email(name))


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize("name", SENDERS)
def test_no_email_about_profiles_has_english(name):
    own = Belongings(person("alice"))
    mail.outbox.clear()
    SENDERS[name](own)
    (email,) = mail.outbox
    assert_email_is_translated(email)


def test_english_would_be_found():
    page = '<p>⟦Sign <b>in⟧</b> Hello Facet</p><img alt="A face"><code>code</code>'
    assert [line for text in texts_of(page) for line in find_english(text)] == ["Hello", "A face"]
