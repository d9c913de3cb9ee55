"""API views of the looks and scenes to choose from."""

from rest_framework.response import Response

from branding.api.authentication import ApiRequest
from branding.api.schema import describe_operation
from branding.api.serializers import LookSerializer, SceneSerializer
from branding.api.views import ApiView
from headshots.engine.operations import scenes
from headshots.engine.recipes import built_in_looks


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
