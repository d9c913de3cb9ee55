"""API views of variants: list, change, adjust and download headshots."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from branding.api.idempotency import once
from branding.api.photos.photos import SIZE, accepted, size_of
from branding.api.photos.pictures import File, Picture, jpeg
from branding.api.schema import FILE, JPEG, MATCH, ONCE, listing, operation
from branding.api.serializers import (
    AdjustmentSerializer,
    RenderSerializer,
    VariantChange,
    VariantSerializer,
)
from branding.api.validation import Strict, valid
from branding.api.views import Item, Listed, Operation
from headshots import models, selectors
from headshots.adjustment import Adjustment
from headshots.engine import recipes
from headshots.errors import NotReady
from headshots.services import renders, variants
from headshots.storage import pictures
from integrations import renditions
from integrations.publishing import decisions

EXAMPLE = {
    "id": "d9c0d0f5-7f5c-4f0e-8b59-0d6a5d2a3c11",
    "render": "0c6f9a34-4e5d-4bb0-8a52-6a4dd0a7b0e9",
    "photo": "5a0e9a52-1d4f-4c54-9c1a-1a6f7f1d2f60",
    "parent": None,
    "label": "01",
    "look": "linkedin",
    "title": "LinkedIn",
    "state": "ready",
    "progress": 100,
    "step": "",
    "likeness": 0.08,
    "likeness_words": "closer than two photos of you on the same day",
    "skin_delta_e": 1.2,
    "done": ["the light comes from the window"],
    "notes": [],
    "source_type": "compositeSynthetic",
    "reason": "",
    "advice": "",
    "alt_text": "",
    "made_at": "2026-11-24T09:00:03Z",
    "kept": True,
    "discarded": False,
    "picture": "https://facet.example.org/api/v1/variants/d9c0d0f5-7f5c-4f0e-8b59-0d6a5d2a3c11/picture",
}
PLACE = OpenApiParameter("place", str, description="as this place wants it; see /api/v1/places")


class VariantQuery(Strict):
    """Filters of the list of headshots."""

    state = serializers.ChoiceField(choices=models.Variant.State.choices, required=False)
    kept = serializers.BooleanField(required=False)
    look = serializers.ChoiceField(choices=sorted(recipes.looks()), required=False)
    render = serializers.UUIDField(required=False)
    photo = serializers.UUIDField(required=False)


class Variants(Listed):
    """List the caller's headshots, the unfinished and failed ones too."""

    serializer_class = VariantSerializer
    ordering = ("-number",)
    query = VariantQuery

    def mine(self, owner: Any) -> Any:
        """Select the owner's variants."""
        return selectors.variants_of(owner)

    @listing(
        "List headshots, newest first", VariantSerializer(many=True), VariantQuery, example=EXAMPLE
    )
    def get(self, request: Request) -> Response:
        """Return one page of headshots."""
        return self.list(request)


class Variant(Item):
    """Read, change or delete one headshot."""

    serializer_class = VariantSerializer

    def found(self, pk: Any = None) -> Any:
        """Return the caller's variant with this id."""
        return selectors.variant_for(self.request.user, pk)

    @operation("See a headshot", VariantSerializer, refused=(404,), example=EXAMPLE)
    def get(self, request: Request, pk: UUID) -> Response:
        """Return the headshot with its ETag."""
        return super().get(request, pk)

    @operation(
        "Keep, set aside or describe a headshot",
        VariantSerializer,
        request=VariantChange,
        refused=(404, 412, 415),
        parameters=(MATCH,),
        asked={"kept": True},
        example=EXAMPLE,
    )
    def patch(self, request: Request, pk: UUID) -> Response:
        """Change the fields that are sent; the others keep their values."""
        found = self.still(self.found(pk))
        told = valid(VariantChange, request.data)
        _change(found, told)
        return self.answer(found)

    @operation(
        "Delete a headshot for good", None, status=204, refused=(404, 412), parameters=(MATCH,)
    )
    def delete(self, request: Request, pk: UUID) -> Response:
        """Delete the headshot and its files."""
        variants.delete(self.still(self.found(pk)))
        return Response(status=204)


def _change(found: Any, told: dict[str, Any]) -> None:
    if "alt_text" in told:
        variants.describe(found, told["alt_text"])
    if told.get("discarded"):
        variants.discard(found)
    elif "discarded" in told:
        variants.restore(found)
    if told.get("kept"):
        decisions.keep(found)


class VariantPicture(Picture):
    """Show the picture of a headshot."""

    @operation("See the headshot itself", JPEG, refused=(404, 409), parameters=(SIZE,))
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        """Return the picture as JPEG; NotReady (409) before it is rendered."""
        found = selectors.variant_for(request.user, pk)
        if not found.is_ready:
            raise NotReady("This headshot is not ready.")
        return jpeg(pictures.read(found.picture, size_of(request)))


class VariantFile(File):
    """Download the file of a headshot."""

    @operation(
        "Take a headshot home, as made or as a place wants it",
        FILE,
        refused=(404, 409),
        parameters=(PLACE,),
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        """Return the file as an attachment, in the format and size of `place` if that is sent."""
        found = selectors.variant_for(request.user, pk)
        file = renditions.download(found, request.query_params.get("place", ""))
        return jpeg(file.data, name=file.name, form=file.form)


class Adjust(Operation):
    """Render a headshot again with other slider values."""

    @operation(
        "Make a headshot again with the sliders moved",
        RenderSerializer,
        request=AdjustmentSerializer,
        status=202,
        refused=(404, 409, 415),
        parameters=(ONCE,),
        asked={"smile": 0.2, "backdrop": "cafe/evening"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> Response:
        """Start a render of one variant; the original is kept."""
        found = selectors.variant_for(request.user, pk)
        told = valid(AdjustmentSerializer, request.data)
        if not selectors.can_be_adjusted(found):
            raise NotReady("This headshot cannot be adjusted.", advice="Choose another one.")
        recipe = selectors.recipe_of(found)
        current = vars(Adjustment.of(recipe))
        adjusted = Adjustment(**{**current, **told})
        return accepted(request, renders.adjust(found, adjusted.applied(recipe)).render)
