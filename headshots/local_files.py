"""Read and write files that a person names on the command line.

Nothing but regular files is read, none beyond a limit. Files are written all or none, and never
over a file that Facet has not made.
"""

import hashlib
import json
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from headshots.errors import FacetError

# Names and checksums of the files that Facet has written into a folder; lies in that folder.
MANIFEST_NAME: Final = ".facet.json"


class UnreadableFile(FacetError):
    """A file does not exist, may not be read, is no regular file, or is too large."""

    code = "bad_image"
    advice = "Check the path."


class FolderNotWritable(FacetError):
    """The folder cannot take the files; nothing was changed."""

    code = "folder"
    advice = "Check --out."


class ForeignFile(FolderNotWritable):
    """A file of the same name is there that Facet has not written, or that was changed since."""

    code = "foreign_file"
    advice = "Choose another folder with --out, or move the file away."


def read_file(path: Path, *, max_bytes: int) -> bytes:
    """Read a regular file of at most `max_bytes`; raises UnreadableFile for anything else.

    The kind and the size are looked at before anything is read, and a pipe is not waited for.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise UnreadableFile(f"'{path}' is not a file.")
            data = file.read(max_bytes + 1) if status.st_size <= max_bytes else None
    except OSError as error:
        raise UnreadableFile(f"'{path}' cannot be read: {error.strerror}.") from error
    if data is None or len(data) > max_bytes:
        raise UnreadableFile(
            f"'{path}' has more than {max_bytes // 1_000_000} MB.",
            advice="Export the photo smaller: 4,000 pixels on the long side are plenty.",
        )
    return data


def require_free(folder: Path, file_names: Iterable[str]) -> None:
    """Raise ForeignFile if one of these names is taken by a file that Facet has not written."""
    with _named_errors(folder):
        manifest = _read_manifest(folder)
        for file_name in file_names:
            path = folder / file_name
            if path.is_symlink() or (path.exists() and not _is_own(path, manifest)):
                raise ForeignFile(f"'{path}' exists already, and Facet has not made it.")


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files by name into a folder, which is created if it is missing.

    Either all are written or nothing is left behind: no file, no folder. Raises ForeignFile, or
    FolderNotWritable if the disk is full or the folder cannot be written.
    """
    require_free(folder, files)
    with _named_errors(folder), _created_folder(folder):
        manifest = _read_manifest(folder) | {name: _checksum(data) for name, data in files.items()}
        contents = {**files, MANIFEST_NAME: json.dumps(manifest, indent=1).encode()}
        with TemporaryDirectory(dir=folder, prefix=".making-") as temporary_folder:
            new_folder, old_folder = Path(temporary_folder, "new"), Path(temporary_folder, "old")
            new_folder.mkdir()
            old_folder.mkdir()
            for file_name, data in contents.items():
                (new_folder / file_name).write_bytes(data)
            _move_files(new_folder, folder, old_folder, list(contents))


def _move_files(source: Path, target: Path, backup: Path, file_names: list[str]) -> None:
    """Move files from one folder to another; puts everything back if one cannot be moved."""
    moved: list[str] = []
    try:
        for file_name in file_names:
            if (target / file_name).exists():
                (target / file_name).replace(backup / file_name)
            moved.append(file_name)
            (source / file_name).replace(target / file_name)
    except OSError:
        for file_name in moved:
            (target / file_name).unlink(missing_ok=True)
            if (backup / file_name).exists():
                (backup / file_name).replace(target / file_name)
        raise


@contextmanager
def _created_folder(folder: Path) -> Iterator[None]:
    """Create a folder and its parents, and remove those again if the block fails."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        for path in missing:
            path.rmdir()
        raise


@contextmanager
def _named_errors(folder: Path) -> Iterator[None]:
    """Turn errors of the file system into FolderNotWritable."""
    try:
        yield
    except OSError as error:
        raise FolderNotWritable(f"'{folder}' cannot be written: {error.strerror}.") from error


def _read_manifest(folder: Path) -> dict[str, str]:
    try:
        manifest = json.loads((folder / MANIFEST_NAME).read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return manifest if isinstance(manifest, dict) else {}


def _is_own(path: Path, manifest: Mapping[str, str]) -> bool:
    """Whether a file still is the one that Facet wrote."""
    return path.is_file() and manifest.get(path.name) == _checksum(path.read_bytes())


def _checksum(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
