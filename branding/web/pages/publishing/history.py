"""The page of everything ever made and chosen."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from branding.web.responses import page
from headshots import selectors
from integrations.selectors import choices_of, places_of_variants

SHEETS, CHOICES = 8, 30  # on one page


@login_required
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Every sheet with its frames, discarded ones too, and every choice."""
    film = selectors.laid_out(selectors.variants_of(request.user))
    sheets = selectors.renders_of(request.user).prefetch_related(
        Prefetch("variants", film, to_attr="frames")
    )
    return page(
        request,
        "publishing/history",
        here="history",
        page=Paginator(sheets, SHEETS).get_page(request.GET.get("page")),
        choices=list(choices_of(request.user)[:CHOICES]),
        chosen=places_of_variants(request.user),
    )
