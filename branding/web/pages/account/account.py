"""Views of the account: overview, sessions, export, deletion."""

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from branding.accounts.services import delete_account, end_session
from branding.api.selectors import accesses_of, tokens_of
from branding.api.services import end_all_access
from branding.exports.writing import export_response
from branding.web.forms import AccountDeletionForm
from branding.web.recent_sign_in import recent_sign_in_required
from branding.web.requests import PageRequest
from branding.web.responses import render_page
from headshots import selectors


@login_required
@require_GET
def show_account(request: PageRequest) -> HttpResponse:
    """Show what the account contains, and links to its settings."""
    return render_page(
        request,
        "account/account",
        here="account",
        photo_count=selectors.photos_of(request.user).count(),
        variant_count=selectors.variants_of(request.user).count(),
    )


@login_required
@require_POST
def sign_out_device(request: PageRequest, pk: int) -> HttpResponse:
    """End one session, the current one or another."""
    end_session(request.user, pk)
    return redirect("usersessions_list")


@login_required
@require_http_methods(["GET", "POST"])
@recent_sign_in_required
def download_account(request: PageRequest) -> HttpResponseBase:
    """Explain what an export contains; a POST downloads it."""
    if request.method == "POST":
        return export_response(request.user)
    return render_page(request, "account/export_account", here="account")


@login_required
@require_http_methods(["GET", "POST"])
@recent_sign_in_required
def confirm_account_deletion(request: PageRequest) -> HttpResponse:
    """Delete the account and everything in it."""
    form = AccountDeletionForm(request.POST or None, expected=request.user.email)
    if request.method == "POST" and form.is_valid():
        person = request.user
        logout(request)
        not_revoked = delete_account(person)
        messages.success(request, _("Your account, your photos and your headshots are deleted."))
        if not_revoked:
            text = _("These could not be told; remove Facet in their settings: %(names)s")
            messages.warning(request, text % {"names": ", ".join(not_revoked)})
        return redirect("web:home")
    return render_page(request, "account/delete_account", here="account", form=form)


@login_required
@require_http_methods(["GET", "POST"])
def review_access(request: PageRequest) -> HttpResponse:
    """Offer to end every token and application, after the password was changed."""
    if request.method == "POST":
        end_all_access(request.user)
        messages.success(request, _("No program can act for you any more."))
        return redirect("web:account")
    tokens, accesses = list(tokens_of(request.user)), accesses_of(request.user)
    if not (tokens or accesses):
        return redirect("web:account")
    return render_page(
        request, "account/access_review", here="account", tokens=tokens, accesses=accesses
    )
