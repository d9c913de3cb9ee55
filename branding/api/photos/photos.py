"""API views of photos: add, list, show and delete them."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from branding.api.idempotency import once
from branding.api.photos.pictures import Picture, jpeg
from branding.api.schema import JPEG, MATCH, ONCE, listing, operation
from branding.api.serializers import PhotoSerializer, PhotoUpload, RenderSerializer
from branding.api.validation import Strict, valid
from branding.api.views import Item, Listed, Operation
from headshots import models, selectors
from headshots.engine.errors import TooLarge
from headshots.engine.io.decode import MAX_BYTES
from headshots.services import photos, renders
from headshots.storage import pictures

EXAMPLE = {
    "id": "5a0e9a52-1d4f-4c54-9c1a-1a6f7f1d2f60",
    "name": "selfie.heic",
    "width": 3024,
    "height": 4032,
    "professional": False,
    "added_at": "2026-11-24T09:00:00Z",
    "state": "usable",
    "checks": [],
    "code": "",
    "message": "",
    "advice": "",
    "picture": "https://facet.example.org/api/v1/photos/5a0e9a52-1d4f-4c54-9c1a-1a6f7f1d2f60/picture",
}
SIZE = OpenApiParameter("size", str, enum=list(pictures.SIZES), description="longest side, pixels")


class PhotoQuery(Strict):
    """Filters of the list of photos."""

    state = serializers.ChoiceField(choices=models.Photo.State.choices, required=False)
    professional = serializers.BooleanField(required=False)


class Photos(Listed):
    """List the caller's photos, or add one."""

    serializer_class = PhotoSerializer
    parser_classes = (MultiPartParser,)
    ordering = ("-added_at",)
    query = PhotoQuery

    def mine(self, owner: Any) -> Any:
        """Select the owner's photos."""
        return selectors.photos_of(owner)

    @listing("List photos, newest first", PhotoSerializer(many=True), PhotoQuery, example=EXAMPLE)
    def get(self, request: Request) -> Response:
        """Return one page of photos."""
        return self.list(request)

    @operation(
        "Add a photo; the coach looks at it, see `state`",
        PhotoSerializer,
        request=PhotoUpload,
        status=201,
        refused=(409, 413, 415, 507),
        parameters=(ONCE,),
        example=EXAMPLE,
    )
    @once
    def post(self, request: Request) -> Response:
        """Add a photo; a worker checks it, and `state` shows the result."""
        told = valid(PhotoUpload, request.data)
        file = told["file"]
        if file.size > MAX_BYTES:  # before it is read into memory
            raise TooLarge(f"The file has {file.size / 1e6:.0f} MB; at most {MAX_BYTES / 1e6:.0f}.")
        photo = photos.add(
            request.user,
            file.read(),
            name=file.name,
            professional=told["professional"],
        )
        data = PhotoSerializer(photo, context={"request": request}).data
        return Response(data, status=201, headers={"Location": f"/api/v1/photos/{photo.pk}"})


class Photo(Item):
    """Read or delete one photo."""

    serializer_class = PhotoSerializer

    def found(self, pk: Any = None) -> Any:
        """Return the caller's photo with this id."""
        return selectors.photo_for(self.request.user, pk)

    @operation(
        "See a photo and what the coach says", PhotoSerializer, refused=(404,), example=EXAMPLE
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """Return the photo with its ETag."""
        return super().get(request, pk)

    @operation(
        "Delete a photo and its files", None, status=204, refused=(404, 412), parameters=(MATCH,)
    )
    def delete(self, request: Request, pk: UUID) -> Response:
        """Delete the photo and its files."""
        photos.delete(self.still(self.found(pk)))
        return Response(status=204)


class PhotoPicture(Picture):
    """Show the picture of a photo."""

    @operation("See the photo itself", JPEG, refused=(404,), parameters=(SIZE,))
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        """Return the picture as JPEG."""
        photo = selectors.photo_for(request.user, pk)
        return jpeg(pictures.read(photo.picture, size_of(request)))


class Untouched(Operation):
    """Use a photographer's picture as a headshot without a change."""

    @operation(
        "Use a photographer's picture untouched",
        RenderSerializer,
        status=202,
        refused=(404, 409),
        parameters=(ONCE,),
    )
    @once
    def post(self, request: Request, pk: UUID) -> Response:
        """Create a variant that shows the photo itself."""
        variant = renders.take_untouched(selectors.photo_for(request.user, pk))
        return accepted(request, variant.render)


def size_of(request: Request) -> str:
    """Return the requested size, or `full` if there is no such size."""
    wanted = request.query_params.get("size", "full")
    return wanted if wanted in pictures.SIZES else "full"


def accepted(request: Request, render: Any) -> Response:
    """Return 202 with the render; `Location` is where to poll it."""
    data = RenderSerializer(render, context={"request": request}).data
    return Response(data, status=202, headers={"Location": f"/api/v1/renders/{render.pk}"})
