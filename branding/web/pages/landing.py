"""The first page: the sample sheet, developed live on this machine."""

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from branding.web.responses import page
from headshots.engine.recipes import looks
from headshots.services import previews
from headshots.services.photos import SAMPLE

DAY = 86_400  # seconds


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """What Facet does, for those who have no account yet."""
    if request.user.is_authenticated:
        return redirect("web:sheets")
    return page(request, "public/landing", looks=list(looks().values()))


@cache_control(public=True, max_age=DAY)
@require_GET
async def sample(request: HttpRequest, look: str) -> HttpResponse:
    """One look of the sample portrait, made by this machine's worker when first asked for."""
    if look not in looks():
        raise Http404
    key = f"sample:{looks()[look].fingerprint(SAMPLE.read_bytes(), size=0, seed=0)}"
    data = await cache.aget(key)
    if data is None:
        data = await previews.ask("headshots.sample", look)
        await cache.aset(key, data, DAY)
    return HttpResponse(data, content_type="image/jpeg")


@cache_control(public=True, max_age=DAY)
@require_GET
def sample_photo(request: HttpRequest) -> HttpResponse:
    """The sample portrait as it came from the camera."""
    return HttpResponse(SAMPLE.read_bytes(), content_type="image/jpeg")
