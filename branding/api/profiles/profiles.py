"""API views of places, profiles, choices and connections."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from branding.accounts.models import User
from branding.api.authentication import ApiRequest
from branding.api.idempotency import idempotent
from branding.api.models import Scope
from branding.api.renderers import PictureView, portrait_response
from branding.api.schema import IDEMPOTENCY_KEY, JPEG_RESPONSE, describe_list, describe_operation
from branding.api.serializers import (
    PLACES,
    ChoiceRequest,
    ChoiceSerializer,
    ConnectionSerializer,
    PlaceSerializer,
    ProfileSerializer,
)
from branding.api.validation import StrictSerializer, validate_data
from branding.api.views import ApiView, OwnedDetailView, OwnedListView
from headshots import selectors as headshots
from integrations import models, selectors
from integrations.connections import pictures as connection_pictures
from integrations.connections import services as connection_services
from integrations.places import all_places
from integrations.publishing import choices

REQUEST_EXAMPLE = {
    "variant": "d9c0d0f5-7f5c-4f0e-8b59-0d6a5d2a3c11",
    "places": ["linkedin", "github"],
}


class PlaceList(ApiView):
    """List the places where a headshot can be shown."""

    @describe_operation("List the places and how each shows pictures", PlaceSerializer(many=True))
    def get(self, request: ApiRequest) -> Response:
        """Return every place; this list has no pages."""
        return Response(PlaceSerializer(all_places().values(), many=True).data)


class ProfileList(ApiView):
    """List the caller's profiles: places and connected accounts."""

    @describe_operation(
        "List your profiles and what is chosen for each", ProfileSerializer(many=True)
    )
    def get(self, request: ApiRequest) -> Response:
        """Return every profile with its choice; this list has no pages."""
        return Response(ProfileSerializer(selectors.profiles_of(request.user), many=True).data)


class ChoiceFilter(StrictSerializer):
    """Filters of the list of choices."""

    place = serializers.ChoiceField(choices=PLACES, required=False)
    current = serializers.BooleanField(required=False)


class ChoiceList(OwnedListView):
    """List the caller's choices, earlier ones too, or choose a headshot."""

    serializer_class = ChoiceSerializer
    ordering = ("-chosen_at",)
    filter_class = ChoiceFilter

    def select_owned(self, owner: User) -> Any:
        """Select the owner's choices."""
        return selectors.choices_of(owner)

    @describe_list("List choices, newest first", ChoiceSerializer(many=True), ChoiceFilter)
    def get(self, request: Request) -> Response:
        """Return one page of choices."""
        return self.list(request)

    @describe_operation(
        "Choose a headshot for some places or accounts",
        ChoiceSerializer(many=True),
        request=ChoiceRequest,
        status=201,
        error_statuses=(404, 415),
        parameters=(IDEMPOTENCY_KEY,),
        request_example=REQUEST_EXAMPLE,
    )
    @idempotent
    def post(self, request: ApiRequest) -> Response:
        """Choose the headshot for all or none of them, and return the choices that changed."""
        validated_data = validate_data(ChoiceRequest, request.data)
        variant = headshots.variant_for(request.user, validated_data["variant"])
        connections = [
            selectors.connection_for(request.user, connection_id)
            for connection_id in validated_data["connections"]
        ]
        changed_choices = choices.choose_variant(variant, validated_data["places"], connections)
        return Response(ChoiceSerializer(changed_choices, many=True).data, status=201)


class ChoiceDetail(OwnedDetailView):
    """Read or end one choice."""

    serializer_class = ChoiceSerializer

    def get_object(self, pk: Any = None) -> Any:
        """Return the caller's choice with this id."""
        return selectors.choices_of(self.request.user).get(pk=pk)

    @describe_operation("See a choice", ChoiceSerializer, error_statuses=(404,))
    def get(self, request: ApiRequest, pk: int) -> Response:
        """Return the choice with its ETag."""
        return super().get(request, pk)

    @describe_operation("End a choice", None, status=204, error_statuses=(404,))
    def delete(self, request: ApiRequest, pk: int) -> Response:
        """End the choice; its row is kept as history."""
        choices.clear_choice(self.get_object(pk))
        return Response(status=204)


class ConnectionFilter(StrictSerializer):
    """Filters of the list of connections."""

    slug = serializers.SlugField(required=False)
    state = serializers.ChoiceField(choices=models.Connection.State.choices, required=False)


class ConnectionList(OwnedListView):
    """List the caller's connections. A new one needs a browser, for the platform's consent page."""

    serializer_class = ConnectionSerializer
    ordering = ("-connected_at",)
    filter_class = ConnectionFilter

    def select_owned(self, owner: User) -> Any:
        """Select the owner's connections."""
        return selectors.connections_of(owner)

    @describe_list("List connected accounts", ConnectionSerializer(many=True), ConnectionFilter)
    def get(self, request: Request) -> Response:
        """Return one page of connections."""
        return self.list(request)


class ConnectionDetail(OwnedDetailView):
    """Read or end one connection."""

    needs_recent_sign_in = True
    serializer_class = ConnectionSerializer
    scope = Scope.PUBLISH

    def get_object(self, pk: Any = None) -> Any:
        """Return the caller's connection with this id."""
        return selectors.connection_for(self.request.user, pk)

    @describe_operation("See a connected account", ConnectionSerializer, error_statuses=(404,))
    def get(self, request: ApiRequest, pk: UUID) -> Response:
        """Return the connection with its ETag."""
        return super().get(request, pk)

    @describe_operation(
        "Disconnect an account and revoke its tokens", None, status=204, error_statuses=(404,)
    )
    def delete(self, request: ApiRequest, pk: UUID) -> Response:
        """Revoke the tokens and delete them; the account keeps its picture."""
        connection_services.end_connection(self.get_object(pk))
        return Response(status=204)


class ConnectionCheck(ApiView):
    """Check which picture an account shows now."""

    scope = Scope.PUBLISH

    @describe_operation(
        "Check which picture an account shows",
        ConnectionSerializer,
        status=202,
        error_statuses=(404,),
    )
    def post(self, request: ApiRequest, pk: UUID) -> Response:
        """Queue the check; `looked_at` changes when a worker did it."""
        connection = selectors.connection_for(request.user, pk)
        connection_pictures.enqueue_picture_fetch(connection)
        headers = {"Location": f"/api/v1/connections/{connection.pk}"}
        return Response(ConnectionSerializer(connection).data, status=202, headers=headers)


class ConnectionPortrait(PictureView):
    """Show the picture that the account had at the last check, small."""

    @describe_operation(
        "See the picture that an account shows, small", JPEG_RESPONSE, error_statuses=(404,)
    )
    def get(self, request: ApiRequest, pk: UUID) -> HttpResponse:
        """Return it as JPEG; 404 before the first check."""
        return portrait_response(selectors.connection_for(request.user, pk))
