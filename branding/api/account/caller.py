"""The API view of the caller."""

from rest_framework.response import Response

from branding.api.authentication import ApiRequest
from branding.api.models import Scope
from branding.api.schema import describe_operation
from branding.api.serializers import TokenSerializer
from branding.api.views import ApiView
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
