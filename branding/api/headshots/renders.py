"""API views of renders: start, see, retry and stop them."""

from typing import Any
from uuid import UUID

from django.db.models import Prefetch
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from branding.accounts.models import User
from branding.api.authentication import ApiRequest
from branding.api.idempotency import idempotent
from branding.api.photos.photos import accepted_response
from branding.api.schema import IDEMPOTENCY_KEY, describe_list, describe_operation
from branding.api.serializers import RenderRequest, RenderSerializer
from branding.api.validation import StrictSerializer, validate_data
from branding.api.views import ApiView, OwnedDetailView, OwnedListView
from branding.kits.services import apply_kit_of
from headshots import models, selectors
from headshots.engine import recipes
from headshots.services import diffusion_renders, renders

REQUEST_EXAMPLE = {
    "photos": ["5a0e9a52-1d4f-4c54-9c1a-1a6f7f1d2f60"],
    "looks": ["linkedin", "social"],
}
RESPONSE_EXAMPLE = {
    "id": "0c6f9a34-4e5d-4bb0-8a52-6a4dd0a7b0e9",
    "kind": "sheet",
    "photos": REQUEST_EXAMPLE["photos"],
    "size": 1024,
    "seed": 0,
    "created_at": "2026-11-24T09:00:00Z",
    "finished_at": None,
    "finished": False,
    "variants": [],
}


class RenderFilter(StrictSerializer):
    """Filters of the list of renders."""

    kind = serializers.ChoiceField(choices=models.Render.Kind.choices, required=False)


class RenderList(OwnedListView):
    """List the caller's renders, or start one."""

    serializer_class = RenderSerializer
    ordering = ("-created_at",)
    filter_class = RenderFilter

    def select_owned(self, owner: User) -> Any:
        """Select the owner's renders with their photos and variants."""
        renders_of_owner = selectors.renders_of(owner)
        return renders_of_owner.prefetch_related(
            "photos", Prefetch("variants", selectors.variants_of(owner))
        )

    @describe_list(
        "List renders, newest first",
        RenderSerializer(many=True),
        RenderFilter,
        response_example=RESPONSE_EXAMPLE,
    )
    def get(self, request: Request) -> Response:
        """Return one page of renders."""
        return self.list(request)

    @describe_operation(
        "Make headshots",
        RenderSerializer,
        request=RenderRequest,
        status=202,
        error_statuses=(404, 409, 415),
        parameters=(IDEMPOTENCY_KEY,),
        request_example=REQUEST_EXAMPLE,
        response_example=RESPONSE_EXAMPLE,
    )
    @idempotent
    def post(self, request: ApiRequest) -> Response:
        """Start a render; its variants become ready one after another."""
        validated_data = validate_data(RenderRequest, request.data)
        photos = [
            selectors.photo_for(request.user, photo_id) for photo_id in validated_data["photos"]
        ]
        looks = recipes.choose_recipes(
            validated_data.get("looks") or list(recipes.built_in_looks())
        )
        looks = apply_kit_of(request.user, looks) if validated_data["kit"] else looks
        render = renders.start_render(
            request.user,
            photos,
            looks,
            seed=validated_data["seed"],
            size=validated_data["size"],
        )
        return accepted_response(request, render)


class RenderDetail(OwnedDetailView):
    """Read one render."""

    serializer_class = RenderSerializer

    def get_object(self, pk: Any = None) -> Any:
        """Return the caller's render with this id."""
        return selectors.render_for(self.request.user, pk)

    @describe_operation(
        "See a render and its progress",
        RenderSerializer,
        error_statuses=(404,),
        response_example=RESPONSE_EXAMPLE,
    )
    def get(self, request: ApiRequest, pk: UUID) -> Response:
        """Return the render with its ETag."""
        return super().get(request, pk)


class RenderRetry(ApiView):
    """Retry the failed variants of a render."""

    @describe_operation(
        "Retry the failed variants of a render", RenderSerializer, status=202, error_statuses=(404,)
    )
    def post(self, request: ApiRequest, pk: UUID) -> Response:
        """Queue the failed variants again; the finished ones are kept."""
        render = selectors.render_for(request.user, pk)
        renders.retry_failed(render)
        return accepted_response(request, selectors.render_for(request.user, pk))


class RenderStop(ApiView):
    """Stop a diffusion render."""

    @describe_operation(
        "Stop the image generation of a render",
        RenderSerializer,
        error_statuses=(404, 409),
        response_example=RESPONSE_EXAMPLE,
    )
    def post(self, request: ApiRequest, pk: UUID) -> Response:
        """Cancel the variants that are not finished; the finished ones are kept."""
        diffusion_renders.cancel_diffusion(selectors.render_for(request.user, pk))
        render = selectors.render_for(request.user, pk)
        return Response(RenderSerializer(render, context={"request": request}).data)
