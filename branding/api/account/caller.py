"""The API views of the caller and of the export of their account."""

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from branding.api.authentication import ApiRequest
from branding.api.models import Scope
from branding.api.renderers import BinaryContentNegotiation, BinaryRenderer
from branding.api.schema import describe_operation
from branding.api.serializers import TokenSerializer
from branding.api.views import ApiView
from branding.exports.writing import export_response
from headshots import selectors


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


class ZipRenderer(BinaryRenderer):
    """Lets a client ask for application/zip in its Accept header."""

    media_type = "application/zip"
    format = "zip"


class AccountExport(ApiView):
    """Download everything of the caller's account."""

    renderer_classes = (ZipRenderer, JSONRenderer)
    content_negotiation_class = BinaryContentNegotiation
    needs_recent_sign_in_to_read = True

    @describe_operation(
        "Download everything of your account",
        {(200, "application/zip"): OpenApiTypes.BINARY},
    )
    def get(self, request: ApiRequest) -> StreamingHttpResponse:
        """Return a zip file with all rows as JSON, its schema, and every picture.

        Secrets are not in it. An account has one export under way at a time.
        """
        return export_response(request.user)
