"""API views of places, profiles, choices and connections."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from branding.api.idempotency import once
from branding.api.models import Scope
from branding.api.photos.pictures import Picture, small
from branding.api.schema import JPEG, ONCE, listing, operation
from branding.api.serializers import (
    PLACES,
    ChoiceRequest,
    ChoiceSerializer,
    ConnectionSerializer,
    FrameSerializer,
    ProfileSerializer,
)
from branding.api.validation import Strict, valid
from branding.api.views import Item, Listed, Operation
from headshots import selectors as headshots
from integrations import models, selectors
from integrations.connections import services as connection_services
from integrations.places import frames
from integrations.publishing import choices, decisions

ASKED = {"variant": "d9c0d0f5-7f5c-4f0e-8b59-0d6a5d2a3c11", "places": ["linkedin", "github"]}


class Places(Operation):
    """List the places where a headshot can be shown."""

    @operation("List the places and how each shows pictures", FrameSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Return every place; this list has no pages."""
        return Response(FrameSerializer(frames().values(), many=True).data)


class Profiles(Operation):
    """List the caller's profiles: places and connected accounts."""

    @operation("List your profiles and what is chosen for each", ProfileSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Return every profile with its choice; this list has no pages."""
        return Response(ProfileSerializer(selectors.profiles_of(request.user), many=True).data)


class ChoiceQuery(Strict):
    """Filters of the list of choices."""

    place = serializers.ChoiceField(choices=PLACES, required=False)
    current = serializers.BooleanField(required=False)


class Choices(Listed):
    """List the caller's choices, earlier ones too, or choose a headshot."""

    serializer_class = ChoiceSerializer
    ordering = ("-chosen_at",)
    query = ChoiceQuery

    def mine(self, owner: Any) -> Any:
        """Select the owner's choices."""
        return selectors.choices_of(owner)

    @listing("List what was chosen, newest first", ChoiceSerializer(many=True), ChoiceQuery)
    def get(self, request: Request) -> Response:
        """Return one page of choices."""
        return self.list(request)

    @operation(
        "Choose a headshot for some places or accounts",
        ChoiceSerializer(many=True),
        request=ChoiceRequest,
        status=201,
        refused=(404, 415),
        parameters=(ONCE,),
        asked=ASKED,
    )
    @once
    def post(self, request: Request) -> Response:
        """Choose the headshot for all or none of them, and return the choices that changed."""
        wish = valid(ChoiceRequest, request.data)
        variant = headshots.variant_for(request.user, wish["variant"])
        accounts = [selectors.connection_for(request.user, pk) for pk in wish["connections"]]
        made = decisions.choose(variant, wish["places"], accounts)
        return Response(ChoiceSerializer(made, many=True).data, status=201)


class Choice(Item):
    """Read or end one choice."""

    serializer_class = ChoiceSerializer

    def found(self, pk: Any = None) -> Any:
        """Return the caller's choice with this id."""
        return selectors.choices_of(self.request.user).get(pk=pk)

    @operation("See what was chosen once", ChoiceSerializer, refused=(404,))
    def get(self, request: Request, pk: int) -> Response:
        """Return the choice with its ETag."""
        return super().get(request, pk)

    @operation("Take a headshot off its place", None, status=204, refused=(404,))
    def delete(self, request: Request, pk: int) -> Response:
        """End the choice; its row is kept as history."""
        choices.clear(self.found(pk))
        return Response(status=204)


class ConnectionQuery(Strict):
    """Filters of the list of connections."""

    slug = serializers.SlugField(required=False)
    state = serializers.ChoiceField(choices=models.Connection.State.choices, required=False)


class Connections(Listed):
    """List the caller's connections. A new one needs a browser, for the platform's consent page."""

    serializer_class = ConnectionSerializer
    ordering = ("-connected_at",)
    query = ConnectionQuery

    def mine(self, owner: Any) -> Any:
        """Select the owner's connections."""
        return selectors.connections_of(owner)

    @listing("List connected accounts", ConnectionSerializer(many=True), ConnectionQuery)
    def get(self, request: Request) -> Response:
        """Return one page of connections."""
        return self.list(request)


class Connection(Item):
    """Read or end one connection."""

    serializer_class = ConnectionSerializer
    scope = Scope.PUBLISH

    def found(self, pk: Any = None) -> Any:
        """Return the caller's connection with this id."""
        return selectors.connection_for(self.request.user, pk)

    @operation("See a connected account", ConnectionSerializer, refused=(404,))
    def get(self, request: Request, pk: UUID) -> Response:
        """Return the connection with its ETag."""
        return super().get(request, pk)

    @operation("Disconnect an account: revoke, then forget", None, status=204, refused=(404,))
    def delete(self, request: Request, pk: UUID) -> Response:
        """Revoke the tokens and delete them; the account keeps its picture."""
        connection_services.disconnect(self.found(pk))
        return Response(status=204)


class Look(Operation):
    """Check which picture an account shows now."""

    scope = Scope.PUBLISH

    @operation(
        "Look what hangs at an account; `looked_at` says when",
        ConnectionSerializer,
        status=202,
        refused=(404,),
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Queue the check; `looked_at` changes when a worker did it."""
        found = selectors.connection_for(request.user, pk)
        connection_services.look_soon(found)
        headers = {"Location": f"/api/v1/connections/{found.pk}"}
        return Response(ConnectionSerializer(found).data, status=202, headers=headers)


class Portrait(Picture):
    """Show the picture that the account had at the last check, small."""

    @operation("See what hangs at an account, small", JPEG, refused=(404,))
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        """Return it as JPEG; Http404 before the first check."""
        return small(selectors.connection_for(request.user, pk))
