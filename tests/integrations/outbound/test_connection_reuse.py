"""Calls in one block share a connection and nothing else."""

import time

import pytest

from integrations.errors import Unavailable, Uncertain
from integrations.outbound.client import Door
from integrations.platforms.client import Client
from tests.integrations.outbound.test_client import LIMITS, drip, hang_up
from tests.support.scripted_server import Script, Told


@pytest.fixture
def script():
    server = Script(keeps=True)
    server.answers = {"GET /a": Told(), "POST /a": Told()}
    yield server
    server.close()


@pytest.fixture
def outbound():
    return Door(None, loopback=True, limits=LIMITS, platform="Example")


def test_calls_in_a_block_share_one_connection_and_others_none(script: Script, outbound: Door):
    with outbound.open():
        for method in ("GET", "POST", "GET"):
            outbound.call(method, f"{script.url}/a")
    assert script.connections == 1
    for _ in range(2):
        outbound.call("GET", f"{script.url}/a")
    assert script.connections == 3


def test_cookies_are_not_carried_from_call_to_call(script: Script, outbound: Door):
    script.answers["GET /a"] = Told(headers={"Set-Cookie": "session=abc; Path=/"})
    with outbound.open():
        outbound.call("GET", f"{script.url}/a")
        outbound.call("GET", f"{script.url}/a")
    assert all("Cookie" not in request.headers for request in script.asked)


@pytest.mark.slow
def test_every_call_keeps_to_the_time_on_its_own(script: Script, outbound: Door):
    script.answers["POST /slow"] = Told(then=drip)
    with outbound.open():
        outbound.call("GET", f"{script.url}/a")
        time.sleep(LIMITS.total)
        assert outbound.call("GET", f"{script.url}/a").status == 200, (
            "waiting between calls is free"
        )
        started = time.monotonic()
        with pytest.raises(Uncertain):
            outbound.call("POST", f"{script.url}/slow")
        assert time.monotonic() - started < 1.1, "the rest of the drip is not waited for"


@pytest.mark.parametrize("trouble", [Told(then=hang_up), Told(body=b"x" * 20_000)])
def test_what_is_left_of_a_broken_answer_is_not_read_as_the_next_one(
    script, outbound: Door, trouble
):
    script.answers["GET /broken"] = trouble
    with outbound.open():
        with pytest.raises(Unavailable):
            outbound.call("GET", f"{script.url}/broken")
        assert outbound.call("GET", f"{script.url}/a").data == b"{}"


def test_connection_that_the_server_closed_is_replaced(script: Script, outbound: Door):
    script.answers["GET /last"] = Told(headers={"Connection": "close"})
    with outbound.open():
        outbound.call("GET", f"{script.url}/last")
        assert outbound.call("POST", f"{script.url}/a").status == 200
    assert script.connections == 2


def test_larger_limit_is_for_the_picture_only(script: Script, outbound: Door):
    script.answers["GET /picture"] = Told(body=b"x" * 20_000)
    client = Client(outbound, script.url, sign=None)
    with outbound.open():
        assert len(client.picture("/picture").data) == 20_000
        with pytest.raises(Unavailable):
            client.call("GET", "/picture")
