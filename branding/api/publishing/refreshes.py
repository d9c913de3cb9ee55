"""API views of a refresh: the headshots in use are rendered again from the newest photo.

The person sees the new ones first, and accepts those that are to replace the old ones.
"""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers
from rest_framework.response import Response

from branding.api.authentication import ApiRequest
from branding.api.headshots.renders import RESPONSE_EXAMPLE as RENDER_EXAMPLE
from branding.api.idempotency import idempotent
from branding.api.models import Scope
from branding.api.photos.photos import accepted_response
from branding.api.publishing.publications import PublicationSerializer
from branding.api.schema import IDEMPOTENCY_KEY, describe_operation
from branding.api.serializers import ChoiceSerializer, RenderSerializer
from branding.api.validation import StrictSerializer, StrictUUIDField, validate_data
from branding.api.views import ApiView
from headshots import selectors
from headshots.models import Render, Variant
from integrations.publishing import refreshes
from integrations.selectors import places_of_variants, refreshable_variants

RESPONSE_EXAMPLE = {
    "photo": "5a0e9a52-1d4f-4c54-9c1a-1a6f7f1d2f60",
    "worn": [{"variant": "d9c0d0f5-7f5c-4f0e-8b59-0d6a5d2a3c11", "places": ["linkedin"]}],
}
REQUEST_EXAMPLE = {"variants": ["d9c0d0f5-7f5c-4f0e-8b59-0d6a5d2a3c11"]}


@extend_schema_serializer(component_name="Worn")
class VariantInUseSerializer(serializers.Serializer[Any]):
    """A headshot that would be rendered again, and where it is used."""

    variant = serializers.UUIDField()
    places = serializers.ListField(child=serializers.CharField())


class RefreshSerializer(serializers.Serializer[Any]):
    """What a refresh would render, and from which photo."""

    photo = serializers.UUIDField(allow_null=True, help_text="the newest usable photo")
    worn = VariantInUseSerializer(many=True)


class AcceptRequest(StrictSerializer):
    """The new headshots that replace the old ones; all that are ready if left out."""

    variants = serializers.ListField(child=StrictUUIDField(), required=False, max_length=200)


class AcceptedSerializer(serializers.Serializer[Any]):
    """The choices that changed and the publications that were created."""

    choices = ChoiceSerializer(many=True)
    publications = PublicationSerializer(many=True)


class RefreshStart(ApiView):
    """Preview a refresh, or start it."""

    @describe_operation(
        "See what a refresh would render, and from which photo",
        RefreshSerializer,
        response_example=RESPONSE_EXAMPLE,
    )
    def get(self, request: ApiRequest) -> Response:
        """Return the newest usable photo and the headshots that would be rendered again."""
        photo = selectors.newest_usable_photo(request.user, refreshable_variants(request.user))
        places_by_variant = places_of_variants(request.user)
        variants_in_use = [
            {
                "variant": variant.pk,
                "places": [place.slug for place in places_by_variant[variant.pk]],
            }
            for variant in refreshable_variants(request.user)
        ]
        preview = {"photo": photo.pk if photo else None, "worn": variants_in_use}
        return Response(RefreshSerializer(preview).data)

    @describe_operation(
        "Render every chosen look again from the newest photo",
        RenderSerializer,
        status=202,
        error_statuses=(409,),
        parameters=(IDEMPOTENCY_KEY,),
        response_example={**RENDER_EXAMPLE, "kind": "refresh"},
    )
    @idempotent
    def post(self, request: ApiRequest) -> Response:
        """Start the render. Each new headshot has the old one as its `parent`.

        Nothing is published before the new ones are accepted.
        """
        return accepted_response(request, refreshes.begin_refresh(request.user))


class RefreshAccept(ApiView):
    """Accept headshots of a refresh."""

    scope = Scope.PUBLISH

    @describe_operation(
        "Accept refreshed headshots and publish them",
        AcceptedSerializer,
        request=AcceptRequest,
        status=202,
        error_statuses=(404, 409, 415),
        parameters=(IDEMPOTENCY_KEY,),
        request_example=REQUEST_EXAMPLE,
    )
    @idempotent
    def post(self, request: ApiRequest, pk: UUID) -> Response:
        """Choose all of them or none in the places of the old ones, then publish each."""
        render = selectors.renders_of(request.user).get(pk=pk, kind=Render.Kind.REFRESH)
        validated_data = validate_data(AcceptRequest, request.data)
        changed_choices, publications = refreshes.accept_refresh(
            _find_accepted_variants(render, validated_data)
        )
        data = AcceptedSerializer({"choices": changed_choices, "publications": publications}).data
        return Response(data, status=202)


def _find_accepted_variants(render: Render, validated_data: dict[str, Any]) -> list[Variant]:
    """Return the variants that are named, or all that can be accepted if none are.

    Raises Variant.DoesNotExist for one that is not part of the render.
    """
    variants_by_id = {variant.pk: variant for variant in selectors.variants_of_render(render)}
    variant_ids = validated_data.get("variants", list(variants_by_id))
    if not variants_by_id.keys() >= set(variant_ids):
        raise Variant.DoesNotExist
    return [variants_by_id[variant_id] for variant_id in dict.fromkeys(variant_ids)]
