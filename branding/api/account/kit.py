"""API views of the brand kit."""

from typing import Any

from rest_framework.response import Response

from branding.api.authentication import ApiRequest
from branding.api.headshots.renders import RESPONSE_EXAMPLE as RENDER_EXAMPLE
from branding.api.idempotency import idempotent
from branding.api.photos.photos import accepted_response
from branding.api.schema import IDEMPOTENCY_KEY, IF_MATCH, describe_operation
from branding.api.serializers import KitChange, KitSerializer, RenderSerializer
from branding.api.validation import validate_data
from branding.api.views import ApiView, OwnedDetailView
from branding.kits import services
from branding.kits.selectors import kit_of
from headshots.errors import NotReady

RESPONSE_EXAMPLE = {
    "name": "Alice Example",
    "accent": "#0B6E4F",
    "backdrop": "scene",
    "scene": "office/morning",
    "light": "warm",
    "smile_low": -0.2,
    "smile_high": 0.6,
    "industry": "tech",
    "audience": "clients",
    "changed_at": "2026-11-24T09:00:00Z",
}


class KitDetail(OwnedDetailView):
    """Read and change the caller's brand kit."""

    serializer_class = KitSerializer

    def get_object(self, pk: Any = None) -> Any:
        """Return the caller's kit; an unsaved, empty one if there is none yet."""
        return kit_of(self.request.user)

    @describe_operation("See the brand kit", KitSerializer, response_example=RESPONSE_EXAMPLE)
    def get(self, request: ApiRequest) -> Response:
        """Return the kit with its ETag."""
        return super().get(request)

    @describe_operation(
        "Change the brand kit",
        KitSerializer,
        request=KitChange,
        error_statuses=(409, 412, 415),
        parameters=(IF_MATCH,),
        request_example={"accent": "#0B6E4F"},
        response_example=RESPONSE_EXAMPLE,
    )
    def patch(self, request: ApiRequest) -> Response:
        """Change the fields that are sent; the others keep their values."""
        kit = self.require_match(self.get_object())
        validated_data = validate_data(KitChange, request.data)
        for field_name, value in validated_data.items():
            setattr(kit, field_name, value)
        if kit.backdrop == kit.Backdrop.SCENE and not kit.scene:
            raise NotReady("One room for all needs a room.", advice="Send `scene` too.")
        return self.build_response(services.save_kit(kit))


class KitRerender(ApiView):
    """Render the newest sheet again with the current kit."""

    @describe_operation(
        "Render the newest headshots again with the current kit",
        RenderSerializer,
        status=202,
        error_statuses=(409,),
        parameters=(IDEMPOTENCY_KEY,),
        response_example=RENDER_EXAMPLE,
    )
    @idempotent
    def post(self, request: ApiRequest) -> Response:
        """Start a new render; the older one is kept."""
        return accepted_response(request, services.rerender_latest_sheet(request.user))
