"""API views of diffusion renders: a headshot with a place, clothes or expression in words."""

import random
from typing import Any, Final
from uuid import UUID

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from branding.api.headshots.renders import EXAMPLE
from branding.api.idempotency import once
from branding.api.photos.photos import accepted
from branding.api.schema import ONCE, operation
from branding.api.serializers import RenderSerializer
from branding.api.validation import Pick, Strict, Whole, valid
from branding.api.views import Operation
from headshots import selectors
from headshots.engine.diffusion.prompts import CHANGES, LONGEST, PLAIN_WORDS
from headshots.engine.errors import BadRecipe
from headshots.engine.recipes import Recipe
from headshots.errors import NotReady
from headshots.services import painters, paintings

AT_ONCE: Final = 4  # variants of one request
SEEDS: Final = 1_000_000  # the highest random seed
ASKED = {"place": "a bright atelier", "outfit": "a navy blazer"}


def _words(help_text: str) -> serializers.RegexField:
    return serializers.RegexField(
        f"^{PLAIN_WORDS.pattern}$",
        required=False,
        allow_blank=True,
        max_length=LONGEST,
        help_text=help_text,
    )


@extend_schema_serializer(component_name="Painter")
class DiffusionSerializer(serializers.Serializer):
    """Whether a worker that paints is there, and what it may be asked."""

    available = serializers.BooleanField(help_text="a GPU worker was alive a moment ago")
    longest = serializers.IntegerField(help_text="characters of a place or of clothes")
    changes = serializers.ListField(child=serializers.CharField(), help_text="of the face itself")


@extend_schema_serializer(component_name="Paint")
class PaintRequest(Strict):
    """A place and clothes in words, or a change of the face; nothing: more like a painted one."""

    place = _words("what lies behind the person")
    outfit = _words("what the person wears")
    change = Pick(choices=sorted(CHANGES), required=False)
    count = Whole(default=AT_ONCE, min_value=1, max_value=AT_ONCE)
    seed = Whole(
        required=False, min_value=0, max_value=SEEDS, help_text="another one each time if left out"
    )


class Painter(Operation):
    """Tell whether a diffusion worker is available."""

    @operation(
        "See whether anything can be painted",
        DiffusionSerializer,
        example={"available": True, "longest": LONGEST, "changes": sorted(CHANGES)},
    )
    def get(self, request: Request) -> Response:
        """Return whether a worker reported lately, and the limits of a request."""
        told = {"available": painters.is_there(), "longest": LONGEST, "changes": sorted(CHANGES)}
        return Response(DiffusionSerializer(told).data)


class Paint(Operation):
    """Render a headshot again by diffusion."""

    @operation(
        "Paint a headshot's place, clothes or expression",
        RenderSerializer,
        request=PaintRequest,
        status=202,
        refused=(404, 409, 415),
        parameters=(ONCE,),
        asked=ASKED,
        example={**EXAMPLE, "kind": "painted"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> Response:
        """Start a render of `count` variants; NotReady (409) without a GPU worker.

        The likeness of each variant to the photo is measured as for any other render.
        """
        found = selectors.variant_for(request.user, pk)
        wish = valid(PaintRequest, request.data)
        if not selectors.can_be_made_again(found):
            raise NotReady("This headshot cannot be painted.", advice="Choose another one.")
        recipe = _repainted(selectors.recipe_of(found), wish)
        seed = wish.get("seed", random.randrange(1, SEEDS))
        return accepted(request, paintings.paint(found, recipe, count=wish["count"], seed=seed))


def _repainted(recipe: Recipe, wish: dict[str, Any]) -> Recipe:
    """Return the recipe with these descriptions.

    Without descriptions, a recipe that uses diffusion already is returned as it is, to get other
    variants of it; any other raises BadRecipe.
    """
    words = {name: wish[name] for name in ("place", "outfit", "change") if wish.get(name)}
    if words:
        return recipe.repainted(**words)
    if not recipe.painted:
        raise BadRecipe(
            "There are no words to paint from.", advice="Describe a place, or clothes, or both."
        )
    return recipe
