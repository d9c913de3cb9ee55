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
from branding.public_urls import named_url
from headshots.models import Variant
from integrations import renditions
from integrations.avatars import libravatar
from integrations.avatars.selectors import shown_at, shown_for, shown_under
from integrations.places import AVATAR

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
def secret(request: HttpRequest, token: str) -> HttpResponse:
    """The picture chosen for the avatar address; `s` is the size in pixels."""
    return _picture(request, shown_at(token).variant, _size(request))


@require_safe
def named(request: HttpRequest, name: str, place: str) -> HttpResponse:
    """The picture that hangs at a place of somebody with a public name."""
    return _picture(request, shown_under(name, place).variant, _size(request))


@require_safe
def hashed(request: HttpRequest, digest: str) -> HttpResponse:
    """The picture of whoever has this e-mail address; `d` says what is shown if there is none."""
    told = request.GET
    side = libravatar.size(told.get("s") or told.get("size", ""))
    try:
        return _picture(request, _of_email(digest), side)
    except ObjectDoesNotExist:
        kind = libravatar.fallback(told.get("d") or told.get("default", ""))
    if kind == libravatar.NONE:
        raise Http404
    etag = f'"{kind}-{digest.lower() if kind == libravatar.PATTERN else ""}-{side}"'
    return _answer(request, etag, lambda: renditions.jpeg(libravatar.draw(kind, digest, side)))


@require_safe
def webfinger(request: HttpRequest) -> HttpResponse:
    """Where the picture of somebody is found (RFC 7033), if they opened that address."""
    resource = request.GET.get("resource", "")
    link = {"rel": REL, "type": "image/jpeg", "href": _found(resource)}
    return JsonResponse(
        {"subject": resource, "links": [link]},
        content_type="application/jrd+json",
        headers=HEADERS,
    )


def _found(resource: str) -> str:
    """The avatar of `acct:name@here` or `acct:` and `mailto:` an e-mail address; or 404."""
    scheme, _, account = resource.partition(":")
    if scheme not in ("acct", "mailto") or "@" not in account:
        raise Http404
    name, _, host = account.rpartition("@")
    if scheme == "acct" and host.lower() == urlsplit(settings.SITE_URL).netloc:
        shown_under(name, AVATAR)
        return named_url(name.lower(), AVATAR)
    digest = libravatar.digests(account)[1]
    _of_email(digest)
    return settings.SITE_URL + reverse("web:avatar_hashed", args=[digest])


def _of_email(digest: str) -> Variant:
    """What is shown for a hash, if the address is still its owner's; ObjectDoesNotExist if not."""
    choice = shown_for(digest)
    theirs = [one for email in confirmed_emails(choice.owner) for one in libravatar.digests(email)]
    if digest.lower() not in theirs:
        raise ObjectDoesNotExist
    return choice.variant


def _size(request: HttpRequest) -> int:
    return libravatar.size(request.GET.get("s", ""), usual=USUAL, largest=LARGEST)


def _picture(request: HttpRequest, variant: Variant, side: int) -> HttpResponse:
    etag = f'"{variant.picture}-{side}"'
    return _answer(request, etag, lambda: renditions.at_side(variant, side))


def _answer(request: HttpRequest, etag: str, make: Any) -> HttpResponse:
    """The picture, made only if the asker does not have it already (RFC 9110, 13)."""
    known = get_conditional_response(request, etag=etag)
    answer = known or HttpResponse(make(), content_type="image/jpeg")
    for name, value in {**HEADERS, "ETag": etag}.items():
        answer[name] = value
    return answer
