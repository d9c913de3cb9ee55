"""Views of API tokens."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from branding.accounts.notices import send_notice
from branding.api import services
from branding.api.selectors import token_for, tokens_of
from branding.web.forms import TokenForm
from branding.web.recent_sign_in import recent_sign_in_required
from branding.web.requests import PageRequest
from branding.web.responses import render_page


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
@recent_sign_in_required
def list_tokens(request: PageRequest) -> HttpResponse:
    """List the tokens; a POST creates one, whose text is shown only once."""
    form, token_text = TokenForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        context = form.cleaned_data
        _token, token_text = services.create_token(
            request.user,
            context["name"],
            scopes=context["scopes"],
            days=int(context["days"]) or None,
        )
        send_notice(request.user, "token_created", name=context["name"])
        form = TokenForm()
    tokens = list(tokens_of(request.user))
    return render_page(
        request, "account/tokens", here="account", form=form, text=token_text, tokens=tokens
    )


@login_required
@require_POST
def revoke_token(request: PageRequest, pk: UUID) -> HttpResponse:
    """Revoke one token."""
    services.revoke_token(token_for(request.user, pk))
    messages.success(request, _("The token is revoked."))
    return redirect("web:tokens")
