"""Languages of which every text is set in brackets, so that what is not translated stands out."""

import gettext
from contextlib import contextmanager
from pathlib import Path

from babel.messages.catalog import Catalog
from django.utils import translation
from django.utils.translation import trans_real

from headshots import wording
from tests.catalogues import files

OFFERED = [("en", "English"), ("de", "Deutsch"), ("fr", "Français")]


@contextmanager
def pseudo_locale(settings, folder, messages, *, language="de", brackets="[]"):
    """Offer a language with these messages, each in brackets."""
    opening, closing = brackets
    catalog = Catalog(locale=language, fuzzy=False)
    for message in messages:
        if message.id:
            msgids = message.id if isinstance(message.id, tuple) else (message.id,)
            strings = tuple(f"{opening}{msgid}{closing}" for msgid in msgids)
            string = strings if len(strings) > 1 else strings[0]
            catalog.add(message.id, string, context=message.context)
    path = Path(folder, f"{language}/LC_MESSAGES/django.mo")
    path.parent.mkdir(parents=True)
    path.write_bytes(files.compile_catalog(catalog))
    settings.LOCALE_PATHS = [folder]
    settings.LANGUAGES = OFFERED
    _forget_catalogues()
    with translation.override(None):
        yield
    _forget_catalogues()


def _forget_catalogues():
    trans_real._translations.clear()
    trans_real.get_languages.cache_clear()
    gettext._translations.clear()
    wording._patterns.cache_clear()
