"""The page of webhooks: who is told of what, and how telling went."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from branding.web.forms import WebhookForm
from branding.web.responses import page
from branding.webhooks import selectors, services
from headshots.errors import FacetError

LOG = 40  # deliveries shown


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """Every webhook and its log; a POST makes one, whose secret is shown this once."""
    form, secret = WebhookForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            _made, secret = services.make_webhook(request.user, told["url"], told["events"])
            form = WebhookForm()
        except FacetError as error:
            form.add_error("url", f"{error.message} {error.advice}")
    return page(
        request,
        "account/webhooks",
        here="account",
        form=form,
        secret=secret,
        webhooks=list(selectors.webhooks_of(request.user)),
        deliveries=list(selectors.deliveries_of(request.user)[:LOG]),
    )


@login_required
@require_POST
def remove(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Tell it nothing any more."""
    services.remove_webhook(selectors.webhook_for(request.user, pk))
    messages.success(request, _("The webhook is removed."))
    return redirect("web:webhooks")


@login_required
@require_POST
def test(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send a test."""
    services.try_webhook(selectors.webhook_for(request.user, pk))
    return redirect("web:webhooks")


@login_required
@require_POST
def replay(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Tell one event once more."""
    services.replay(selectors.delivery_for(request.user, pk))
    return redirect("web:webhooks")
