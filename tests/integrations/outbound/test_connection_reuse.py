"""Calls in one block share a connection and nothing else."""

import time

import pytest

from integrations.errors import Unavailable, Uncertain
from integrations.outbound.client import OutboundClient
from integrations.platforms.client import PlatformClient
from tests.integrations.outbound.test_client import LIMITS, drip, hang_up
from tests.support.platforms.scripted_server import ScriptedResponse, ScriptedServer


@pytest.fixture
def script():
    server = ScriptedServer(keep_alive=True)
    server.responses = {"GET /a": ScriptedResponse(), "POST /a": ScriptedResponse()}
    yield server
    server.close()


@pytest.fixture
def outbound():
    return OutboundClient(None, allow_loopback=True, limits=LIMITS, platform="Example")


def test_calls_in_a_block_share_one_connection_and_others_none(
    script: ScriptedServer, outbound: OutboundClient
):
    with outbound.share_connections():
        for method in ("GET", "POST", "GET"):
            outbound.send_request(method, f"{script.url}/a")
    assert script.connections == 1
    for _ in range(2):
        outbound.send_request("GET", f"{script.url}/a")
    assert script.connections == 3


def test_cookies_are_not_carried_from_call_to_call(
    script: ScriptedServer, outbound: OutboundClient
):
    script.responses["GET /a"] = ScriptedResponse(headers={"Set-Cookie": "session=abc; Path=/"})
    with outbound.share_connections():
        outbound.send_request("GET", f"{script.url}/a")
        outbound.send_request("GET", f"{script.url}/a")
    assert all("Cookie" not in request.headers for request in script.requests)


@pytest.mark.slow
def test_every_call_keeps_to_the_time_on_its_own(script: ScriptedServer, outbound: OutboundClient):
    script.responses["POST /slow"] = ScriptedResponse(run_instead=drip)
    with outbound.share_connections():
        outbound.send_request("GET", f"{script.url}/a")
        time.sleep(LIMITS.total)
        assert outbound.send_request("GET", f"{script.url}/a").status == 200, (
            "waiting between calls is free"
        )
        started = time.monotonic()
        with pytest.raises(Uncertain):
            outbound.send_request("POST", f"{script.url}/slow")
        assert time.monotonic() - started < 1.1, "the rest of the drip is not waited for"


@pytest.mark.parametrize(
    "trouble", [ScriptedResponse(run_instead=hang_up), ScriptedResponse(body=b"x" * 20_000)]
)
def test_what_is_left_of_a_broken_answer_is_not_read_as_the_next_one(
    script, outbound: OutboundClient, trouble
):
    script.responses["GET /broken"] = trouble
    with outbound.share_connections():
        with pytest.raises(Unavailable):
            outbound.send_request("GET", f"{script.url}/broken")
        assert outbound.send_request("GET", f"{script.url}/a").data == b"{}"


def test_connection_that_the_server_closed_is_replaced(
    script: ScriptedServer, outbound: OutboundClient
):
    script.responses["GET /last"] = ScriptedResponse(headers={"Connection": "close"})
    with outbound.share_connections():
        outbound.send_request("GET", f"{script.url}/last")
        assert outbound.send_request("POST", f"{script.url}/a").status == 200
    assert script.connections == 2


def test_larger_limit_is_for_the_picture_only(script: ScriptedServer, outbound: OutboundClient):
    script.responses["GET /picture"] = ScriptedResponse(body=b"x" * 20_000)
    client = PlatformClient(outbound, script.url, sign=None)
    with outbound.share_connections():
        assert len(client.download_picture("/picture").data) == 20_000
        with pytest.raises(Unavailable):
            client.send_request("GET", "/picture")
