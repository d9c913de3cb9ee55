"""View of the history: all sheets and choices."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpResponse
from django.views.decorators.http import require_GET

from branding.web.requests import PageRequest
from branding.web.responses import render_page
from headshots import selectors
from integrations.selectors import choices_of, places_of_variants

SHEETS, CHOICES = 8, 30  # on one page


@login_required
@require_GET
def show_history(request: PageRequest) -> HttpResponse:
    """Show every sheet with its headshots, discarded ones too, and every choice."""
    headshots = selectors.without_details(selectors.variants_of(request.user))
    sheets = selectors.renders_of(request.user).prefetch_related(
        Prefetch("variants", headshots, to_attr="frames")
    )
    return render_page(
        request,
        "publishing/history",
        here="history",
        page=Paginator(sheets, SHEETS).get_page(request.GET.get("page")),
        choices=list(choices_of(request.user)[:CHOICES]),
        chosen=places_of_variants(request.user),
    )
