"""What a failed call means: nothing changed after a read, uncertainty after a write."""

import logging

import pytest

from integrations.errors import (
    ManualActionRequired,
    PlatformError,
    RateLimited,
    Rejected,
    Unavailable,
    Uncertain,
)
from integrations.outbound.client import OutboundClient
from integrations.platforms.base import (
    AccountIdentity,
    PictureSlot,
    PlatformAdapter,
    ProfilePicture,
    UploadReceipt,
)
from integrations.platforms.client import PlatformClient
from tests.support.platforms.scripted_server import ScriptedResponse, ScriptedServer

SLOT = PictureSlot()
CANARY = "canary-5f3a9c1e7b"


class Sample(PlatformAdapter):
    """Writes, then reads, as many adapters do."""

    def identify_account(self, client: PlatformClient):
        return AccountIdentity(client.post_query("/who")["id"], "")

    def read_current_picture(self, client: PlatformClient, _):
        return ProfilePicture(key=client.get_json("/me")["avatar"]["key"])

    def upload_picture(self, client: PlatformClient, slot, _):
        client.post_for_json("/set")
        return UploadReceipt(key=self.read_current_picture(client, slot).key)

    def restore_previous_picture(self, client: PlatformClient, slot, previous):
        self.upload_picture(client, slot, previous)


@pytest.fixture
def client(script: ScriptedServer):
    return PlatformClient(
        OutboundClient(None, allow_loopback=True, platform="Sample"), script.url, sign=None
    )


@pytest.mark.parametrize("body", [b"{}", b"[]", b"null", b"7", b'{"avatar": null}'])
def test_unexpected_answer_to_a_read_changed_nothing(
    script: ScriptedServer, client: PlatformClient, body
):
    script.responses["GET /me"] = ScriptedResponse(body=body)
    with pytest.raises(Unavailable, match="Sample answered in a way"):
        Sample().read_current_picture(client, SLOT)


@pytest.mark.parametrize(
    "answer",
    [
        ScriptedResponse(500),
        ScriptedResponse(503),
        ScriptedResponse(429),
        ScriptedResponse(404),
        ScriptedResponse(body=b"[]"),
    ],
)
def test_read_that_fails_after_a_write_leaves_doubt(
    script: ScriptedServer, client: PlatformClient, answer
):
    script.responses |= {"POST /set": ScriptedResponse(), "GET /me": answer}
    for method in (Sample().upload_picture, Sample().restore_previous_picture):
        with pytest.raises(Uncertain):
            method(client, SLOT, None)


def test_next_method_starts_without_doubt(script: ScriptedServer, client: PlatformClient):
    script.responses |= {"POST /set": ScriptedResponse(), "GET /me": ScriptedResponse(503)}
    with pytest.raises(Uncertain):
        Sample().upload_picture(client, SLOT, None)
    with pytest.raises(Unavailable):
        Sample().read_current_picture(client, SLOT)


def test_write_that_fails_first_keeps_its_kind(script: ScriptedServer, client: PlatformClient):
    script.responses["POST /set"] = ScriptedResponse(429, headers={"Retry-After": "7"})
    with pytest.raises(RateLimited) as raised:
        Sample().upload_picture(client, SLOT, None)
    assert raised.value.retry_after == 7


@pytest.mark.parametrize("status", [404, 405, 410])
def test_call_that_is_gone_is_handed_to_the_person(
    script: ScriptedServer, client: PlatformClient, status
):
    script.responses["POST /set"] = ScriptedResponse(status)
    with pytest.raises(ManualActionRequired):
        Sample().upload_picture(client, SLOT, None)


@pytest.mark.parametrize(
    "answer", [ScriptedResponse(500), ScriptedResponse(502), ScriptedResponse(body=b"")]
)
def test_post_that_only_reads_changed_nothing(
    script: ScriptedServer, client: PlatformClient, answer
):
    script.responses["POST /who"] = answer
    with pytest.raises(Unavailable):
        Sample().identify_account(client)


def test_picture_may_be_larger_than_other_responses(script: ScriptedServer, client: PlatformClient):
    script.responses["GET /big"] = ScriptedResponse(body=b"x" * 3_000_000)
    assert len(client.download_picture("/big").data) == 3_000_000
    with pytest.raises(Unavailable):
        client.get_json("/big")
    script.responses["GET /big"] = ScriptedResponse(body=b"")
    with pytest.raises(Unavailable):
        client.download_picture("/big")


@pytest.mark.parametrize(
    "body",
    [
        b'{"message": {"avatar": ["It is too big"]}}',
        b'{"errors": [{"message": "It is too big"}]}',
        b'{"error": {"code": 7, "message": "It is too big"}}',
        b'{"msg": "It is too big"}',
    ],
)
def test_sentence_of_the_platform_is_found_where_it_lies(
    script: ScriptedServer, client: PlatformClient, body
):
    script.responses["POST /set"] = ScriptedResponse(400, body)
    with pytest.raises(Rejected, match="It is too big"):
        client.post_for_json("/set")


def test_hidden_text_comes_out_nowhere(script: ScriptedServer, client: PlatformClient, caplog):
    caplog.set_level(logging.DEBUG)
    client.hide_secret(CANARY)
    script.responses["POST /set"] = ScriptedResponse(400, f'{{"message": "no {CANARY}"}}'.encode())
    with pytest.raises(PlatformError) as raised:
        client.post_for_json(f"/set?x={CANARY}")
    assert CANARY not in f"{raised.value!r} {vars(raised.value)} {caplog.text}"
