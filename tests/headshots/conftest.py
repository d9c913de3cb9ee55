"""Files go to a folder of the test's own, so that what is left in it can be counted."""

import subprocess

import pytest

from headshots.darkroom import DESK


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    """The folder of all stored files."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture
def tiny_disk(settings, tmp_path):
    """Files go to a disk of 128 kB."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small disk")
    settings.MEDIA_ROOT = folder
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture
def empty_desk():
    """No photo lies ready on the worker's desk."""
    DESK._lying.clear()
