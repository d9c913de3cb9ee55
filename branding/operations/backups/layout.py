"""Names in the archive, and the errors of writing and reading one."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

# Format 1 had no version and no `complete.json`, and held sessions.
ARCHIVE_FORMAT: Final = 2
METADATA_NAME, ROWS_NAME, KEYS_NAME, FILES_PREFIX = "about.json", "rows.jsonl", "keys", "files/"
COMPLETE_NAME: Final = "complete.json"
MAX_LISTED_NAMES: Final = 5  # files that an error names; the rest are counted


@dataclass(frozen=True)
class ArchiveCounts:
    """The numbers of rows and files in an archive, and the files that rows name and are gone."""

    rows: int
    files: int
    missing: tuple[str, ...] = ()


class BackupError(Exception):
    """A backup cannot be written; the text says why."""


class RestoreError(Exception):
    """A backup cannot be restored; nothing was changed. The text says why."""


def describe_missing(names: Collection[str]) -> str:
    """Return a sentence about files that rows name and the storage lacks."""
    listed = ", ".join(sorted(names)[:MAX_LISTED_NAMES])
    more = f" and {len(names) - MAX_LISTED_NAMES} more" if len(names) > MAX_LISTED_NAMES else ""
    return f"{len(names)} files that the database names are not in the storage: {listed}{more}."
