"""The pages of hand-off: the file, the way there, done; and the same on a phone, by a QR code."""

import io
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

import qrcode
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe
from qrcode.image.svg import SvgPathFillImage

from branding.web.requests import PageRequest
from branding.web.responses import parse_uuids, render_page
from headshots import selectors as headshots
from integrations import renditions
from integrations.models import HandOff
from integrations.publishing import handoffs
from integrations.selectors import handoff_for, handoff_for_link

NO_ID: Final = UUID(int=0)  # of no row
HERE: Final = ("localhost", "127.0.0.1", "::1")  # names that mean another machine on a phone


@login_required
@require_POST
def begin_handoff(request: PageRequest) -> HttpResponse:
    """Hand a headshot over for one place."""
    (pk,) = parse_uuids([request.POST.get("variant", "")]) or [NO_ID]
    variant = headshots.variant_for(request.user, pk)
    new_handoff = handoffs.begin_handoff(variant, request.POST.get("place", ""))
    return redirect("web:handoff", new_handoff.pk)


@login_required
@require_GET
def show_handoff(request: PageRequest, pk: UUID) -> HttpResponse:
    """What to do, here or on the phone."""
    handoff_row = handoff_for(request.user, pk)
    download = reverse("web:variant_download", args=[handoff_row.variant_id])
    context = {
        "standing": _display_state(handoff_row),
        "file_url": f"{download}?place={handoff_row.place}",
        "done_url": reverse("web:handoff_done", args=[pk]),
        "reaches": urlsplit(f"//{request.get_host()}").hostname not in HERE,
    }
    return render_page(
        request, "publishing/handoff", here="profiles", **_handoff_context(handoff_row), **context
    )


@login_required
@never_cache
@require_GET
def phone_qr_code(request: PageRequest, pk: UUID) -> HttpResponse:
    """The address for the phone, as a picture; it holds for half an hour."""
    phone_link = reverse("web:phone", args=[handoff_for(request.user, pk).link])
    code = qrcode.make(
        request.build_absolute_uri(phone_link), image_factory=SvgPathFillImage, border=3
    )
    image = io.BytesIO()
    code.save(image)
    return HttpResponse(image.getvalue(), content_type="image/svg+xml")


@login_required
@require_GET
def handoff_changes(request: PageRequest, pk: UUID) -> HttpResponse:
    """Reload the page if something happened meanwhile, on the phone or at the place."""
    is_unchanged = request.GET.get("was") == _display_state(handoff_for(request.user, pk))
    return HttpResponse(status=204, headers={} if is_unchanged else {"HX-Refresh": "true"})


@login_required
@require_POST
def mark_done(request: PageRequest, pk: UUID) -> HttpResponse:
    """It is done."""
    handoffs.mark_done(handoff_for(request.user, pk))
    return redirect("web:handoff", pk)


@login_required
@require_POST
def cancel_handoff(request: PageRequest, pk: UUID) -> HttpResponse:
    """It is not wanted any more."""
    handoffs.cancel_handoff(handoff_for(request.user, pk))
    return redirect("web:profiles")


@login_required
@require_POST
def save_public_name(request: PageRequest, pk: UUID) -> HttpResponse:
    """The person's public name there: from now on Facet looks."""
    handoffs.set_public_name(handoff_for(request.user, pk), request.POST.get("name", ""))
    return redirect("web:handoff", pk)


@never_cache
@require_safe
def phone_handoff(request: HttpRequest, token: str) -> HttpResponse:
    """The same for whoever holds the signed address, without signing in: one file, no more."""
    handoff_row = {
        "file_url": reverse("web:phone_file", args=[token]),
        "done_url": reverse("web:phone_done", args=[token]),
    }
    response = render_page(
        request,
        "publishing/handoff_on_phone",
        **_handoff_context(handoff_for_link(token)),
        **handoff_row,
    )
    response["X-Robots-Tag"] = "noindex"
    return response


@never_cache
@require_safe
def download_on_phone(request: HttpRequest, token: str) -> HttpResponse:
    """The file, in the size of its place."""
    handoff_row = handoff_for_link(token)
    picture = renditions.build_download(handoff_row.variant, handoff_row.place)
    headers = {"Content-Disposition": f'attachment; filename="{picture.name}"'}
    return HttpResponse(picture.data, content_type=f"image/{picture.form}", headers=headers)


@never_cache
@require_POST
def mark_done_on_phone(request: HttpRequest, token: str) -> HttpResponse:
    """It is done, said on the phone."""
    handoffs.mark_done(handoff_for_link(token))
    return redirect("web:phone", token)


def _handoff_context(handoff_row: HandOff) -> dict[str, Any]:
    file_name = f"{handoff_row.variant.label}-{handoff_row.place_details.file_name}"
    return {"handoff": handoff_row, "frame": handoff_row.place_details, "file_name": file_name}


def _display_state(handoff_row: HandOff) -> str:
    """What the page shows of it, in a word: another one means that there is news."""
    return f"{handoff_row.state} {handoff_row.note}".strip()
