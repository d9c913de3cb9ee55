"""Views of a trial: three headshots for a visitor without an account."""

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from branding.accounts import trials
from branding.error_middleware import error_headers, http_status_of
from branding.web.pages.landing import render_landing_page
from branding.web.responses import render_page
from headshots import selectors
from headshots.engine.errors import BadImage, TooLarge
from headshots.engine.io.decode import MAX_BYTES
from headshots.errors import FacetError


@never_cache
@require_http_methods(["GET", "POST"])
def try_photo(request: HttpRequest) -> HttpResponse:
    """Show the headshots of this browser's trial; a POST starts one with a photo."""
    if request.user.is_authenticated:
        return redirect("web:photos")
    if not trials.are_open():
        raise Http404
    if request.method == "GET":
        return _show_trial(request)
    try:
        photo_file = _uploaded_photo(request)
        trials.start_trial(request, photo_file, name=photo_file.name or "")
    except FacetError as error:
        return _refuse(request, error)
    return redirect("web:trial")


def _refuse(request: HttpRequest, error: FacetError) -> HttpResponse:
    """Render the landing page with the reason beside the form."""
    response = render_landing_page(request, trial_error=error)
    response.status_code = http_status_of(error)
    for name, value in error_headers(error).items():
        response.headers[name] = value
    return response


def _uploaded_photo(request: HttpRequest) -> "UploadedFile[bytes]":
    """Return the photo of the form; raises BadImage without one and TooLarge."""
    photo_file = request.FILES.get("photo")
    if photo_file is None:
        raise BadImage("No photo arrived.", advice="Choose a photo of you first.")
    if (photo_file.size or 0) > MAX_BYTES:  # before it is read into memory
        raise TooLarge(f"A photo may have at most {MAX_BYTES / 1e6:.0f} MB.")
    return photo_file


def _show_trial(request: HttpRequest) -> HttpResponse:
    trial = trials.find_trial(request)
    if trial is None:
        response = render_page(request, "public/trial_over")
        response.status_code = 404
        return response
    render = selectors.latest_sheet(trial.owner)
    variants = list(selectors.variants_of_render(render)) if render else []
    is_finished = render is not None and render.is_finished
    return render_page(
        request,
        "public/trial",
        trial=trial,
        photo=selectors.photos_of(trial.owner).first(),
        variants=variants,
        is_finished=is_finished,
        ready_count=sum(variant.is_ready for variant in variants),
    )


@require_POST
def end_trial(request: HttpRequest) -> HttpResponse:
    """Delete the photo and the headshots of this browser's trial at once."""
    trials.end_trial(request)
    return redirect("web:home")
