"""The board of profiles: what hangs where, what could, and the person's own avatar address."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition, require_GET, require_POST

from branding.web.pages.answers import back, ids, page
from headshots import pictures, selectors
from integrations.agenda import next_by_profile
from integrations.frames import AVATAR
from integrations.models import AvatarAddress
from integrations.selectors import (
    Profile,
    address_of,
    connection_for,
    current_choices,
    last_sent,
    profiles_of,
    shown_at,
)
from integrations.services import addresses, choices

MINUTES = 300  # seconds a public avatar may be cached


@login_required
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The wall."""
    profiles = profiles_of(request.user)
    hung = [one for one in profiles if one.choice or one.connection]
    address = address_of(request.user)
    return page(
        request,
        "profiles",
        here="profiles",
        wall=_wall(request, hung),
        could=[one.frame for one in profiles if one not in hung],
        sendable=sum(bool(one.choice and one.takes_part) for one in profiles),
        address=address,
        address_url=address_url(address),
        avatar=next((one.choice for one in profiles if one.frame.slug == AVATAR), None),
        kept=list(selectors.kept_by(request.user)[:24]),
    )


def _wall(request: HttpRequest, hung: list[Profile]) -> list[dict[str, Any]]:
    """Each picture with its label: since when, and what is next."""
    sent, planned = last_sent(request.user), next_by_profile(request.user, hung)
    return [
        {
            "frame": one.frame, "choice": one.choice, "connection": one.connection, "key": one.key,
            "variant": one.choice.variant if one.choice else None,
            "sent_at": sent.get(one.key), "next": planned.get(one.key),
        }
        for one in hung
    ]  # fmt: skip


def address_url(address: AvatarAddress | None) -> str:
    """The public address in full."""
    return settings.SITE_URL + reverse("web:avatar", args=[address.token]) if address else ""


@login_required
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Choose a headshot for some places, and for some accounts of their own."""
    (pk,) = ids([request.POST.get("variant", "")]) or [None]
    found = selectors.variant_for(request.user, pk)
    told = ids(request.POST.getlist("accounts"))
    accounts = [connection_for(request.user, account) for account in told]
    choices.choose(found, request.POST.getlist("places"), accounts)
    return back(request, "web:profiles")


@login_required
@require_POST
def clear(request: HttpRequest) -> HttpResponse:
    """Take a picture off its place."""
    choice = current_choices(request.user).get(request.POST.get("place", ""))
    if choice:
        choices.clear(choice)
    return back(request, "web:profiles")


@login_required
@require_POST
def address_open(request: HttpRequest) -> HttpResponse:
    """Let the avatar address answer."""
    addresses.open_address(request.user)
    return redirect("web:profiles")


@login_required
@require_POST
def address_close(request: HttpRequest) -> HttpResponse:
    """Let the avatar address answer nothing."""
    addresses.close_address(request.user)
    return redirect("web:profiles")


@login_required
@require_POST
def address_renew(request: HttpRequest) -> HttpResponse:
    """A new avatar address; the old one ends."""
    addresses.renew_address(request.user)
    return redirect("web:profiles")


def _shown(request: HttpRequest, token: str) -> tuple[str, str]:
    """Name and size of what an avatar address shows."""
    told: Any = request.GET.get("s", "")
    wanted = int(told) if told.isascii() and told.isdigit() else 400
    fits = (size for size, side in pictures.SIZES.items() if side is None or side >= wanted)
    return shown_at(token).variant.picture, next(fits)


@cache_control(public=True, max_age=MINUTES)
@condition(etag_func=lambda request, token: '"{}-{}"'.format(*_shown(request, token)))
@require_GET
def avatar(request: HttpRequest, token: str) -> HttpResponse:
    """The picture chosen for the avatar address, for anyone; `s` is the size in pixels."""
    name, size = _shown(request, token)
    headers = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
    return HttpResponse(pictures.read(name, size), content_type="image/jpeg", headers=headers)
