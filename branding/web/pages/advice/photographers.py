"""View of the page that says when a photographer is better, and how to use such a photo here."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.views.decorators.http import require_GET

from branding.web.requests import PageRequest
from branding.web.responses import render_page


@login_required
@require_GET
def show_photographers(request: PageRequest) -> HttpResponse:
    """Show for what a photographer is better, what to ask for, and how to use such a photo."""
    return render_page(request, "advice/photographers", here="advice")
