"""API views of the permission to recognize copies of a headshot."""

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.response import Response

from branding.api.authentication import ApiRequest
from branding.api.schema import describe_operation
from branding.api.views import ApiView
from headshots import selectors
from integrations.content_credentials import recognition


class RecognitionSerializer(serializers.Serializer[Any]):
    """Whether copies of a headshot are recognized on the page that verifies pictures."""

    is_recognizable = serializers.BooleanField()


class VariantRecognition(ApiView):
    """Read, give and end the permission to recognize copies of a headshot."""

    @describe_operation(
        "See whether copies of a headshot are recognized",
        RecognitionSerializer,
        operation_id="variants_recognition_read",
        error_statuses=(404,),
        response_example={"is_recognizable": False},
    )
    def get(self, request: ApiRequest, pk: UUID) -> Response:
        """Return whether copies are recognized."""
        variant = selectors.variant_for(request.user, pk)
        return Response({"is_recognizable": recognition.is_recognizable(variant)})

    @describe_operation(
        "Let copies of a headshot be recognized",
        RecognitionSerializer,
        operation_id="variants_recognition_allow",
        error_statuses=(404, 409),
        response_example={"is_recognizable": True},
    )
    def put(self, request: ApiRequest, pk: UUID) -> Response:
        """Store a perceptual hash of the picture; anyone with a copy learns it was made here."""
        recognition.allow_recognition(selectors.variant_for(request.user, pk))
        return Response({"is_recognizable": True})

    @describe_operation(
        "Stop recognizing copies of a headshot",
        RecognitionSerializer,
        operation_id="variants_recognition_end",
        error_statuses=(404,),
        response_example={"is_recognizable": False},
    )
    def delete(self, request: ApiRequest, pk: UUID) -> Response:
        """Forget the hash."""
        recognition.end_recognition(selectors.variant_for(request.user, pk))
        return Response({"is_recognizable": False})
