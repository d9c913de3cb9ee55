"""Views of a refresh: render chosen headshots from the newest photo, compare, accept."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from branding.web.requests import PageRequest
from branding.web.responses import parse_uuids, render_page
from headshots import selectors
from integrations.publishing import refreshes
from integrations.selectors import places_of_variants, refreshable_variants


@login_required
@require_http_methods(["GET", "POST"])
def start_refresh(request: PageRequest) -> HttpResponse:
    """Show what would be rendered anew and from which photo; a POST starts it."""
    if request.method == "POST":
        return redirect("web:refresh_review", refreshes.begin_refresh(request.user).pk)
    current_variants = refreshable_variants(request.user)
    photo = selectors.newest_usable_photo(request.user, current_variants)
    current_choices = places_of_variants(request.user)
    old_and_new = [
        {"old": variant, "frames": current_choices[variant.pk]} for variant in current_variants
    ]
    is_ready = photo is not None and bool(old_and_new)
    return render_page(
        request,
        "publishing/refresh",
        here="headshots",
        photo=photo,
        pairs=old_and_new,
        ready=is_ready,
    )


@login_required
@require_GET
def review_refresh(request: PageRequest, pk: UUID) -> HttpResponse:
    """Show old and new headshots side by side, before anything is changed."""
    render = selectors.render_for(request.user, pk)
    headshots = list(selectors.variants_of_render(render))
    places_by_variant = places_of_variants(request.user)
    return render_page(
        request,
        "publishing/refresh_review",
        here="headshots",
        render=render,
        pairs=[
            {
                "old": headshot.parent,
                "new": headshot,
                "frames": places_by_variant.get(headshot.parent_id, [])
                if headshot.parent_id
                else [],
            }
            for headshot in headshots
        ],
        variants=headshots,
        waiting=[headshot.pk for headshot in headshots if headshot.is_waiting],
    )


@login_required
@require_POST
def approve_refresh(request: PageRequest, pk: UUID) -> HttpResponse:
    """Choose the selected new headshots instead of the old ones, and publish them."""
    render = selectors.render_for(request.user, pk)
    chosen_headshots = selectors.variants_of_render(render).filter(
        pk__in=parse_uuids(request.POST.getlist("use"))
    )
    new_choices, publications = refreshes.accept_refresh(chosen_headshots)
    if publications:
        return redirect("web:receipts", publications[0].batch)
    count = len(new_choices)
    message = (
        ngettext("%d profile uses the new headshot.", "%d profiles use the new headshots.", count)
        % count
    )
    messages.success(request, message)
    return redirect("web:profiles")
