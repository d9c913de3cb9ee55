"""API views of hand-offs: pictures that the person has to upload to a place themselves."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from branding.accounts.models import User
from branding.api.authentication import ApiRequest
from branding.api.idempotency import idempotent
from branding.api.models import Scope
from branding.api.renderers import FileView, picture_response
from branding.api.schema import FILE_RESPONSE, IDEMPOTENCY_KEY, describe_list, describe_operation
from branding.api.serializers import PLACES, PlaceSerializer
from branding.api.validation import (
    StrictCharField,
    StrictChoiceField,
    StrictSerializer,
    StrictUUIDField,
    validate_data,
)
from branding.api.views import ApiView, OwnedDetailView, OwnedListView
from branding.public_urls import absolute_url, handoff_phone_url
from headshots import selectors as headshots
from integrations import renditions, selectors
from integrations.models import HandOff
from integrations.models.handoffs import LINK_SECONDS
from integrations.publishing import handoffs

REQUEST_EXAMPLE = {"variant": "d9c0d0f5-7f5c-4f0e-8b59-0d6a5d2a3c11", "place": "linkedin"}
RESPONSE_EXAMPLE = {
    "id": "7b1f7f5e-0a0c-4a57-8a52-6f3f6a0c6f11",
    "variant": REQUEST_EXAMPLE["variant"],
    "batch": None,
    "frame": {
        "slug": "linkedin",
        "name": "LinkedIn",
        "shape": "circle",
        "pixels": 800,
        "max_bytes": 8_000_000,
        "form": "jpeg",
        "shown": [160, 72, 48],
        "page": "https://www.linkedin.com/in/me/",
        "by_hand": True,
        "why": "LinkedIn has no way for apps to set your photo.",
        "steps": "Press your picture, then the pencil, then Upload photo.",
    },
    "state": "waiting",
    "asked_at": "2026-11-24T09:00:00Z",
    "done_at": None,
    "ended_at": None,
    "public_name": "",
    "can_be_seen": False,
    "note": "",
    "file": "https://facet.example.org/api/v1/handoffs/7b1f7f5e-0a0c-4a57-8a52-6f3f6a0c6f11/file",
}
PHONE_LINK_EXAMPLE = {
    "url": "https://facet.example.org/h/ex9_XgoMSleKUm8_agxvEQ:1abcde:signature/",
    "until": "2026-11-24T09:30:00Z",
}


class HandOffSerializer(serializers.ModelSerializer[HandOff]):
    """A headshot that the person uploads to a place themselves, with the steps and the file."""

    frame = PlaceSerializer(source="place_details", read_only=True)
    can_be_seen = serializers.BooleanField(
        source="place_details.public",
        read_only=True,
        help_text="whether Facet can check the profile, given its name",
    )
    file = serializers.SerializerMethodField()

    class Meta:
        model = HandOff
        fields = (
            "id",
            "variant",
            "batch",
            "frame",
            "state",
            "asked_at",
            "done_at",
            "ended_at",
            "public_name",
            "can_be_seen",
            "note",
            "file",
        )
        read_only_fields = fields

    @extend_schema_field(serializers.URLField())
    def get_file(self, handoff: HandOff) -> str:
        """Return the address of its file, in the format that the place takes."""
        return absolute_url("api:handoff-file", handoff.pk)


class HandOffRequest(StrictSerializer):
    """The headshot and the place of a new hand-off."""

    variant = StrictUUIDField()
    place = StrictChoiceField(choices=PLACES)


class NameRequest(StrictSerializer):
    """The name of the profile on the platform."""

    name = StrictCharField(max_length=100, min_length=1)


class PhoneSerializer(serializers.Serializer[Any]):
    """A link that opens a hand-off on a phone without signing in, and its end."""

    url = serializers.URLField()
    until = serializers.DateTimeField()


class HandOffFilter(StrictSerializer):
    """Filters of the list of hand-offs."""

    state = serializers.ChoiceField(choices=HandOff.State.choices, required=False)
    place = serializers.ChoiceField(choices=PLACES, required=False)
    batch = serializers.UUIDField(required=False)


class HandOffList(OwnedListView):
    """List the caller's hand-offs, or begin one."""

    serializer_class = HandOffSerializer
    ordering = ("-asked_at",)
    filter_class = HandOffFilter
    scope = Scope.PUBLISH

    def select_owned(self, owner: User) -> Any:
        """Select the owner's hand-offs."""
        return selectors.handoffs_of(owner)

    @describe_list(
        "List hand-offs, newest first",
        HandOffSerializer(many=True),
        HandOffFilter,
        response_example=RESPONSE_EXAMPLE,
    )
    def get(self, request: Request) -> Response:
        """Return one page of hand-offs."""
        return self.list(request)

    @describe_operation(
        "Begin a hand-off for a profile that only you can change",
        HandOffSerializer,
        request=HandOffRequest,
        status=201,
        error_statuses=(404, 409, 415),
        parameters=(IDEMPOTENCY_KEY,),
        request_example=REQUEST_EXAMPLE,
        response_example=RESPONSE_EXAMPLE,
    )
    @idempotent
    def post(self, request: ApiRequest) -> Response:
        """Begin a hand-off, which cancels one of another headshot that waits for the same place.

        If this headshot waits for the place already, that hand-off is returned.
        """
        validated_data = validate_data(HandOffRequest, request.data)
        variant = headshots.variant_for(request.user, validated_data["variant"])
        handoff = handoffs.begin_handoff(variant, validated_data["place"])
        headers = {"Location": f"/api/v1/handoffs/{handoff.pk}"}
        return Response(_serialize_handoff(request, handoff), status=201, headers=headers)


def _serialize_handoff(request: ApiRequest, handoff: HandOff) -> Any:
    return HandOffSerializer(handoff, context={"request": request}).data


class HandOffDetail(OwnedDetailView):
    """Read one hand-off."""

    serializer_class = HandOffSerializer

    def get_object(self, pk: Any = None) -> Any:
        """Return the caller's hand-off with this id."""
        return selectors.handoff_for(self.request.user, pk)

    @describe_operation(
        "See a hand-off: the place, the steps, the file",
        HandOffSerializer,
        error_statuses=(404,),
        response_example=RESPONSE_EXAMPLE,
    )
    def get(self, request: ApiRequest, pk: UUID) -> Response:
        """Return the hand-off with its ETag."""
        return super().get(request, pk)


class HandOffFileDownload(FileView):
    """Download the file of a hand-off."""

    @describe_operation("Download the file of a hand-off", FILE_RESPONSE, error_statuses=(404,))
    def get(self, request: ApiRequest, pk: UUID) -> HttpResponse:
        """Return the file as an attachment."""
        handoff = selectors.handoff_for(request.user, pk)
        file = renditions.build_download(handoff.variant, handoff.place)
        return picture_response(file.data, name=file.name, image_format=file.form)


class HandOffDone(ApiView):
    """Say that the person uploaded the picture."""

    scope = Scope.PUBLISH

    @describe_operation(
        "Mark a hand-off as done",
        HandOffSerializer,
        error_statuses=(404,),
        response_example=RESPONSE_EXAMPLE,
    )
    def post(self, request: ApiRequest, pk: UUID) -> Response:
        """Mark it as done if it still waits; `state` says how it ended."""
        handoff = selectors.handoff_for(request.user, pk)
        handoffs.mark_done(handoff)
        return Response(_serialize_handoff(request, handoff))


class HandOffCancel(ApiView):
    """Cancel one hand-off."""

    scope = Scope.PUBLISH

    @describe_operation(
        "Cancel a hand-off",
        HandOffSerializer,
        error_statuses=(404,),
        response_example=RESPONSE_EXAMPLE,
    )
    def post(self, request: ApiRequest, pk: UUID) -> Response:
        """Cancel it if it still waits; `state` says how it ended."""
        handoff = selectors.handoff_for(request.user, pk)
        handoffs.cancel_handoff(handoff)
        return Response(_serialize_handoff(request, handoff))


class HandOffName(ApiView):
    """Tell the person's public name at the place."""

    scope = Scope.PUBLISH

    @describe_operation(
        "Name your profile, so that Facet can check whether it shows the picture",
        HandOffSerializer,
        request=NameRequest,
        error_statuses=(404, 409, 415),
        request_example={"name": "alice"},
        response_example=RESPONSE_EXAMPLE,
    )
    def post(self, request: ApiRequest, pk: UUID) -> Response:
        """Store the name and check whether the public profile shows the picture."""
        handoff = selectors.handoff_for(request.user, pk)
        validated_data = validate_data(NameRequest, request.data)
        handoffs.set_public_name(handoff, validated_data["name"])
        return Response(_serialize_handoff(request, handoff))


class HandOffPhoneLink(ApiView):
    """Get a link that opens one hand-off on a phone."""

    scope = Scope.PUBLISH

    @describe_operation(
        "Get a link that opens a hand-off on a phone for half an hour",
        PhoneSerializer,
        error_statuses=(404,),
        response_example=PHONE_LINK_EXAMPLE,
    )
    def post(self, request: ApiRequest, pk: UUID) -> Response:
        """Return a signed link, which gives access to the file and to `done` without signing in."""
        handoff = selectors.handoff_for(request.user, pk)
        expires_at = timezone.now() + timedelta(seconds=LINK_SECONDS)
        return Response(
            PhoneSerializer({"url": handoff_phone_url(handoff), "until": expires_at}).data
        )
