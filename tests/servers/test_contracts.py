"""What our adapters send fits the contracts that platforms publish, as Prism reads them.

Prism answers from the contract and keeps nothing: that a picture changed is proved elsewhere.
"""

from contextlib import ExitStack

import pytest

from integrations.auth.api_token import PastedFlow
from integrations.auth.flow import App, Tokens, bearer
from integrations.errors import Rejected, Unauthorized
from integrations.outbound.client import Door
from integrations.platforms import registry
from integrations.platforms.base import Client, Rendition
from tests.support.people import jpeg, patches
from tests.support.servers.programs import contract, free_port

pytestmark = pytest.mark.slow
PICTURE = Rendition(jpeg(patches(1, side=400)))


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Start the contract of a platform; all of them end with the module."""
    with ExitStack() as running:
        started = {}

        def start(slug):
            if slug not in started:
                port, folder = free_port(), tmp_path_factory.mktemp(slug)
                running.enter_context(contract(slug, port=port, folder=folder))
                started[slug] = f"http://127.0.0.1:{port}"
            return started[slug]

        yield start


def client(server, *, sign=None, **facts):
    return Client(Door(None, loopback=True), server, sign=sign or bearer("a token"), facts=facts)


def known(slug):
    adapter = registry.adapter(slug)
    return adapter, adapter.platform.slot


def test_zoom_takes_the_picture_as_we_send_it(place):
    zoom, slot = known("zoom")
    here = client(place("zoom"))
    assert zoom.identify(here).id
    receipt = zoom.publish(here, slot, PICTURE)
    assert receipt.key == zoom.current(here, slot).key


def test_zoom_refuses_a_form_without_the_picture(place):
    with pytest.raises(Rejected):
        client(place("zoom")).call("POST", "/v2/users/me/picture", files={"picture": PICTURE.file})


def test_zoom_wants_a_token(place):
    with pytest.raises(Unauthorized):
        client(place("zoom")).unsigned("GET", "/v2/users/me")


def test_microsoft_takes_the_picture_as_we_send_it(place):
    microsoft, slot = known("microsoft365")
    here = client(place("microsoft365"))
    assert microsoft.identify(here).name
    microsoft.publish(here, slot, PICTURE)
    assert microsoft.current(here, slot).data


def test_microsoft_refuses_a_picture_that_is_sent_as_a_form(place):
    with pytest.raises(Rejected):
        client(place("microsoft365")).call(
            "PUT", "/v1.0/me/photo/$value", files={"file": PICTURE.file}
        )


def test_discourse_takes_the_picture_as_we_send_it(place):
    discourse, slot = known("discourse")
    (auth,) = discourse.platform.auth
    sign = PastedFlow(auth, door=Door(()), app=App()).signer(
        Tokens("a key", more={"user": "alice"})
    )
    here = client(place("discourse"), sign=sign, user="alice", id=7)
    discourse.publish(here, slot, PICTURE)


def test_discourse_refuses_an_upload_for_nothing(place):
    with pytest.raises(Rejected):
        client(place("discourse")).post("/uploads.json", files={"file": PICTURE.file})
