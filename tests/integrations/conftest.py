"""Fixtures for the tests of integrations."""

import re

import pytest

from tests.support.platforms.platform_account import FOLDERS
from tests.support.platforms.recordings import ReplayServer, load_recording


@pytest.fixture(scope="session")
def replay():
    texts = "".join(str(load_recording(folder)) for folder in FOLDERS)
    server = ReplayServer(set(re.findall(r"https://([a-z0-9.-]+)", texts)))
    yield server
    server.close()


@pytest.fixture
def trusted(replay, tmp_path, monkeypatch):
    """Trust the certificate authority of these tests, and no other."""
    path = tmp_path / "authority.pem"
    path.write_bytes(replay.authority)
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(path))
    return replay
