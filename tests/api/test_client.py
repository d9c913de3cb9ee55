"""A client that anybody can generate from the schema does the whole story, over a real server."""

import importlib
import io
import os
import subprocess
import sys
from http.server import ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest
from PIL import Image

import branding.api
from branding.api.models import Scope
from branding.api.services import create_token
from tests.faults import platform, requester
from tests.support import celery_messages
from tests.support.openapi import load_schema
from tests.support.people import person, photo_of, selfie
from tests.support.processes import wait_until
from tests.support.servers.programs import contract_proxy, free_port

API = Path(branding.api.__file__).parent
NAME = "facet_client"
SECONDS = 60


@pytest.fixture(scope="module")
def generated(tmp_path_factory):
    """The client as the generator writes it; a warning of it is a failure."""
    folder = tmp_path_factory.mktemp("client")
    completed = subprocess.run(
        [
            sys.executable,
            "-m",
            "openapi_python_client",
            "generate",
            "--fail-on-warning",
            "--path",
            API / "openapi.yaml",
            "--config",
            API / "client.yaml",
            "--meta",
            "none",
            "--output-path",
            folder / NAME,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert completed.returncode == 0 and "WARNING" not in completed.stdout + completed.stderr, (
        completed.stdout
    )
    sys.path.insert(0, str(folder))
    yield folder / NAME
    sys.path.remove(str(folder))


@pytest.fixture
def facet(generated):  # noqa: ARG001
    """Imports a name of the generated client by its dotted path."""

    def import_name(path):
        module, _, name = f"{NAME}.{path}".rpartition(".")
        return getattr(importlib.import_module(module), name)

    return import_name


@pytest.fixture
def mastodon():
    """A platform on loopback that writes down every effect."""

    class Handler(platform.PlatformHandler):
        max_delay, state = 0, platform.PlatformState(io.StringIO())

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.slow
def test_every_operation_is_in_the_client(generated):
    schema = load_schema()
    wanted = {
        f"{operation['tags'][0]}/{operation['operationId']}.py"
        for methods in schema["paths"].values()
        for operation in methods.values()
    }
    modules = (generated / "api").glob("*/[!_]*.py")
    assert wanted == {str(path.relative_to(generated / "api")) for path in modules}


@pytest.fixture(params=["directly", "through Prism"])
def address(request, live_server, tmp_path):
    """Where the client calls: Facet, or a proxy that refuses what does not fit the schema."""
    if request.param == "directly":
        yield live_server.url
        return
    port = free_port()
    with contract_proxy(API / "openapi.yaml", live_server.url, port=port, folder=tmp_path):
        yield f"http://127.0.0.1:{port}"


@pytest.mark.slow
def test_client_has_the_types_that_mypy_reads(generated, tmp_path):
    command = ["mypy", "--config-file", os.devnull, "--cache-dir", tmp_path, generated]
    completed = subprocess.run(
        [sys.executable, "-m", *command], capture_output=True, text=True, check=False
    )
    assert completed.returncode == 0, completed.stdout


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_generated_client_reads_a_list_to_its_end(facet, address):
    alice = person("alice")
    wanted = {str(photo_of(alice, seed=seed).pk) for seed in range(5)}
    _, token = create_token(alice, "pages", scopes=[Scope.READ])
    client = facet("client.AuthenticatedClient")(base_url=address, token=token)
    seen, parameters = [], {}
    while parameters is not None:
        page = facet("api.photos.photos_list.sync")(client=client, limit=2, **parameters)
        seen += [str(photo.id) for photo in page.results]
        query = parse_qs(urlsplit(page.next_ or "").query)
        parameters = {"cursor": query["cursor"][0]} if query else None
    assert len(seen) == 5 and set(seen) == wanted


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_generated_client_uploads_makes_chooses_and_publishes(
    facet, live_server, address, mastodon
):
    celery_messages.lose()
    alice = requester.prepare_accounts(f"http://127.0.0.1:{mastodon.server_port}", 1).owner
    _, token = create_token(alice, "client", scopes=Scope.values)
    authenticated_client = facet("client.AuthenticatedClient")

    def call(operation, *arguments, base_url=address, **parameters):
        client = authenticated_client(
            base_url=base_url, token=token, raise_on_unexpected_status=True
        )
        answer = facet(f"api.{operation}.sync")(*arguments, client=client, **parameters)
        assert not isinstance(answer, facet("models.Refusal")), answer
        return answer

    def wait(operation, pk, done):
        wait_until(lambda: done(call(operation, pk)), SECONDS)
        return call(operation, pk)

    def upload(file):  # directly, as pictures are read: Prism takes bytes for text
        wish = facet("models.PhotoUploadRequest")(file=file)
        return call(
            "photos.photos_create", body=wish, idempotency_key="once", base_url=live_server.url
        )

    with celery_messages.worker():
        file = facet("types.File")(io.BytesIO(selfie()), "me.jpg", "image/jpeg")
        photo = upload(file)
        file.payload.seek(0)
        assert photo == upload(file)
        photo = wait("photos.photos_retrieve", photo.id, lambda reply: reply.state != "checking")
        assert photo.state == "usable" and photo.checks

        look = facet("models.LooksEnum").LINKEDIN
        wish = facet("models.RenderRequest")(photos=[photo.id], looks=[look])
        render = call("renders.renders_create", body=wish)
        render = wait("renders.renders_retrieve", render.id, lambda reply: reply.finished)
        (variant,) = render.variants
        assert variant.state == "ready"
        picture = call("variants.variants_picture", variant.id, base_url=live_server.url)
        assert Image.open(picture.payload).format == "JPEG"

        (account,) = call("connections.connections_list").results
        wish = facet("models.ChoiceRequest")(variant=variant.id, connections=[account.id])
        assert {reply.variant for reply in call("choices.choices_create", body=wish)} == {
            variant.id
        }

        wish = facet("models.PublicationRequest")(profiles=[str(account.id)])
        (sent,) = call("publications.publications_create", body=wish)
        ends = ("published", "failed", "cancelled", "blocked")
        sent = wait(
            "publications.publications_retrieve", sent.id, lambda reply: reply.state in ends
        )
    assert (sent.says, sent.variant) == ("verified", variant.id)
    assert mastodon.RequestHandlerClass.state.live_pictures.keys() == {account.account_name}
