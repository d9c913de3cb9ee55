"""API views of hand-offs: pictures that the person has to upload to a place themselves."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from branding.api.idempotency import once
from branding.api.models import Scope
from branding.api.photos.pictures import File, jpeg
from branding.api.schema import FILE, ONCE, listing, operation
from branding.api.serializers import PLACES, FrameSerializer
from branding.api.validation import Id, Pick, Strict, Text, valid
from branding.api.views import Item, Listed, Operation
from branding.public_urls import phone_url
from headshots import selectors as headshots
from integrations import renditions, selectors
from integrations.models import HandOff
from integrations.models.handoffs import LINK_SECONDS
from integrations.publishing import handoffs

ASKED = {"variant": "d9c0d0f5-7f5c-4f0e-8b59-0d6a5d2a3c11", "place": "linkedin"}
EXAMPLE = {
    "id": "7b1f7f5e-0a0c-4a57-8a52-6f3f6a0c6f11",
    "variant": ASKED["variant"],
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
PHONE = {
    "url": "https://facet.example.org/h/ex9_XgoMSleKUm8_agxvEQ:1abcde:signature/",
    "until": "2026-11-24T09:30:00Z",
}


class HandOffSerializer(serializers.ModelSerializer):
    """One headshot that the person puts on one place themselves: where, how, and its file."""

    frame = FrameSerializer(read_only=True)
    can_be_seen = serializers.BooleanField(
        source="frame.public", read_only=True, help_text="Facet can look there, if told the name"
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
        return self.context["request"].build_absolute_uri(
            reverse("api:handoff-file", args=[handoff.pk])
        )


class HandOffRequest(Strict):
    """Which headshot, for which place."""

    variant = Id()
    place = Pick(choices=PLACES)


class NameRequest(Strict):
    """What the person is called there."""

    name = Text(max_length=100, min_length=1)


class PhoneSerializer(serializers.Serializer):
    """The address that opens one hand-off on a phone without signing in, and until when."""

    url = serializers.URLField()
    until = serializers.DateTimeField()


class HandOffQuery(Strict):
    """Filters of the list of hand-offs."""

    state = serializers.ChoiceField(choices=HandOff.State.choices, required=False)
    place = serializers.ChoiceField(choices=PLACES, required=False)
    batch = serializers.UUIDField(required=False)


class HandOffs(Listed):
    """List the caller's hand-offs, or begin one."""

    serializer_class = HandOffSerializer
    ordering = ("-asked_at",)
    query = HandOffQuery
    scope = Scope.PUBLISH

    def mine(self, owner: Any) -> Any:
        """Select the owner's hand-offs."""
        return selectors.handoffs_of(owner)

    @listing(
        "List what is asked of your own hand, newest first",
        HandOffSerializer(many=True),
        HandOffQuery,
        example=EXAMPLE,
    )
    def get(self, request: Request) -> Response:
        """Return one page of hand-offs."""
        return self.list(request)

    @operation(
        "Hand a headshot over for a place that only you can change",
        HandOffSerializer,
        request=HandOffRequest,
        status=201,
        refused=(404, 409, 415),
        parameters=(ONCE,),
        asked=ASKED,
        example=EXAMPLE,
    )
    @once
    def post(self, request: Request) -> Response:
        """Begin a hand-off, which cancels one of another headshot that waits for the same place.

        If this headshot waits for the place already, that hand-off is returned.
        """
        told = valid(HandOffRequest, request.data)
        variant = headshots.variant_for(request.user, told["variant"])
        begun = handoffs.begin(variant, told["place"])
        headers = {"Location": f"/api/v1/handoffs/{begun.pk}"}
        return Response(_told(request, begun), status=201, headers=headers)


def _told(request: Request, handoff: HandOff) -> Any:
    return HandOffSerializer(handoff, context={"request": request}).data


class One(Item):
    """Read one hand-off."""

    serializer_class = HandOffSerializer

    def found(self, pk: Any = None) -> Any:
        """Return the caller's hand-off with this id."""
        return selectors.handoff_for(self.request.user, pk)

    @operation(
        "See a hand-off: the place, the steps, the file",
        HandOffSerializer,
        refused=(404,),
        example=EXAMPLE,
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """Return the hand-off with its ETag."""
        return super().get(request, pk)


class HandOffFile(File):
    """Download the file of a hand-off."""

    @operation("Take the file of a hand-off, as its place takes it", FILE, refused=(404,))
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        """Return the file as an attachment."""
        found = selectors.handoff_for(request.user, pk)
        file = renditions.download(found.variant, found.place)
        return jpeg(file.data, name=file.name, form=file.form)


class Done(Operation):
    """Say that the person uploaded the picture."""

    scope = Scope.PUBLISH

    @operation("Say that it is done", HandOffSerializer, refused=(404,), example=EXAMPLE)
    def post(self, request: Request, pk: UUID) -> Response:
        """Mark it as done if it still waits; `state` says how it ended."""
        found = selectors.handoff_for(request.user, pk)
        handoffs.done(found)
        return Response(_told(request, found))


class Cancel(Operation):
    """Cancel one hand-off."""

    scope = Scope.PUBLISH

    @operation("Set a hand-off aside", HandOffSerializer, refused=(404,), example=EXAMPLE)
    def post(self, request: Request, pk: UUID) -> Response:
        """Cancel it if it still waits; `state` says how it ended."""
        found = selectors.handoff_for(request.user, pk)
        handoffs.cancel(found)
        return Response(_told(request, found))


class Name(Operation):
    """Tell the person's public name at the place."""

    scope = Scope.PUBLISH

    @operation(
        "Say your name there, so that Facet looks whether it shows",
        HandOffSerializer,
        request=NameRequest,
        refused=(404, 409, 415),
        asked={"name": "alice"},
        example=EXAMPLE,
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Store the name and check whether the public profile shows the picture."""
        found = selectors.handoff_for(request.user, pk)
        told = valid(NameRequest, request.data)
        handoffs.introduce(found, told["name"])
        return Response(_told(request, found))


class Phone(Operation):
    """Get a link that opens one hand-off on a phone."""

    scope = Scope.PUBLISH

    @operation(
        "Get an address that opens it on a phone for half an hour",
        PhoneSerializer,
        refused=(404,),
        example=PHONE,
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Return a signed link, which gives access to the file and to `done` without signing in."""
        found = selectors.handoff_for(request.user, pk)
        until = timezone.now() + timedelta(seconds=LINK_SECONDS)
        return Response(PhoneSerializer({"url": phone_url(found), "until": until}).data)
