"""Every stored file, and copying all of them to another storage, as often as it takes."""

from collections.abc import Iterator

from django.core.files.storage import Storage

from headshots.storage.disk import INCOMING


def names(storage: Storage, folder: str = "") -> Iterator[str]:
    """The name of every finished file, in order: a picture's full size after its others."""
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
    """Copy what is not there yet; yields each name, and whether it had to be copied.

    Names are made from the content and a file is there whole or not at all, so that whoever was
    killed goes on where it stopped.
    """
    for name in names(source):
        there = target.exists(name) and target.size(name) == source.size(name)
        if not there:
            with source.open(name) as file:
                target.save(name, file)
        yield name, not there
