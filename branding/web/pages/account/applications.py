"""Views of OAuth applications: those that may act for a person, and those that they registered."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from branding.accounts.notices import send_notice
from branding.api import selectors, services
from branding.web.forms import ApplicationForm, RedirectsForm
from branding.web.recent_sign_in import recent_sign_in_required
from branding.web.requests import PageRequest
from branding.web.responses import render_page


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
@recent_sign_in_required
def list_applications(request: PageRequest) -> HttpResponse:
    """List the applications; a POST registers one, whose secret is shown only once."""
    form, registered, secret = ApplicationForm(request.POST or None), None, ""
    if request.method == "POST" and form.is_valid():
        context = form.cleaned_data
        registered, secret = services.register_application(
            request.user,
            context["name"],
            website=context["website"],
            redirects=context["redirects"],
            is_confidential=context["kind"] == form.SERVER,
        )
        send_notice(request.user, "application_registered", name=context["name"])
        form = ApplicationForm()
    return render_page(
        request,
        "account/applications",
        here="account",
        form=form,
        made=registered,
        secret=secret,
        accesses=selectors.accesses_of(request.user),
        applications=list(selectors.applications_of(request.user)),
    )


@login_required
@require_http_methods(["GET", "POST"])
@recent_sign_in_required
def show_application(request: PageRequest, pk: UUID) -> HttpResponse:
    """Show a registered application; a POST changes its redirect URIs."""
    application_row = selectors.application_for(request.user, pk)
    form = RedirectsForm(
        request.POST or None, initial={"redirects": "\n".join(application_row.redirects)}
    )
    if request.method == "POST" and form.is_valid():
        services.set_redirect_uris(application_row, form.cleaned_data["redirects"])
        messages.success(request, _("Saved."))
        return redirect("web:application", application_row.pk)
    return render_page(
        request, "account/application", here="account", row=application_row, form=form
    )


@login_required
@require_POST
@recent_sign_in_required
def delete_application(request: PageRequest, pk: UUID) -> HttpResponse:
    """Delete a registered application."""
    services.delete_application(selectors.application_for(request.user, pk))
    messages.success(request, _("The app and all its tokens are deleted."))
    return redirect("web:applications")


@login_required
@require_POST
def end_authorization(request: PageRequest, pk: UUID) -> HttpResponse:
    """Revoke the access of an application."""
    authorization = selectors.authorized_application_for(request.user, pk)
    services.revoke_access(request.user, authorization)
    messages.success(
        request, _("%(name)s can't use your account any more.") % {"name": authorization.name}
    )
    return redirect("web:applications")
