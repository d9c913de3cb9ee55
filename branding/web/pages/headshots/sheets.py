"""Views of contact sheets: choose looks, follow the progress, show the headshots."""

import random
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from branding.advice.selectors import Advisor, advice_settings_of, suggested_places, wishes_of
from branding.juries import selectors as jury_selectors
from branding.kits.selectors import kit_of
from branding.kits.services import apply_kit_of, suggested_looks
from branding.web.pages.headshots.headshots import editor_context
from branding.web.platform_groups import SUGGESTED
from branding.web.requests import PageRequest
from branding.web.responses import parse_uuids, render_page
from headshots import selectors
from headshots.engine.recipes import Recipe, built_in_looks, choose_recipes
from headshots.models import Photo, Render, Variant
from headshots.services import diffusion_renders, photos, render_sizes, renders
from integrations.places import Place
from integrations.selectors import places_of_variants

PHOTO_LIMIT, KEPT_LIMIT, EARLIER_LIMIT = (
    8,
    24,
    12,
)  # photos, kept headshots and sheets shown at home
PREDICTION_LIMIT = 6  # photos of which the form says what they will give


@login_required
@require_GET
def show_latest_sheet(request: PageRequest) -> HttpResponse:
    """Show the home page: the newest sheet, kept headshots and photos."""
    latest = selectors.latest_sheet(request.user)
    headshots = (
        list(selectors.without_details(selectors.variants_of_render(latest))) if latest else []
    )
    kept_headshots = selectors.without_details(selectors.kept_variants_of(request.user))
    return render_page(
        request,
        "sheets/sheets",
        here="headshots" if latest else "photos",
        photos=list(selectors.photos_of(request.user)[:PHOTO_LIMIT]),
        render=latest,
        variants=headshots,
        waiting=[headshot.pk for headshot in headshots if headshot.is_waiting],
        chosen=places_of_variants(request.user),
        kept=list(kept_headshots[:KEPT_LIMIT]),
        earlier=_earlier_renders(request, latest),
    )


def _earlier_renders(request: PageRequest, latest: Render | None) -> list[Render]:
    """Return the renders before the newest one, newest first, with their headshots."""
    if latest is None:
        return []
    others = selectors.renders_of(request.user).exclude(pk=latest.pk)
    headshots = selectors.without_details(selectors.variants_of(request.user))
    prefetch = Prefetch("variants", headshots, to_attr="frames")
    return list(others.prefetch_related(prefetch)[:EARLIER_LIMIT])


@login_required
@require_POST
def start_sample(request: PageRequest) -> HttpResponse:
    """Add the sample portrait that comes with Facet, and render it."""
    photo = photos.add_sample_photo(request.user)
    return redirect(
        "web:sheet", _start_render(request, [photo], list(built_in_looks().values())).pk
    )


@login_required
@require_http_methods(["GET", "POST"])
def make_sheet(request: PageRequest) -> HttpResponse:
    """Show the form for photos and looks; a POST starts the render."""
    if request.method == "POST":
        chosen_photos = selectors.photos_by_id(
            request.user, parse_uuids(request.POST.getlist("photos"))
        )
        seed = random.randrange(1, 10_000) if request.POST.get("surprise") else 0
        render = _start_render(
            request,
            chosen_photos,
            choose_recipes(request.POST.getlist("looks")),
            seed=seed,
            size=render_sizes.LARGE_SIZE if request.POST.get("large") else render_sizes.FULL_SIZE,
        )
        return redirect("web:sheet", render.pk)
    kit = kit_of(request.user)
    selectable_photos = _selectable_photos(request)
    return render_page(
        request,
        "sheets/make",
        here="headshots",
        photos=selectable_photos,
        predicted_photos=_worst_predictions(request, selectable_photos),
        can_be_large=any(map(render_sizes.can_be_large, selectable_photos)),
        looks=_suggested_looks(suggested_looks(kit)),
        kit=kit,
    )


def _selectable_photos(request: PageRequest) -> list[Photo]:
    """Return the photos to choose from; one that the URL names is preselected alone."""
    selectable = list(selectors.photos_of(request.user).exclude(state=Photo.State.REFUSED))
    only_photo = request.GET.get("photo")
    for photo in selectable:
        photo.picked = not only_photo or str(photo.pk) == only_photo
    return selectable


def _worst_predictions(request: PageRequest, selectable_photos: list[Photo]) -> list[Photo]:
    """Return the photos of which the form says what they will give, those that give least first.

    They are those that are preselected; if there is no photo to choose from, the refused ones.
    """
    picked_photos = [photo for photo in selectable_photos if photo.picked]
    refused_photos = selectors.photos_of(request.user).filter(state=Photo.State.REFUSED)
    shown_photos = picked_photos if selectable_photos else list(refused_photos)
    predicted_photos = [photo for photo in shown_photos if photo.prediction_sentence]
    predicted_photos.sort(key=lambda photo: len((photo.prediction or {}).get("looks", ())))
    return predicted_photos[:PREDICTION_LIMIT]


def _start_render(
    request: PageRequest,
    chosen_photos: list[Photo],
    recipes: list[Recipe],
    *,
    seed: int = 0,
    size: int = render_sizes.FULL_SIZE,
) -> Render:
    return renders.start_render(
        request.user, chosen_photos, apply_kit_of(request.user, recipes), seed=seed, size=size
    )


def _suggested_looks(suggested_slugs: list[str]) -> list[dict[str, Any]]:
    """Return all looks, those that suit the person's kit first."""
    order = [*suggested_slugs, *(slug for slug in built_in_looks() if slug not in suggested_slugs)]
    return [
        {"recipe": built_in_looks()[slug], "suggested": slug in suggested_slugs} for slug in order
    ]


@login_required
@require_GET
def show_sheet(request: PageRequest, pk: UUID) -> HttpResponse:
    """Show one sheet and the headshot that is selected in it."""
    render = selectors.render_for(request.user, pk)
    headshots = list(selectors.variants_of_render(render))
    selected_id = request.GET.get("frame")
    ready_headshots = [headshot for headshot in headshots if headshot.is_ready]
    selected = next(
        (headshot for headshot in ready_headshots if str(headshot.pk) == selected_id), None
    )
    selected = selected or next(iter(ready_headshots), None)
    chosen = places_of_variants(request.user)
    siblings = [headshot for headshot in ready_headshots if headshot is not selected]
    context: dict[str, Any] = (
        editor_context(request, selected, chosen, siblings) if selected else {"variant": None}
    )
    return render_page(
        request,
        "sheets/sheet",
        here="headshots",
        render=render,
        variants=headshots,
        waiting=[headshot.pk for headshot in headshots if headshot.is_waiting],
        selected=selected,
        chosen=chosen,
        preferred=jury_selectors.winners_of(render),
        suggested=_suggested_places(request, headshots, chosen),
        **context,
    )


def _suggested_places(
    request: PageRequest, headshots: list[Variant], chosen: dict[UUID, list[Place]]
) -> dict[UUID, list[Place]]:
    """Return for which places each headshot of a sheet suits best, once all are made.

    Only for somebody who asked for advice. The places are those with a headshot, or usual ones as
    long as there are none.
    """
    if any(headshot.is_waiting for headshot in headshots):
        return {}
    advice_settings = advice_settings_of(request.user)
    if advice_settings is None:
        return {}
    slugs = [place.slug for places in chosen.values() for place in places]
    ready = (headshot for headshot in headshots if headshot.is_ready and not headshot.discarded_at)
    advisor = Advisor(wishes_of(advice_settings), tuple(ready))
    return suggested_places(advisor, slugs or SUGGESTED)


@login_required
@require_GET
def render_progress(request: PageRequest, pk: UUID) -> HttpResponse:
    """Return the headshots that the polling page still showed as waiting."""
    render = selectors.render_for(request.user, pk)
    headshots = list(selectors.variants_of_render(render))
    waiting_ids = set(request.GET.get("waiting", "").split(","))
    return render_page(
        request,
        "components/_render_progress",
        render=render,
        variants=headshots,
        changed=[headshot for headshot in headshots if str(headshot.pk) in waiting_ids],
        waiting=[headshot.pk for headshot in headshots if headshot.is_waiting],
        done=sum(not headshot.is_waiting for headshot in headshots),
        total=len(headshots),
        chosen=places_of_variants(request.user),
    )


@login_required
@require_POST
def retry_render(request: PageRequest, pk: UUID) -> HttpResponse:
    """Retry the headshots that failed."""
    render = selectors.render_for(request.user, pk)
    renders.retry_failed(render)
    return redirect("web:sheet", render.pk)


@login_required
@require_POST
def stop_render(request: PageRequest, pk: UUID) -> HttpResponse:
    """Cancel the variants of a diffusion render that are not made yet."""
    render = selectors.render_for(request.user, pk)
    diffusion_renders.cancel_diffusion(render)
    return redirect("web:sheet", render.pk)
