"""Writing a backup: rows of one moment, then the files that they name."""

import io
import json
import tarfile
import tempfile
from typing import IO, Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.utils import timezone

from branding.operations.backups.layout import (
    ARCHIVE_FORMAT,
    COMPLETE_NAME,
    FILES_PREFIX,
    KEYS_NAME,
    METADATA_NAME,
    ROWS_NAME,
    ArchiveCounts,
    BackupError,
    describe_missing,
)
from branding.operations.backups.rows import write_rows
from branding.operations.stored_files import stored_names
from branding.operations.versions import applied_migrations
from branding.read_snapshot import read_snapshot
from headshots import selectors
from headshots.storage import pictures
from headshots.version import program_version
from integrations.models import get_vault
from integrations.vault import encrypt_with_passphrase


def write_archive(
    target: IO[bytes], *, keys_passphrase: str = "", allow_missing: bool = False
) -> ArchiveCounts:
    """Write all rows and files to `target`; with a passphrase also the keys, encrypted with it.

    Raises BackupError if a file that a row names is not in the storage, unless `allow_missing`.
    """
    with tarfile.open(fileobj=target, mode="w|gz") as archive:
        with tempfile.TemporaryFile() as rows_file:
            with read_snapshot():
                metadata = _build_metadata()
                row_count = write_rows(rows_file)
                expected_names = _names_in_rows()
            missing = _find_missing(expected_names, set(stored_names(default_storage)))
            _require_complete(missing, allow_missing=allow_missing)
            _add_bytes(archive, METADATA_NAME, json.dumps(metadata).encode())
            if keys_passphrase:
                keys = json.dumps(_installation_keys()).encode()
                _add_bytes(archive, KEYS_NAME, encrypt_with_passphrase(keys, keys_passphrase))
            _add_stream(archive, ROWS_NAME, rows_file, rows_file.tell())
        written_names = _add_files(archive)
        missing = _find_missing(expected_names, written_names)
        _require_complete(missing, allow_missing=allow_missing)
        counts = {"rows": row_count, "files": len(written_names)}
        _add_bytes(archive, COMPLETE_NAME, json.dumps(counts).encode())
    return ArchiveCounts(row_count, len(written_names), tuple(sorted(missing)))


def _build_metadata() -> dict[str, Any]:
    return {
        "format": ARCHIVE_FORMAT,
        "version": program_version(),
        "written_at": timezone.now().isoformat(),
        "migrations": sorted(list(migration) for migration in applied_migrations()),
        "vault": get_vault().key_id,
    }


def _installation_keys() -> dict[str, str]:
    return {"SECRET_KEY": str(settings.SECRET_KEY), "VAULT_KEY": str(settings.VAULT_KEY)}


def _names_in_rows() -> set[str]:
    """Return the names of the files that rows name."""
    return {
        pictures.storage_path(picture_name, size)
        for picture_name in selectors.used_picture_names()
        for size in pictures.SIZES
    }


def _find_missing(expected_names: set[str], present_names: set[str]) -> set[str]:
    """Return the names that are not present, unless their rows have been deleted since."""
    missing = expected_names - present_names
    return missing & _names_in_rows() if missing else missing


def _require_complete(missing: set[str], *, allow_missing: bool) -> None:
    if missing and not allow_missing:
        raise BackupError(
            f"{describe_missing(missing)} Mount the folder or name the right bucket;"
            " --allow-missing makes a backup without them."
        )


def _add_bytes(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    _add_stream(archive, name, io.BytesIO(data), len(data))


def _add_stream(archive: tarfile.TarFile, name: str, stream: IO[bytes], size: int) -> None:
    stream.seek(0)
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    archive.addfile(member, stream)


def _add_files(archive: tarfile.TarFile) -> set[str]:
    """Add every stored file, and return their names without those deleted in the meantime."""
    written_names = set()
    for name in stored_names(default_storage):
        try:
            with default_storage.open(name) as file:
                _add_stream(archive, FILES_PREFIX + name, file, file.size)
        except FileNotFoundError:
            continue
        written_names.add(name)
    return written_names
