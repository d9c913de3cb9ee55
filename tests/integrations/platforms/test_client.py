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
from integrations.outbound.client import Door
from integrations.platforms.base import Adapter, Identity, Picture, Receipt, Slot
from integrations.platforms.client import Client
from tests.support.scripted_server import Script, Told

SLOT = Slot()
CANARY = "canary-5f3a9c1e7b"


class Sample(Adapter):
    """Writes, then reads, as many adapters do."""

    def identify(self, client: Client):
        return Identity(client.ask("/who")["id"], "")

    def current(self, client: Client, _):
        return Picture(key=client.get("/me")["avatar"]["key"])

    def publish(self, client: Client, slot, _):
        client.post("/set")
        return Receipt(key=self.current(client, slot).key)

    def withdraw(self, client: Client, slot, previous):
        self.publish(client, slot, previous)


@pytest.fixture
def client(script: Script):
    return Client(Door(None, loopback=True, platform="Sample"), script.url, sign=None)


@pytest.mark.parametrize("body", [b"{}", b"[]", b"null", b"7", b'{"avatar": null}'])
def test_unexpected_answer_to_a_read_changed_nothing(script: Script, client: Client, body):
    script.answers["GET /me"] = Told(body=body)
    with pytest.raises(Unavailable, match="Sample answered in a way"):
        Sample().current(client, SLOT)


@pytest.mark.parametrize("answer", [Told(500), Told(503), Told(429), Told(404), Told(body=b"[]")])
def test_read_that_fails_after_a_write_leaves_doubt(script: Script, client: Client, answer):
    script.answers |= {"POST /set": Told(), "GET /me": answer}
    for method in (Sample().publish, Sample().withdraw):
        with pytest.raises(Uncertain):
            method(client, SLOT, None)


def test_next_method_starts_without_doubt(script: Script, client: Client):
    script.answers |= {"POST /set": Told(), "GET /me": Told(503)}
    with pytest.raises(Uncertain):
        Sample().publish(client, SLOT, None)
    with pytest.raises(Unavailable):
        Sample().current(client, SLOT)


def test_write_that_fails_first_keeps_its_kind(script: Script, client: Client):
    script.answers["POST /set"] = Told(429, headers={"Retry-After": "7"})
    with pytest.raises(RateLimited) as raised:
        Sample().publish(client, SLOT, None)
    assert raised.value.retry_after == 7


@pytest.mark.parametrize("status", [404, 405, 410])
def test_call_that_is_gone_is_handed_to_the_person(script: Script, client: Client, status):
    script.answers["POST /set"] = Told(status)
    with pytest.raises(ManualActionRequired):
        Sample().publish(client, SLOT, None)


@pytest.mark.parametrize("answer", [Told(500), Told(502), Told(body=b"")])
def test_post_that_only_reads_changed_nothing(script: Script, client: Client, answer):
    script.answers["POST /who"] = answer
    with pytest.raises(Unavailable):
        Sample().identify(client)


def test_picture_may_be_larger_than_other_responses(script: Script, client: Client):
    script.answers["GET /big"] = Told(body=b"x" * 3_000_000)
    assert len(client.picture("/big").data) == 3_000_000
    with pytest.raises(Unavailable):
        client.get("/big")
    script.answers["GET /big"] = Told(body=b"")
    with pytest.raises(Unavailable):
        client.picture("/big")


@pytest.mark.parametrize(
    "body",
    [
        b'{"message": {"avatar": ["It is too big"]}}',
        b'{"errors": [{"message": "It is too big"}]}',
        b'{"error": {"code": 7, "message": "It is too big"}}',
        b'{"msg": "It is too big"}',
    ],
)
def test_sentence_of_the_platform_is_found_where_it_lies(script: Script, client: Client, body):
    script.answers["POST /set"] = Told(400, body)
    with pytest.raises(Rejected, match="It is too big"):
        client.post("/set")


def test_hidden_text_comes_out_nowhere(script: Script, client: Client, caplog):
    caplog.set_level(logging.DEBUG)
    client.hide(CANARY)
    script.answers["POST /set"] = Told(400, f'{{"message": "no {CANARY}"}}'.encode())
    with pytest.raises(PlatformError) as raised:
        client.post(f"/set?x={CANARY}")
    assert CANARY not in f"{raised.value!r} {vars(raised.value)} {caplog.text}"
