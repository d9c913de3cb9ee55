"""View of the page on which anybody finds out whether a picture was made here."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from branding.api.throttling import require_below_rate
from branding.web.responses import render_page
from headshots.engine.io.decode import MAX_BYTES
from headshots.errors import FacetError
from integrations.content_credentials.verification import Verification, verify_file


@never_cache
@require_http_methods(["GET", "POST"])
def verify_picture(request: HttpRequest) -> HttpResponse:
    """Show the form, or what is known of the picture that was sent; nothing of it is stored."""
    if not settings.VERIFY_PAGE:
        raise Http404
    if request.method == "GET":
        return render_page(request, "public/verify", site=settings.SITE_URL)
    require_below_rate("verify", request, limit=settings.VERIFY_RATE, seconds=60)
    try:
        result, problem = _verify_upload(request), None
    except FacetError as error:
        result, problem = None, error
    return render_page(
        request, "public/verify", site=settings.SITE_URL, result=result, problem=problem
    )


def _verify_upload(request: HttpRequest) -> Verification:
    """Verify the uploaded file. Raises FacetError if it is missing, too large or no picture."""
    file = request.FILES.get("picture")
    if file is None:
        raise FacetError(_("There is no picture."), advice=_("Choose a file first."))
    if file.size is None or file.size > MAX_BYTES:
        raise FacetError(_("This file is too large."), advice=_("Choose a smaller one."))
    return verify_file(file.read())
