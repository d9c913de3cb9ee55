"""Extract every msgid from templates, Python and data files, with Babel."""

import io
import json
import re
import tomllib
from collections.abc import Iterator
from typing import Any, Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_python
from django.utils.translation.template import templatize

from tests.catalogues.sentences import PACKAGES, ROOT, find_sentences

KEYWORDS: Final = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
# Data files with texts that people read, and the keys that hold them.
DATA_FILES: Final = {
    "branding/advice/audiences.toml": ("title",),
    "branding/advice/claims.toml": ("text",),
    "branding/advice/conventions.toml": ("name", "detail"),
    "branding/advice/features.toml": ("text",),
    "branding/advice/goals.toml": ("text", "title"),
    "branding/advice/judgements.toml": ("text",),
    "branding/advice/roles.toml": ("title",),
    "branding/advice/trends.toml": ("text",),
    "headshots/engine/looks.toml": ("title", "feel"),
    "integrations/places.toml": ("title", "steps", "by_hand"),
}
Message = tuple[str, tuple[str, ...], str | None, list[str]]  # file, msgids, context, comments


def build_template() -> Catalog:
    """Return the catalogue of everything that can be translated, without translations."""
    catalog = Catalog(project="Facet", domain="django", charset="utf-8")
    for name, msgids, context, comments in sorted(_all_messages(), key=lambda message: message[0]):
        msgid: Any = msgids if len(msgids) > 1 else msgids[0]
        catalog.add(
            msgid,
            locations=[(name, 0)],
            context=context,
            auto_comments=comments,
            flags=_flags_of(msgids),
        )
    return catalog


def _flags_of(msgids: tuple[str, ...]) -> list[str]:
    if any(re.search(r"%\(\w+\)[sd]|%[sd]", msgid) for msgid in msgids):
        return ["python-format"]
    if any(re.search(r"\{\w+\}", msgid) for msgid in msgids):
        return ["python-brace-format"]
    return []


def _all_messages() -> Iterator[Message]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*")):
            name = path.relative_to(ROOT).as_posix()
            if path.suffix == ".py":
                yield from _read_python(name, path.read_bytes())
                for _line, sentence in find_sentences(path):
                    yield name, (sentence,), None, []
            elif path.suffix in (".html", ".txt") and "/templates/" in name:
                yield from _read_template(name, path.read_text())
    yield from _read_data_files()


def _read_data_files() -> Iterator[Message]:
    for name, keys in DATA_FILES.items():
        table = tomllib.loads((ROOT / name).read_text())
        for text in _read_table(table, keys):
            yield name, (text,), None, []
    descriptions = ("**/scene.json", "**/garment.json")
    for path in sorted(p for form in descriptions for p in (ROOT / "headshots").glob(form)):
        name = path.relative_to(ROOT).as_posix()
        yield name, (json.loads(path.read_text())["name"],), None, []


def _read_python(name: str, source: bytes) -> Iterator[Message]:
    if b"gettext" not in source:  # saves most of the time
        return
    for _line, function, arguments, comments in extract_python(
        io.BytesIO(source), list(KEYWORDS), ["Translators:"], {}
    ):
        yield from _as_message(name, function, arguments, comments)


def _read_template(name: str, source: str) -> Iterator[Message]:
    """Read a template, in the form that Django makes of it for extraction."""
    for match in CALL.finditer(templatize(source, origin=name)):
        code = match[0].encode()
        for _line, function, arguments, comments in extract_python(
            io.BytesIO(code), list(KEYWORDS), [], {}
        ):
            yield from _as_message(name, function, arguments, comments)


def _as_message(name: str, function: str, arguments: Any, comments: list[str]) -> Iterator[Message]:
    texts = list(arguments) if isinstance(arguments, tuple | list) else [arguments]
    context = texts.pop(0) if function in ("pgettext", "pgettext_lazy", "npgettext") else None
    is_plural = function.startswith(("ngettext", "npgettext"))
    msgids = tuple(texts[: 2 if is_plural else 1])
    if all(isinstance(msgid, str) and msgid for msgid in msgids):
        yield name, msgids, context, comments


def _read_table(table: Any, keys: tuple[str, ...]) -> Iterator[str]:
    if isinstance(table, list):
        for entry in table:
            yield from _read_table(entry, keys)
    elif isinstance(table, dict):
        for key, value in table.items():
            if key in keys and isinstance(value, str) and value:
                yield value
            else:
                yield from _read_table(value, keys)


# A call in what `templatize` returns: all else there is blanked out.
STRING: Final = r"""u?(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
CALL: Final = re.compile(
    rf"(?:_|gettext|ngettext|pgettext|npgettext)\(\s*{STRING}(?:\s*,\s*{STRING})*[^)]*\)"
)
