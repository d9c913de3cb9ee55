"""Views of one headshot: show, adjust, keep, discard, compare."""

import random
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from branding.web.forms import (
    AdjustForm,
    DiffusionForm,
    background_choices,
    cloth_choices,
    garment_choices,
)
from branding.web.notices import show_result
from branding.web.requests import PageRequest
from branding.web.responses import parse_uuids, redirect_back, render_page
from headshots import selectors
from headshots.engine.errors import BadRecipe
from headshots.engine.recipes import Recipe
from headshots.errors import NotReady
from headshots.models import Variant
from headshots.selectors import can_be_adjusted, can_be_rerendered, recipe_of
from headshots.services import (
    diffusion_renders,
    diffusion_workers,
    previews,
    render_sizes,
    renders,
    variants,
)
from integrations.places import Place, all_places
from integrations.selectors import places_of_variants

DIFFUSION_COUNT = 4  # variants of one press
SIBLING_LIMIT = 12  # others of the same sheet, offered to compare with
# Pixels per side; at most those that were made are offered.
DOWNLOAD_SIZES = (2048, 1536, 1024, 800, 512, 400, 256)
COMPARE_LIMIT = 60  # headshots offered to compare with any other


def editor_context(
    request: PageRequest,
    variant: Variant,
    chosen: Mapping[UUID, list[Place]] | None = None,
    siblings: Sequence[Variant] | None = None,
) -> dict[str, Any]:
    """Return the template context of the controls below a headshot.

    `chosen` are the places of each headshot and `siblings` the other headshots of its sheet, where
    the caller knows them already.
    """
    chosen = places_of_variants(request.user) if chosen is None else chosen
    siblings = _siblings_of(variant) if siblings is None else siblings
    return {
        "variant": variant,
        "adjust": _adjust_form(variant),
        "paint": _diffusion_form(variant),
        "hangs": chosen.get(variant.pk, []),
        "frames": list(all_places().values()),
        "siblings": siblings[:SIBLING_LIMIT],
        "download_sizes": [size for size in DOWNLOAD_SIZES if size <= variant.render.size],
        **_editor_page_context(request, variant),
    }


def _siblings_of(variant: Variant) -> list[Variant]:
    ready_variants = selectors.variants_of_render(variant.render).filter(state="ready")
    others = selectors.without_details(ready_variants.exclude(pk=variant.pk))
    return list(others[:SIBLING_LIMIT])


def _editor_page_context(request: PageRequest, variant: Variant) -> dict[str, Any]:
    """Return what only the headshot's own page shows: the other versions and the backgrounds."""
    if not is_alone(request, variant):
        return {}
    versions = selectors.variants_of(request.user).filter(number=variant.number, state="ready")
    rows = list(selectors.without_details(versions))
    return {
        "alone": True,
        "versions": rows if len(rows) > 1 else [],
        "backgrounds": background_choices(),
        "garments": garment_choices(),
        "cloths": cloth_choices(),
    }


def is_alone(request: PageRequest, variant: Variant) -> bool:
    """Return whether a headshot is shown on its own page, with the editor, not beside its sheet."""
    return "alone" in request.GET or (request.path == headshot_url(variant) and not request.htmx)


def _adjust_form(variant: Variant) -> AdjustForm | None:
    """Return the form of sliders; None if the headshot cannot be rendered again with others."""
    if not can_be_adjusted(variant):
        return None
    return AdjustForm(initial=AdjustForm.values_of(recipe_of(variant)))


def _diffusion_form(variant: Variant) -> DiffusionForm | None:
    """Return the form for a background and clothes; None if they cannot be generated now."""
    if not can_be_rerendered(variant) or not diffusion_workers.is_worker_present():
        return None
    params = dict(recipe_of(variant).diffusion_steps)
    place, outfit = params.get("generate_backdrop"), params.get("change_outfit")
    return DiffusionForm(
        initial={
            "place": place.place if place else "",
            "outfit": outfit.outfit if outfit else "",
        },
        auto_id=f"paint-{variant.pk}-%s",
    )


@login_required
@require_GET
def show_headshot(request: PageRequest, pk: UUID) -> HttpResponse:
    """Show one headshot and its controls."""
    headshot = selectors.variant_for(request.user, pk)
    template = "headshots/_headshot" if request.htmx else "headshots/headshot"
    return render_page(request, template, here="headshots", **editor_context(request, headshot))


@login_required
@require_POST
def keep_headshot(request: PageRequest, pk: UUID) -> HttpResponse:
    """Keep a headshot."""
    return _apply_action(request, pk, variants.keep_variant, _("Kept."))


@login_required
@require_POST
def discard_headshot(request: PageRequest, pk: UUID) -> HttpResponse:
    """Discard a headshot."""
    text = _("Dismissed. You can restore it at any time.")
    return _apply_action(request, pk, variants.discard_variant, text)


@login_required
@require_POST
def restore_headshot(request: PageRequest, pk: UUID) -> HttpResponse:
    """Restore a discarded headshot."""
    return _apply_action(request, pk, variants.restore_variant, _("Restored."))


@login_required
@require_POST
def describe_headshot(request: PageRequest, pk: UUID) -> HttpResponse:
    """Set the alt text of a headshot."""
    text = request.POST.get("alt_text", "")
    return _apply_action(
        request,
        pk,
        lambda headshot: variants.set_alt_text(headshot, text),
        _("Description saved."),
    )


@login_required
@require_POST
def mark_headshot(request: PageRequest, pk: UUID) -> HttpResponse:
    """Choose whether files of a headshot with a painted face are marked as made with AI."""
    is_wanted = bool(request.POST.get("mark"))
    text = _("Its files are marked.") if is_wanted else _("Its files are not marked any more.")
    return _apply_action(
        request,
        pk,
        lambda headshot: variants.set_visible_mark(headshot, is_wanted=is_wanted),
        text,
    )


def _apply_action(request: PageRequest, pk: UUID, action: Any, result: str) -> HttpResponse:
    headshot = selectors.variant_for(request.user, pk)
    action(headshot)
    show_result(request, result)
    if request.htmx:
        return render_page(
            request, "headshots/_headshot", changed=True, **editor_context(request, headshot)
        )
    return redirect_back(request, headshot_url(headshot))


def headshot_url(variant: Variant) -> str:
    """Return the URL of a headshot."""
    return redirect("web:variant", variant.pk).url


@login_required
@require_POST
def delete_headshot(request: PageRequest, pk: UUID) -> HttpResponse:
    """Delete a headshot for good."""
    variants.delete_variant(selectors.variant_for(request.user, pk))
    return redirect_back(request, "web:history")


@login_required
@require_POST
def adjust_headshot(request: PageRequest, pk: UUID) -> HttpResponse:
    """Render a headshot again with the values of the sliders; the old one is kept."""
    headshot = selectors.variant_for(request.user, pk)
    version = renders.adjust_variant(headshot, _adjusted_recipe(headshot, request.POST))
    text = _("Saved as version %(letter)s. The original is still there.") % {
        "letter": version.suffix
    }
    show_result(request, text, [(_("Back to the original"), headshot_url(headshot))])
    return redirect("web:variant", version.pk)


@login_required
@require_POST
def generate_variants(request: PageRequest, pk: UUID) -> HttpResponse:
    """Generate variants of a headshot by diffusion, from new words or from the same ones."""
    headshot = selectors.variant_for(request.user, pk)
    if not can_be_rerendered(headshot):
        raise NotReady("This headshot cannot be painted.", advice="Choose another one.")
    recipe = recipe_of(headshot)
    if "more" not in request.POST or not recipe.diffusion_steps:
        recipe = DiffusionForm(request.POST).apply_to_recipe(recipe)
    seed = random.randrange(1, 1_000_000)
    new_render = diffusion_renders.start_diffusion(
        headshot, recipe, count=DIFFUSION_COUNT, seed=seed
    )
    return redirect("web:sheet", new_render.pk)


def _adjusted_recipe(variant: Variant, submitted: Any) -> Recipe:
    """Return the recipe with the values of the sliders. Raises BadRecipe for one out of range."""
    if _adjust_form(variant) is None:
        raise NotReady("This headshot cannot be adjusted.", advice="Choose another one.")
    recipe = recipe_of(variant)
    current_values = {name: str(value) for name, value in AdjustForm.values_of(recipe).items()}
    form = AdjustForm({**current_values, **submitted.dict()})
    if not form.is_valid():
        field_name, problems = next(iter(form.errors.items()))
        raise BadRecipe(
            f"{form.fields[field_name].label}: {problems[0]}", advice="Move the slider."
        )
    return form.apply_to(recipe)


@login_required
@require_GET
async def preview_adjustment(request: PageRequest, pk: UUID) -> HttpResponse:
    """Return a preview of the headshot with the values of the sliders; it is not stored."""
    owner = await request.auser()
    headshot = await sync_to_async(selectors.variant_for)(owner, pk)
    request_data = {
        "look": headshot.look,
        "steps": _adjusted_recipe(headshot, request.GET).to_plain_data(),
        **await sync_to_async(_render_conditions)(headshot),
    }
    assert headshot.photo is not None  # else there was nothing to adjust
    content = await previews.ask_worker(
        "headshots.render_preview", [headshot.photo.picture], request_data
    )
    return HttpResponse(content, content_type="image/jpeg", headers={"Cache-Control": "no-store"})


def _render_conditions(variant: Variant) -> dict[str, Any]:
    """Return what the pixels of a headshot depend on besides its recipe and photo."""
    render, photo = variant.render, variant.photo
    faces = [photo.center_of_face(render.face_in(photo))] if photo else []
    # A preview is small: the photo need not be prepared for large headshots.
    size = min(render.size, render_sizes.FULL_SIZE)
    return {"size": size, "seed": render.seed, "faces": faces}


@login_required
@require_GET
def compare_headshots(request: PageRequest) -> HttpResponse:
    """Show two headshots side by side."""
    variant_ids = parse_uuids([request.GET.get("a", ""), request.GET.get("b", "")])
    requested = [selectors.variant_for(request.user, pk) for pk in variant_ids]
    ready = selectors.variants_of(request.user).filter(state="ready").order_by("-made_at")
    choices = list(selectors.without_details(ready)[:COMPARE_LIMIT])
    left_headshot, right_headshot = [
        *requested,
        *[choice for choice in choices if choice not in requested],
        None,
        None,
    ][:2]
    chosen = places_of_variants(request.user)
    return render_page(
        request,
        "headshots/compare",
        here="headshots",
        a=left_headshot,
        b=right_headshot,
        choices=choices,
        chosen=chosen,
    )
