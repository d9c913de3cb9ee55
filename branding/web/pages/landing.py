"""Views of the landing page, of the sample on it, and of what makes Facet installable."""

from pathlib import Path

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from branding.accounts import trials
from branding.web.platform_groups import SUGGESTED
from branding.web.responses import render_page
from headshots.engine.recipes import built_in_looks
from headshots.errors import FacetError
from headshots.services import previews
from headshots.services.photos import SAMPLE
from integrations.places import all_places

DAY = 86_400  # seconds
ICON_SIZES = (192, 512)  # pixels per side
SERVICE_WORKER = Path(__file__).parents[1] / "static/web/js/service-worker.js"


@require_GET
def show_landing_page(request: HttpRequest) -> HttpResponse:
    """Show what Facet does to people who are not signed in."""
    if request.user.is_authenticated:
        return redirect("web:sheets")
    return render_landing_page(request)


def render_landing_page(
    request: HttpRequest, *, trial_error: FacetError | None = None
) -> HttpResponse:
    """Render the landing page, with what prevented a trial if something did."""
    return render_page(
        request,
        "public/landing",
        trials_are_open=trials.are_open(),
        trial_error=trial_error,
        looks=list(built_in_looks().values()),
        places=[all_places()[slug] for slug in SUGGESTED],
    )


@cache_control(public=True, max_age=DAY)
@require_GET
async def sample_headshot(request: HttpRequest, look: str) -> HttpResponse:
    """Return one look of the sample portrait, rendered by a worker on the first request."""
    if look not in built_in_looks():
        raise Http404
    cache_key = f"sample:{built_in_looks()[look].cache_key(SAMPLE.read_bytes(), side=0, seed=0)}"
    content = await cache.aget(cache_key)
    if content is None:
        content = await previews.ask_worker("headshots.render_sample", look)
        await cache.aset(cache_key, content, DAY)
    return HttpResponse(content, content_type="image/jpeg")


@cache_control(public=True, max_age=DAY)
@require_GET
def sample_photo(request: HttpRequest) -> HttpResponse:
    """Return the unedited sample portrait."""
    return HttpResponse(SAMPLE.read_bytes(), content_type="image/jpeg")


@cache_control(private=True, max_age=DAY)  # its description is in a language
@require_GET
def web_manifest(request: HttpRequest) -> HttpResponse:
    """Return the manifest with which a phone installs Facet as an app."""
    icons = [
        {
            "src": static(f"web/img/icon-{size}.png"),
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": "any maskable",
        }
        for size in ICON_SIZES
    ]
    manifest = {
        "name": "Facet",
        "short_name": "Facet",
        "description": _("Headshots that are you, on every profile"),
        "start_url": reverse("web:home"),
        "display": "standalone",
        "background_color": "#f4efe7",
        "theme_color": "#f4efe7",
        "icons": icons,
    }
    return JsonResponse(manifest, content_type="application/manifest+json")


@cache_control(max_age=0)
@require_GET
def service_worker(request: HttpRequest) -> HttpResponse:
    """Return the service worker; it lies at the root because it is for every page."""
    return HttpResponse(SERVICE_WORKER.read_bytes(), content_type="text/javascript")


@require_GET
def help_page(request: HttpRequest) -> HttpResponse:
    """Explain the four steps, and answer what people ask."""
    return render_page(request, "public/help", here="help")


@require_GET
def offline_page(request: HttpRequest) -> HttpResponse:
    """Show the page that a browser keeps for times without a connection. It names nobody."""
    return render_page(request, "public/offline")


@cache_control(public=True, max_age=DAY)
@require_GET
def favicon(request: HttpRequest) -> HttpResponse:
    """Redirect browsers that ask for the icon by its old name."""
    return HttpResponseRedirect(static("web/img/icon-192.png"))
