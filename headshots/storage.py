"""Files on disk that exist whole or not at all."""

import os
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage

INCOMING = "incoming"
ABANDONED = 3600  # seconds after which an unfinished file belongs to nobody


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
