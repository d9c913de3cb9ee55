"""Fixtures of the integrations."""

import pytest

from integrations import registry
from integrations.services import ways
from tests.integrations.account import FOLDERS, server_of
from tests.integrations.replay import Replay
from tests.integrations.script import Script


@pytest.fixture
def script():
    server = Script()
    yield server
    server.close()


@pytest.fixture(scope="session")
def replay():
    named = {server_of(folder).partition("://")[2] for folder in FOLDERS}
    also = {host for one in registry.platforms() for host in (*one.hosts, *ways.hosts_of(one))}
    server = Replay({host for host in named | also if "{" not in host})
    yield server
    server.close()


@pytest.fixture
def trusted(replay, tmp_path, monkeypatch):
    """The certificates of these tests, and no other."""
    path = tmp_path / "authority.pem"
    path.write_bytes(replay.authority)
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(path))
    return replay
