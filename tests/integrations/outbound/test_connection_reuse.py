"""Calls that share a connection, in the block that says so and with nothing else in common."""

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
def door():
    return Door(None, loopback=True, limits=LIMITS, platform="Example")


def test_calls_in_a_block_share_one_connection_and_others_none(script, door):
    with door.open():
        for method in ("GET", "POST", "GET"):
            door.call(method, f"{script.url}/a")
    assert script.connections == 1
    for _ in range(2):
        door.call("GET", f"{script.url}/a")
    assert script.connections == 3


def test_cookies_are_not_carried_from_call_to_call(script, door):
    script.answers["GET /a"] = Told(headers={"Set-Cookie": "session=abc; Path=/"})
    with door.open():
        door.call("GET", f"{script.url}/a")
        door.call("GET", f"{script.url}/a")
    assert all("Cookie" not in asked.headers for asked in script.asked)


@pytest.mark.slow
def test_every_call_keeps_to_the_time_on_its_own(script, door):
    script.answers["POST /slow"] = Told(then=drip)
    with door.open():
        door.call("GET", f"{script.url}/a")
        time.sleep(LIMITS.total)
        assert door.call("GET", f"{script.url}/a").status == 200, "waiting between calls is free"
        started = time.monotonic()
        with pytest.raises(Uncertain):
            door.call("POST", f"{script.url}/slow")
        assert time.monotonic() - started < 1.1, "the rest of the drip is not waited for"


@pytest.mark.parametrize("trouble", [Told(then=hang_up), Told(body=b"x" * 20_000)])
def test_what_is_left_of_a_broken_answer_is_not_read_as_the_next_one(script, door, trouble):
    script.answers["GET /broken"] = trouble
    with door.open():
        with pytest.raises(Unavailable):
            door.call("GET", f"{script.url}/broken")
        assert door.call("GET", f"{script.url}/a").data == b"{}"


def test_connection_that_the_server_ended_is_made_anew(script, door):
    script.answers["GET /last"] = Told(headers={"Connection": "close"})
    with door.open():
        door.call("GET", f"{script.url}/last")
        assert door.call("POST", f"{script.url}/a").status == 200
    assert script.connections == 2


def test_room_for_a_picture_is_its_own(script, door):
    script.answers["GET /picture"] = Told(body=b"x" * 20_000)
    client = Client(door, script.url, sign=None)
    with door.open():
        assert len(client.picture("/picture").data) == 20_000
        with pytest.raises(Unavailable):
            client.call("GET", "/picture")
