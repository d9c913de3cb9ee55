"""The pages of contact sheets: choose looks, watch them develop, see them all."""

import random
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from branding.kits.selectors import kit_of
from branding.kits.services import dressed, suggested
from branding.web.pages.headshots.headshots import adjusting
from branding.web.responses import ids, page
from headshots import selectors
from headshots.engine.recipes import Recipe, choose, looks
from headshots.models import Photo, Render
from headshots.services import paintings, photos, renders
from integrations.selectors import places_of_variants

STRIP, SHELF, EARLIER = 8, 24, 12  # photos, kept headshots and sheets shown at home


@login_required
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Home: the newest sheet, what was kept, and the photos."""
    latest = selectors.latest_sheet(request.user)
    frames = list(selectors.laid_out(selectors.frames_of(latest))) if latest else []
    kept = selectors.laid_out(selectors.kept_by(request.user))
    return page(
        request,
        "sheets/sheets",
        here="sheet",
        photos=list(selectors.photos_of(request.user)[:STRIP]),
        render=latest,
        variants=frames,
        waiting=[frame.pk for frame in frames if frame.is_waiting],
        chosen=places_of_variants(request.user),
        kept=list(kept[:SHELF]),
        earlier=_earlier(request, latest),
    )


def _earlier(request: HttpRequest, latest: Render | None) -> list[Render]:
    """The renders before the newest sheet, newest first, with their frames."""
    if latest is None:
        return []
    others = selectors.renders_of(request.user).exclude(pk=latest.pk)
    film = selectors.laid_out(selectors.variants_of(request.user))
    frames = Prefetch("variants", film, to_attr="frames")
    return list(others.prefetch_related(frames)[:EARLIER])


@login_required
@require_POST
def sample(request: HttpRequest) -> HttpResponse:
    """Try everything with the portrait that comes with Facet."""
    photo = photos.add_sample(request.user)
    return redirect("web:sheet", _start(request, [photo], list(looks().values())).pk)


@login_required
@require_http_methods(["GET", "POST"])
def make(request: HttpRequest) -> HttpResponse:
    """Choose photos and looks; press once."""
    if request.method == "POST":
        chosen = selectors.photos_for(request.user, ids(request.POST.getlist("photos")))
        seed = random.randrange(1, 10_000) if request.POST.get("surprise") else 0
        render = _start(request, chosen, choose(request.POST.getlist("looks")), seed=seed)
        return redirect("web:sheet", render.pk)
    kit = kit_of(request.user)
    return page(
        request,
        "sheets/make",
        here="sheet",
        photos=_laid_out(request),
        looks=_suggestions(suggested(kit)),
        kit=kit,
    )


def _laid_out(request: HttpRequest) -> list[Photo]:
    """The photos to choose from; one named in the address is picked alone."""
    found = list(selectors.photos_of(request.user).exclude(state=Photo.State.REFUSED))
    alone = request.GET.get("photo")
    for photo in found:
        photo.picked = not alone or str(photo.pk) == alone
    return found


def _start(
    request: HttpRequest, chosen: list[Photo], recipes: list[Recipe], *, seed: int = 0
) -> Render:
    return renders.start(request.user, chosen, dressed(request.user, recipes), seed=seed)


def _suggestions(first: list[str]) -> list[dict[str, Any]]:
    """Every look, those that suit the person's kit first."""
    order = [*first, *(slug for slug in looks() if slug not in first)]
    return [{"recipe": looks()[slug], "suggested": slug in first} for slug in order]


@login_required
@require_GET
def sheet(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One sheet and the frame that lies under the loupe."""
    render = selectors.render_for(request.user, pk)
    frames = list(selectors.frames_of(render))
    wanted = request.GET.get("frame")
    ready = [frame for frame in frames if frame.is_ready]
    selected = next((frame for frame in ready if str(frame.pk) == wanted), None)
    selected = selected or next(iter(ready), None)
    context: dict[str, Any] = adjusting(request, selected) if selected else {"variant": None}
    return page(
        request,
        "sheets/sheet",
        here="sheet",
        render=render,
        variants=frames,
        waiting=[frame.pk for frame in frames if frame.is_waiting],
        selected=selected,
        chosen=places_of_variants(request.user),
        **context,
    )


@login_required
@require_GET
def progress(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The frames that were waiting when the page asked last, as they are now."""
    render = selectors.render_for(request.user, pk)
    frames = list(selectors.frames_of(render))
    asked = set(request.GET.get("waiting", "").split(","))
    return page(
        request,
        "components/_render_progress",
        render=render,
        variants=frames,
        changed=[frame for frame in frames if str(frame.pk) in asked],
        waiting=[frame.pk for frame in frames if frame.is_waiting],
        done=sum(not frame.is_waiting for frame in frames),
        total=len(frames),
        chosen=places_of_variants(request.user),
    )


@login_required
@require_POST
def again(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Try once more what could not be made."""
    render = selectors.render_for(request.user, pk)
    renders.again(render)
    return redirect("web:sheet", render.pk)


@login_required
@require_POST
def stop(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Stop what is not painted yet."""
    render = selectors.render_for(request.user, pk)
    paintings.cancel(render)
    return redirect("web:sheet", render.pk)
