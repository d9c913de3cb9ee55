"""The files of an export that is imported."""

import base64
import hashlib
import json
import zipfile
from collections.abc import Mapping
from typing import Any

from branding.accounts.models import User
from branding.exports.sections import FILE_FOLDERS, FILE_KEY, MISSING_NAME
from headshots.engine.io.decode import MAX_BYTES, decode
from headshots.services.photos import delete_unused_pictures
from headshots.storage import pictures
from integrations.models import Backup
from integrations.renditions import make_portrait


class ArchivedFiles:
    """Stores the pictures of an archive, and gives rows what they need to know about them."""

    def __init__(self, owner: User, archive: zipfile.ZipFile) -> None:
        self._owner_id = owner.pk
        self._archive = archive
        self._picture_names: dict[str, str] = {}
        self._portraits: dict[str, bytes] = {}
        has_missing = MISSING_NAME in archive.namelist()
        self.missing = frozenset(json.loads(archive.read(MISSING_NAME)) if has_missing else [])

    def store_pictures(self, document: Mapping[str, Any]) -> None:
        """Store the file of every row; it takes a while, and is done before the database is locked.

        Raises KeyError or ValueError if a file is not in the archive or not what it was.
        """
        for section_name in FILE_FOLDERS:
            for row in document[section_name]:
                name = row[FILE_KEY]
                if name is None or name in self.missing:
                    continue
                data = self._read(name)
                if "digest" not in row:
                    self._picture_names[name] = pictures.store_picture(
                        self._owner_id, decode(data), full_size_file=data
                    )
                elif hashlib.sha256(data).hexdigest() == row["digest"]:
                    self._portraits[name] = make_portrait(data)
                else:
                    raise ValueError(f"{name} is not the file that it was")

    def attach(self, instance: Any, name: str | None) -> None:
        """Let a row name its stored file, or hold its previous picture; None: without a file."""
        if isinstance(instance, Backup):
            data = self._read(name) if name else b""
            instance.seal({"data": base64.b64encode(data).decode()})
            instance.portrait = self._portraits[name] if name else b""
        elif name:
            instance.picture = self._picture_names[name]

    def delete_stored(self) -> None:
        """Delete the stored pictures that no row uses, after an import failed."""
        delete_unused_pictures(self._owner_id, set(self._picture_names.values()))

    def _read(self, name: str) -> bytes:
        if self._archive.getinfo(name).file_size > MAX_BYTES:
            raise ValueError(f"{name} is too large")
        return self._archive.read(name)
