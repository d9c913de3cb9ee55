"""Event streams of renders, by their exact bytes over a real web server."""

import json

import pytest
from django.utils import timezone

from branding.api.headshots import render_events
from branding.api.models import Scope
from branding.api.services import create_token
from headshots.models import Render, Variant
from tests.support.people import person, sheet_of
from tests.support.servers.asgi_server import asgi_server

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def short_times(monkeypatch):
    """Streams that end after a few reads, and send a comment when nothing changed between two."""
    monkeypatch.setattr(render_events, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(render_events, "HEARTBEAT_SECONDS", 0)
    monkeypatch.setattr(render_events, "MAX_STREAM_SECONDS", 0.05)


@pytest.fixture
def read_stream():
    """Connect to the stream of a render as its owner; return status, headers and its parts."""
    with asgi_server() as server:

        def read(render, last_id=None, method="GET"):
            lines = [
                f"{method} /api/v1/renders/{render.pk}/events HTTP/1.0",
                f"Host: localhost:{server.port}",
                f"Authorization: Bearer {create_token(render.owner, 't', scopes=[Scope.READ])[1]}",
                "Accept: text/event-stream",
                *([f"Last-Event-ID: {last_id}"] if last_id else []),
            ]
            request = "".join(f"{line}\r\n" for line in lines) + "\r\n"
            status, headers, body = server.exchange(request.encode())
            return status, headers, [parse_event(part) for part in body.decode().split("\n\n")[:-1]]

        yield read


def parse_event(part):
    """Return the fields of an event; a comment has the empty name."""
    return dict(line.split(": ", 1) for line in part.replace(": still", ": :still").split("\n"))


def finish(render):
    Variant.objects.filter(render=render).update(state=Variant.State.READY)
    Render.objects.filter(pk=render.pk).update(finished_at=timezone.now())


def test_silence_is_filled_with_comments(read_stream):
    render = sheet_of(person("alice"), state="waiting")
    status, headers, (event, *comments) = read_stream(render)
    assert status == 200 and event["event"] == "progress" and event["id"]
    assert json.loads(event["data"])["id"] == str(render.pk)
    assert comments and all(list(comment) == [""] for comment in comments)
    assert headers["content-type"].startswith("text/event-stream")
    assert headers["cache-control"] == "no-store" and headers["x-accel-buffering"] == "no"


def test_heartbeat_is_every_fifteen_seconds(monkeypatch):
    monkeypatch.undo()
    assert render_events.HEARTBEAT_SECONDS == 15


def test_event_that_was_received_is_not_sent_again(read_stream):
    render = sheet_of(person("alice"), state="waiting")
    last_id = read_stream(render)[2][0]["id"]
    _, _, parts = read_stream(render, last_id)
    assert parts and all("event" not in part for part in parts)
    finish(render)
    _, _, (event,) = read_stream(render, last_id)
    assert event["event"] == "finished" and event["id"] != last_id


def test_client_that_saw_the_end_is_told_to_stop(read_stream):
    render = sheet_of(person("alice"))
    _, _, (event,) = read_stream(render)
    assert event["event"] == "finished"
    status, headers, parts = read_stream(render, event["id"])
    assert (status, parts) == (204, []) and headers["cache-control"] == "no-store"
    status, _, (again,) = read_stream(render, "something else")
    assert status == 200 and again == event


def test_head_ends_at_once(read_stream, monkeypatch):
    monkeypatch.setattr(render_events, "_stream_events", None)
    status, headers, parts = read_stream(sheet_of(person("alice"), state="waiting"), method="HEAD")
    assert status == 200 and headers["content-type"].startswith("text/event-stream") and not parts


def test_stream_of_a_render_that_is_deleted_ends(read_stream, monkeypatch):
    render = sheet_of(person("alice"), state="waiting")
    read_render = render_events._read_render

    def read_then_delete(request, pk):
        data = read_render(request, pk)
        Render.objects.filter(pk=pk).delete()
        return data

    monkeypatch.setattr(render_events, "_read_render", read_then_delete)
    status, _, parts = read_stream(render)
    assert status == 200 and parts == []
