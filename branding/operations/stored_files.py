"""Listing all stored files, and copying them to another storage."""

from collections.abc import Iterator

from django.core.files.storage import Storage

from headshots.storage.disk import DRAFTS_FOLDER


def stored_names(storage: Storage, folder: str = "") -> Iterator[str]:
    """Yield the name of every complete file below a folder, sorted, without uploads in progress."""
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:
        return
    prefix = f"{folder}/" if folder else ""
    yield from sorted(prefix + file for file in files)
    for subfolder in sorted(folders):
        if prefix or subfolder != DRAFTS_FOLDER:
            yield from stored_names(storage, prefix + subfolder)


def copy_missing_files(source: Storage, target: Storage) -> Iterator[tuple[str, bool]]:
    """Copy the files that `target` lacks; yield each name and whether it was copied.

    Names derive from the content and files appear only when complete, so that an interrupted copy
    can be continued by calling this again.
    """
    for name in stored_names(source):
        is_present = target.exists(name) and target.size(name) == source.size(name)
        if not is_present:
            with source.open(name) as file:
                target.save(name, file)
        yield name, not is_present
