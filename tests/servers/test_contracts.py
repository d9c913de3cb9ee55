"""What our adapters send fits the contracts that platforms publish, as Prism reads them.

Prism answers from the contract and keeps nothing: that a picture changed is proved elsewhere.
"""

from contextlib import ExitStack

import pytest

from integrations.auth.api_token import ApiTokenFlow
from integrations.auth.flow import ClientApp, Tokens, bearer_auth
from integrations.errors import Rejected, Unauthorized
from integrations.outbound.client import OutboundClient
from integrations.platforms import registry
from integrations.platforms.base import PlatformClient, Rendition
from tests.support.people import jpeg, patches
from tests.support.servers.programs import contract_server, free_port

pytestmark = pytest.mark.slow
PICTURE = Rendition(jpeg(patches(1, side=400)))


@pytest.fixture(scope="module")
def start_contract(tmp_path_factory):
    """Start the contract of a platform; all of them end with the module."""
    with ExitStack() as running:
        started = {}

        def start(slug):
            if slug not in started:
                port, folder = free_port(), tmp_path_factory.mktemp(slug)
                running.enter_context(contract_server(slug, port=port, folder=folder))
                started[slug] = f"http://127.0.0.1:{port}"
            return started[slug]

        yield start


def make_client(server, *, sign=None, **facts):
    return PlatformClient(
        OutboundClient(None, allow_loopback=True),
        server,
        sign=sign or bearer_auth("a token"),
        facts=facts,
    )


def adapter_and_slot(slug):
    adapter = registry.get_adapter(slug)
    return adapter, adapter.platform.slot


def test_zoom_takes_the_picture_as_we_send_it(start_contract):
    zoom, slot = adapter_and_slot("zoom")
    zoom_client = make_client(start_contract("zoom"))
    assert zoom.identify_account(zoom_client).id
    receipt = zoom.upload_picture(zoom_client, slot, PICTURE)
    assert receipt.key == zoom.read_current_picture(zoom_client, slot).key


def test_zoom_refuses_a_form_without_the_picture(start_contract):
    with pytest.raises(Rejected):
        make_client(start_contract("zoom")).send_request(
            "POST", "/v2/users/me/picture", files={"picture": PICTURE.multipart_file}
        )


def test_zoom_wants_a_token(start_contract):
    with pytest.raises(Unauthorized):
        make_client(start_contract("zoom")).send_unsigned_request("GET", "/v2/users/me")


def test_microsoft_takes_the_picture_as_we_send_it(start_contract):
    microsoft, slot = adapter_and_slot("microsoft365")
    microsoft_client = make_client(start_contract("microsoft365"))
    assert microsoft.identify_account(microsoft_client).name
    microsoft.upload_picture(microsoft_client, slot, PICTURE)
    assert microsoft.read_current_picture(microsoft_client, slot).data


def test_microsoft_refuses_a_picture_that_is_sent_as_a_form(start_contract):
    with pytest.raises(Rejected):
        make_client(start_contract("microsoft365")).send_request(
            "PUT", "/v1.0/me/photo/$value", files={"file": PICTURE.multipart_file}
        )


def test_discourse_takes_the_picture_as_we_send_it(start_contract):
    discourse, slot = adapter_and_slot("discourse")
    (auth,) = discourse.platform.auth
    sign = ApiTokenFlow(auth, outbound=OutboundClient(()), app=ClientApp()).make_signer(
        Tokens("a key", more={"user": "alice"})
    )
    discourse_client = make_client(
        start_contract("discourse"), sign=sign, user="alice", id=0
    )  # the id that Prism makes up
    discourse.upload_picture(discourse_client, slot, PICTURE)


def test_discourse_refuses_an_upload_for_nothing(start_contract):
    with pytest.raises(Rejected):
        make_client(start_contract("discourse")).post_for_json(
            "/uploads.json", files={"file": PICTURE.multipart_file}
        )
