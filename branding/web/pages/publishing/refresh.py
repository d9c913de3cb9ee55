"""The pages of a refresh: every chosen look from the newest photo, old beside new, then a yes."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from branding.web.responses import ids, page
from headshots import selectors
from integrations.publishing import refreshes
from integrations.selectors import places_of_variants, worn_by


@login_required
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """What would be made anew, from which photo; a POST makes it."""
    if request.method == "POST":
        return redirect("web:refresh_review", refreshes.begin(request.user).pk)
    photo = selectors.newest_usable_photo(request.user)
    worn = worn_by(request.user)
    hanging = places_of_variants(request.user)
    pairs = [{"old": variant, "frames": hanging[variant.pk]} for variant in worn]
    ready = photo is not None and bool(pairs)
    return page(request, "publishing/refresh", here="sheet", photo=photo, pairs=pairs, ready=ready)


@login_required
@require_GET
def review(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Old beside new; nothing has changed yet."""
    render = selectors.render_for(request.user, pk)
    frames = list(selectors.frames_of(render))
    hanging = places_of_variants(request.user)
    return page(
        request,
        "publishing/refresh_review",
        here="sheet",
        render=render,
        pairs=[
            {"old": new.parent, "new": new, "frames": hanging.get(new.parent_id, [])}
            for new in frames
        ],
        variants=frames,
        waiting=[frame.pk for frame in frames if frame.is_waiting],
    )


@login_required
@require_POST
def yes(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let the new ones that were ticked take the places of the old ones, and send them there."""
    render = selectors.render_for(request.user, pk)
    wanted = selectors.frames_of(render).filter(pk__in=ids(request.POST.getlist("use")))
    made, sent = refreshes.accept(wanted)
    if sent:
        return redirect("web:receipts", sent[0].batch)
    count = len(made)
    told = ngettext("%d place shows the new one.", "%d places show the new ones.", count) % count
    messages.success(request, told)
    return redirect("web:profiles")
