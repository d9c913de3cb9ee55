"""Views of a person's public addresses."""

from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from branding import contact_cards
from branding.accounts.models import User
from branding.accounts.selectors import confirmed_emails
from branding.kits.selectors import display_name_of
from branding.public_urls import avatar_url, named_avatar_url
from branding.web.requests import PageRequest
from branding.web.responses import redirect_back, render_page
from headshots.wording import word
from integrations import renditions
from integrations.avatars import services as avatar_services
from integrations.errors import BadName, NameTaken
from integrations.models import AvatarAddress
from integrations.places import AVATAR_SLUG, all_places
from integrations.publishing import headshot_actions
from integrations.selectors import avatar_address_of, current_choices

CARD: Final = 400  # width and height in pixels of the picture in a vCard


@login_required
@require_GET
def show_public_addresses(request: PageRequest) -> HttpResponse:
    """Show every public address, whether it is turned on or not."""
    address, choices_by_place = avatar_address_of(request.user), current_choices(request.user)
    emails = confirmed_emails(request.user)
    is_shown = AVATAR_SLUG in choices_by_place
    return render_page(
        request,
        "profiles/addresses",
        here="profiles",
        address=address,
        address_url=avatar_url(address),
        avatar=choices_by_place.get(AVATAR_SLUG),
        places=[
            _place_entry(address, all_places()[slug])
            for slug in all_places()
            if slug in choices_by_place
        ],
        emails=emails,
        records=sorted(
            {contact_cards.build_srv_record(email, settings.SITE_URL) for email in emails}
        ),
        called=display_name_of(request.user),
        host=urlsplit(settings.SITE_URL).netloc,
        signature=_build_signature(request.user, address) if is_shown else "",
    )


def _build_signature(user: User, address: AvatarAddress | None) -> str:
    """Build an e-mail signature with the picture at an address; "" if that is not open."""
    if address is None or not address.is_open:
        return ""
    name = display_name_of(user)
    return contact_cards.build_html_signature(avatar_url(address), name, user.email)


def _place_entry(address: AvatarAddress | None, place: Any) -> dict[str, Any]:
    name = address.name if address and place.slug in address.places else None
    url = named_avatar_url(name, place.slug) if name else ""
    return {"frame": place, "shown": bool(name), "url": url}


@login_required
@require_POST
def open_avatar_address(request: PageRequest) -> HttpResponse:
    """Turn the secret address on."""
    headshot_actions.open_avatar_address(request.user)
    return redirect_back(request, "web:addresses")


@login_required
@require_POST
def close_avatar_address(request: PageRequest) -> HttpResponse:
    """Turn the secret address off."""
    avatar_services.close_address(request.user)
    return redirect_back(request, "web:addresses")


@login_required
@require_POST
def renew_avatar_address(request: PageRequest) -> HttpResponse:
    """Replace the secret address; the old one stops working."""
    avatar_services.renew_address(request.user)
    return redirect_back(request, "web:addresses")


@login_required
@require_POST
def claim_public_name(request: PageRequest) -> HttpResponse:
    """Set the public name and the places that are shown under it."""
    place_slugs = request.POST
    try:
        avatar_services.claim_public_name(
            request.user, place_slugs.get("name", ""), place_slugs.getlist("places")
        )
    except (BadName, NameTaken) as error:
        messages.error(request, word(f"{error.message} {error.advice}"))
    return redirect("web:addresses")


@login_required
@require_POST
def release_public_name(request: PageRequest) -> HttpResponse:
    """Release the public name."""
    avatar_services.release_public_name(request.user)
    return redirect("web:addresses")


@login_required
@require_POST
def enable_email_lookup(request: PageRequest) -> HttpResponse:
    """Turn on the addresses for programs that know a confirmed e-mail address."""
    emails = confirmed_emails(request.user)
    if emails:
        avatar_services.enable_email_lookup(request.user, emails)
    else:
        messages.error(request, _("Confirm an email address first."))
    return redirect("web:addresses")


@login_required
@require_POST
def disable_email_lookup(request: PageRequest) -> HttpResponse:
    """Turn off the addresses by e-mail address."""
    avatar_services.disable_email_lookup(request.user)
    return redirect("web:addresses")


@login_required
@require_GET
def download_contact_card(request: PageRequest) -> HttpResponse:
    """Download a vCard with the picture in it."""
    chosen = current_choices(request.user).get(AVATAR_SLUG)
    picture_content = renditions.encode_at_size(chosen.variant, CARD) if chosen else b""
    headers = {"Content-Disposition": 'attachment; filename="me.vcf"'}
    card_text = contact_cards.build_vcard(
        display_name_of(request.user), request.user.email, picture_content
    )
    return HttpResponse(card_text, content_type="text/vcard; charset=utf-8", headers=headers)
