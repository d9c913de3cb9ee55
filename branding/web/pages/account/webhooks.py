"""Views of webhooks and the log of their deliveries."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from branding.web.forms import WebhookForm
from branding.web.recent_sign_in import recent_sign_in_required
from branding.web.requests import PageRequest
from branding.web.responses import render_page
from branding.webhooks import selectors, services
from headshots.errors import FacetError
from headshots.wording import word

LOG = 40  # deliveries shown


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
@recent_sign_in_required
def list_webhooks(request: PageRequest) -> HttpResponse:
    """List the webhooks and the log; a POST creates one, whose secret is shown only once."""
    form, secret = WebhookForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        context = form.cleaned_data
        try:
            _webhook, secret = services.create_webhook(
                request.user, context["url"], context["events"]
            )
            form = WebhookForm()
        except FacetError as error:
            form.add_error("url", word(f"{error.message} {error.advice}"))
    return render_page(
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
@recent_sign_in_required
def remove_webhook(request: PageRequest, pk: UUID) -> HttpResponse:
    """Delete a webhook."""
    services.delete_webhook(selectors.webhook_for(request.user, pk))
    messages.success(request, _("The webhook is removed."))
    return redirect("web:webhooks")


@login_required
@require_POST
def send_test_event(request: PageRequest, pk: UUID) -> HttpResponse:
    """Send a test event to a webhook."""
    services.send_test_event(selectors.webhook_for(request.user, pk))
    return redirect("web:webhooks")


@login_required
@require_POST
def replay_delivery(request: PageRequest, pk: UUID) -> HttpResponse:
    """Deliver one event again."""
    services.replay_delivery(selectors.delivery_for(request.user, pk))
    return redirect("web:webhooks")
