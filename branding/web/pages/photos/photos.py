"""Views of photos: add, show, delete, and advice while the camera is open."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from branding.kits.services import apply_kit_of
from branding.web.requests import PageRequest
from branding.web.responses import render_page
from headshots import selectors
from headshots.engine.errors import BadImage, TooLarge, UnknownFace
from headshots.engine.io.decode import MAX_BYTES
from headshots.engine.recipes import built_in_looks
from headshots.errors import FacetError, PhotoLimitReached, TooManyAtOnce
from headshots.models import Photo
from headshots.services import photo_corrections, photos, previews, renders
from headshots.wording import word
from integrations.selectors import places_of_variants

AT_ONCE = 12  # photos in one upload
Refusal = tuple[str, str, str]  # file name, message, advice
FRAME_BYTES = 400_000  # of one frame of a camera's stream


@login_required
@require_http_methods(["GET", "POST"])
def list_photos(request: PageRequest) -> HttpResponse:
    """List the photos; a POST adds some, and renders all looks of them if `make` is set."""
    if request.method == "GET":
        return _render_photo_list(request, [])
    added, refused = _add_photos(request)
    if request.POST.get("make") and added:
        render = renders.start_render(
            request.user, added, apply_kit_of(request.user, built_in_looks().values())
        )
        return _redirect_or_hx(request, redirect("web:sheet", render.pk).url)
    if refused or request.htmx:
        return _render_photo_list(request, refused)
    return redirect("web:photos")


def _add_photos(request: PageRequest) -> tuple[list[Photo], list[Refusal]]:
    """Add the uploaded files; return the photos, and the files that were refused with reasons."""
    added, refused = [], []
    for position, uploaded_file in enumerate(request.FILES.getlist("photos")):
        try:
            added.append(_add_photo(request, uploaded_file, position))
        except TooManyAtOnce as error:
            if not added:  # the whole request is answered with 429
                raise
            refused.append((uploaded_file.name or "", word(error.message), word(error.advice)))
        except FacetError as error:
            refused.append((uploaded_file.name or "", word(error.message), word(error.advice)))
    if not (added or refused):
        refused.append(("", "No photo arrived.", "Choose one or more photos first."))
    return added, refused


def _add_photo(request: PageRequest, uploaded_file: "UploadedFile[bytes]", index: int) -> Photo:
    if index >= AT_ONCE:
        raise PhotoLimitReached(
            f"You can upload {AT_ONCE} photos at once.", advice="Upload this one afterwards."
        )
    size = uploaded_file.size or 0
    if size > MAX_BYTES:  # before it is read into memory
        raise TooLarge(f"The file has {size / 1e6:.0f} MB; at most {MAX_BYTES / 1e6:.0f}.")
    professional = bool(request.POST.get("professional"))
    return photos.add_photo(
        request.user, uploaded_file, name=uploaded_file.name or "", professional=professional
    )


def _render_photo_list(request: PageRequest, refused: list[Refusal]) -> HttpResponse:
    photos_found = selectors.photos_of(request.user)
    template = "photos/_photo_list" if request.htmx else "photos/photos"
    response = render_page(
        request,
        template,
        here="photos",
        photos=photos_found,
        refused=refused,
        groups=selectors.group_by_person(photos_found),
    )
    response.status_code = 400 if refused and not request.htmx else 200
    return response


def _redirect_or_hx(request: PageRequest, url: str) -> HttpResponse:
    """Redirect to a page, also after an upload by script."""
    if request.htmx:
        return HttpResponse(headers={"HX-Redirect": url})
    return redirect(url)


@login_required
@require_GET
def photo_card(request: PageRequest, pk: UUID) -> HttpResponse:
    """Return one photo of the list, which polls until its input checks are done."""
    return render_page(request, "photos/_photo_card", photo=selectors.photo_for(request.user, pk))


@login_required
@require_GET
def show_photo(request: PageRequest, pk: UUID) -> HttpResponse:
    """Show one photo, the results of its input checks, and the headshots made from it."""
    photo_row = selectors.photo_for(request.user, pk)
    headshots = selectors.variants_of(request.user).filter(photo=photo_row, state="ready")
    return render_page(
        request,
        "photos/photo",
        here="photos",
        photo=photo_row,
        variants=selectors.without_details(headshots)[:60],
        chosen=places_of_variants(request.user),
    )


@login_required
@require_POST
def delete_photo(request: PageRequest, pk: UUID) -> HttpResponse:
    """Delete a photo and its files."""
    photos.delete_photo(selectors.photo_for(request.user, pk))
    return redirect("web:photos")


@login_required
@require_POST
def turn_photo(request: PageRequest, pk: UUID) -> HttpResponse:
    """Turn a photo upright and check it again."""
    photo = photo_corrections.turn_photo(selectors.photo_for(request.user, pk))
    return redirect("web:photo", photo.pk)


@login_required
@require_POST
def choose_face(request: PageRequest, pk: UUID) -> HttpResponse:
    """Choose the face of a photo from which headshots are made."""
    photo = selectors.photo_for(request.user, pk)
    index = request.POST.get("face", "")
    if not index.isdecimal():
        raise UnknownFace("No face was chosen.")
    photo_corrections.choose_face(photo, int(index))
    return redirect("web:photo", photo.pk)


@login_required
@require_POST
def use_untouched(request: PageRequest, pk: UUID) -> HttpResponse:
    """Make a headshot of a professional photo without edits."""
    variant = renders.take_untouched(selectors.photo_for(request.user, pk))
    return redirect("web:sheet", variant.render_id)


@login_required
@require_POST
async def camera_hint(request: PageRequest) -> HttpResponse:
    """Return the input checks of one small camera frame, which is not stored."""
    frame_file = request.FILES.get("frame")
    if frame_file is None or (frame_file.size or 0) > FRAME_BYTES:
        raise BadImage("A frame of the camera is a small JPEG.")
    response = await previews.ask_worker(
        "headshots.check_camera_frame", previews.lend_bytes(frame_file.read())
    )
    return HttpResponse(response, content_type="application/json")
