"""Views of the brand kit."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from branding.kits import services
from branding.kits.selectors import kit_of
from branding.web.forms import KitForm
from branding.web.notices import show_result
from branding.web.requests import PageRequest
from branding.web.responses import render_page
from headshots import selectors
from headshots.engine.errors import BadRecipe
from headshots.engine.io.encode import encode, resize_square
from headshots.engine.operations import garments, scenes

THUMBNAIL = 320  # width and height in pixels
WORN = 8  # headshots shown beside the form
DAY = 86_400  # seconds


@login_required
@require_http_methods(["GET", "POST"])
def edit_kit(request: PageRequest) -> HttpResponse:
    """Show and save the kit."""
    kit = kit_of(request.user)
    form = KitForm(request.POST or None, instance=kit)
    if request.method == "POST" and form.is_valid():
        services.save_kit(form.save(commit=False))
        show_result(
            request,
            _("Saved. New headshots will use it."),
            [(_("Make headshots"), reverse("web:make"))],
        )
        return redirect("web:kit")
    latest_sheet = selectors.latest_sheet(request.user)
    return render_page(
        request,
        "kit/kit",
        here="kit",
        form=form,
        kit=kit,
        scenes=list(scenes.scene_library().values()),
        wearing=list(selectors.variants_of_render(latest_sheet).filter(state="ready")[:WORN])
        if latest_sheet
        else [],
        again=bool(latest_sheet and kit.pk and kit.changed_at > latest_sheet.created_at),
    )


@cache_control(public=True, max_age=DAY, immutable=True)
@require_GET
def scene_thumbnail(request: HttpRequest, slug: str, mood: str) -> HttpResponse:
    """Return a thumbnail of a scene."""
    try:
        scene_info = scenes.load_scene(f"{slug}/{mood}", with_accent=False)
    except BadRecipe as error:
        raise Http404 from error
    return HttpResponse(
        encode(resize_square(scene_info.picture, THUMBNAIL)), content_type="image/jpeg"
    )


@cache_control(public=True, max_age=DAY)
@require_GET
def garment_thumbnail(request: HttpRequest, slug: str) -> HttpResponse:
    """Return a thumbnail of a garment of the wardrobe."""
    if slug not in garments.wardrobe():
        raise Http404
    picture = garments.draw_garment(garments.load_garment(slug))
    return HttpResponse(encode(resize_square(picture, THUMBNAIL)), content_type="image/jpeg")


@login_required
@require_POST
def render_with_kit(request: PageRequest) -> HttpResponse:
    """Render the newest sheet again with the current kit."""
    return redirect("web:sheet", services.rerender_latest_sheet(request.user).pk)
