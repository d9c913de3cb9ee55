"""API views of variants: list, change, adjust and download headshots."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from branding.accounts.models import User
from branding.api.authentication import ApiRequest
from branding.api.idempotency import idempotent
from branding.api.photos.photos import SIZE_PARAMETER, accepted_response, requested_size
from branding.api.renderers import FileView, PictureView, picture_response
from branding.api.schema import (
    FILE_RESPONSE,
    IDEMPOTENCY_KEY,
    IF_MATCH,
    JPEG_RESPONSE,
    describe_list,
    describe_operation,
)
from branding.api.serializers import (
    AdjustmentSerializer,
    RenderSerializer,
    VariantChange,
    VariantSerializer,
)
from branding.api.validation import StrictSerializer, validate_data
from branding.api.views import ApiView, OwnedDetailView, OwnedListView
from headshots import models, selectors
from headshots.adjustment import Adjustment
from headshots.engine import recipes
from headshots.errors import NotReady
from headshots.services import renders, variants
from headshots.storage import pictures
from integrations import renditions

RESPONSE_EXAMPLE = {
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
    "visible_mark": True,
    "picture": "https://facet.example.org/api/v1/variants/d9c0d0f5-7f5c-4f0e-8b59-0d6a5d2a3c11/picture",
}
PLACE_PARAMETER = OpenApiParameter(
    "place", str, description="as this place wants it; see /api/v1/places"
)
SIDE_PARAMETER = OpenApiParameter(
    "size",
    {"type": "integer", "minimum": renditions.SMALLEST},
    description="pixels per side; it is never enlarged, and without it the full size",
)
FORMAT_PARAMETER = OpenApiParameter(
    "format",
    str,
    enum=[*renditions.FORMATS, renditions.TRANSPARENT],
    description="`transparent` is a PNG of the person without a background",
)


class VariantFilter(StrictSerializer):
    """Filters of the list of headshots."""

    state = serializers.ChoiceField(choices=models.Variant.State.choices, required=False)
    kept = serializers.BooleanField(required=False)
    look = serializers.ChoiceField(choices=sorted(recipes.built_in_looks()), required=False)
    render = serializers.UUIDField(required=False)
    photo = serializers.UUIDField(required=False)


class VariantList(OwnedListView):
    """List the caller's headshots, the unfinished and failed ones too."""

    serializer_class = VariantSerializer
    ordering = ("-number",)
    filter_class = VariantFilter

    def select_owned(self, owner: User) -> Any:
        """Select the owner's variants."""
        return selectors.variants_of(owner)

    @describe_list(
        "List headshots, newest first",
        VariantSerializer(many=True),
        VariantFilter,
        response_example=RESPONSE_EXAMPLE,
    )
    def get(self, request: Request) -> Response:
        """Return one page of headshots."""
        return self.list(request)


class VariantDetail(OwnedDetailView):
    """Read, change or delete one headshot."""

    serializer_class = VariantSerializer

    def get_object(self, pk: Any = None) -> Any:
        """Return the caller's variant with this id."""
        return selectors.variant_for(self.request.user, pk)

    @describe_operation(
        "See a headshot",
        VariantSerializer,
        error_statuses=(404,),
        response_example=RESPONSE_EXAMPLE,
    )
    def get(self, request: ApiRequest, pk: UUID) -> Response:
        """Return the headshot with its ETag."""
        return super().get(request, pk)

    @describe_operation(
        "Change the mark or the description of a headshot",
        VariantSerializer,
        request=VariantChange,
        error_statuses=(404, 412, 415),
        parameters=(IF_MATCH,),
        request_example={"kept": True},
        response_example=RESPONSE_EXAMPLE,
    )
    def patch(self, request: ApiRequest, pk: UUID) -> Response:
        """Change the fields that are sent; the others keep their values."""
        variant = self.require_match(self.get_object(pk))
        validated_data = validate_data(VariantChange, request.data)
        _apply_changes(variant, validated_data)
        return self.build_response(variant)

    @describe_operation(
        "Delete a headshot for good",
        None,
        status=204,
        error_statuses=(404, 412),
        parameters=(IF_MATCH,),
    )
    def delete(self, request: ApiRequest, pk: UUID) -> Response:
        """Delete the headshot and its files."""
        variants.delete_variant(self.require_match(self.get_object(pk)))
        return Response(status=204)


def _apply_changes(variant: Any, validated_data: dict[str, Any]) -> None:
    if "alt_text" in validated_data:
        variants.set_alt_text(variant, validated_data["alt_text"])
    if validated_data.get("discarded"):
        variants.discard_variant(variant)
    elif "discarded" in validated_data:
        variants.restore_variant(variant)
    if validated_data.get("kept"):
        variants.keep_variant(variant)
    if "visible_mark" in validated_data:
        variants.set_visible_mark(variant, is_wanted=validated_data["visible_mark"])


class VariantPicture(PictureView):
    """Show the picture of a headshot."""

    @describe_operation(
        "See the picture of a headshot",
        JPEG_RESPONSE,
        error_statuses=(404, 409),
        parameters=(SIZE_PARAMETER,),
    )
    def get(self, request: ApiRequest, pk: UUID) -> HttpResponse:
        """Return the picture as JPEG; 409 before it is rendered."""
        variant = selectors.variant_for(request.user, pk)
        if not variant.is_ready:
            raise NotReady("This headshot is not ready.")
        return picture_response(pictures.read_file(variant.picture, requested_size(request)))


class VariantFile(FileView):
    """Download the file of a headshot."""

    @describe_operation(
        "Download a headshot",
        FILE_RESPONSE,
        error_statuses=(404, 409, 503),
        parameters=(PLACE_PARAMETER, SIDE_PARAMETER, FORMAT_PARAMETER),
    )
    def get(self, request: ApiRequest, pk: UUID) -> HttpResponse:
        """Return the file as an attachment: as `place` takes it, or in a `size` and a `format`."""
        variant, wish = selectors.variant_for(request.user, pk), request.query_params
        if "size" in wish or "format" in wish:
            form, size = wish.get("format", "jpeg"), wish.get("size", "")
            file = renditions.build_wished_download(variant, form, size)
        else:
            file = renditions.build_download(variant, wish.get("place", ""))
        return picture_response(file.data, name=file.name, image_format=file.form)


class VariantAdjust(ApiView):
    """Render a headshot again with other slider values."""

    @describe_operation(
        "Adjust a headshot",
        RenderSerializer,
        request=AdjustmentSerializer,
        status=202,
        error_statuses=(404, 409, 415),
        parameters=(IDEMPOTENCY_KEY,),
        request_example={"smile": 0.2, "backdrop": "cafe/evening"},
    )
    @idempotent
    def post(self, request: ApiRequest, pk: UUID) -> Response:
        """Start a render of one variant; the original is kept."""
        variant = selectors.variant_for(request.user, pk)
        validated_data = validate_data(AdjustmentSerializer, request.data)
        if not selectors.can_be_adjusted(variant):
            raise NotReady("This headshot cannot be adjusted.", advice="Choose another one.")
        recipe = selectors.recipe_of(variant)
        current_values = vars(Adjustment.from_recipe(recipe))
        adjusted = Adjustment(**{**current_values, **validated_data})
        return accepted_response(
            request, renders.adjust_variant(variant, adjusted.apply_to(recipe)).render
        )
