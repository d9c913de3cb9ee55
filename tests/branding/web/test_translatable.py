"""Every word of a template passes through translation: nothing English is written beside it."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

import branding

FOLDER = Path(branding.__file__).parent
TEMPLATES = sorted(FOLDER.rglob("templates/**/*.html"))
SAID = ("alt", "aria-label", "placeholder", "title")
# Names, and what is the same in every language.
KEPT = {
    "Facet",
    "JPEG",
    "PNG",
    "WebP",
    "px",
    "K",
    "s",
    "k",
    "x",
    "c",
    "api",
    "API",
    "YAML",
    "OpenAPI",
}
MARKUP = (
    r"\{#.*?#\}",
    r"\{% comment.*?endcomment %\}",
    r"\{% blocktrans(late)?\b.*?endblocktrans(late)? %\}",
    r"\{%.*?%\}",
    r"\{\{.*?\}\}",
)


class Words(HTMLParser):
    """The words that a reader sees or hears, those of attributes too."""

    def __init__(self):
        super().__init__()
        self.found = []
        self.tag = ""

    def handle_starttag(self, tag, attrs):
        self.tag = tag
        attributes = dict(attrs)
        self.found += [attributes[name] or "" for name in SAID if name in attributes]

    def handle_data(self, data):
        if self.tag not in ("script", "style", "code"):
            self.found.append(data)


def words(source):
    """What is left to read when all that Django fills in is gone."""
    for pattern in MARKUP:
        source = re.sub(pattern, "", source, flags=re.S)
    page = Words()
    page.feed(source)
    return {word for text in page.found for word in re.findall(r"[^\W\d_]+", text)} - KEPT


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_word_of_a_template_can_be_translated(path):
    assert words(path.read_text()) == set()


def test_english_beside_translation_would_be_found():
    source = '{% translate "Sign in" %}<p title="Warm">Hello {{ name }}</p>{# not said #}'
    assert words(source) == {"Warm", "Hello"}


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/accounts/login/", "/accounts/password/reset/"])
def test_page_is_in_one_language_whatever_a_browser_prefers(client, address):
    page = client.get(address, headers={"accept-language": "nl, it;q=0.8"}).content.decode()
    assert 'lang="en"' in page and client.get(address).content.decode().count("<h1") == 1
    assert not {"Inloggen", "Aanmelden", "Wachtwoord", "Accedi"} & set(re.findall(r"\w+", page))
