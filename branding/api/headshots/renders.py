"""API views of renders: start, watch, retry and stop them."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any, Final
from uuid import UUID
from weakref import WeakValueDictionary

from asgiref.sync import sync_to_async
from django.db.models import Prefetch
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from branding.accounts.concurrency import AccountSlots, LimitedStream
from branding.accounts.models import User
from branding.api.authentication import ApiRequest
from branding.api.idempotency import idempotent
from branding.api.photos.photos import accepted_response
from branding.api.renderers import BinaryContentNegotiation, BinaryRenderer
from branding.api.schema import IDEMPOTENCY_KEY, describe_list, describe_operation
from branding.api.serializers import RenderRequest, RenderSerializer
from branding.api.validation import StrictSerializer, validate_data
from branding.api.views import ApiView, OwnedDetailView, OwnedListView
from branding.kits.services import apply_kit_of
from headshots import models, selectors
from headshots.engine import recipes
from headshots.services import diffusion_renders, renders

STREAM_POLL_SECONDS: Final = 0.3  # seconds between two reads of the render
STREAM_SLOTS: Final = AccountSlots(5, "You watch five renders already.")
MAX_STREAM_SECONDS: Final = 300  # seconds that a stream lasts at most; a client connects again
REQUEST_EXAMPLE = {
    "photos": ["5a0e9a52-1d4f-4c54-9c1a-1a6f7f1d2f60"],
    "looks": ["linkedin", "social"],
}
RESPONSE_EXAMPLE = {
    "id": "0c6f9a34-4e5d-4bb0-8a52-6a4dd0a7b0e9",
    "kind": "sheet",
    "photos": REQUEST_EXAMPLE["photos"],
    "size": 1024,
    "seed": 0,
    "created_at": "2026-11-24T09:00:00Z",
    "finished_at": None,
    "finished": False,
    "variants": [],
}


class RenderFilter(StrictSerializer):
    """Filters of the list of renders."""

    kind = serializers.ChoiceField(choices=models.Render.Kind.choices, required=False)


class RenderList(OwnedListView):
    """List the caller's renders, or start one."""

    serializer_class = RenderSerializer
    ordering = ("-created_at",)
    filter_class = RenderFilter

    def select_owned(self, owner: User) -> Any:
        """Select the owner's renders with their photos and variants."""
        renders_of_owner = selectors.renders_of(owner)
        return renders_of_owner.prefetch_related(
            "photos", Prefetch("variants", selectors.variants_of(owner))
        )

    @describe_list(
        "List renders, newest first",
        RenderSerializer(many=True),
        RenderFilter,
        response_example=RESPONSE_EXAMPLE,
    )
    def get(self, request: Request) -> Response:
        """Return one page of renders."""
        return self.list(request)

    @describe_operation(
        "Make headshots",
        RenderSerializer,
        request=RenderRequest,
        status=202,
        error_statuses=(404, 409, 415),
        parameters=(IDEMPOTENCY_KEY,),
        request_example=REQUEST_EXAMPLE,
        response_example=RESPONSE_EXAMPLE,
    )
    @idempotent
    def post(self, request: ApiRequest) -> Response:
        """Start a render; its variants become ready one after another."""
        validated_data = validate_data(RenderRequest, request.data)
        photos = [
            selectors.photo_for(request.user, photo_id) for photo_id in validated_data["photos"]
        ]
        looks = recipes.choose_recipes(
            validated_data.get("looks") or list(recipes.built_in_looks())
        )
        looks = apply_kit_of(request.user, looks) if validated_data["kit"] else looks
        return accepted_response(
            request, renders.start_render(request.user, photos, looks, seed=validated_data["seed"])
        )


class RenderDetail(OwnedDetailView):
    """Read one render."""

    serializer_class = RenderSerializer

    def get_object(self, pk: Any = None) -> Any:
        """Return the caller's render with this id."""
        return selectors.render_for(self.request.user, pk)

    @describe_operation(
        "See a render and its progress",
        RenderSerializer,
        error_statuses=(404,),
        response_example=RESPONSE_EXAMPLE,
    )
    def get(self, request: ApiRequest, pk: UUID) -> Response:
        """Return the render with its ETag."""
        return super().get(request, pk)


class RenderRetry(ApiView):
    """Retry the failed variants of a render."""

    @describe_operation(
        "Retry the failed variants of a render", RenderSerializer, status=202, error_statuses=(404,)
    )
    def post(self, request: ApiRequest, pk: UUID) -> Response:
        """Queue the failed variants again; the finished ones are kept."""
        render = selectors.render_for(request.user, pk)
        renders.retry_failed(render)
        return accepted_response(request, selectors.render_for(request.user, pk))


class RenderStop(ApiView):
    """Stop a diffusion render."""

    @describe_operation(
        "Stop the image generation of a render",
        RenderSerializer,
        error_statuses=(404, 409),
        response_example=RESPONSE_EXAMPLE,
    )
    def post(self, request: ApiRequest, pk: UUID) -> Response:
        """Cancel the variants that are not finished; the finished ones are kept."""
        diffusion_renders.cancel_diffusion(selectors.render_for(request.user, pk))
        render = selectors.render_for(request.user, pk)
        return Response(RenderSerializer(render, context={"request": request}).data)


class EventStreamRenderer(BinaryRenderer):
    """Lets a client ask for text/event-stream in its Accept header."""

    media_type = "text/event-stream"
    format = "events"


class RenderEvents(ApiView):
    """Stream the state of a render until it is finished."""

    renderer_classes = (EventStreamRenderer, JSONRenderer)
    content_negotiation_class = BinaryContentNegotiation

    @describe_operation(
        "Stream the progress of a render as server-sent events",
        {(200, "text/event-stream"): OpenApiTypes.STR},
        error_statuses=(404,),
    )
    def get(self, request: ApiRequest, pk: UUID) -> StreamingHttpResponse:
        """Stream the render as server-sent events.

        https://html.spec.whatwg.org/multipage/server-sent-events.html
        """
        render = selectors.render_for(request.user, pk)
        return LimitedStream(
            _stream_events(request, render.pk),
            slots=STREAM_SLOTS,
            owner_id=request.user.pk,
            content_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )


class SharedPoll:
    """Reads a render for everybody who watches it, at most once every STREAM_POLL_SECONDS."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.data: Any = None
        self.read_at = -STREAM_POLL_SECONDS

    async def read(self, request: ApiRequest, pk: UUID) -> Any:
        """Return the render as plain JSON data, as it was a moment ago."""
        async with self.lock:
            if time.monotonic() - self.read_at >= STREAM_POLL_SECONDS:
                self.data = await sync_to_async(_read_render)(request, pk)
                self.read_at = time.monotonic()
            return self.data


# Polls that somebody uses, by event loop, render and the host that their addresses name.
_polls: WeakValueDictionary[tuple[int, UUID, str], SharedPoll] = WeakValueDictionary()


async def _stream_events(request: ApiRequest, pk: UUID) -> AsyncIterator[bytes]:
    """Yield one event whenever the serialized render changed; the last one is `finished`."""
    poll_key = (id(asyncio.get_running_loop()), pk, request.get_host())
    poll = _polls.setdefault(poll_key, SharedPoll())
    last_data = None
    for _ in range(int(MAX_STREAM_SECONDS / STREAM_POLL_SECONDS)):
        data = await poll.read(request, pk)
        if data != last_data:
            last_data = data
            event_name = "finished" if data["finished"] else "progress"
            yield f"event: {event_name}\ndata: {json.dumps(data)}\n\n".encode()
        if data["finished"]:
            return
        await asyncio.sleep(STREAM_POLL_SECONDS)


def _read_render(request: ApiRequest, pk: UUID) -> Any:
    """Read the render from the database and return it as plain JSON data."""
    render = selectors.render_for(request.user, pk)
    data = RenderSerializer(render, context={"request": request}).data
    return json.loads(JSONRenderer().render(data))
