"""Views of stored pictures, for their owner only."""

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from branding.accounts.models import User
from branding.accounts.trials import find_trial
from headshots.selectors import owns_picture
from headshots.storage import pictures

# A name is made from the content; hours, because a device may be shared, and its owner sign out.
FOR_HOURS = "private, max-age=14400, immutable"
FOR_MINUTES = "private, max-age=300"  # of a trial, which may end at any time


@require_GET
def serve_picture(request: HttpRequest, name: str, size: str) -> HttpResponse:
    """Return one size of a picture; 404 for somebody else's."""
    owner = _owner_of(request)
    if owner is None:
        return redirect_to_login(request.get_full_path())
    if size not in pictures.SIZES or not owns_picture(owner, name):
        raise Http404
    try:
        content = pictures.read_file(name, size)
    except FileNotFoundError as error:
        raise Http404 from error
    caching = FOR_HOURS if owner.is_active else FOR_MINUTES
    return HttpResponse(content, content_type="image/jpeg", headers={"Cache-Control": caching})


def _owner_of(request: HttpRequest) -> User | None:
    """Return the signed-in person, or the user of this browser's trial."""
    if request.user.is_authenticated:
        return request.user
    trial = find_trial(request)
    return trial.owner if trial else None
