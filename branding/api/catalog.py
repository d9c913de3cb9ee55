"""What there is to choose from, and who is asking."""

from typing import Any

from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from branding.api.models import Scope
from branding.api.schema import operation
from branding.api.serializers import LookSerializer, SceneSerializer, TokenSerializer
from branding.api.views import Operation
from headshots import selectors
from headshots.engine.operations import scenes
from headshots.engine.recipes import looks


class Looks(Operation):
    """Every look."""

    @operation("List the looks", LookSerializer(many=True))
    def get(self, request: Request) -> Response:
        """All of them."""
        return Response(LookSerializer(looks().values(), many=True).data)


class Scenes(Operation):
    """Every room."""

    @operation("List the rooms", SceneSerializer(many=True))
    def get(self, request: Request) -> Response:
        """All of them."""
        told = [
            {"slug": scene.slug, "name": scene.name, "moods": list(scenes.MOODS)}
            for scene in scenes.library().values()
        ]
        return Response(SceneSerializer(told, many=True).data)


class Nowhere(Operation):
    """Any other address: programs are refused in their own words."""

    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Whoever asks, whatever the method."""
        raise NotFound


class Me(Operation):
    """The caller."""

    @operation("See who you are here", TokenSerializer)
    def get(self, request: Request) -> Response:
        """And what the token may do."""
        told = {
            "email": request.user.email,
            "scopes": list(request.auth.scopes if request.auth else Scope.values),
            "photo_count": selectors.photos_of(request.user).count(),
            "variant_count": selectors.variants_of(request.user).count(),
        }
        return Response(TokenSerializer(told).data)
