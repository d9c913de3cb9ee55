"""Show the sentences of the engine, the platforms and the services in a person's language.

Those parts are pure: they word errors, notes and advice in English, and rows keep them so. Each
sentence is a msgid of the catalogue (`make messages` extracts it), with `{name}` for every value in
it. Here the msgid and its values are found again, and its translation is filled in. A sentence that
the catalogue does not have, such as one that a platform answered, stays as it is.
"""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.utils.translation import get_language, gettext, gettext_lazy, override
from django.utils.translation.trans_real import translation

if TYPE_CHECKING:
    from headshots.models import User

# The day on which the words were chosen. Whoever changes what they mean changes it, too.
CONSENT_VERSION: Final = "2026-11-30"
CONSENT_TEXT: Final = gettext_lazy(
    "By adding a photo you confirm: this is me, or the person in it allows it."
)
NO_CONSENT: Final = ""  # of photos that nobody uploaded, and of those added before it was asked for

PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")
VALUE: Final = r"(?:(?![.!?] ).)+?"
END_OF_SENTENCE: Final = re.compile(r"(?<=[.!?]) +")
# Values that are words of ours, or lists of them with commas; all others are names and numbers.
TRANSLATED_VALUES: Final = frozenset(
    {
        *("audience", "change", "country", "detail", "direction", "feature", "given_word", "goal"),
        *("light_side", "look", "looks", "message", "mood", "moved", "number_word", "position"),
        *("reason", "role", "scene", "second_goal", "total_word", "warmth"),
    }
)


def is_offered(language: str) -> bool:
    """Whether pages and e-mails can be shown in a language."""
    return language in dict(settings.LANGUAGES)


def in_language_of(person: User) -> AbstractContextManager[None]:
    """Activate the language that a person chose; without a choice, leave the active one."""
    return override(person.language if is_offered(person.language) else get_language())


def word(text: str) -> str:
    """Return a text of one or more sentences in the active language."""
    language = get_language() or ""
    if not text or language == "en":
        return text
    text = str(text)  # lazy texts are sentences, too
    return _word_whole(text, language) or _word_sentences(text, language)


def _word_sentences(text: str, language: str) -> str:
    """Translate sentence by sentence; a msgid may have several, so the longest is tried first."""
    sentences = END_OF_SENTENCE.split(text)
    worded = []
    while sentences:
        for count in range(len(sentences), 0, -1):
            translated = _word_whole(" ".join(sentences[:count]), language)
            if translated or count == 1:
                worded.append(translated or sentences[0])
                del sentences[:count]
                break
    return " ".join(worded)


def _word_whole(text: str, language: str) -> str:
    """Return the translation of what is one msgid; "" if it is none."""
    if text in _catalog(language):
        return gettext(text)
    for pattern, msgid in _patterns(language):
        if match := pattern.fullmatch(text):
            values = {
                name: _word_value(value, language) if name in TRANSLATED_VALUES else value
                for name, value in match.groupdict().items()
            }
            return _fill_in(gettext(msgid), values)
    return ""


def _fill_in(text: str, values: dict[str, str]) -> str:
    return PLACEHOLDER.sub(lambda match: values[match[1]], text)


def _word_value(value: str, language: str) -> str:
    """Translate a value: a whole one, its lower case, or the items of a list with commas."""
    if worded := _word_whole(value, language):
        return worded
    if worded := _word_whole(value.lower(), language):
        return worded.capitalize()
    items = value.split(", ")
    return ", ".join(_word_whole(item, language) or item for item in items)


def _catalog(language: str) -> Any:
    return translation(language)._catalog  # type: ignore[attr-defined]  # untyped in django-stubs


@cache
def _patterns(language: str) -> list[tuple[re.Pattern[str], str]]:
    """Return the sentences with values as patterns, those with most fixed text first."""
    msgids = [
        msgid
        for msgid, _string in _catalog(language).items()
        if isinstance(msgid, str) and PLACEHOLDER.search(msgid) and "%(" not in msgid
    ]
    msgids.sort(key=lambda msgid: len(PLACEHOLDER.sub("", msgid)), reverse=True)
    return [(_compile(msgid), msgid) for msgid in msgids]


def _compile(msgid: str) -> re.Pattern[str]:
    """Compile a msgid. A value ends with its sentence, so that the next sentence is found, too."""
    parts = PLACEHOLDER.split(msgid)  # fixed text and names of placeholders in turn
    patterns = [
        f"(?P<{part}>{VALUE})" if index % 2 else re.escape(part) for index, part in enumerate(parts)
    ]
    return re.compile("".join(patterns), re.DOTALL)
