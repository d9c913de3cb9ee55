"""The page of a person's public addresses: what is open, to whom, and how it is used."""

from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from branding import contact_cards
from branding.accounts.selectors import confirmed_emails
from branding.kits.selectors import called
from branding.public_urls import avatar_url, named_url
from branding.web.responses import back, page
from integrations import renditions
from integrations.avatars import services as avatar_services
from integrations.errors import BadName, NameTaken
from integrations.models import AvatarAddress
from integrations.places import AVATAR, frames
from integrations.selectors import address_of, current_choices

CARD: Final = 400  # pixels a side of the picture in a vCard


@login_required
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Every address, open or not."""
    address, hanging = address_of(request.user), current_choices(request.user)
    emails = confirmed_emails(request.user)
    url = avatar_url(address) if address and address.is_open and AVATAR in hanging else ""
    return page(
        request,
        "profiles/addresses",
        here="profiles",
        address=address,
        address_url=avatar_url(address),
        avatar=hanging.get(AVATAR),
        places=[_place(address, frames()[slug]) for slug in frames() if slug in hanging],
        emails=emails,
        records=sorted({contact_cards.srv_record(email, settings.SITE_URL) for email in emails}),
        called=called(request.user),
        host=urlsplit(settings.SITE_URL).netloc,
        signature=contact_cards.signature(url, called(request.user), request.user.email)
        if url
        else "",
    )


def _place(address: AvatarAddress | None, frame: Any) -> dict[str, Any]:
    shown = address is not None and bool(address.name) and frame.slug in address.places
    url = named_url(address.name, frame.slug) if shown else ""
    return {"frame": frame, "shown": shown, "url": url}


@login_required
@require_POST
def open_secret(request: HttpRequest) -> HttpResponse:
    """Let the secret address answer."""
    avatar_services.open_address(request.user)
    return back(request, "web:addresses")


@login_required
@require_POST
def close_secret(request: HttpRequest) -> HttpResponse:
    """Let the secret address answer nothing."""
    avatar_services.close_address(request.user)
    return back(request, "web:addresses")


@login_required
@require_POST
def renew_secret(request: HttpRequest) -> HttpResponse:
    """A new secret address; the old one ends."""
    avatar_services.renew_address(request.user)
    return back(request, "web:addresses")


@login_required
@require_POST
def claim(request: HttpRequest) -> HttpResponse:
    """Take a public name, and say which places show under it."""
    told = request.POST
    try:
        avatar_services.claim(request.user, told.get("name", ""), told.getlist("places"))
    except (BadName, NameTaken) as error:
        messages.error(request, f"{error.message} {error.advice}")
    return redirect("web:addresses")


@login_required
@require_POST
def release(request: HttpRequest) -> HttpResponse:
    """Give the public name up."""
    avatar_services.release(request.user)
    return redirect("web:addresses")


@login_required
@require_POST
def answer_emails(request: HttpRequest) -> HttpResponse:
    """Answer programs that know one of the confirmed e-mail addresses."""
    emails = confirmed_emails(request.user)
    if emails:
        avatar_services.answer_emails(request.user, emails)
    else:
        messages.error(request, _("Confirm an e-mail address first."))
    return redirect("web:addresses")


@login_required
@require_POST
def ignore_emails(request: HttpRequest) -> HttpResponse:
    """Answer them nothing."""
    avatar_services.ignore_emails(request.user)
    return redirect("web:addresses")


@login_required
@require_GET
def card(request: HttpRequest) -> HttpResponse:
    """A vCard with the picture in it, for the person to pass on."""
    chosen = current_choices(request.user).get(AVATAR)
    data = renditions.at_side(chosen.variant, CARD) if chosen else b""
    headers = {"Content-Disposition": 'attachment; filename="me.vcf"'}
    text = contact_cards.vcard(called(request.user), request.user.email, data)
    return HttpResponse(text, content_type="text/vcard; charset=utf-8", headers=headers)
