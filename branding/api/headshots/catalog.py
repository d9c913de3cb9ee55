"""API views of the looks and scenes to choose from, and of the schema."""

from typing import Any, Final

from django.http import HttpResponse
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from branding.api.authentication import ApiRequest
from branding.api.schema import describe_operation
from branding.api.serializers import LookSerializer, SceneSerializer
from branding.api.views import ApiView
from headshots.engine.operations import scenes
from headshots.engine.recipes import built_in_looks

SCHEMA_CACHE_CONTROL: Final = "public, max-age=300"
_rendered_schemas: dict[str, bytes] = {}  # by format; building one takes about a second


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


class SchemaView(SpectacularAPIView):
    """Return the schema as YAML or JSON, the same bytes to everybody."""

    schema = None

    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Return the schema in the format that is accepted."""
        renderer: Any = request.accepted_renderer
        if renderer.format not in _rendered_schemas:
            data = super().get(request, *args, **kwargs).data  # type: ignore[no-untyped-call]
            _rendered_schemas[renderer.format] = renderer.render(data, renderer.media_type, {})
        return HttpResponse(
            _rendered_schemas[renderer.format],
            content_type=renderer.media_type,
            headers={"Cache-Control": SCHEMA_CACHE_CONTROL},
        )
