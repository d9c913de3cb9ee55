"""API views of the brand kit."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from branding.api.headshots.renders import EXAMPLE as RENDER_EXAMPLE
from branding.api.idempotency import once
from branding.api.photos.photos import accepted
from branding.api.schema import MATCH, ONCE, operation
from branding.api.serializers import KitChange, KitSerializer, RenderSerializer
from branding.api.validation import valid
from branding.api.views import Item, Operation
from branding.kits import services
from branding.kits.selectors import kit_of
from headshots.errors import NotReady

EXAMPLE = {
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


class Kit(Item):
    """Read and change the caller's brand kit."""

    serializer_class = KitSerializer

    def found(self, pk: Any = None) -> Any:
        """Return the caller's kit; an unsaved, empty one if there is none yet."""
        return kit_of(self.request.user)

    @operation("See the brand kit", KitSerializer, example=EXAMPLE)
    def get(self, request: Request) -> Response:
        """Return the kit with its ETag."""
        return super().get(request)

    @operation(
        "Change the brand kit",
        KitSerializer,
        request=KitChange,
        refused=(409, 412, 415),
        parameters=(MATCH,),
        asked={"accent": "#0B6E4F"},
        example=EXAMPLE,
    )
    def patch(self, request: Request) -> Response:
        """Change the fields that are sent; the others keep their values."""
        kit = self.still(self.found())
        told = valid(KitChange, request.data)
        for name, value in told.items():
            setattr(kit, name, value)
        if kit.backdrop == kit.Backdrop.SCENE and not kit.scene:
            raise NotReady("One room for all needs a room.", advice="Send `scene` too.")
        return self.answer(services.save(kit))


class KitAgain(Operation):
    """Render the newest sheet again with the current kit."""

    @operation(
        "Make the newest sheet once more, in the kit as it is now",
        RenderSerializer,
        status=202,
        refused=(409,),
        parameters=(ONCE,),
        example=RENDER_EXAMPLE,
    )
    @once
    def post(self, request: Request) -> Response:
        """Start a new render; the older one is kept."""
        return accepted(request, services.make_again(request.user))
