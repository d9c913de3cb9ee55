"""Views of the notices: a person turns them on or off, signed in or by the link of a notice."""

from django.contrib.auth.decorators import login_required
from django.core.signing import BadSignature
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from branding.accounts.models import User
from branding.web.requests import PageRequest
from branding.web.responses import render_page
from integrations.emails.notices import read_notice_token


@login_required
@require_http_methods(["GET", "POST"])
def set_notices(request: PageRequest) -> HttpResponse:
    """Show whether notices are sent to the person; a POST turns them on or off."""
    return _show_or_set_notices(request, request.user)


@csrf_exempt  # mail programs post without a cookie (RFC 8058); the token is the permission
@never_cache
@require_http_methods(["GET", "POST"])
def set_notices_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Do the same for whoever has the link of a notice.

    A GET changes nothing, because mail programs open the links of an e-mail.
    """
    try:
        person_id = read_notice_token(token)
    except BadSignature as error:
        raise Http404 from error
    return _show_or_set_notices(request, get_object_or_404(User, pk=person_id))


def _show_or_set_notices(request: HttpRequest, person: User) -> HttpResponse:
    if request.method == "POST":
        person.receives_notices = request.POST.get("notices") == "on"
        person.save(update_fields=["receives_notices"])
        return redirect(request.path)
    return render_page(request, "account/notices", here="account", is_on=person.receives_notices)
