"""Views of the landing page and of the sample headshots on it."""

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from branding.web.responses import render_page
from headshots.engine.recipes import built_in_looks
from headshots.services import previews
from headshots.services.photos import SAMPLE

DAY = 86_400  # seconds


@require_GET
def show_landing_page(request: HttpRequest) -> HttpResponse:
    """Show what Facet does to people who are not signed in."""
    if request.user.is_authenticated:
        return redirect("web:sheets")
    return render_page(request, "public/landing", looks=list(built_in_looks().values()))


@cache_control(public=True, max_age=DAY)
@require_GET
async def sample_headshot(request: HttpRequest, look: str) -> HttpResponse:
    """Return one look of the sample portrait, rendered by a worker on the first request."""
    if look not in built_in_looks():
        raise Http404
    cache_key = f"sample:{built_in_looks()[look].cache_key(SAMPLE.read_bytes(), side=0, seed=0)}"
    content = await cache.aget(cache_key)
    if content is None:
        content = await previews.ask_worker("headshots.sample", look)
        await cache.aset(cache_key, content, DAY)
    return HttpResponse(content, content_type="image/jpeg")


@cache_control(public=True, max_age=DAY)
@require_GET
def sample_photo(request: HttpRequest) -> HttpResponse:
    """Return the unedited sample portrait."""
    return HttpResponse(SAMPLE.read_bytes(), content_type="image/jpeg")
