"""Files on disk that exist whole or not at all."""

import errno
import os
import shutil
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage

INCOMING = "incoming"
ABANDONED = 3600  # seconds after which an unfinished file belongs to nobody
LEAST = 50_000_000  # bytes free, below which no sheet can be finished


class AtomicFiles(FileSystemStorage):
    """Writes aside, syncs, then renames: a full disk or a killed process leaves no half file."""

    def get_available_name(self, name: str, max_length: int | None = None) -> str:  # noqa: ARG002
        """The name itself: names are made from the content, so the same name is the same file."""
        return name

    def _save(self, name: str, content: "File[Any]") -> str:
        target = Path(self.path(name))
        draft = Path(self.path(INCOMING)) / uuid4().hex
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
        """Delete the file, and its folder with the last one."""
        super().delete(name)
        folder = Path(self.path(name)).parent
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()

    def sweep(self) -> None:
        """Remove what a killed process left half written."""
        folder = Path(self.path(INCOMING))
        drafts = folder.iterdir() if folder.is_dir() else ()
        for draft in drafts:
            if time.time() - draft.stat().st_mtime > ABANDONED:
                draft.unlink(missing_ok=True)


def require_room(folder: Path) -> None:
    """Raise OSError unless files can be written in the folder, or where it will be made."""
    while not folder.exists():
        folder = folder.parent
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))
    if shutil.disk_usage(folder).free < LEAST:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))
