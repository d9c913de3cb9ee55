"""Read, merge, compile and check the catalogues in branding/locale."""

import io
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from tests.catalogues.sentences import ROOT

FOLDER: Final = ROOT / "branding/locale"
LANGUAGES: Final = ("de", "es", "fr")
LINE_WIDTH: Final = 110
HEADER: Final = "# Translations of Facet into the language with the code {}.\n#"
# What has to be the same in a translation: values, tags and the ends of addresses in e-mails.
PLACEHOLDER: Final = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w+\}")
TAG: Final = re.compile(r"</?[a-z][^>]*>")


def path_of(language: str, suffix: str = "po") -> Path:
    """Return the path of a catalogue, as text ("po") or compiled ("mo")."""
    return FOLDER / language / "LC_MESSAGES" / f"django.{suffix}"


def read(language: str) -> Catalog:
    """Return the catalogue of a language; an empty one if there is no file."""
    path = path_of(language)
    if not path.exists():
        return Catalog(locale=language, domain="django", project="Facet", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language, domain="django")


def merge(language: str, template: Catalog) -> Catalog:
    """Add new msgids to a catalogue, remove old ones, write it and compile it.

    A changed msgid counts as new: a translation is never guessed.
    """
    catalog = read(language)
    catalog.update(template, no_fuzzy_matching=True, update_creation_date=False)
    catalog.obsolete.clear()
    catalog.header_comment = HEADER.format(language)
    catalog.fuzzy = False
    path = path_of(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(
            file,
            catalog,
            width=LINE_WIDTH,
            omit_header=False,
            sort_by_file=True,
            include_lineno=False,
        )
    path_of(language, "mo").write_bytes(compile_catalog(read(language)))
    return catalog


def compile_catalog(catalog: Catalog) -> bytes:
    """Return a catalogue as gettext reads it."""
    file = io.BytesIO()
    write_mo(file, catalog)
    return file.getvalue()


def find_untranslated(catalog: Catalog) -> Iterator[Message]:
    """Yield the messages without a translation, or with one that nobody has confirmed."""
    for message in catalog:
        if message.id and (message.fuzzy or not all(_strings_of(message))):
            yield message


def find_problems(catalog: Catalog, template: Catalog) -> Iterator[str]:
    """Yield a line for everything that keeps a language from being offered."""
    for message in template:
        if message.id and catalog.get(message.id, message.context) is None:
            yield f"missing, run `make messages`: {message.id!r}"
    for message in find_untranslated(catalog):
        context = f" ({message.context})" if message.context else ""
        comments = f" # {' '.join(message.auto_comments)}" if message.auto_comments else ""
        yield f"not translated: {message.id!r}{context}{comments}"
    for message in catalog:
        if message.id:
            yield from find_faults(message)


def find_faults(message: Message) -> Iterator[str]:
    """Compare placeholders, tags and the outer space of each form with the msgid."""
    msgids = message.id if isinstance(message.id, tuple) else (message.id,)
    strings = _strings_of(message)
    for index, string in enumerate(strings):
        msgid = msgids[min(index, len(msgids) - 1)]
        if not string:
            continue
        for pattern, name in ((PLACEHOLDER, "placeholders"), (TAG, "tags")):
            wanted = [Counter(pattern.findall(text)) for text in (msgid, msgids[-1])]
            if Counter(pattern.findall(string)) not in wanted:
                yield f"other {name}: {msgid!r} → {string!r}"
        if _outer_space(msgid) != _outer_space(string):
            yield f"other space or line breaks at an end: {msgid!r} → {string!r}"


def _strings_of(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple | list) else (message.string or "",)


def _outer_space(text: str) -> tuple[str, str]:
    return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
