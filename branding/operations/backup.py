"""Backup and restore: one tar archive of all rows and files, and optionally of the keys.

The rows are read in one transaction and streamed, then the files. The keys are encrypted with a
passphrase.
"""

import io
import json
import tarfile
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Final

from django.apps import apps
from django.conf import settings
from django.core import serializers
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.core.management.color import no_style
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models, transaction
from django.db.migrations.recorder import MigrationRecorder

from branding.operations.models import Sign
from branding.operations.stored_files import stored_names
from integrations.models import get_vault
from integrations.vault import decrypt_with_passphrase, encrypt_with_passphrase

ARCHIVE_FORMAT: Final = 1
METADATA_NAME, ROWS_NAME, KEYS_NAME, FILES_PREFIX = "about.json", "rows.jsonl", "keys", "files/"
# Filled by migrate or by running processes: rows in them do not count as data.
AUTOMATIC_TABLES: Final = {"contenttypes.contenttype", "auth.permission", "operations.tally"}


class RestoreError(Exception):
    """A backup cannot be restored; nothing was changed. The text says why."""


class _PreciseJSONEncoder(DjangoJSONEncoder):
    """Encodes datetimes with microseconds; Django's encoder truncates them to milliseconds."""

    def default(self, o: Any) -> Any:
        return o.isoformat() if isinstance(o, datetime) else super().default(o)


@dataclass(frozen=True)
class ArchiveCounts:
    """The numbers of rows and files in an archive."""

    rows: int
    files: int


def write_archive(target: IO[bytes], *, passphrase: str = "") -> ArchiveCounts:
    """Write all rows and files to `target`; with a passphrase also the keys, encrypted with it."""
    with tarfile.open(fileobj=target, mode="w|gz") as archive:
        with tempfile.TemporaryFile() as rows_file, transaction.atomic():
            _begin_snapshot()
            _add_bytes(archive, METADATA_NAME, json.dumps(_build_metadata()).encode())
            if passphrase:
                _add_bytes(
                    archive,
                    KEYS_NAME,
                    encrypt_with_passphrase(json.dumps(_installation_keys()).encode(), passphrase),
                )
            row_count = _write_rows(rows_file)
            _add_stream(archive, ROWS_NAME, rows_file, rows_file.tell())
        file_count = 0
        for name in stored_names(default_storage):
            file_count += _add_file(archive, name)
    return ArchiveCounts(row_count, file_count)


def restore_archive(
    source: IO[bytes], *, passphrase: str = "", replace: bool = False
) -> ArchiveCounts:
    """Restore all rows and files of an archive in one transaction.

    `passphrase`: also restore the keys. `replace`: overwrite existing data. Raises RestoreError if
    there is data already, or if the archive is of another version or vault key, and Unreadable for
    a wrong passphrase.
    """
    if not replace and _has_data():
        raise RestoreError("There is data here already: --replace puts the backup in its place.")
    row_count = file_count = 0
    with tarfile.open(fileobj=source, mode="r|gz") as archive, transaction.atomic():
        for member in archive:
            content = archive.extractfile(member)
            assert content is not None
            if member.name == METADATA_NAME:
                metadata = json.load(content)
                _require_same_version(metadata)
            elif member.name == KEYS_NAME and passphrase:
                _restore_keys(json.loads(decrypt_with_passphrase(content.read(), passphrase)))
            elif member.name == ROWS_NAME:
                _require_vault_key(metadata)
                row_count = _replace_rows(content)
            elif member.name.startswith(FILES_PREFIX):
                default_storage.save(member.name.removeprefix(FILES_PREFIX), File(content))
                file_count += 1
    return ArchiveCounts(row_count, file_count)


def backed_up_models() -> list[type[models.Model]]:
    """Return every model that is backed up, sorted so that referenced models come first."""
    app_list = [(config, None) for config in apps.get_app_configs()]
    sorted_models = serializers.sort_dependencies(app_list, allow_cycles=True)
    return [model for model in sorted_models if model is not Sign and not model._meta.proxy]


def _begin_snapshot() -> None:
    """Make the transaction a snapshot on PostgreSQL; on SQLite every transaction is one."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


def _build_metadata() -> dict[str, Any]:
    return {
        "format": ARCHIVE_FORMAT,
        "migrations": _applied_migrations(),
        "vault": get_vault().key_id,
    }


def _applied_migrations() -> list[list[str]]:
    return sorted(
        list(migration) for migration in MigrationRecorder(connection).applied_migrations()
    )


def _installation_keys() -> dict[str, str]:
    return {"SECRET_KEY": str(settings.SECRET_KEY), "VAULT_KEY": str(settings.VAULT_KEY)}


def _write_rows(rows: IO[bytes]) -> int:
    """Write every row as a line of JSON; return how many."""
    text_stream = io.TextIOWrapper(rows, encoding="utf-8", write_through=True)
    row_count = 0
    for model in backed_up_models():
        for row in model._base_manager.order_by("pk").iterator(chunk_size=500):
            serializers.serialize("jsonl", [row], stream=text_stream, cls=_PreciseJSONEncoder)
            row_count += 1
    text_stream.detach()
    return row_count


def _replace_rows(content: IO[bytes]) -> int:
    """Delete all rows, load those of the archive, and return how many were loaded."""
    table_names = [model._meta.db_table for model in backed_up_models()]
    join_table_names = [
        field.m2m_db_table()
        for model in backed_up_models()
        for field in model._meta.local_many_to_many
    ]
    connection.ops.execute_sql_flush(
        connection.ops.sql_flush(no_style(), [*table_names, *join_table_names], allow_cascade=True)
    )
    row_count = 0
    for row in serializers.deserialize("jsonl", iter(content.readline, b"")):
        row.save()
        row_count += 1
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), backed_up_models()):
            cursor.execute(statement)
    return row_count


def _has_data() -> bool:
    own_models = (
        model for model in backed_up_models() if model._meta.label_lower not in AUTOMATIC_TABLES
    )
    return any(model._base_manager.exists() for model in own_models) or any(
        stored_names(default_storage)
    )


def _require_same_version(metadata: dict[str, Any]) -> None:
    if metadata["format"] != ARCHIVE_FORMAT or metadata["migrations"] != _applied_migrations():
        raise RestoreError("Another version of Facet made this backup: restore with that one.")


def _require_vault_key(metadata: dict[str, Any]) -> None:
    """Refuse to restore rows that were encrypted with a key which this installation lacks."""
    if metadata["vault"] not in get_vault().key_ids:
        raise RestoreError(
            f"The vault key {metadata['vault']} is not here: set VAULT_KEY as it was there, or,"
            " if the backup holds the keys, restore into an empty DATA_DIR with its passphrase."
        )


def _restore_keys(keys: dict[str, str]) -> None:
    """Write the keys of the archive to files that do not exist yet."""
    folder = settings.DATA_DIR / "secrets"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, value in keys.items():
        path: Path = folder / name.lower()
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(value)


def _add_bytes(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    _add_stream(archive, name, io.BytesIO(data), len(data))


def _add_stream(archive: tarfile.TarFile, name: str, stream: IO[bytes], size: int) -> None:
    stream.seek(0)
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    archive.addfile(member, stream)


def _add_file(archive: tarfile.TarFile, name: str) -> bool:
    """Add a stored file; return False if it was deleted in the meantime."""
    try:
        with default_storage.open(name) as file:
            _add_stream(archive, FILES_PREFIX + name, file, file.size)
    except FileNotFoundError:
        return False
    return True
