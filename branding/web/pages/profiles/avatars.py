"""What strangers get: pictures at addresses that their owners opened, and where to find them."""

from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from branding.accounts.selectors import confirmed_emails
from branding.public_urls import named_avatar_url
from headshots.models import Variant
from integrations import renditions
from integrations.avatars import libravatar
from integrations.avatars.selectors import choice_for_digest, choice_for_name, choice_for_token
from integrations.places import AVATAR_SLUG

MINUTES: Final = 300  # seconds a public picture may be kept: a new choice shows soon
USUAL, LARGEST = 400, 1024  # pixels a side of an address that is not asked for by programs
# Any page of anybody may show it, and nothing may be made of it but a picture.
HEADERS: Final = {
    "Cache-Control": f"public, max-age={MINUTES}",
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}
REL: Final = "http://webfinger.net/rel/avatar"


@require_safe
def avatar_by_token(request: HttpRequest, token: str) -> HttpResponse:
    """The picture chosen for the avatar address; `s` is the size in pixels."""
    return _avatar_response(request, choice_for_token(token).variant, _requested_size(request))


@require_safe
def avatar_by_name(request: HttpRequest, name: str, place: str) -> HttpResponse:
    """The picture that hangs at a place of somebody with a public name."""
    return _avatar_response(request, choice_for_name(name, place).variant, _requested_size(request))


@require_safe
def avatar_by_email_hash(request: HttpRequest, digest: str) -> HttpResponse:
    """The picture of whoever has this e-mail address; `d` says what is shown if there is none."""
    default = request.GET
    side = libravatar.parse_size(default.get("s") or default.get("size", ""))
    try:
        return _avatar_response(request, _choice_for_digest(digest), side)
    except ObjectDoesNotExist:
        kind = libravatar.parse_fallback(default.get("d") or default.get("default", ""))
    if kind == libravatar.NO_PICTURE:
        raise Http404
    etag = f'"{kind}-{digest.lower() if kind == libravatar.PATTERN else ""}-{side}"'
    return _cached_response(
        request, etag, lambda: renditions.encode_jpeg(libravatar.draw_fallback(kind, digest, side))
    )


@require_safe
def avatar_webfinger(request: HttpRequest) -> HttpResponse:
    """Where the picture of somebody is found (RFC 7033), if they opened that address."""
    resource = request.GET.get("resource", "")
    link = {"rel": REL, "type": "image/jpeg", "href": _find_address(resource)}
    return JsonResponse(
        {"subject": resource, "links": [link]},
        content_type="application/jrd+json",
        headers=HEADERS,
    )


def _find_address(resource: str) -> str:
    """The avatar of `acct:name@here` or `acct:` and `mailto:` an e-mail address; or 404."""
    scheme, _, account = resource.partition(":")
    if scheme not in ("acct", "mailto") or "@" not in account:
        raise Http404
    name, _, host_name = account.rpartition("@")
    if scheme == "acct" and host_name.lower() == urlsplit(settings.SITE_URL).netloc:
        choice_for_name(name, AVATAR_SLUG)
        return named_avatar_url(name.lower(), AVATAR_SLUG)
    digest = libravatar.hash_email(account)[1]
    _choice_for_digest(digest)
    return settings.SITE_URL + reverse("web:avatar_hashed", args=[digest])


def _choice_for_digest(digest: str) -> Variant:
    """What is shown for a hash, if the address is still its owner's; ObjectDoesNotExist if not."""
    choice = choice_for_digest(digest)
    is_theirs = [
        email_address
        for email in confirmed_emails(choice.owner)
        for email_address in libravatar.hash_email(email)
    ]
    if digest.lower() not in is_theirs:
        raise ObjectDoesNotExist
    return choice.variant


def _requested_size(request: HttpRequest) -> int:
    return libravatar.parse_size(request.GET.get("s", ""), default=USUAL, largest=LARGEST)


def _avatar_response(request: HttpRequest, variant: Variant, side: int) -> HttpResponse:
    etag = f'"{variant.picture}-{side}"'
    return _cached_response(request, etag, lambda: renditions.encode_at_size(variant, side))


def _cached_response(request: HttpRequest, etag: str, make_content: Any) -> HttpResponse:
    """The picture, made only if the asker does not have it already (RFC 9110, 13)."""
    is_known = get_conditional_response(request, etag=etag)
    response = is_known or HttpResponse(make_content(), content_type="image/jpeg")
    for name, value in {**HEADERS, "ETag": etag}.items():
        response[name] = value
    return response
