"""The API view that streams the progress of a render as server-sent events.

https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any, Final
from uuid import UUID
from weakref import WeakValueDictionary

from asgiref.sync import sync_to_async
from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpResponse, HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework.renderers import JSONRenderer

from branding.accounts.concurrency import AccountSlots, LimitedStream
from branding.api.authentication import ApiRequest
from branding.api.renderers import BinaryContentNegotiation, BinaryRenderer
from branding.api.schema import describe_operation
from branding.api.serializers import RenderSerializer
from branding.api.views import ApiView, compute_etag
from headshots import selectors
from headshots.isolation import give_back_connection

POLL_SECONDS: Final = 0.3  # seconds between two reads of the render
HEARTBEAT_SECONDS: Final = 15  # seconds of silence after which a comment keeps connections open
MAX_STREAM_SECONDS: Final = 300  # seconds that a stream lasts at most; a client connects again
STREAM_SLOTS: Final = AccountSlots(5, "You watch five renders already.")
HEARTBEAT: Final = b": still here\n\n"  # a line that begins with a colon is a comment
STREAM_TYPE: Final = "text/event-stream"
# Neither kept by caches nor held back by nginx until a buffer is full.
HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
LAST_EVENT_ID: Final = OpenApiParameter(
    "Last-Event-ID",
    str,
    OpenApiParameter.HEADER,
    description="The `id` of the last event that was received; it is not sent again.",
)


class EventStreamRenderer(BinaryRenderer):
    """Lets a client ask for text/event-stream in its Accept header."""

    media_type = STREAM_TYPE
    format = "events"


class RenderEvents(ApiView):
    """Stream the state of a render until it is finished."""

    renderer_classes = (EventStreamRenderer, JSONRenderer)
    content_negotiation_class = BinaryContentNegotiation

    @describe_operation(
        "Stream the progress of a render as server-sent events",
        {
            (200, STREAM_TYPE): OpenApiTypes.STR,
            204: OpenApiResponse(description="The render is finished and `Last-Event-ID` says so."),
        },
        error_statuses=(404,),
        parameters=(LAST_EVENT_ID,),
    )
    def get(self, request: ApiRequest, pk: UUID) -> HttpResponseBase:
        """Stream an event `progress` for every change, then `finished`, with the render as JSON.

        A comment is sent after 15 seconds without an event. A stream lasts at most five minutes.
        A client that connects again with the `id` of the event `finished` is answered with 204,
        which tells it to stop.
        """
        data = _read_render(request, pk)
        give_back_connection()
        last_id = request.headers.get("Last-Event-ID", "")
        if data["finished"] and last_id == _event_id(data):
            return HttpResponse(status=204, headers=HEADERS)
        if request.method == "HEAD":
            return HttpResponse(content_type=STREAM_TYPE, headers=HEADERS)
        return LimitedStream(
            _stream_events(request, pk, last_id),
            slots=STREAM_SLOTS,
            owner_id=request.user.pk,
            content_type=STREAM_TYPE,
            headers=HEADERS,
        )


class SharedPoll:
    """Reads a render for everybody who watches it, at most once every POLL_SECONDS."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.data: Any = None
        self.read_at = -POLL_SECONDS

    async def read(self, request: ApiRequest, pk: UUID) -> Any:
        """Return the render as plain JSON data, as it was a moment ago."""
        async with self.lock:
            if time.monotonic() - self.read_at >= POLL_SECONDS:
                self.data = await sync_to_async(_read_render)(request, pk)
                await sync_to_async(give_back_connection)()
                self.read_at = time.monotonic()
            return self.data


# Polls that somebody uses, by event loop, render and the host that their addresses name.
_polls: WeakValueDictionary[tuple[int, UUID, str], SharedPoll] = WeakValueDictionary()


async def _stream_events(request: ApiRequest, pk: UUID, last_id: str) -> AsyncIterator[bytes]:
    """Yield an event for each state after that of `last_id`; the last one is `finished`.

    The first bytes follow at once, so that the client knows that it is connected.
    """
    poll_key = (id(asyncio.get_running_loop()), pk, request.get_host())
    poll = _polls.setdefault(poll_key, SharedPoll())
    sent_at = float("-inf")
    for _ in range(int(MAX_STREAM_SECONDS / POLL_SECONDS)):
        try:
            data = await poll.read(request, pk)
        except ObjectDoesNotExist:  # it was deleted; a client that connects again gets a 404
            return
        if (event_id := _event_id(data)) != last_id:
            last_id, sent_at = event_id, time.monotonic()
            yield _encode_event(event_id, data)
        elif time.monotonic() - sent_at >= HEARTBEAT_SECONDS:
            sent_at = time.monotonic()
            yield HEARTBEAT
        if data["finished"]:
            return
        await asyncio.sleep(POLL_SECONDS)


def _event_id(data: Any) -> str:
    """Return an id of this state of the render, the same from every process."""
    return compute_etag(data).strip('"')


def _encode_event(event_id: str, data: Any) -> bytes:
    name = "finished" if data["finished"] else "progress"
    return f"id: {event_id}\nevent: {name}\ndata: {json.dumps(data)}\n\n".encode()


def _read_render(request: ApiRequest, pk: UUID) -> Any:
    """Read the render from the database and return it as plain JSON data."""
    render = selectors.render_for(request.user, pk)
    data = RenderSerializer(render, context={"request": request}).data
    return json.loads(JSONRenderer().render(data))
