"""Files that a person names are read with limits, and written all or none."""

import errno
import os
from pathlib import Path

import pytest

from headshots import local_files
from headshots.local_files import FolderNotWritable, ForeignFile, UnreadableFile

FILES = {"plain.jpg": b"a picture", "sheet.jpg": b"a sheet"}


def visible(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {local_files.MANIFEST_NAME}


def test_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "photo.jpg")
    with pytest.raises(UnreadableFile, match="not a file"):
        local_files.read_file(tmp_path / "photo.jpg", max_bytes=10)


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/null", "/tmp"])
def test_device_and_folder_are_refused(path):
    with pytest.raises(UnreadableFile):
        local_files.read_file(Path(path), max_bytes=10)


def test_large_file_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "large.jpg"
    with path.open("wb") as file:
        file.truncate(3_000_000_000)  # takes no space, but would take the memory
    with pytest.raises(UnreadableFile, match="more than 60 MB"):
        local_files.read_file(path, max_bytes=60_000_000)


def test_file_within_the_limit_is_read_whole(tmp_path):
    (tmp_path / "photo.jpg").write_bytes(b"0123456789")
    assert local_files.read_file(tmp_path / "photo.jpg", max_bytes=10) == b"0123456789"


def test_own_files_are_replaced_and_foreign_ones_are_not(tmp_path):
    local_files.write_files(tmp_path, FILES)
    local_files.write_files(tmp_path, {"plain.jpg": b"another"})
    assert (tmp_path / "plain.jpg").read_bytes() == b"another"
    (tmp_path / "plain.jpg").write_bytes(b"edited by hand")
    (tmp_path / "linkedin.jpg").write_bytes(b"my own photo")
    for name in ("plain.jpg", "linkedin.jpg"):
        with pytest.raises(ForeignFile, match=name):
            local_files.write_files(tmp_path, {"author.jpg": b"new", name: b"new"})
    assert (tmp_path / "linkedin.jpg").read_bytes() == b"my own photo"
    assert visible(tmp_path) == {"plain.jpg", "sheet.jpg", "linkedin.jpg"}


def test_link_to_a_file_elsewhere_is_never_followed(tmp_path):
    (tmp_path / "photo.jpg").write_bytes(b"mine")
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "plain.jpg").symlink_to(tmp_path / "photo.jpg")
    with pytest.raises(ForeignFile):
        local_files.write_files(tmp_path / "made", FILES)
    assert (tmp_path / "photo.jpg").read_bytes() == b"mine"


@pytest.mark.parametrize("failing_write", range(3))
def test_full_disk_leaves_no_file_and_no_folder(tmp_path, monkeypatch, failing_write):
    writes = []
    write_bytes = Path.write_bytes

    def write_until_full(path, data):
        writes.append(path)
        if len(writes) > failing_write:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write_bytes(path, data)

    monkeypatch.setattr(Path, "write_bytes", write_until_full)
    with pytest.raises(FolderNotWritable, match="No space left"):
        local_files.write_files(tmp_path / "new" / "made", FILES)
    assert list(tmp_path.iterdir()) == []


def test_failure_half_way_puts_the_earlier_files_back(tmp_path, monkeypatch):
    local_files.write_files(tmp_path, FILES)
    replace = Path.replace

    def fail_at_the_sheet(path, target):
        if path.name == "sheet.jpg" and path.parent.name == "new":
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", fail_at_the_sheet)
    with pytest.raises(FolderNotWritable):
        local_files.write_files(tmp_path, {"plain.jpg": b"new", "sheet.jpg": b"new"})
    assert {name: (tmp_path / name).read_bytes() for name in FILES} == FILES
