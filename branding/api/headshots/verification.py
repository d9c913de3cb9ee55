"""API view that tells of any picture whether it was made here."""

from typing import Any, get_args

from django.conf import settings
from django.http import Http404
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from branding.api.authentication import ApiRequest
from branding.api.models import Scope
from branding.api.schema import describe_operation
from branding.api.throttling import require_below_rate
from branding.api.validation import StrictSerializer, validate_data
from branding.api.views import ApiView
from headshots.engine.errors import TooLarge
from headshots.engine.face_changes import FaceClaim
from headshots.engine.io.decode import MAX_BYTES
from integrations.content_credentials.statements import NOT_MEASURED
from integrations.content_credentials.verification import Outcome, verify_file

RESPONSE_EXAMPLE = {
    "outcome": "signed_here",
    "face": "light_and_color",
    "actions": ["Skin retouched", "Background replaced"],
    "made_on": None,
    "signer": "facet.example.org",
    "signed_at": None,
    "sentences": [
        "Signed by this installation, and not changed since.",
        "The face is the photographed one: only its light and colour were changed.",
    ],
}


class PictureToVerify(StrictSerializer):
    """One picture, as a part of multipart/form-data."""

    file = serializers.FileField(help_text="JPEG, PNG, WebP or HEIC")


class VerificationSerializer(serializers.Serializer[Any]):
    """What is known of a picture."""

    outcome = serializers.ChoiceField(
        choices=list(get_args(Outcome)), help_text="`recognized`: a copy of a headshot made here"
    )
    face = serializers.ChoiceField(
        choices=["", *get_args(FaceClaim), NOT_MEASURED],
        help_text="what became of the photographed face; empty unless we vouch for it",
    )
    actions = serializers.ListField(child=serializers.CharField(), help_text="what was done")
    made_on = serializers.DateField(allow_null=True, help_text="of recognized copies")
    signer = serializers.CharField(help_text="name in the certificate; empty without a signature")
    signed_at = serializers.DateTimeField(
        allow_null=True, help_text="by a time-stamping authority, if one was asked"
    )
    sentences = serializers.ListField(child=serializers.CharField(), help_text="for people")


class PictureVerification(ApiView):
    """Verify a picture."""

    scope = Scope.READ
    parser_classes = (MultiPartParser,)

    @describe_operation(
        "Find out whether a picture was made here",
        VerificationSerializer,
        request=PictureToVerify,
        error_statuses=(404, 409, 413, 415, 503),
        response_example=RESPONSE_EXAMPLE,
        operation_id="verify_picture",
    )
    def post(self, request: ApiRequest) -> Response:
        """Read the picture in memory, and store nothing of it; 404 where this is turned off."""
        if not settings.VERIFY_PAGE:
            raise Http404
        require_below_rate("verify", request._request, limit=settings.VERIFY_RATE, seconds=60)
        file = validate_data(PictureToVerify, request.data)["file"]
        if file.size > MAX_BYTES:  # before it is read into memory
            raise TooLarge(f"The file has {file.size / 1e6:.0f} MB; at most {MAX_BYTES / 1e6:.0f}.")
        return Response(verify_file(file.read()).to_plain_data())
