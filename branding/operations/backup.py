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

from branding.operations.files import names
from branding.operations.models import Sign
from integrations.models import vault
from integrations.vault import lock, unlock

FORMAT: Final = 1
ABOUT, ROWS, KEYS, FILES = "about.json", "rows.jsonl", "keys", "files/"
# Filled by migrate or by running processes: rows in them do not count as data.
BY_ITSELF: Final = {"contenttypes.contenttype", "auth.permission", "operations.tally"}


class RestoreError(Exception):
    """A backup cannot be restored; nothing was changed. The text says why."""


class _Exact(DjangoJSONEncoder):
    """Encodes datetimes with microseconds; Django's encoder truncates them to milliseconds."""

    def default(self, o: Any) -> Any:
        return o.isoformat() if isinstance(o, datetime) else super().default(o)


@dataclass(frozen=True)
class Count:
    """The numbers of rows and files in an archive."""

    rows: int
    files: int


def write(target: IO[bytes], *, passphrase: str = "") -> Count:
    """Write all rows and files to `target`; with a passphrase also the keys, encrypted with it."""
    with tarfile.open(fileobj=target, mode="w|gz") as archive:
        with tempfile.TemporaryFile() as rows, transaction.atomic():
            _one_moment()
            _add(archive, ABOUT, json.dumps(_about()).encode())
            if passphrase:
                _add(archive, KEYS, lock(json.dumps(_keys()).encode(), passphrase))
            count = _dump(rows)
            _add_stream(archive, ROWS, rows, rows.tell())
        files = 0
        for name in names(default_storage):
            files += _add_file(archive, name)
    return Count(count, files)


def read(source: IO[bytes], *, passphrase: str = "", replace: bool = False) -> Count:
    """Restore all rows and files of an archive in one transaction.

    `passphrase`: also restore the keys. `replace`: overwrite existing data. Raises RestoreError if
    there is data already, or if the archive is of another version or vault key, and Unreadable for
    a wrong passphrase.
    """
    if not replace and _holds_something():
        raise RestoreError("There is data here already: --replace puts the backup in its place.")
    rows = files = 0
    with tarfile.open(fileobj=source, mode="r|gz") as archive, transaction.atomic():
        for member in archive:
            content = archive.extractfile(member)
            assert content is not None
            if member.name == ABOUT:
                about = json.load(content)
                _require_same(about)
            elif member.name == KEYS and passphrase:
                _put_keys(json.loads(unlock(content.read(), passphrase)))
            elif member.name == ROWS:
                _require_key(about)
                rows = _load(content)
            elif member.name.startswith(FILES):
                default_storage.save(member.name.removeprefix(FILES), File(content))
                files += 1
    return Count(rows, files)


def every_model() -> list[type[models.Model]]:
    """Return every model that is backed up, sorted so that referenced models come first."""
    found = [(config, None) for config in apps.get_app_configs()]
    ordered = serializers.sort_dependencies(found, allow_cycles=True)
    return [model for model in ordered if model is not Sign and not model._meta.proxy]


def _one_moment() -> None:
    """Make the transaction a snapshot on PostgreSQL; on SQLite every transaction is one."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


def _about() -> dict[str, Any]:
    return {"format": FORMAT, "migrations": _migrations(), "vault": vault().key_id}


def _migrations() -> list[list[str]]:
    return sorted(list(one) for one in MigrationRecorder(connection).applied_migrations())


def _keys() -> dict[str, str]:
    return {"SECRET_KEY": str(settings.SECRET_KEY), "VAULT_KEY": str(settings.VAULT_KEY)}


def _dump(rows: IO[bytes]) -> int:
    """Write every row as a line of JSON; return how many."""
    text = io.TextIOWrapper(rows, encoding="utf-8", write_through=True)
    count = 0
    for model in every_model():
        for row in model._base_manager.order_by("pk").iterator(chunk_size=500):
            serializers.serialize("jsonl", [row], stream=text, cls=_Exact)
            count += 1
    text.detach()
    return count


def _load(content: IO[bytes]) -> int:
    """Delete all rows, load those of the archive, and return how many were loaded."""
    tables = [model._meta.db_table for model in every_model()]
    joins = [
        field.m2m_db_table() for model in every_model() for field in model._meta.local_many_to_many
    ]
    connection.ops.execute_sql_flush(
        connection.ops.sql_flush(no_style(), [*tables, *joins], allow_cascade=True)
    )
    count = 0
    for row in serializers.deserialize("jsonl", iter(content.readline, b"")):
        row.save()
        count += 1
    with connection.cursor() as cursor:
        for command in connection.ops.sequence_reset_sql(no_style(), every_model()):
            cursor.execute(command)
    return count


def _holds_something() -> bool:
    ours = (model for model in every_model() if model._meta.label_lower not in BY_ITSELF)
    return any(model._base_manager.exists() for model in ours) or any(names(default_storage))


def _require_same(about: dict[str, Any]) -> None:
    if about["format"] != FORMAT or about["migrations"] != _migrations():
        raise RestoreError("Another version of Facet made this backup: restore with that one.")


def _require_key(about: dict[str, Any]) -> None:
    """Refuse to restore rows that were encrypted with a key which this installation lacks."""
    if about["vault"] not in vault().key_ids:
        raise RestoreError(
            f"The vault key {about['vault']} is not here: set VAULT_KEY as it was there, or,"
            " if the backup holds the keys, restore into an empty DATA_DIR with its passphrase."
        )


def _put_keys(keys: dict[str, str]) -> None:
    """Write the keys of the archive to files that do not exist yet."""
    folder = settings.DATA_DIR / "secrets"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, value in keys.items():
        path: Path = folder / name.lower()
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(value)


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
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
            _add_stream(archive, FILES + name, file, file.size)
    except FileNotFoundError:
        return False
    return True
