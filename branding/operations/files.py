"""Listing all stored files, and copying them to another storage."""

from collections.abc import Iterator

from django.core.files.storage import Storage

from headshots.storage.disk import INCOMING


def names(storage: Storage, folder: str = "") -> Iterator[str]:
    """Yield the name of every complete file below a folder, sorted, without uploads in progress."""
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:
        return
    path = f"{folder}/" if folder else ""
    yield from sorted(path + file for file in files)
    for one in sorted(folders):
        if path or one != INCOMING:
            yield from names(storage, path + one)


def copy(source: Storage, target: Storage) -> Iterator[tuple[str, bool]]:
    """Copy the files that `target` lacks; yield each name and whether it was copied.

    Names derive from the content and files appear only when complete, so that an interrupted copy
    can be continued by calling this again.
    """
    for name in names(source):
        there = target.exists(name) and target.size(name) == source.size(name)
        if not there:
            with source.open(name) as file:
                target.save(name, file)
        yield name, not there
