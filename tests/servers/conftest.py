"""Fixtures of the real servers: each is started once by the process whose tests speak to it."""

import json
import ssl
import sys

import pytest
import trustme
from django.contrib.auth import get_user_model

from integrations.platforms import registry
from tests.support.platforms.scripted_server import ScriptedServer
from tests.support.servers import oidc_platform, s3, synapse
from tests.support.servers.programs import (
    ROOT,
    SERVERS_FOLDER,
    free_port,
    node_script,
    require_installed,
    running_process,
)

SITE = "facet.example.edu"  # Bluesky servers refuse example.org


@pytest.fixture
def alice(transactional_db):
    return get_user_model().objects.create_user("alice@example.com", "x")


@pytest.fixture
def bob(transactional_db):
    return get_user_model().objects.create_user("bob@example.com", "x")


@pytest.fixture(scope="session")
def oidc_provider(tmp_path_factory):
    """A strict provider; yields its address and the log in which each grant is a line."""
    port = free_port()
    folder = tmp_path_factory.mktemp("oidc-provider")
    with node_script(
        "oidc_provider.mjs", port=port, folder=folder, CALLBACK=oidc_platform.CALLBACK
    ) as log:
        yield f"http://127.0.0.1:{port}", log


@pytest.fixture(scope="session")
def toolkit(tmp_path_factory):
    """Another strict provider; yields its address and its log."""
    port = free_port()
    folder = tmp_path_factory.mktemp("toolkit")
    command = [
        sys.executable,
        "-m",
        "tests.support.servers.toolkit",
        str(port),
        oidc_platform.CALLBACK,
    ]
    with running_process(command, port=port, folder=folder, PYTHONPATH=str(ROOT)) as log:
        yield f"http://127.0.0.1:{port}", log


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """Our own site at a public name, with a certificate; whatever it answers is up to the test."""
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(SITE).configure_cert(context)
    server = ScriptedServer(tls=context)
    server.authority = tmp_path_factory.mktemp("site") / "authority.pem"
    authority.cert_pem.write_to_path(server.authority)
    yield server
    server.close()


@pytest.fixture(scope="session")
def pds(tmp_path_factory, site):
    """A Bluesky server with a directory of its own; yields the addresses of both."""
    port, directory = free_port(), free_port()
    variables = {
        "SITE": SITE,
        "SITE_PORT": str(site.port),
        "NODE_EXTRA_CA_CERTS": str(site.authority),
    }
    folder = tmp_path_factory.mktemp("pds")
    with node_script("pds.mjs", port=port, folder=folder, PLC_PORT=str(directory), **variables):
        yield f"http://localhost:{port}", f"http://localhost:{directory}"


@pytest.fixture(scope="session")
def matrix(tmp_path_factory):
    """A Synapse with open registration; yields its address."""
    place = require_installed("synapse", SERVERS_FOLDER / "synapse.txt")
    port, folder = free_port(), tmp_path_factory.mktemp("synapse")
    (folder / "homeserver.yaml").write_text(json.dumps(synapse.synapse_configuration(port, folder)))
    command = [place / "bin" / "python", "-m", "synapse.app.homeserver", "-c", "homeserver.yaml"]
    with running_process(command, port=port, folder=folder):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="session")
def oauth1_server(tmp_path_factory):
    """A server of OAuth 1.0a that knows X's calls; yields its address."""
    port = free_port()
    command = [sys.executable, "-m", "tests.support.servers.oauth1", str(port)]
    folder = tmp_path_factory.mktemp("oauth1")
    with running_process(command, port=port, folder=folder, PYTHONPATH=str(ROOT)):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def register_platform(monkeypatch, settings):
    """Put a strict platform into the registry until the test ends."""
    settings.PLATFORM_KEYS = oidc_platform.KEYS

    def put_in_registry(adapter):
        monkeypatch.setitem(registry._ADAPTERS_BY_SLUG, oidc_platform.SLUG, adapter)

    return put_in_registry


@pytest.fixture(scope="session")
def object_store(tmp_path_factory):
    """A service that speaks S3; yields its address."""
    with s3.s3_server(tmp_path_factory.mktemp("s3")) as address:
        yield address


@pytest.fixture
def bucket(object_store, settings):
    """All files go to an empty bucket; yields its name."""
    name = s3.make_bucket(object_store)
    settings.STORAGES = {**settings.STORAGES, "default": s3.storage_settings(object_store, name)}
    return name
