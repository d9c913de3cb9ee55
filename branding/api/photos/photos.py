"""API views of photos: add, list, show and delete them."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from branding.accounts.models import User
from branding.api.authentication import ApiRequest
from branding.api.idempotency import idempotent, idempotent_after
from branding.api.photos.photo_serializers import PhotoChange, PhotoSerializer, PhotoUpload
from branding.api.renderers import PictureView, picture_response
from branding.api.schema import (
    IDEMPOTENCY_KEY,
    IF_MATCH,
    JPEG_RESPONSE,
    describe_list,
    describe_operation,
)
from branding.api.serializers import RenderSerializer
from branding.api.validation import StrictSerializer, validate_data
from branding.api.views import ApiView, OwnedDetailView, OwnedListView
from headshots import models, selectors
from headshots.engine.errors import TooLarge
from headshots.engine.io.decode import MAX_BYTES
from headshots.services import photo_corrections, photos, renders
from headshots.storage import pictures

RESPONSE_EXAMPLE = {
    "id": "5a0e9a52-1d4f-4c54-9c1a-1a6f7f1d2f60",
    "name": "selfie.heic",
    "width": 3024,
    "height": 4032,
    "professional": False,
    "added_at": "2026-11-24T09:00:00Z",
    "consented_at": "2026-11-24T09:00:00Z",
    "consent_version": "2026-11-30",
    "state": "usable",
    "checks": [],
    "prediction": {
        "sentence": "This photo will give all ten headshots.",
        "total": 10,
        "looks": [
            *("linkedin", "corporate", "approachable", "author", "speaker"),
            *("founder", "developer", "social", "cheerful", "plain"),
        ],
        "own_background": [],
        "needs_smile": [],
        "fix": "",
        "degrees": 0,
    },
    "faces": [{"left": 0.31, "top": 0.22, "width": 0.34, "height": 0.26}],
    "face": None,
    "person": "0d7a0f0e-6d1b-4b7e-9b57-0f8d5a5d3a11",
    "code": "",
    "message": "",
    "advice": "",
    "picture": "https://facet.example.org/api/v1/photos/5a0e9a52-1d4f-4c54-9c1a-1a6f7f1d2f60/picture",
}
SIZE_PARAMETER = OpenApiParameter(
    "size", str, enum=list(pictures.SIZES), description="longest side, pixels"
)


@dataclass(frozen=True)
class PreparedUpload:
    """An upload whose picture is stored, with the name and kind that its sender gave it."""

    stored: photos.StoredUpload
    name: str
    professional: bool


def prepare_upload(view: Any, request: ApiRequest) -> PreparedUpload:  # noqa: ARG001
    """Validate, decode and store an upload; raises what `photos.store_upload` raises."""
    validated_data = validate_data(PhotoUpload, request.data)
    file = validated_data["file"]
    if file.size > MAX_BYTES:  # before it is read into memory
        raise TooLarge(f"The file has {file.size / 1e6:.0f} MB; at most {MAX_BYTES / 1e6:.0f}.")
    stored = photos.store_upload(request.user, file)
    return PreparedUpload(stored, file.name, validated_data["professional"])


class PhotoFilter(StrictSerializer):
    """Filters of the list of photos."""

    state = serializers.ChoiceField(choices=models.Photo.State.choices, required=False)
    professional = serializers.BooleanField(required=False)


class PhotoList(OwnedListView):
    """List the caller's photos, or add one."""

    serializer_class = PhotoSerializer
    parser_classes = (MultiPartParser,)
    ordering = ("-added_at",)
    filter_class = PhotoFilter

    def select_owned(self, owner: User) -> Any:
        """Select the owner's photos."""
        return selectors.photos_of(owner)

    @describe_list(
        "List photos, newest first",
        PhotoSerializer(many=True),
        PhotoFilter,
        response_example=RESPONSE_EXAMPLE,
    )
    def get(self, request: Request) -> Response:
        """Return one page of photos."""
        return self.list(request)

    @describe_operation(
        "Add a photo",
        PhotoSerializer,
        request=PhotoUpload,
        status=201,
        error_statuses=(409, 413, 415, 503, 507),
        parameters=(IDEMPOTENCY_KEY,),
        response_example=RESPONSE_EXAMPLE,
    )
    @idempotent_after(prepare_upload)
    def post(self, request: ApiRequest, prepared: PreparedUpload) -> Response:
        """Add a photo; a worker checks it, and `state` shows the result.

        By adding it, the caller confirms that it shows them, or somebody who allows it. The time
        and the version of these words are kept with the photo, and deleted with it.
        """
        photo = photos.add_stored_photo(
            request.user,
            prepared.stored,
            name=prepared.name,
            professional=prepared.professional,
        )
        data = PhotoSerializer(photo, context={"request": request}).data
        return Response(data, status=201, headers={"Location": f"/api/v1/photos/{photo.pk}"})


class PhotoDetail(OwnedDetailView):
    """Read or delete one photo, or choose the face in it."""

    serializer_class = PhotoSerializer

    def get_object(self, pk: Any = None) -> Any:
        """Return the caller's photo with this id."""
        return selectors.photo_for(self.request.user, pk)

    @describe_operation(
        "See a photo and its checks",
        PhotoSerializer,
        error_statuses=(404,),
        response_example=RESPONSE_EXAMPLE,
    )
    def get(self, request: ApiRequest, pk: UUID) -> Response:
        """Return the photo with its ETag."""
        return super().get(request, pk)

    @describe_operation(
        "Choose the face in a photo of several people",
        PhotoSerializer,
        request=PhotoChange,
        error_statuses=(404, 409, 412, 415),
        parameters=(IF_MATCH,),
        request_example={"face": 1},
        response_example=RESPONSE_EXAMPLE
        | {"state": "checking", "prediction": None, "person": None, "face": 1},
    )
    def patch(self, request: ApiRequest, pk: UUID) -> Response:
        """Choose one of `faces` by its index from 0; the photo is checked again for it.

        Headshots that were made before stay as they are.
        """
        photo = self.require_match(self.get_object(pk))
        face = validate_data(PhotoChange, request.data)["face"]
        return self.build_response(photo_corrections.choose_face(photo, face))

    @describe_operation(
        "Delete a photo and its files",
        None,
        status=204,
        error_statuses=(404, 412),
        parameters=(IF_MATCH,),
    )
    def delete(self, request: ApiRequest, pk: UUID) -> Response:
        """Delete the photo and its files."""
        photos.delete_photo(self.require_match(self.get_object(pk)))
        return Response(status=204)


class PhotoPicture(PictureView):
    """Show the picture of a photo."""

    @describe_operation(
        "See the picture of a photo",
        JPEG_RESPONSE,
        error_statuses=(404,),
        parameters=(SIZE_PARAMETER,),
    )
    def get(self, request: ApiRequest, pk: UUID) -> HttpResponse:
        """Return the picture as JPEG."""
        photo = selectors.photo_for(request.user, pk)
        return picture_response(pictures.read_file(photo.picture, requested_size(request)))


class PhotoTurn(ApiView):
    """Turn a photo upright."""

    @describe_operation(
        "Turn a photo upright that its prediction calls turned",
        PhotoSerializer,
        error_statuses=(404, 409, 507),
        response_example=RESPONSE_EXAMPLE | {"state": "checking", "prediction": None},
    )
    def post(self, request: ApiRequest, pk: UUID) -> Response:
        """Turn the photo as `prediction.degrees` says, and check it again."""
        photo = photo_corrections.turn_photo(selectors.photo_for(request.user, pk))
        return Response(PhotoSerializer(photo, context={"request": request}).data)


class PhotoUntouched(ApiView):
    """Use a photographer's picture as a headshot without a change."""

    @describe_operation(
        "Use a photographer's picture as it is",
        RenderSerializer,
        status=202,
        error_statuses=(404, 409),
        parameters=(IDEMPOTENCY_KEY,),
    )
    @idempotent
    def post(self, request: ApiRequest, pk: UUID) -> Response:
        """Create a variant that shows the photo itself."""
        variant = renders.take_untouched(selectors.photo_for(request.user, pk))
        return accepted_response(request, variant.render)


def requested_size(request: ApiRequest) -> str:
    """Return the requested size, or `full` if there is no such size."""
    size = request.query_params.get("size", "full")
    return size if size in pictures.SIZES else "full"


def accepted_response(request: ApiRequest, render: Any) -> Response:
    """Return 202 with the render; `Location` is where to poll it."""
    data = RenderSerializer(render, context={"request": request}).data
    return Response(data, status=202, headers={"Location": f"/api/v1/renders/{render.pk}"})
