"""The pages of photos: add, look at, delete, and the coach's word while the camera runs."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from branding.kits.services import dressed
from branding.web.responses import page
from headshots import selectors
from headshots.engine.errors import BadImage, TooLarge
from headshots.engine.io.decode import MAX_BYTES
from headshots.engine.recipes import looks
from headshots.errors import FacetError, PhotoLimitReached
from headshots.models import Photo
from headshots.services import photos, previews, renders
from integrations.selectors import places_of_variants

AT_ONCE = 12  # photos in one upload
Refusal = tuple[str, str, str]  # file name, message, advice
FRAME_BYTES = 400_000  # of one frame of a camera's stream


@login_required
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """All photos; a POST adds some, and makes every look of them at once if `make` is set."""
    if request.method == "GET":
        return _list(request, [])
    added, refused = _add_all(request)
    if request.POST.get("make") and added:
        render = renders.start(request.user, added, dressed(request.user, looks().values()))
        return _go(request, redirect("web:sheet", render.pk).url)
    if refused or request.htmx:
        return _list(request, refused)
    return redirect("web:photos")


def _add_all(request: HttpRequest) -> tuple[list[Photo], list[Refusal]]:
    """What was added, and what was refused, each file for itself."""
    added, refused = [], []
    for index, file in enumerate(request.FILES.getlist("photos")):
        try:
            added.append(_add(request, file, index))
        except FacetError as error:
            refused.append((file.name, error.message, error.advice))
    if not (added or refused):
        refused.append(("", "No photo arrived.", "Choose one or more photos first."))
    return added, refused


def _add(request: HttpRequest, file: UploadedFile, index: int) -> Photo:
    if index >= AT_ONCE:
        raise PhotoLimitReached(
            f"Only {AT_ONCE} photos are taken at once.", advice="Add this one in a second go."
        )
    if file.size > MAX_BYTES:  # before it is read into memory
        raise TooLarge(f"The file has {file.size / 1e6:.0f} MB; at most {MAX_BYTES / 1e6:.0f}.")
    professional = bool(request.POST.get("professional"))
    return photos.add(request.user, file.read(), name=file.name, professional=professional)


def _list(request: HttpRequest, refused: list[Refusal]) -> HttpResponse:
    found = selectors.photos_of(request.user)
    name = "photos/_photo_list" if request.htmx else "photos/photos"
    answer = page(request, name, here="photos", photos=found, refused=refused)
    answer.status_code = 400 if refused and not request.htmx else 200
    return answer


def _go(request: HttpRequest, url: str) -> HttpResponse:
    """Visit a page, also from an upload by script."""
    if request.htmx:
        return HttpResponse(headers={"HX-Redirect": url})
    return redirect(url)


@login_required
@require_GET
def card(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One photo of the list, which asks for itself until the coach has looked."""
    return page(request, "photos/_photo_card", photo=selectors.photo_for(request.user, pk))


@login_required
@require_GET
def photo(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One photo, what the coach says of it, and what was made from it."""
    found = selectors.photo_for(request.user, pk)
    made = selectors.variants_of(request.user).filter(photo=found, state="ready")
    return page(
        request,
        "photos/photo",
        here="photos",
        photo=found,
        variants=selectors.laid_out(made)[:60],
        chosen=places_of_variants(request.user),
    )


@login_required
@require_POST
def delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Delete a photo and its files."""
    photos.delete(selectors.photo_for(request.user, pk))
    return redirect("web:photos")


@login_required
@require_POST
def untouched(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a photographer's picture as it is."""
    variant = renders.take_untouched(selectors.photo_for(request.user, pk))
    return redirect("web:sheet", variant.render_id)


@login_required
@require_POST
async def hint(request: HttpRequest) -> HttpResponse:
    """The coach's word on one small frame; the frame is kept nowhere."""
    frame = request.FILES.get("frame")
    if frame is None or frame.size > FRAME_BYTES:
        raise BadImage("A frame of the camera is a small JPEG.")
    answer = await previews.ask("headshots.hint", previews.lend(frame.read()))
    return HttpResponse(answer, content_type="application/json")
