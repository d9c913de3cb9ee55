"""Restoring a backup: all rows in one transaction, or nothing."""

import json
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.core.management.sql import emit_post_migrate_signal
from django.core.serializers.base import DeserializationError
from django.db import DEFAULT_DB_ALIAS, DataError, IntegrityError, transaction

from branding.operations.backups import older_versions, rows
from branding.operations.backups.layout import (
    ARCHIVE_FORMAT,
    COMPLETE_NAME,
    FILES_PREFIX,
    KEYS_NAME,
    METADATA_NAME,
    ROWS_NAME,
    ArchiveCounts,
    RestoreError,
)
from branding.operations.stored_files import stored_names
from branding.operations.versions import Migration, applied_migrations, unknown_migrations
from integrations.models import get_vault
from integrations.vault import decrypt_with_passphrase

# What reading a file that is no backup, or half of one, raises in tarfile, zlib and json.
_DAMAGE = (
    tarfile.TarError,
    zlib.error,
    EOFError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    DeserializationError,
    DataError,
    IntegrityError,
    SuspiciousFileOperation,
)


def restore_archive(
    source: IO[bytes], *, keys_passphrase: str = "", replace: bool = False
) -> ArchiveCounts:
    """Restore all rows and files of an archive in one transaction; everybody is signed out.

    `keys_passphrase`: also restore the keys. `replace`: overwrite existing data. Raises
    RestoreError if there is data already, if the archive is damaged, or of a newer version or
    another vault key, and Unreadable for a wrong passphrase.
    """
    if not replace and (rows.has_rows() or any(stored_names(default_storage))):
        raise RestoreError("There is data here already: --replace puts the backup in its place.")
    restoration = _Restoration(keys_passphrase)
    try:
        with (
            _explain_damage(),
            tarfile.open(fileobj=source, mode="r|gz") as archive,
            transaction.atomic(),
        ):
            for member in archive:
                restoration.restore_member(member.name, archive.extractfile(member))
            return restoration.finish()
    except BaseException:
        restoration.delete_new_keys()
        raise


class _Restoration:
    """Restores the members of an archive one after the other."""

    def __init__(self, keys_passphrase: str) -> None:
        self.keys_passphrase = keys_passphrase
        self.metadata: dict[str, Any] = {}
        self.row_count: int | None = None
        self.file_count = 0
        self.expected_counts: dict[str, int] | None = None
        self.new_key_paths: list[Path] = []

    def restore_member(self, name: str, content: IO[bytes] | None) -> None:
        """Restore one member of the archive."""
        if content is None:
            raise ValueError(f"{name} is not a file")
        if name == METADATA_NAME:
            self.metadata = json.load(content)
            _require_known_version(self.metadata)
        elif name == KEYS_NAME and self.keys_passphrase:
            self._restore_keys(content.read())
        elif name == ROWS_NAME:
            _require_vault_key(self.metadata)
            self._restore_rows(content)
        elif name == COMPLETE_NAME:
            self.expected_counts = json.load(content)
        elif name.startswith(FILES_PREFIX):
            default_storage.save(name.removeprefix(FILES_PREFIX), File(content))
            self.file_count += 1

    def finish(self) -> ArchiveCounts:
        """Return what was restored. Raises ValueError if something is missing."""
        if self.row_count is None:
            raise ValueError("it holds no rows")
        counts = {"rows": self.row_count, "files": self.file_count}
        if self.metadata["format"] >= ARCHIVE_FORMAT and self.expected_counts != counts:
            raise ValueError("it is not complete")
        return ArchiveCounts(self.row_count, self.file_count)

    def delete_new_keys(self) -> None:
        """Delete the keys that were written, after something else failed."""
        for path in self.new_key_paths:
            path.unlink(missing_ok=True)

    def _restore_keys(self, encrypted: bytes) -> None:
        """Write the keys of the archive to files that do not exist yet."""
        keys = json.loads(decrypt_with_passphrase(encrypted, self.keys_passphrase))
        folder: Path = settings.DATA_DIR / "secrets"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name, value in keys.items():
            path = folder / name.lower()
            if not path.exists():
                path.touch(mode=0o600)
                path.write_text(value)
                self.new_key_paths.append(path)

    def _restore_rows(self, content: IO[bytes]) -> None:
        """Replace all rows, updating those of an older version first."""
        self.row_count = 0
        migrations = _migrations_in(self.metadata)
        if migrations == applied_migrations():
            rows.replace_rows(self._count_rows(content))
            return
        with tempfile.TemporaryFile() as updated_rows:
            older_versions.update_rows(self._count_rows(content), migrations, updated_rows)
            updated_rows.seek(0)
            rows.replace_rows(rows.read_rows(updated_rows))
        # Adds the content types and permissions of models that the older version did not have.
        emit_post_migrate_signal(verbosity=0, interactive=False, db=DEFAULT_DB_ALIAS)

    def _count_rows(self, content: IO[bytes]) -> Iterator[rows.Row]:
        """Yield the rows of the archive, counting them."""
        for number, row in enumerate(rows.read_rows(content), start=1):
            self.row_count = number
            yield row


@contextmanager
def _explain_damage() -> Iterator[None]:
    """Raise what a damaged archive raises as RestoreError."""
    try:
        yield
    except _DAMAGE as error:
        raise RestoreError(
            f"This is not a backup of Facet, or it is damaged ({error or type(error).__name__})."
        ) from error


def _migrations_in(metadata: dict[str, Any]) -> set[Migration]:
    return {(app, name) for app, name in metadata["migrations"]}


def _require_known_version(metadata: dict[str, Any]) -> None:
    """Refuse a backup that was made by a newer version of Facet."""
    unknown = unknown_migrations(_migrations_in(metadata))
    if unknown or metadata["format"] > ARCHIVE_FORMAT:
        raise RestoreError(
            f"Facet {metadata.get('version', 'of a newer version')} made this backup, and this"
            " one is older: install that version, or a newer one."
        )


def _require_vault_key(metadata: dict[str, Any]) -> None:
    """Refuse to restore rows that were encrypted with a key which this installation lacks."""
    if metadata["vault"] not in get_vault().key_ids:
        raise RestoreError(
            f"The vault key {metadata['vault']} is not here: set VAULT_KEY as it was there, or,"
            " if the backup holds the keys, restore into an empty DATA_DIR with its passphrase."
        )
