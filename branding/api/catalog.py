"""API views of the looks and scenes to choose from, and of the caller."""

from typing import Any, Final

from django.urls import Resolver404, resolve
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from branding.api.authentication import ApiRequest
from branding.api.models import Scope
from branding.api.schema import describe_operation
from branding.api.serializers import LookSerializer, SceneSerializer, TokenSerializer
from branding.api.views import ApiView
from headshots import selectors
from headshots.engine.operations import scenes
from headshots.engine.recipes import built_in_looks

UNKNOWN_PATH: Final = "unknown-path"  # the name of the URL that stands for all unknown ones


class LookList(ApiView):
    """List the looks."""

    @describe_operation("List the looks", LookSerializer(many=True))
    def get(self, request: ApiRequest) -> Response:
        """Return every look; this list has no pages."""
        return Response(LookSerializer(built_in_looks().values(), many=True).data)


class SceneList(ApiView):
    """List the scenes, each with its moods."""

    @describe_operation("List the scenes that can be a background", SceneSerializer(many=True))
    def get(self, request: ApiRequest) -> Response:
        """Return every scene; this list has no pages."""
        scene_data = [
            {"slug": scene.slug, "name": scene.name, "moods": list(scenes.MOODS)}
            for scene in scenes.scene_library().values()
        ]
        return Response(SceneSerializer(scene_data, many=True).data)


class UnknownPath(ApiView):
    """Answer every unknown path under /api/ with 404 as JSON instead of a page."""

    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Raise NotFound before authentication and for every method."""
        if request.path.endswith("/") and _is_known(request.path.rstrip("/")):
            raise NotFound(f"Paths end without a slash: {request.path.rstrip('/')}")
        raise NotFound


def _is_known(path: str) -> bool:
    try:
        return resolve(path).url_name != UNKNOWN_PATH
    except Resolver404:
        return False


class CallerDetail(ApiView):
    """Describe the caller."""

    @describe_operation("See your account and the scopes of your token", TokenSerializer)
    def get(self, request: ApiRequest) -> Response:
        """Return the caller's e-mail address, the scopes of the token, and some counts."""
        caller = {
            "email": request.user.email,
            "scopes": list(request.auth.scopes if request.auth else Scope.values),
            "photo_count": selectors.photos_of(request.user).count(),
            "variant_count": selectors.variants_of(request.user).count(),
        }
        return Response(TokenSerializer(caller).data)
