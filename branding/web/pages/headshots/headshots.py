"""The pages of one headshot: look closely, adjust, keep, compare, download."""

import random
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from branding.web.forms import AdjustForm, PaintForm
from branding.web.responses import back, ids, page
from headshots import selectors
from headshots.adjustment import Adjustment
from headshots.engine.errors import BadRecipe
from headshots.engine.recipes import Recipe
from headshots.errors import NotReady
from headshots.models import Variant
from headshots.selectors import can_be_adjusted, can_be_made_again, recipe_of
from headshots.services import painters, paintings, previews, renders, variants
from integrations.places import frames
from integrations.publishing import decisions
from integrations.selectors import places_of_variants

PAINTED = 4  # variants of one press
SIBLINGS = 12  # others of the same sheet, offered to compare with
BESIDE = 60  # headshots offered to compare with any other


def adjusting(request: HttpRequest, variant: Variant) -> dict[str, Any]:
    """What the controls beneath a headshot need."""
    siblings = selectors.frames_of(variant.render).filter(state="ready").exclude(pk=variant.pk)
    return {
        "variant": variant,
        "adjust": _sliders(variant),
        "paint": _words(variant),
        "hangs": places_of_variants(request.user).get(variant.pk, []),
        "frames": list(frames().values()),
        "siblings": list(selectors.laid_out(siblings)[:SIBLINGS]),
    }


def _sliders(variant: Variant) -> AdjustForm | None:
    """Sliders where they stand; none for what is painted, untouched or has lost its photo."""
    if not can_be_adjusted(variant):
        return None
    return AdjustForm(initial=vars(Adjustment.of(recipe_of(variant))))


def _words(variant: Variant) -> PaintForm | None:
    """Fields for a place and clothes, where somebody could paint them."""
    if not can_be_made_again(variant) or not painters.is_there():
        return None
    params = dict(recipe_of(variant).painted)
    place, outfit = params.get("generate_backdrop"), params.get("change_outfit")
    return PaintForm(
        initial={
            "place": place.place if place else "",
            "outfit": outfit.outfit if outfit else "",
        },
        auto_id=f"paint-{variant.pk}-%s",
    )


@login_required
@require_GET
def variant(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One headshot, large, with everything that can be done with it."""
    found = selectors.variant_for(request.user, pk)
    name = "headshots/_headshot" if request.htmx else "headshots/headshot"
    return page(request, name, here="sheet", **adjusting(request, found))


@login_required
@require_POST
def keep(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keep a headshot."""
    return _done(request, pk, decisions.keep)


@login_required
@require_POST
def discard(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Lay a headshot aside."""
    return _done(request, pk, variants.discard)


@login_required
@require_POST
def restore(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a headshot back."""
    return _done(request, pk, variants.restore)


@login_required
@require_POST
def describe(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say what a headshot shows."""
    text = request.POST.get("alt_text", "")
    return _done(request, pk, lambda found: variants.describe(found, text))


def _done(request: HttpRequest, pk: UUID, verb: Any) -> HttpResponse:
    found = selectors.variant_for(request.user, pk)
    verb(found)
    if request.htmx:
        return page(request, "headshots/_headshot", changed=True, **adjusting(request, found))
    return back(request, found_at(found))


def found_at(variant: Variant) -> str:
    """The address of a headshot."""
    return redirect("web:variant", variant.pk).url


@login_required
@require_POST
def delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Delete a headshot for good."""
    variants.delete(selectors.variant_for(request.user, pk))
    return back(request, "web:history")


@login_required
@require_POST
def adjust(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Make the same frame again as the sliders say; the one before stays on the film."""
    found = selectors.variant_for(request.user, pk)
    made = renders.adjust(found, _adjusted(found, request.POST))
    return redirect("web:sheet", made.render_id)


@login_required
@require_POST
def paint(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Paint some variants of a headshot: in other words, or more like this one."""
    found = selectors.variant_for(request.user, pk)
    if not can_be_made_again(found):
        raise NotReady("This headshot cannot be painted.", advice="Choose another one.")
    recipe = recipe_of(found)
    if "more" not in request.POST or not recipe.painted:
        recipe = PaintForm(request.POST).repainted(recipe)
    seed = random.randrange(1, 1_000_000)
    made = paintings.paint(found, recipe, count=PAINTED, seed=seed)
    return redirect("web:sheet", made.pk)


def _adjusted(variant: Variant, told: Any) -> Recipe:
    """The recipe as the sliders say; BadRecipe names the one that is out of range."""
    if _sliders(variant) is None:
        raise NotReady("This headshot cannot be adjusted.", advice="Choose another one.")
    recipe = recipe_of(variant)
    standing = {name: str(value) for name, value in vars(Adjustment.of(recipe)).items()}
    form = AdjustForm({**standing, **told.dict()})
    if not form.is_valid():
        field, problems = next(iter(form.errors.items()))
        raise BadRecipe(f"{form.fields[field].label}: {problems[0]}", advice="Move the slider.")
    return form.adjustment().applied(recipe)


@login_required
@require_GET
async def preview(request: HttpRequest, pk: UUID) -> HttpResponse:
    """How the headshot would look; kept nowhere."""
    owner = await request.auser()
    found = await sync_to_async(selectors.variant_for)(owner, pk)
    wish = {
        "look": found.look,
        "steps": _adjusted(found, request.GET).plain(),
        **await sync_to_async(_conditions)(found),
    }
    data = await previews.ask("headshots.preview", [found.photo.picture], wish)
    return HttpResponse(data, content_type="image/jpeg", headers={"Cache-Control": "no-store"})


def _conditions(variant: Variant) -> dict[str, int]:
    """What else the pixels of a headshot depend on."""
    return {"size": variant.render.size, "seed": variant.render.seed}


@login_required
@require_GET
def compare(request: HttpRequest) -> HttpResponse:
    """Two headshots side by side."""
    told = ids([request.GET.get("a", ""), request.GET.get("b", "")])
    pair = [selectors.variant_for(request.user, pk) for pk in told]
    ready = selectors.variants_of(request.user).filter(state="ready").order_by("-made_at")
    choices = list(selectors.laid_out(ready)[:BESIDE])
    first, second = [*pair, *[one for one in choices if one not in pair], None, None][:2]
    chosen = places_of_variants(request.user)
    return page(
        request,
        "headshots/compare",
        here="sheet",
        a=first,
        b=second,
        choices=choices,
        chosen=chosen,
    )
