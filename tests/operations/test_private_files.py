"""Nothing in the data folder can be opened by other users of the machine."""

import os
import stat

import pytest

from branding.operations.private_files import protect_data_folder


@pytest.fixture(autouse=True)
def restored_umask():
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_wrong_modes_are_corrected_and_said(tmp_path, settings, caplog):
    settings.DATA_DIR = tmp_path
    tmp_path.chmod(0o755)
    database, media = tmp_path / "facet.sqlite3", tmp_path / "media"
    database.write_text("rows")
    media.mkdir()
    database.chmod(0o644)
    protect_data_folder()
    assert [mode_of(path) for path in (tmp_path, database, media)] == [0o700, 0o600, 0o700]
    assert all(str(path) in caplog.text for path in (tmp_path, database, media))
    caplog.clear()
    protect_data_folder()
    assert caplog.text == ""


def test_new_files_are_private(tmp_path, settings):
    settings.DATA_DIR = tmp_path
    protect_data_folder()
    (tmp_path / "new").write_text("x")
    (tmp_path / "folder").mkdir()
    assert mode_of(tmp_path / "new") == 0o600 and mode_of(tmp_path / "folder") == 0o700
