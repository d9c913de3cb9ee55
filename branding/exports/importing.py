"""Importing an export into an empty account: all of it, or nothing."""

import json
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, Final

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction

from branding.accounts.models import User
from branding.exports.archived_files import ArchivedFiles
from branding.exports.rows import RowReader
from branding.exports.sections import (
    EXPORT_FORMAT,
    ROWS_NAME,
    ExportSection,
    imported_sections,
)
from headshots.errors import FacetError

MAX_ROWS_BYTES: Final = 1_000_000_000  # of account.json, which is read as a whole
BATCH_ROWS: Final = 500
# What reading a file that is no export, or half of one, raises in zipfile, zlib and json.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    NotImplementedError,
    RecursionError,
    ValidationError,
    DataError,
    IntegrityError,
)


class NotImportable(FacetError):
    """An export cannot be imported; nothing was changed."""

    code = "not_importable"
    advice = "Export the account again, and import that file."


class AccountNotEmpty(FacetError):
    """An export is imported into an account that has something in it."""

    code = "account_not_empty"
    advice = "Sign up with another e-mail address, and import into that account."


def import_account(owner: User, source: IO[bytes]) -> dict[str, int]:
    """Import an export into an empty account; return the numbers of rows by section.

    Connections have to be connected again, active schedules are paused, and nothing that was under
    way is sent. Raises AccountNotEmpty or NotImportable, and then changes nothing.
    """
    _require_empty(owner)
    with _explain_damage(), zipfile.ZipFile(source) as archive:
        document, files = _read_document(archive), ArchivedFiles(owner, archive)
        try:
            files.store_pictures(document)
            with transaction.atomic():
                reader = RowReader(owner, document, files)
                return {
                    section.name: _import_section(section, reader)
                    for section in imported_sections()
                }
        except BaseException:
            files.delete_stored()
            raise


def _require_empty(owner: User) -> None:
    for section in imported_sections():
        if section.select(owner).exists():
            raise AccountNotEmpty(f"The account has {section.name.replace('_', ' ')} already.")


def _read_document(archive: zipfile.ZipFile) -> dict[str, Any]:
    """Return account.json. Raises ValueError if it is of another format."""
    if archive.getinfo(ROWS_NAME).file_size > MAX_ROWS_BYTES:
        raise ValueError(f"{ROWS_NAME} is too large")
    document: dict[str, Any] = json.loads(archive.read(ROWS_NAME))
    if document["format"] != EXPORT_FORMAT:
        raise ValueError(f"its format is {document['format']}, not {EXPORT_FORMAT}")
    return document


def _import_section(section: ExportSection, reader: RowReader) -> int:
    """Make the rows of a section; return how many."""
    count, batch = 0, []
    for instance in reader.iterate_instances(section):
        count += 1
        batch.append(instance)
        if len(batch) == BATCH_ROWS:
            section.model._base_manager.bulk_create(batch)
            batch = []
    section.model._base_manager.bulk_create(batch)
    reader.save_relations(section)
    return count


@contextmanager
def _explain_damage() -> Iterator[None]:
    """Raise what a damaged export raises as NotImportable."""
    try:
        yield
    except _DAMAGE as error:
        reason = "; ".join(error.messages) if isinstance(error, ValidationError) else str(error)
        raise NotImportable(
            f"This is not an export of an account, or it is damaged"
            f" ({reason or type(error).__name__})."
        ) from error
