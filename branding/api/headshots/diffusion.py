"""API views of diffusion renders: a headshot with a place, clothes or expression in words."""

import random
from typing import Any, Final
from uuid import UUID

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers
from rest_framework.response import Response

from branding.api.authentication import ApiRequest
from branding.api.headshots.renders import RESPONSE_EXAMPLE
from branding.api.idempotency import idempotent
from branding.api.photos.photos import accepted_response
from branding.api.schema import IDEMPOTENCY_KEY, describe_operation
from branding.api.serializers import RenderSerializer
from branding.api.validation import (
    StrictChoiceField,
    StrictIntegerField,
    StrictSerializer,
    validate_data,
)
from branding.api.views import ApiView
from headshots import selectors
from headshots.engine.diffusion.prompts import CHANGES, MAX_WORDS_LENGTH, PLAIN_WORDS_PATTERN
from headshots.engine.errors import BadRecipe
from headshots.engine.recipes import Recipe
from headshots.errors import NotReady
from headshots.services import diffusion_renders, diffusion_workers

MAX_VARIANTS: Final = 4  # variants of one request
MAX_SEED: Final = 1_000_000  # the highest random seed
REQUEST_EXAMPLE = {"place": "a bright atelier", "outfit": "a navy blazer"}


def _description_field(help_text: str) -> serializers.RegexField:
    return serializers.RegexField(
        f"^{PLAIN_WORDS_PATTERN.pattern}$",
        required=False,
        allow_blank=True,
        max_length=MAX_WORDS_LENGTH,
        help_text=help_text,
    )


@extend_schema_serializer(component_name="Painter")
class DiffusionSerializer(serializers.Serializer[Any]):
    """Whether image generation is available, and its limits."""

    available = serializers.BooleanField(help_text="whether a GPU worker reported lately")
    longest = serializers.IntegerField(
        help_text="the largest number of characters of a background or of clothes"
    )
    changes = serializers.ListField(
        child=serializers.CharField(),
        help_text="the changes of the expression that can be generated",
    )


@extend_schema_serializer(component_name="Paint")
class DiffusionRequest(StrictSerializer):
    """Background and clothes in words, or a new expression; none gives variations."""

    place = _description_field("the background, in words")
    outfit = _description_field("the clothes, in words")
    change = StrictChoiceField(choices=sorted(CHANGES), required=False)
    count = StrictIntegerField(default=MAX_VARIANTS, min_value=1, max_value=MAX_VARIANTS)
    seed = StrictIntegerField(
        required=False,
        min_value=0,
        max_value=MAX_SEED,
        help_text="a random one if left out",
    )


class DiffusionDetail(ApiView):
    """Tell whether a diffusion worker is available."""

    @describe_operation(
        "See whether image generation is available",
        DiffusionSerializer,
        response_example={
            "available": True,
            "longest": MAX_WORDS_LENGTH,
            "changes": sorted(CHANGES),
        },
    )
    def get(self, request: ApiRequest) -> Response:
        """Return whether a worker reported lately, and the limits of a request."""
        status = {
            "available": diffusion_workers.is_worker_present(),
            "longest": MAX_WORDS_LENGTH,
            "changes": sorted(CHANGES),
        }
        return Response(DiffusionSerializer(status).data)


class VariantDiffusion(ApiView):
    """Render a headshot again by diffusion."""

    @describe_operation(
        "Generate a headshot's background, clothes or expression",
        RenderSerializer,
        request=DiffusionRequest,
        status=202,
        error_statuses=(404, 409, 415),
        parameters=(IDEMPOTENCY_KEY,),
        request_example=REQUEST_EXAMPLE,
        response_example={**RESPONSE_EXAMPLE, "kind": "painted"},
    )
    @idempotent
    def post(self, request: ApiRequest, pk: UUID) -> Response:
        """Start a render of `count` variants; 409 without a GPU worker.

        The likeness of each variant to the photo is measured as for any other render.
        """
        variant = selectors.variant_for(request.user, pk)
        validated_data = validate_data(DiffusionRequest, request.data)
        if not selectors.can_be_rerendered(variant):
            raise NotReady("This headshot cannot be painted.", advice="Choose another one.")
        recipe = _apply_descriptions(selectors.recipe_of(variant), validated_data)
        seed = validated_data.get("seed", random.randrange(1, MAX_SEED))
        return accepted_response(
            request,
            diffusion_renders.start_diffusion(
                variant, recipe, count=validated_data["count"], seed=seed
            ),
        )


def _apply_descriptions(recipe: Recipe, validated_data: dict[str, Any]) -> Recipe:
    """Return the recipe with these descriptions.

    Without descriptions, a recipe that uses diffusion already is returned as it is, to get other
    variants of it; any other raises BadRecipe.
    """
    descriptions = {
        field_name: validated_data[field_name]
        for field_name in ("place", "outfit", "change")
        if validated_data.get(field_name)
    }
    if descriptions:
        return recipe.with_diffusion(**descriptions)
    if not recipe.diffusion_steps:
        raise BadRecipe(
            "There are no words to paint from.", advice="Describe a place, or clothes, or both."
        )
    return recipe
