"""The brand kit for programs."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from branding.api.headshots.renders import EXAMPLE as RENDER
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
    """The caller's kit."""

    serializer_class = KitSerializer

    def found(self, pk: Any = None) -> Any:
        """The kit; an empty one if nothing was ever said."""
        return kit_of(self.request.user)

    @operation("See the brand kit", KitSerializer, example=EXAMPLE)
    def get(self, request: Request) -> Response:
        """Read it."""
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
        """What is left out stays."""
        kit = self.still(self.found())
        told = valid(KitChange, request.data)
        for name, value in told.items():
            setattr(kit, name, value)
        if kit.backdrop == kit.Backdrop.SCENE and not kit.scene:
            raise NotReady("One room for all needs a room.", advice="Send `scene` too.")
        return self.answer(services.save(kit))


class KitAgain(Operation):
    """The newest sheet in it."""

    @operation(
        "Make the newest sheet once more, in the kit as it is now",
        RenderSerializer,
        status=202,
        refused=(409,),
        parameters=(ONCE,),
        example=RENDER,
    )
    @once
    def post(self, request: Request) -> Response:
        """What there is stays."""
        return accepted(request, services.make_again(request.user))
