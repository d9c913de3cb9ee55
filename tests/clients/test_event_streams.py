"""EventSource watches a render to its end, and does not connect for ever."""

import json
from itertools import count

import pytest

from branding.api.headshots import render_events
from branding.api.models import Scope
from branding.api.services import create_token
from tests.api.test_render_events import finish
from tests.support.people import person, sheet_of
from tests.support.servers.asgi_server import asgi_server

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_event_source_sees_the_end_and_stops(run_tool, monkeypatch):
    alice = person("alice")
    render, read_render, reads = (
        sheet_of(alice, state="waiting"),
        render_events._read_render,
        count(),
    )

    def read(request, pk):
        if next(reads) == 2:  # one for the request and one for the first event
            finish(render)
        return read_render(request, pk)

    monkeypatch.setattr(render_events, "_read_render", read)
    with asgi_server() as server:
        output = run_tool(
            "../events.mjs",
            ADDRESS=f"{server.address}/api/v1/renders/{render.pk}/events",
            TOKEN=create_token(alice, "events", scopes=[Scope.READ])[1],
        )
    result = json.loads(output)
    assert [event["name"] for event in result["seen"]] == ["progress", "finished"]
    assert [event["finished"] for event in result["seen"]] == [False, True]
    assert len({event["id"] for event in result["seen"]}) == 2
    assert result["statuses"] == [200, 204]
