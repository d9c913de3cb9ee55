"""API views of renders: start, watch, retry and stop them."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any, Final
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db.models import Prefetch
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from branding.api.idempotency import once
from branding.api.photos.photos import accepted
from branding.api.photos.pictures import Bytes, Negotiation
from branding.api.schema import ONCE, listing, operation
from branding.api.serializers import RenderRequest, RenderSerializer
from branding.api.validation import Strict, valid
from branding.api.views import Item, Listed, Operation
from branding.kits.services import dressed
from headshots import models, selectors
from headshots.engine import recipes
from headshots.services import paintings, renders

LOOK_AGAIN: Final = 0.3  # seconds between two reads of the render
PATIENCE: Final = 300  # seconds that a stream lasts at most; a client connects again
ASKED = {"photos": ["5a0e9a52-1d4f-4c54-9c1a-1a6f7f1d2f60"], "looks": ["linkedin", "social"]}
EXAMPLE = {
    "id": "0c6f9a34-4e5d-4bb0-8a52-6a4dd0a7b0e9",
    "kind": "sheet",
    "photos": ASKED["photos"],
    "size": 1024,
    "seed": 0,
    "created_at": "2026-11-24T09:00:00Z",
    "finished_at": None,
    "finished": False,
    "variants": [],
}


class RenderQuery(Strict):
    """Filters of the list of renders."""

    kind = serializers.ChoiceField(choices=models.Render.Kind.choices, required=False)


class Renders(Listed):
    """List the caller's renders, or start one."""

    serializer_class = RenderSerializer
    ordering = ("-created_at",)
    query = RenderQuery

    def mine(self, owner: Any) -> Any:
        """Select the owner's renders with their photos and variants."""
        mine = selectors.renders_of(owner)
        return mine.prefetch_related("photos", Prefetch("variants", selectors.variants_of(owner)))

    @listing(
        "List renders, newest first", RenderSerializer(many=True), RenderQuery, example=EXAMPLE
    )
    def get(self, request: Request) -> Response:
        """Return one page of renders."""
        return self.list(request)

    @operation(
        "Make headshots",
        RenderSerializer,
        request=RenderRequest,
        status=202,
        refused=(404, 409, 415),
        parameters=(ONCE,),
        asked=ASKED,
        example=EXAMPLE,
    )
    @once
    def post(self, request: Request) -> Response:
        """Start a render; its variants become ready one after another."""
        wish = valid(RenderRequest, request.data)
        photos = [selectors.photo_for(request.user, pk) for pk in wish["photos"]]
        looks = recipes.choose(wish.get("looks") or list(recipes.looks()))
        looks = dressed(request.user, looks) if wish["kit"] else looks
        return accepted(request, renders.start(request.user, photos, looks, seed=wish["seed"]))


class Render(Item):
    """Read one render."""

    serializer_class = RenderSerializer

    def found(self, pk: Any = None) -> Any:
        """Return the caller's render with this id."""
        return selectors.render_for(self.request.user, pk)

    @operation("See how far a render is", RenderSerializer, refused=(404,), example=EXAMPLE)
    def get(self, request: Request, pk: UUID) -> Response:
        """Return the render with its ETag."""
        return super().get(request, pk)


class Again(Operation):
    """Retry the failed variants of a render."""

    @operation("Try once more what could not be made", RenderSerializer, status=202, refused=(404,))
    def post(self, request: Request, pk: UUID) -> Response:
        """Queue the failed variants again; the finished ones are kept."""
        render = selectors.render_for(request.user, pk)
        renders.again(render)
        return accepted(request, selectors.render_for(request.user, pk))


class Stop(Operation):
    """Stop a diffusion render."""

    @operation(
        "Stop paintings that are not made yet",
        RenderSerializer,
        refused=(404, 409),
        example=EXAMPLE,
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Cancel the variants that are not finished; the finished ones are kept."""
        paintings.cancel(selectors.render_for(request.user, pk))
        render = selectors.render_for(request.user, pk)
        return Response(RenderSerializer(render, context={"request": request}).data)


class EventStream(Bytes):
    """Lets a client ask for text/event-stream in its Accept header."""

    media_type = "text/event-stream"
    format = "events"


class Events(Operation):
    """Stream the state of a render until it is finished."""

    renderer_classes = (EventStream, JSONRenderer)
    content_negotiation_class = Negotiation

    @operation(
        "Watch a render: one event whenever something changed",
        {(200, "text/event-stream"): OpenApiTypes.STR},
        refused=(404,),
    )
    def get(self, request: Request, pk: UUID) -> StreamingHttpResponse:
        """Stream the render as server-sent events.

        https://html.spec.whatwg.org/multipage/server-sent-events.html
        """
        render = selectors.render_for(request.user, pk)
        stream = _events(request, render.pk)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingHttpResponse(stream, content_type="text/event-stream", headers=headers)


async def _events(request: Request, pk: UUID) -> AsyncIterator[bytes]:
    """Yield one event whenever the serialized render changed; the last one is `finished`."""
    told = None
    for _ in range(int(PATIENCE / LOOK_AGAIN)):
        data = await sync_to_async(_now)(request, pk)
        if data != told:
            told = data
            name = "finished" if data["finished"] else "progress"
            yield f"event: {name}\ndata: {json.dumps(data)}\n\n".encode()
        if data["finished"]:
            return
        await asyncio.sleep(LOOK_AGAIN)


def _now(request: Request, pk: UUID) -> Any:
    """Read the render from the database and return it as plain JSON data."""
    render = selectors.render_for(request.user, pk)
    data = RenderSerializer(render, context={"request": request}).data
    return json.loads(JSONRenderer().render(data))
