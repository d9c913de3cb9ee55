"""API views of a refresh: the headshots in use are rendered again from the newest photo.

The person sees the new ones first, and accepts those that are to replace the old ones.
"""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from branding.api.headshots.renders import EXAMPLE as RENDER_EXAMPLE
from branding.api.idempotency import once
from branding.api.models import Scope
from branding.api.photos.photos import accepted
from branding.api.publishing.publications import PublicationSerializer
from branding.api.schema import ONCE, operation
from branding.api.serializers import ChoiceSerializer, RenderSerializer
from branding.api.validation import Id, Strict, valid
from branding.api.views import Operation
from headshots import selectors
from headshots.models import Render, Variant
from integrations.publishing import refreshes
from integrations.selectors import places_of_variants, worn_by

EXAMPLE = {
    "photo": "5a0e9a52-1d4f-4c54-9c1a-1a6f7f1d2f60",
    "worn": [{"variant": "d9c0d0f5-7f5c-4f0e-8b59-0d6a5d2a3c11", "places": ["linkedin"]}],
}
ASKED = {"variants": ["d9c0d0f5-7f5c-4f0e-8b59-0d6a5d2a3c11"]}


@extend_schema_serializer(component_name="Worn")
class VariantInUseSerializer(serializers.Serializer):
    """A headshot that would be made anew, and where it hangs."""

    variant = serializers.UUIDField()
    places = serializers.ListField(child=serializers.CharField())


class RefreshSerializer(serializers.Serializer):
    """What would be made anew, from which photo."""

    photo = serializers.UUIDField(allow_null=True, help_text="the newest that is usable")
    worn = VariantInUseSerializer(many=True)


class AcceptRequest(Strict):
    """Which of the new headshots take the place of the old ones; all that are ready if left out."""

    variants = serializers.ListField(child=Id(), required=False, max_length=200)


class AcceptedSerializer(serializers.Serializer):
    """What hangs anew, and what is on its way."""

    choices = ChoiceSerializer(many=True)
    publications = PublicationSerializer(many=True)


class Refresh(Operation):
    """Preview a refresh, or start it."""

    @operation("See what would be made anew, from which photo", RefreshSerializer, example=EXAMPLE)
    def get(self, request: Request) -> Response:
        """Return the newest usable photo and the headshots that would be rendered again."""
        photo = selectors.newest_usable_photo(request.user)
        hanging = places_of_variants(request.user)
        worn = [
            {"variant": variant.pk, "places": [place.slug for place in hanging[variant.pk]]}
            for variant in worn_by(request.user)
        ]
        told = {"photo": photo.pk if photo else None, "worn": worn}
        return Response(RefreshSerializer(told).data)

    @operation(
        "Make every chosen look anew from the newest photo",
        RenderSerializer,
        status=202,
        refused=(409,),
        parameters=(ONCE,),
        example={**RENDER_EXAMPLE, "kind": "refresh"},
    )
    @once
    def post(self, request: Request) -> Response:
        """Start the render. Each new headshot has the old one as its `parent`.

        Nothing is published before the new ones are accepted.
        """
        return accepted(request, refreshes.begin(request.user))


class Accept(Operation):
    """Accept headshots of a refresh."""

    scope = Scope.PUBLISH

    @operation(
        "Let new headshots take the places of the old ones, and send them",
        AcceptedSerializer,
        request=AcceptRequest,
        status=202,
        refused=(404, 409, 415),
        parameters=(ONCE,),
        asked=ASKED,
    )
    @once
    def post(self, request: Request, pk: UUID) -> Response:
        """Choose all of them or none in the places of the old ones, then publish each."""
        render = selectors.renders_of(request.user).get(pk=pk, kind=Render.Kind.REFRESH)
        told = valid(AcceptRequest, request.data)
        made, sent = refreshes.accept(_wanted(render, told))
        data = AcceptedSerializer({"choices": made, "publications": sent}).data
        return Response(data, status=202)


def _wanted(render: Render, wish: dict[str, Any]) -> list[Variant]:
    """Return the variants that are named, or all that can be accepted if none are.

    Raises Variant.DoesNotExist for one that is not part of the render.
    """
    frames = {variant.pk: variant for variant in selectors.frames_of(render)}
    keys = wish.get("variants", list(frames))
    if not frames.keys() >= set(keys):
        raise Variant.DoesNotExist
    return [frames[key] for key in dict.fromkeys(keys)]
