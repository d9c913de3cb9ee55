"""Writing an export: rows of one moment, then the files that they name, as a stream."""

from __future__ import annotations

import base64
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any, Final
from uuid import UUID

from django.db import models
from django.utils import timezone
from django.utils.text import get_valid_filename

from branding.accounts.concurrency import AccountSlots, LimitedStream
from branding.accounts.models import User
from branding.exports.schema import format_schema
from branding.exports.sections import (
    EXPORT_FORMAT,
    FILE_FOLDERS,
    FILE_KEY,
    MISSING_NAME,
    ROWS_NAME,
    SCHEMA_NAME,
    ExportSection,
    all_sections,
)
from branding.read_snapshot import read_snapshot
from branding.zip_stream import iterate_in_thread, stream_zip
from headshots.models import Variant
from headshots.storage import pictures
from integrations.models import Backup

EXPORT_SLOTS: Final = AccountSlots(1, "Another export of yours is under way.")
CHUNK_ROWS: Final = 500  # rows that are read from the database at once
CHUNK_BYTES: Final = 256 * 1024
MAX_ROWS_IN_MEMORY: Final = 4_000_000  # bytes of rows, beyond which they wait in a temporary file


@dataclass(frozen=True)
class _NamedFile:
    """A file of the export: a stored picture, or the previous picture with this id."""

    name: str
    picture: str = ""
    backup_id: UUID | None = None

    def read(self) -> bytes:
        """Return its bytes; raises FileNotFoundError if it was deleted since."""
        if self.picture:
            return pictures.read_file(self.picture)
        backup = Backup.objects.filter(pk=self.backup_id).first() if self.backup_id else None
        if backup is None:
            raise FileNotFoundError(self.name)
        return base64.b64decode(backup.unseal()["data"])


def export_response(owner: User) -> LimitedStream:
    """Return the export of an account as a download; raises TooManyAtOnce for a second one."""
    return LimitedStream(
        iterate_in_thread(iterate_export(owner)),
        slots=EXPORT_SLOTS,
        owner_id=owner.pk,
        headers={
            "Content-Disposition": 'attachment; filename="facet-account.zip"',
            "Cache-Control": "no-store",
        },
        content_type="application/zip",
    )


def iterate_export(owner: User) -> Iterator[bytes]:
    """Yield the zip file with everything of an account, part by part.

    The rows are those of one moment. A picture that is deleted meanwhile, or that the storage
    lacks, is named in missing.json.
    """
    with tempfile.SpooledTemporaryFile(MAX_ROWS_IN_MEMORY) as rows_file:
        with read_snapshot():
            files = _write_rows(owner, rows_file)
        yield from stream_zip(_name_members(rows_file, files))


def _name_members(
    rows_file: IO[bytes], files: list[_NamedFile]
) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield the members of the archive: its schema, the rows, the files."""
    yield SCHEMA_NAME, iter([format_schema().encode()])
    yield ROWS_NAME, _read_parts(rows_file)
    missing = []
    for file in files:
        try:
            content = file.read()
        except FileNotFoundError:
            missing.append(file.name)
            continue
        yield file.name, iter([content])
    if missing:
        yield MISSING_NAME, iter([json.dumps(missing).encode()])


def _read_parts(rows_file: IO[bytes]) -> Iterator[bytes]:
    rows_file.seek(0)
    while part := rows_file.read(CHUNK_BYTES):
        yield part


def _write_rows(owner: User, target: IO[bytes]) -> list[_NamedFile]:
    """Write the rows of all sections as one JSON object; return the files that they name."""
    files: list[_NamedFile] = []
    head = {"format": EXPORT_FORMAT, "exported_at": timezone.now().isoformat()}
    target.write(json.dumps(head).removesuffix("}").encode())
    for section in all_sections():
        target.write(f',\n"{section.name}": ['.encode())
        separator = "\n"
        for row, file in _iterate_rows(section, owner):
            target.write(f"{separator}{json.dumps(row, ensure_ascii=False)}".encode())
            separator = ",\n"
            files += [file] if file else []
        target.write(b"]")
    target.write(b"}\n")
    return files


def _iterate_rows(
    section: ExportSection, owner: User
) -> Iterator[tuple[dict[str, Any], _NamedFile | None]]:
    """Yield each row of a section as plain data, with its file."""
    model_fields = list(section.model_fields())
    rows = section.select(owner).defer(*_large_fields(section))
    related = [item.name for item in model_fields if isinstance(item, models.ManyToManyField)]
    for instance in rows.prefetch_related(*related).iterator(chunk_size=CHUNK_ROWS):
        row = {item.name: _plain_value(instance, item) for item in model_fields}
        file = _name_file(section, instance) if section.has_files else None
        if section.has_files:
            row[FILE_KEY] = file.name if file else None
        yield row, file


def _large_fields(section: ExportSection) -> list[str]:
    """Return the binary fields, none of which is in the rows."""
    return [
        model_field.name
        for model_field in section.model._meta.concrete_fields
        if isinstance(model_field, models.BinaryField)
    ]


def _plain_value(instance: models.Model, model_field: models.Field[Any, Any]) -> Any:
    """Return the value of a field as JSON has it: ids as text, times by RFC 3339."""
    if isinstance(model_field, models.ManyToManyField):
        return sorted(str(related.pk) for related in getattr(instance, model_field.name).all())
    value = getattr(instance, model_field.attname)
    if isinstance(value, UUID):
        return str(value)
    return value.isoformat() if isinstance(model_field, models.DateField) and value else value


def _name_file(section: ExportSection, instance: Any) -> _NamedFile | None:
    """Return the file of a row; None for a row without a picture."""
    folder = f"files/{FILE_FOLDERS[section.name]}"
    if isinstance(instance, Backup):
        if instance.is_none:
            return None
        ending = instance.media_type.removeprefix("image/").replace("jpeg", "jpg") or "bin"
        return _NamedFile(f"{folder}/{instance.pk}.{ending}", backup_id=instance.pk)
    if not instance.picture:
        return None
    name = f"{instance.label}-{instance.look}" if isinstance(instance, Variant) else instance.pk
    return _NamedFile(f"{folder}/{get_valid_filename(str(name))}.jpg", picture=instance.picture)
