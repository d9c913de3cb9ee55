"""File storage on disk that never leaves an incomplete file."""

import errno
import os
import shutil
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage

DRAFTS_FOLDER = "incoming"
# Seconds after which the process that wrote an unfinished file must have ended.
DRAFT_LIFETIME_SECONDS = 3600
MIN_FREE_BYTES = 50_000_000  # bytes that must be free, which is enough for one contact sheet


class AtomicFiles(FileSystemStorage):
    """Storage that writes to a temporary file, syncs it, then renames it.

    Neither a full disk nor a killed process leaves an incomplete file under its final name.
    """

    def get_available_name(self, name: str, max_length: int | None = None) -> str:  # noqa: ARG002
        """Return the name unchanged: names are hashes of contents, so equal names cannot clash."""
        return name

    def _save(self, name: str, content: "File[Any]") -> str:
        target = Path(self.path(name))
        draft = Path(self.path(DRAFTS_FOLDER)) / uuid4().hex
        for folder in (draft.parent, target.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            with draft.open("xb") as file:
                for chunk in content.chunks():
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
        return name

    def delete(self, name: str) -> None:
        """Delete a file, and its folder once that is empty."""
        super().delete(name)
        parent_folder = Path(self.path(name)).parent
        if parent_folder.is_dir() and not any(parent_folder.iterdir()):
            parent_folder.rmdir()

    def delete_abandoned_drafts(self) -> None:
        """Delete unfinished files of processes that were killed."""
        folder = Path(self.path(DRAFTS_FOLDER))
        drafts = folder.iterdir() if folder.is_dir() else ()
        for draft in drafts:
            if time.time() - draft.stat().st_mtime > DRAFT_LIFETIME_SECONDS:
                draft.unlink(missing_ok=True)


def require_free_space(folder: Path) -> None:
    """Raise OSError unless the folder, or the one it will be created in, can take files."""
    while not folder.exists():
        folder = folder.parent
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))
    if shutil.disk_usage(folder).free < MIN_FREE_BYTES:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))
