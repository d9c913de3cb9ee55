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

from branding.web.responses import ids, page
from headshots import selectors as headshots
from integrations import renditions
from integrations.models import HandOff
from integrations.publishing import handoffs
from integrations.selectors import handoff_at, handoff_for

HERE: Final = ("localhost", "127.0.0.1", "::1")  # names that mean another machine on a phone


@login_required
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Hand a headshot over for one place."""
    (pk,) = ids([request.POST.get("variant", "")]) or [None]
    variant = headshots.variant_for(request.user, pk)
    begun = handoffs.begin(variant, request.POST.get("place", ""))
    return redirect("web:handoff", begun.pk)


@login_required
@require_GET
def handoff(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What to do, here or on the phone."""
    found = handoff_for(request.user, pk)
    download = reverse("web:variant_download", args=[found.variant_id])
    told = {
        "standing": _standing(found),
        "file_url": f"{download}?place={found.place}",
        "done_url": reverse("web:handoff_done", args=[pk]),
        "reaches": urlsplit(f"//{request.get_host()}").hostname not in HERE,
    }
    return page(request, "publishing/handoff", here="profiles", **_of(found), **told)


@login_required
@never_cache
@require_GET
def qr(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The address for the phone, as a picture; it holds for half an hour."""
    link = reverse("web:phone", args=[handoff_for(request.user, pk).link])
    code = qrcode.make(request.build_absolute_uri(link), image_factory=SvgPathFillImage, border=3)
    drawn = io.BytesIO()
    code.save(drawn)
    return HttpResponse(drawn.getvalue(), content_type="image/svg+xml")


@login_required
@require_GET
def news(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Reload the page if something happened meanwhile, on the phone or at the place."""
    same = request.GET.get("was") == _standing(handoff_for(request.user, pk))
    return HttpResponse(status=204, headers={} if same else {"HX-Refresh": "true"})


@login_required
@require_POST
def done(request: HttpRequest, pk: UUID) -> HttpResponse:
    """It is done."""
    handoffs.done(handoff_for(request.user, pk))
    return redirect("web:handoff", pk)


@login_required
@require_POST
def cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """It is not wanted any more."""
    handoffs.cancel(handoff_for(request.user, pk))
    return redirect("web:profiles")


@login_required
@require_POST
def name(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The person's public name there: from now on Facet looks."""
    handoffs.introduce(handoff_for(request.user, pk), request.POST.get("name", ""))
    return redirect("web:handoff", pk)


@never_cache
@require_safe
def phone(request: HttpRequest, token: str) -> HttpResponse:
    """The same for whoever holds the signed address, without signing in: one file, no more."""
    told = {
        "file_url": reverse("web:phone_file", args=[token]),
        "done_url": reverse("web:phone_done", args=[token]),
    }
    answer = page(request, "publishing/handoff_on_phone", **_of(handoff_at(token)), **told)
    answer["X-Robots-Tag"] = "noindex"
    return answer


@never_cache
@require_safe
def phone_file(request: HttpRequest, token: str) -> HttpResponse:
    """The file, in the size of its place."""
    found = handoff_at(token)
    file = renditions.download(found.variant, found.place)
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return HttpResponse(file.data, content_type=f"image/{file.form}", headers=headers)


@never_cache
@require_POST
def phone_done(request: HttpRequest, token: str) -> HttpResponse:
    """It is done, said on the phone."""
    handoffs.done(handoff_at(token))
    return redirect("web:phone", token)


def _of(found: HandOff) -> dict[str, Any]:
    file_name = f"{found.variant.label}-{found.frame.file_name}"
    return {"handoff": found, "frame": found.frame, "file_name": file_name}


def _standing(found: HandOff) -> str:
    """What the page shows of it, in a word: another one means that there is news."""
    return f"{found.state} {found.note}".strip()
