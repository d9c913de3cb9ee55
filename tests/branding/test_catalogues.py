"""Every text can be translated, and a language is offered only when its catalogue is complete."""

from functools import cache

import pytest
from babel.messages.catalog import Catalog
from django.conf import settings
from django.utils import translation

from headshots import wording
from tests.catalogues import extraction, files
from tests.support.pseudo_locale import pseudo_locale

OFFERED = [code for code, _name in settings.LANGUAGES if code != "en"]


build_template = cache(extraction.build_template)


@pytest.fixture
def template():
    return build_template()


@pytest.mark.parametrize("language", OFFERED)
def test_offered_language_is_complete(language, template):
    assert list(files.find_problems(files.read(language), template)) == []


@pytest.mark.parametrize("language", files.LANGUAGES)
def test_catalogue_has_exactly_the_texts_of_the_source(language, template):
    ids = {(message.id, message.context) for message in template}
    assert {(message.id, message.context) for message in files.read(language)} == ids


@pytest.mark.parametrize("language", files.LANGUAGES)
def test_compiled_catalogue_is_that_of_the_text(language):
    compiled = files.path_of(language, "mo").read_bytes()
    assert compiled == files.compile_catalog(files.read(language))


@pytest.mark.parametrize("language", files.LANGUAGES)
def test_what_is_translated_has_the_placeholders_and_tags_of_its_source(language):
    faults = [
        fault
        for message in files.read(language)
        if message.id
        for fault in files.find_faults(message)
    ]
    assert faults == []


@pytest.mark.parametrize(
    ("msgid", "string"),
    [
        ("%(count)d photos", "Fotos"),
        ("There is no face {index}.", "Kein Gesicht {nummer}."),
        ("See <b>this</b>", "Siehe <b>das"),
        ("A line\n", "Eine Zeile"),
    ],
)
def test_fault_of_a_translation_is_found(msgid, string):
    catalog = Catalog(locale="de")
    catalog.add(msgid, string)
    assert list(files.find_problems(catalog, catalog))


@pytest.fixture
def german(tmp_path, settings):
    with pseudo_locale(settings, tmp_path, build_template()), translation.override("de"):
        yield


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize(
    ("sentence", "worded"),
    [
        ("The photo is upside down.", "[The photo is upside down.]"),
        (
            "There is no face 3: this photo shows 2 faces.",
            "[There is no face 3: this photo shows 2 faces.]",
        ),
        (
            "This photo will give eight of ten headshots. Your face is too dark.",
            "[This photo will give [eight] of [ten] headshots.] [Your face is too dark.]",
        ),
        (
            "Two keep your own background, because your hair is hard to cut out here: a photo in"
            " front of a plain wall gives every place.",
            "[[two] keep your own background, because your hair is hard to cut out here: a photo in"
            " front of a plain wall gives every place.]",
        ),
        (
            "LinkedIn, Social and Cheerful need a photo in which you smile: add one for the real"
            " thing.",
            "[[LinkedIn], [Social] and [Cheerful] need a photo in which you smile: add one for the"
            " real thing.]",
        ),
        (
            "Coloured light covers the photo. We take half of it back. Use a photo of yourself.",
            "[Coloured light covers the photo. We take half of it back.]"
            " [Use a photo of yourself.]",
        ),
        (
            "It shows a plain background. Faces to the front that looked straight at people were"
            " trusted most.",
            "[It shows [a plain background].] [Faces to the front that looked straight at people"
            " were trusted most.]",
        ),
        ("Bluesky: password expired", "Bluesky: password expired"),
        ("", ""),
    ],
)
def test_sentence_of_the_engine_is_shown_in_the_language_of_the_reader(sentence, worded):
    assert wording.word(sentence) == worded


@pytest.mark.usefixtures("german")
def test_names_of_people_are_not_translated():
    assert wording.word("April is not connected.") == "[April is not connected.]"


@pytest.mark.parametrize(
    ("msgid", "context"),
    [("Light", "theme"), ("Plain", "background"), ("From", "date"), ("Keep", "background")],
)
def test_word_with_two_meanings_has_two_entries(template, msgid, context):
    assert template.get(msgid) and template.get(msgid, context)


def test_texts_for_an_image_model_are_not_in_the_catalogue(template):
    prompts = "headshots/engine/diffusion/prompts.py"
    texts = [message.id for message in template if prompts in dict(message.locations)]
    assert texts and not any("erson" in text and "stay" not in text for text in texts)


def test_names_of_places_that_are_words_are_in_the_catalogue(template):
    assert template.get("Your website") and template.get("Avatar address")
