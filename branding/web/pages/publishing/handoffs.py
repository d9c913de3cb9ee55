"""Views of hand-offs: file, steps and confirmation, also on a phone by a QR code."""

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

from branding.public_urls import handoff_phone_url
from branding.web.requests import PageRequest
from branding.web.responses import NO_ID, parse_uuids, render_page
from headshots import selectors as headshots
from integrations import renditions
from integrations.models import HandOff
from integrations.publishing import handoffs
from integrations.selectors import handoff_for, handoff_for_link

HERE: Final = ("localhost", "127.0.0.1", "::1")  # names that mean another machine on a phone


@login_required
@require_POST
def begin_handoff(request: PageRequest) -> HttpResponse:
    """Begin the hand-off of a headshot for one place."""
    (pk,) = parse_uuids([request.POST.get("variant", "")]) or [NO_ID]
    variant = headshots.variant_for(request.user, pk)
    new_handoff = handoffs.begin_handoff(variant, request.POST.get("place", ""))
    return redirect("web:handoff", new_handoff.pk)


@login_required
@require_GET
def show_handoff(request: PageRequest, pk: UUID) -> HttpResponse:
    """Show the file and the steps of a hand-off."""
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
    """Return the QR code of the link for the phone, which is valid for half an hour."""
    phone_link = handoff_phone_url(handoff_for(request.user, pk))
    code = qrcode.make(phone_link, image_factory=SvgPathFillImage, border=3)
    image = io.BytesIO()
    code.save(image)
    return HttpResponse(image.getvalue(), content_type="image/svg+xml")


@login_required
@require_GET
def handoff_changes(request: PageRequest, pk: UUID) -> HttpResponse:
    """Have the page reloaded if the hand-off has changed since it was rendered."""
    is_unchanged = request.GET.get("was") == _display_state(handoff_for(request.user, pk))
    return HttpResponse(status=204, headers={} if is_unchanged else {"HX-Refresh": "true"})


@login_required
@require_POST
def mark_done(request: PageRequest, pk: UUID) -> HttpResponse:
    """Mark a hand-off as done."""
    handoffs.mark_done(handoff_for(request.user, pk))
    return redirect("web:handoff", pk)


@login_required
@require_POST
def cancel_handoff(request: PageRequest, pk: UUID) -> HttpResponse:
    """Cancel a hand-off."""
    handoffs.cancel_handoff(handoff_for(request.user, pk))
    return redirect("web:profiles")


@login_required
@require_POST
def save_public_name(request: PageRequest, pk: UUID) -> HttpResponse:
    """Set the person's public name at the place, so that Facet polls the picture there."""
    handoffs.set_public_name(handoff_for(request.user, pk), request.POST.get("name", ""))
    return redirect("web:handoff", pk)


@never_cache
@require_safe
def phone_handoff(request: HttpRequest, token: str) -> HttpResponse:
    """Show a hand-off without sign-in, by the signed link; it opens this one file only."""
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
    """Return the file, encoded for its place."""
    handoff_row = handoff_for_link(token)
    picture = renditions.build_download(handoff_row.variant, handoff_row.place)
    headers = {"Content-Disposition": f'attachment; filename="{picture.name}"'}
    return HttpResponse(picture.data, content_type=f"image/{picture.form}", headers=headers)


@never_cache
@require_POST
def mark_done_on_phone(request: HttpRequest, token: str) -> HttpResponse:
    """Mark a hand-off as done from the phone."""
    handoffs.mark_done(handoff_for_link(token))
    return redirect("web:phone", token)


def _handoff_context(handoff_row: HandOff) -> dict[str, Any]:
    file_name = f"{handoff_row.variant.label}-{handoff_row.place_details.file_name}"
    return {"handoff": handoff_row, "frame": handoff_row.place_details, "file_name": file_name}


def _display_state(handoff_row: HandOff) -> str:
    """Return a text that changes when the page has to be reloaded."""
    return f"{handoff_row.state} {handoff_row.note}".strip()
