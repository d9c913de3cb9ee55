"""Fixtures of the real servers: each is started once by the process whose tests speak to it."""

import json
import sys

import pytest
from django.contrib.auth import get_user_model

from integrations import registry
from tests.servers import strict, synapse
from tests.servers.running import HERE, ROOT, free_port, need, node, running


@pytest.fixture
def alice(transactional_db):
    return get_user_model().objects.create_user("alice@example.com", "x")


@pytest.fixture(scope="session")
def oidc_provider(tmp_path_factory):
    """A strict provider; yields its address and the log in which each grant is a line."""
    port = free_port()
    folder = tmp_path_factory.mktemp("oidc-provider")
    with node("oidc_provider.mjs", port=port, folder=folder, CALLBACK=strict.CALLBACK) as log:
        yield f"http://127.0.0.1:{port}", log


@pytest.fixture(scope="session")
def toolkit(tmp_path_factory):
    """Another strict provider; yields its address and its log."""
    port = free_port()
    folder = tmp_path_factory.mktemp("toolkit")
    command = [sys.executable, "-m", "tests.servers.toolkit", str(port), strict.CALLBACK]
    with running(command, port=port, folder=folder, PYTHONPATH=str(ROOT)) as log:
        yield f"http://127.0.0.1:{port}", log


@pytest.fixture(scope="session")
def pds(tmp_path_factory):
    """A Bluesky server with a directory of its own; yields the addresses of both."""
    port, directory = free_port(), free_port()
    folder = tmp_path_factory.mktemp("pds")
    with node("pds.mjs", port=port, folder=folder, PLC_PORT=str(directory)):
        yield f"http://localhost:{port}", f"http://localhost:{directory}"


@pytest.fixture(scope="session")
def matrix(tmp_path_factory):
    """A Synapse with open registration; yields its address."""
    place = need("synapse", HERE / "synapse.txt")
    port, folder = free_port(), tmp_path_factory.mktemp("synapse")
    (folder / "homeserver.yaml").write_text(json.dumps(synapse.configuration(port, folder)))
    command = [place / "bin" / "python", "-m", "synapse.app.homeserver", "-c", "homeserver.yaml"]
    with running(command, port=port, folder=folder):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="session")
def oauth1_server(tmp_path_factory):
    """A server of OAuth 1.0a that knows X's calls; yields its address."""
    port = free_port()
    command = [sys.executable, "-m", "tests.servers.oauth1", str(port)]
    folder = tmp_path_factory.mktemp("oauth1")
    with running(command, port=port, folder=folder, PYTHONPATH=str(ROOT)):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def known(monkeypatch, settings):
    """Put a strict platform into the registry until the test ends."""
    settings.PLATFORM_KEYS = strict.KEYS

    def put(adapter):
        monkeypatch.setitem(registry._BY_SLUG, strict.SLUG, adapter)

    return put
