"""The pages of applications: those that may act for a person, and those that they register."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from branding.api import selectors, services
from branding.web.forms import ApplicationForm, RedirectsForm
from branding.web.responses import page


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """All of them; a POST registers one, whose secret is shown this once."""
    form, made, secret = ApplicationForm(request.POST or None), None, ""
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        made, secret = services.register(
            request.user,
            told["name"],
            website=told["website"],
            redirects=told["redirects"],
            is_confidential=told["kind"] == form.SERVER,
        )
        form = ApplicationForm()
    return page(
        request,
        "account/applications",
        here="account",
        form=form,
        made=made,
        secret=secret,
        accesses=selectors.accesses_of(request.user),
        applications=list(selectors.applications_of(request.user)),
    )


@login_required
@require_http_methods(["GET", "POST"])
def application(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One that they registered; a POST changes where it is answered."""
    row = selectors.application_for(request.user, pk)
    form = RedirectsForm(request.POST or None, initial={"redirects": "\n".join(row.redirects)})
    if request.method == "POST" and form.is_valid():
        services.answer_at(row, form.cleaned_data["redirects"])
        messages.success(request, _("Saved."))
        return redirect("web:application", row.pk)
    return page(request, "account/application", here="account", row=row, form=form)


@login_required
@require_POST
def delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Delete one that they registered."""
    services.remove(selectors.application_for(request.user, pk))
    messages.success(request, _("The application is deleted, and all its tokens with it."))
    return redirect("web:applications")


@login_required
@require_POST
def end(request: HttpRequest, pk: UUID) -> HttpResponse:
    """End what one may do for them."""
    row = selectors.acting_application(request.user, pk)
    services.end_access(request.user, row)
    messages.success(request, _("%(name)s can do nothing here any more.") % {"name": row.name})
    return redirect("web:applications")
