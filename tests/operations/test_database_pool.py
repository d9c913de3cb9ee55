"""Who waits leaves the connections of a process to others.

On SQLite, where there is no pool, these tests say little: tests/servers/test_postgres.py runs them
with PostgreSQL.
"""

import asyncio
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from asgiref.sync import async_to_sync

from branding.api.models import Scope
from branding.api.services import create_token
from headshots.services import previews
from headshots.services.upload_slots import decoding_places, upload_slot
from integrations.outbound.client import OutboundClient
from tests.support import celery_messages
from tests.support.people import person, sheet_of
from tests.support.platforms.scripted_server import ScriptedResponse
from tests.support.processes import wait_until
from tests.support.servers.asgi_server import asgi_server
from tests.support.servers.database_pool import POOL_SIZE, assert_database_is_free, use_database

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def end():
    """What everybody waits for."""
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def threads():
    with ThreadPoolExecutor(POOL_SIZE) as pool:
        yield pool


def test_uploads_leave_the_database_to_others(threads, end):
    owners = [f"account {index}" for index in range(POOL_SIZE)]

    def upload(owner):
        with upload_slot(owner):
            end.wait(30)

    waiting = [threads.submit(use_database, upload, owner) for owner in owners]
    wait_until(lambda: all(decoding_places.count_uploads(owner) for owner in owners), 30)
    assert_database_is_free()
    end.set()
    assert [upload.result() for upload in waiting] == [None] * POOL_SIZE


def test_calls_to_slow_platforms_leave_the_database_to_others(threads, end, script):
    def answer_late(_request):
        end.wait(30)
        return ScriptedResponse()

    script.responses["GET /slow"] = answer_late
    client = OutboundClient({f"127.0.0.1:{script.port}"}, platform="Slow", allow_loopback=True)
    waiting = [
        threads.submit(use_database, client.send_request, "GET", f"{script.url}/slow")
        for _ in range(POOL_SIZE)
    ]
    wait_until(lambda: len(script.requests) == POOL_SIZE, 30)
    assert_database_is_free()
    end.set()
    assert [call.result() for call in waiting] == [None] * POOL_SIZE


def test_previews_leave_the_database_to_others(threads, end, monkeypatch):
    celery_messages.lose()
    is_waiting = threading.Semaphore(0)

    async def await_answer(*_):
        is_waiting.release()
        while not end.is_set():
            await asyncio.sleep(0.01)
        return b"preview"

    monkeypatch.setattr(previews, "_await_answer", await_answer)
    ask = async_to_sync(previews.ask_worker)
    waiting = [threads.submit(use_database, ask, "task", "photo") for _ in range(POOL_SIZE)]
    for _ in waiting:
        assert is_waiting.acquire(timeout=30)
    assert_database_is_free()
    end.set()
    assert [preview.result() for preview in waiting] == [None] * POOL_SIZE


def test_event_streams_leave_the_database_to_others():
    owners = [person("alice"), person("bob")]
    render = {owner: sheet_of(owner, state="waiting") for owner in owners}
    tokens = {owner: create_token(owner, "t", scopes=[Scope.READ])[1] for owner in owners}
    with asgi_server() as server, ExitStack() as streams:
        for index in range(POOL_SIZE):
            owner = owners[index % 2]
            stream = streams.enter_context(socket.create_connection(("127.0.0.1", server.port), 20))
            lines = (
                f"GET /api/v1/renders/{render[owner].pk}/events HTTP/1.1",
                f"Host: localhost:{server.port}",
                f"Authorization: Bearer {tokens[owner]}",
            )
            stream.sendall("".join(f"{line}\r\n" for line in (*lines, "")).encode())
            received = b""
            while b"event: progress" not in received:
                received += stream.recv(65_536)
        assert_database_is_free()
