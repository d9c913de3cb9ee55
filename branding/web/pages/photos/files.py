"""Views of stored pictures, for their owner only."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_GET

from branding.web.requests import PageRequest
from headshots.selectors import owns_picture
from headshots.storage import pictures

# A name is made from the content; hours, because a device may be shared, and its owner sign out.
FOR_HOURS = "private, max-age=14400, immutable"


@login_required
@require_GET
def serve_picture(request: PageRequest, name: str, size: str) -> HttpResponse:
    """Return one size of a picture; 404 for somebody else's."""
    if size not in pictures.SIZES or not owns_picture(request.user, name):
        raise Http404
    try:
        content = pictures.read_file(name, size)
    except FileNotFoundError as error:
        raise Http404 from error
    return HttpResponse(content, content_type="image/jpeg", headers={"Cache-Control": FOR_HOURS})
