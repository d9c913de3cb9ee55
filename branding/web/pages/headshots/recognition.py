"""View of the permission to recognize copies of a headshot."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from branding.web.requests import PageRequest
from branding.web.responses import redirect_back
from headshots import selectors
from integrations.content_credentials import recognition


@login_required
@require_POST
def set_recognition(request: PageRequest, pk: UUID) -> HttpResponse:
    """Allow that copies of a headshot are recognized, or end it."""
    headshot = selectors.variant_for(request.user, pk)
    if request.POST.get("allow"):
        recognition.allow_recognition(headshot)
    else:
        recognition.end_recognition(headshot)
    return redirect_back(request, reverse("web:variant", args=[pk]))
