"""API views of the permission to recognize copies of a headshot."""

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.response import Response

from branding.api.authentication import ApiRequest
from branding.api.schema import describe_operation
from branding.api.views import ApiView
from branding.public_urls import proof_urls
from headshots import selectors
from headshots.models import Variant
from integrations.content_credentials import recognition

ENDED_EXAMPLE = {"is_recognizable": False, "proof_url": None, "badge_url": None}
ALLOWED_EXAMPLE = {
    "is_recognizable": True,
    "proof_url": "https://facet.example.org/verify/d9c0d0f57f5c4f0e:8Zk2/",
    "badge_url": "https://facet.example.org/verify/d9c0d0f57f5c4f0e:8Zk2/badge.svg",
}


class RecognitionSerializer(serializers.Serializer[Any]):
    """Whether copies of a headshot are recognized on the page that verifies pictures."""

    is_recognizable = serializers.BooleanField()
    proof_url = serializers.URLField(
        allow_null=True,
        help_text="a public page that shows the headshot and says that its face was not generated;"
        " null unless copies are recognized and that was measured",
    )
    badge_url = serializers.URLField(
        allow_null=True, help_text="a badge (SVG) for one's own page, to link to `proof_url`"
    )


class VariantRecognition(ApiView):
    """Read, give and end the permission to recognize copies of a headshot."""

    @describe_operation(
        "See whether copies of a headshot are recognized",
        RecognitionSerializer,
        operation_id="variants_recognition_read",
        error_statuses=(404,),
        response_example=ENDED_EXAMPLE,
    )
    def get(self, request: ApiRequest, pk: UUID) -> Response:
        """Return whether copies are recognized."""
        variant = selectors.variant_for(request.user, pk)
        return Response(_describe(variant))

    @describe_operation(
        "Let copies of a headshot be recognized",
        RecognitionSerializer,
        operation_id="variants_recognition_allow",
        error_statuses=(404, 409),
        response_example=ALLOWED_EXAMPLE,
    )
    def put(self, request: ApiRequest, pk: UUID) -> Response:
        """Store a perceptual hash of the picture; anyone with a copy learns it was made here."""
        variant = selectors.variant_for(request.user, pk)
        recognition.allow_recognition(variant)
        return Response(_describe(variant))

    @describe_operation(
        "Stop recognizing copies of a headshot",
        RecognitionSerializer,
        operation_id="variants_recognition_end",
        error_statuses=(404,),
        response_example=ENDED_EXAMPLE,
    )
    def delete(self, request: ApiRequest, pk: UUID) -> Response:
        """Forget the hash."""
        variant = selectors.variant_for(request.user, pk)
        recognition.end_recognition(variant)
        return Response(_describe(variant))


def _describe(variant: Variant) -> dict[str, Any]:
    """Return the permission as the schema describes it."""
    is_recognizable = recognition.is_recognizable(variant)
    proof_url, badge_url = (proof_urls(variant) if is_recognizable else None) or (None, None)
    return {
        "is_recognizable": is_recognizable,
        "proof_url": proof_url,
        "badge_url": badge_url,
    }
