"""Views of the pages on which anybody finds out whether a picture was made here, and how."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from branding.api.throttling import require_below_rate
from branding.public_responses import readable_everywhere
from branding.web.responses import render_page
from headshots.engine.io.decode import MAX_BYTES
from headshots.errors import FacetError
from headshots.models import Variant
from integrations import renditions
from integrations.content_credentials.recognition import headshot_for_proof
from integrations.content_credentials.verification import (
    Verification,
    describe_copy,
    verify_file,
)

PROOF_SIDE = 400  # pixels of the picture on the page of a proof


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


@never_cache
@require_safe
def show_proof(request: HttpRequest, token: str) -> HttpResponse:
    """Show a headshot whose owner allows it, and what was measured of its face."""
    result = describe_copy(_find_headshot(token))
    response = render_page(request, "public/proof", token=token, result=result)
    response["X-Robots-Tag"] = "noindex"
    return response


@require_safe
def proof_picture(request: HttpRequest, token: str) -> HttpResponse:
    """Return the picture of a proof."""
    data = renditions.encode_at_size(_find_headshot(token), PROOF_SIDE)
    return HttpResponse(data, content_type="image/jpeg")


@readable_everywhere
@require_safe
def proof_badge(request: HttpRequest, token: str) -> HttpResponse:
    """Return the badge of a proof, for pages and e-mails of its owner; 404 once it has ended."""
    _find_headshot(token)
    with translation.override(settings.LANGUAGE_CODE):  # caches keep it for everybody
        badge = render_to_string("web/public/badge.svg")
    return HttpResponse(badge, content_type="image/svg+xml")


def _find_headshot(token: str) -> Variant:
    if not settings.VERIFY_PAGE:
        raise Http404
    return headshot_for_proof(token)
