"""Files go to a folder of the test's own, so that what is left in it can be counted."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    """The folder of all stored files."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@dataclass
class Disk:
    """A disk of its own, as large as a test needs it."""

    folder: Path

    def resize(self, kilobytes):
        command = ["mount", "-o", f"remount,size={kilobytes}k", str(self.folder)]
        subprocess.run(command, check=True)


@pytest.fixture
def disk(settings, tmp_path):
    """All files go to a small disk, of 128 kB unless a test makes it larger."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small disk")
    settings.MEDIA_ROOT = folder
    yield Disk(folder)
    subprocess.run(["umount", str(folder)], check=True)
