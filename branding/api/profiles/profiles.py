"""Places, profiles, choices and connections for programs."""

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
from integrations import selectors
from integrations.connections import services as connection_services
from integrations.models import Connection as ConnectionRow
from integrations.places import frames
from integrations.publishing import choices, decisions

ASKED = {"variant": "d9c0d0f5-7f5c-4f0e-8b59-0d6a5d2a3c11", "places": ["linkedin", "github"]}


class Places(Operation):
    """Every place a headshot can hang at."""

    @operation("List the places and how each shows pictures", FrameSerializer(many=True))
    def get(self, request: Request) -> Response:
        """All of them."""
        return Response(FrameSerializer(frames().values(), many=True).data)


class Profiles(Operation):
    """Where the caller is seen."""

    @operation("List your profiles and what is chosen for each", ProfileSerializer(many=True))
    def get(self, request: Request) -> Response:
        """All of them."""
        return Response(ProfileSerializer(selectors.profiles_of(request.user), many=True).data)


class ChoiceQuery(Strict):
    """Which decisions."""

    place = serializers.ChoiceField(choices=PLACES, required=False)
    current = serializers.BooleanField(required=False)


class Choices(Listed):
    """Every decision ever made; a POST makes some."""

    serializer_class = ChoiceSerializer
    ordering = ("-chosen_at",)
    query = ChoiceQuery

    def mine(self, owner: Any) -> Any:
        """The owner's."""
        return selectors.choices_of(owner)

    @listing("List what was chosen, newest first", ChoiceSerializer(many=True), ChoiceQuery)
    def get(self, request: Request) -> Response:
        """A page of them."""
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
        """All or none; answers those that changed."""
        wish = valid(ChoiceRequest, request.data)
        variant = headshots.variant_for(request.user, wish["variant"])
        accounts = [selectors.connection_for(request.user, pk) for pk in wish["connections"]]
        made = decisions.choose(variant, wish["places"], accounts)
        return Response(ChoiceSerializer(made, many=True).data, status=201)


class Choice(Item):
    """One decision."""

    serializer_class = ChoiceSerializer

    def found(self, pk: Any = None) -> Any:
        """The decision."""
        return selectors.choices_of(self.request.user).get(pk=pk)

    @operation("See what was chosen once", ChoiceSerializer, refused=(404,))
    def get(self, request: Request, pk: int) -> Response:
        """Read it."""
        return super().get(request, pk)

    @operation("Take a headshot off its place", None, status=204, refused=(404,))
    def delete(self, request: Request, pk: int) -> Response:
        """Its history stays."""
        choices.clear(self.found(pk))
        return Response(status=204)


class ConnectionQuery(Strict):
    """Which accounts."""

    slug = serializers.SlugField(required=False)
    state = serializers.ChoiceField(choices=ConnectionRow.State.choices, required=False)


class Connections(Listed):
    """Every account that is connected; connecting itself happens in a browser."""

    serializer_class = ConnectionSerializer
    ordering = ("-connected_at",)
    query = ConnectionQuery

    def mine(self, owner: Any) -> Any:
        """The owner's."""
        return selectors.connections_of(owner)

    @listing("List connected accounts", ConnectionSerializer(many=True), ConnectionQuery)
    def get(self, request: Request) -> Response:
        """A page of them."""
        return self.list(request)


class Connection(Item):
    """One connected account."""

    serializer_class = ConnectionSerializer
    scope = Scope.PUBLISH

    def found(self, pk: Any = None) -> Any:
        """The connection."""
        return selectors.connection_for(self.request.user, pk)

    @operation("See a connected account", ConnectionSerializer, refused=(404,))
    def get(self, request: Request, pk: UUID) -> Response:
        """Read it."""
        return super().get(request, pk)

    @operation("Disconnect an account: revoke, then forget", None, status=204, refused=(404,))
    def delete(self, request: Request, pk: UUID) -> Response:
        """What hangs there stays."""
        connection_services.disconnect(self.found(pk))
        return Response(status=204)


class Look(Operation):
    """Looking what hangs there."""

    scope = Scope.PUBLISH

    @operation(
        "Look what hangs at an account; `looked_at` says when",
        ConnectionSerializer,
        status=202,
        refused=(404,),
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """A worker looks soon."""
        found = selectors.connection_for(request.user, pk)
        connection_services.look_soon(found)
        headers = {"Location": f"/api/v1/connections/{found.pk}"}
        return Response(ConnectionSerializer(found).data, status=202, headers=headers)


class Portrait(Picture):
    """What hung there when Facet looked last."""

    @operation("See what hangs at an account, small", JPEG, refused=(404,))
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        """As a JPEG; not found before anybody looked."""
        return small(selectors.connection_for(request.user, pk))
