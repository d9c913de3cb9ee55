"""A platform that lets people wait keeps nobody else from the database."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from integrations.outbound.client import OutboundClient
from tests.support.platforms.scripted_server import ScriptedResponse
from tests.support.processes import wait_until
from tests.support.servers.database_pool import POOL_SIZE, assert_database_is_free, use_database


@pytest.mark.django_db(transaction=True)
def test_calls_that_wait_leave_the_database_to_others(script):
    """tests/servers/test_postgres.py has a pool of connections that could be exhausted."""
    answer = threading.Event()

    def answer_late(_request):
        answer.wait(30)
        return ScriptedResponse()

    script.responses["GET /slow"] = answer_late
    client = OutboundClient({f"127.0.0.1:{script.port}"}, platform="Slow", allow_loopback=True)
    with ThreadPoolExecutor(POOL_SIZE) as pool:
        waiting = [
            pool.submit(use_database, client.send_request, "GET", f"{script.url}/slow")
            for _ in range(POOL_SIZE)
        ]
        try:
            wait_until(lambda: len(script.requests) == POOL_SIZE, 30)
            assert_database_is_free()
        finally:
            answer.set()
        for call in waiting:
            call.result()
