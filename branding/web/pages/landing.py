"""The first page: the sample sheet, developed live on this machine."""

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
    """What Facet does, for those who have no account yet."""
    if request.user.is_authenticated:
        return redirect("web:sheets")
    return render_page(request, "public/landing", looks=list(built_in_looks().values()))


@cache_control(public=True, max_age=DAY)
@require_GET
async def sample_headshot(request: HttpRequest, look: str) -> HttpResponse:
    """One look of the sample portrait, made by this machine's worker when first asked for."""
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
    """The sample portrait as it came from the camera."""
    return HttpResponse(SAMPLE.read_bytes(), content_type="image/jpeg")
