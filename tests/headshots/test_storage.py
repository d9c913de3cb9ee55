"""A file exists whole or not at all, whatever happens while it is written."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.files.base import ContentFile

from branding import env
from headshots.storage.disk import DRAFT_LIFETIME_SECONDS, DRAFTS_FOLDER, AtomicFiles
from tests.support.processes import wait_until

ROOT = Path(__file__).resolve().parents[2]

ENDLESS = """
import sys, time
from django.conf import settings
settings.configure()
from headshots.storage.disk import AtomicFiles
class Endless:
    def chunks(self):
        while True:
            yield bytes(4096)
            time.sleep(0.01)
AtomicFiles(sys.argv[1])._save("a/file.bin", Endless())
"""

NARROW = """
import resource, sys
from django.conf import settings
settings.configure()
from django.core.files.base import ContentFile
from headshots.storage.disk import AtomicFiles
AtomicFiles(sys.argv[1]).save("a/small.bin", ContentFile(bytes(100)))
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
try:
    AtomicFiles(sys.argv[1]).save("a/large.bin", ContentFile(bytes(200_000)))
except OSError as error:
    print(error.strerror)
"""


@pytest.fixture
def files(tmp_path):
    return AtomicFiles(tmp_path)


def list_files(folder):
    """Every file in a folder, by its path in it."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def start_script(script, folder):
    return subprocess.Popen(
        [sys.executable, "-c", script, str(folder)],
        cwd=ROOT,
        text=True,
        env=env.environment_with(),
        stdout=subprocess.PIPE,
    )


def test_file_is_there_with_all_it_holds(files, tmp_path):
    assert files.save("a/b/file.bin", ContentFile(b"all of it")) == "a/b/file.bin"
    assert files.open("a/b/file.bin").read() == b"all of it"
    assert list_files(tmp_path) == {"a/b/file.bin"}


def test_same_name_is_written_again_in_one_move(files, tmp_path):
    for words in (b"old", b"new"):
        assert files.save("file.bin", ContentFile(words)) == "file.bin"
    assert files.open("file.bin").read() == b"new"
    assert list_files(tmp_path) == {"file.bin"}


def test_folders_are_for_their_owner_only(files, tmp_path):
    files.save("a/file.bin", ContentFile(b"mine"))
    assert (tmp_path / "a").stat().st_mode & 0o077 == 0


def test_full_disk_leaves_nothing(disk):
    files = AtomicFiles(disk.folder)
    with pytest.raises(OSError, match="No space left"):
        files.save("a/file.bin", ContentFile(bytes(1_000_000)))
    assert list_files(disk.folder) == set()
    files.save("a/file.bin", ContentFile(bytes(1000)))
    assert list_files(disk.folder) == {"a/file.bin"}


def test_file_beyond_the_allowed_size_leaves_nothing(tmp_path):
    said, _ = start_script(NARROW, tmp_path).communicate(timeout=60)
    assert said.strip() == "File too large"
    assert list_files(tmp_path) == {"a/small.bin"}


def test_writer_that_breaks_off_leaves_nothing(files, tmp_path):
    class Broken(ContentFile):
        def chunks(self, *_):
            yield b"some"
            raise ConnectionResetError("the sender went away")

    with pytest.raises(ConnectionResetError):
        files.save("file.bin", Broken(b""))
    assert list_files(tmp_path) == set()


def test_killed_writer_leaves_a_draft_which_the_sweep_removes(files, tmp_path):
    writer = start_script(ENDLESS, tmp_path)
    drafts = tmp_path / DRAFTS_FOLDER
    wait_until(lambda: any(draft.stat().st_size for draft in drafts.glob("*")), 30)
    writer.send_signal(signal.SIGKILL)
    writer.wait(5)
    assert not (tmp_path / "a/file.bin").exists()
    (draft,) = drafts.iterdir()
    files.delete_abandoned_drafts()
    assert draft.exists(), "a fresh draft may be somebody's who still writes"
    _age(draft, DRAFT_LIFETIME_SECONDS + 60)
    files.delete_abandoned_drafts()
    assert list_files(tmp_path) == set()


def test_sweep_of_an_empty_storage_is_nothing(files):
    files.delete_abandoned_drafts()


def test_last_file_takes_its_folder_along(files, tmp_path):
    for name in ("a/b/one.bin", "a/b/two.bin"):
        files.save(name, ContentFile(b"x"))
    files.delete("a/b/one.bin")
    assert (tmp_path / "a/b").is_dir()
    files.delete("a/b/two.bin")
    assert not (tmp_path / "a/b").exists()
    files.delete("a/b/two.bin")


def _age(path, seconds):
    status = path.stat()
    os.utime(path, (status.st_atime - seconds, status.st_mtime - seconds))
