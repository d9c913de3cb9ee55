"""Views without sign-in: pictures at the public addresses that people turned on, and WebFinger."""

import re
from contextlib import suppress
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from branding.accounts.selectors import confirmed_emails
from branding.public_responses import readable_everywhere
from branding.public_urls import absolute_url, named_avatar_url
from headshots.models import Variant
from integrations import renditions
from integrations.avatars import libravatar
from integrations.avatars.selectors import choice_for_digest, choice_for_name, choice_for_token
from integrations.places import AVATAR_SLUG

DEFAULT_SIDE, LARGEST = 400, 1024  # pixels: default and largest width
FORCED: Final = ("y", "yes")  # values of `f` by which the fallback is shown in any case
REL: Final = "http://webfinger.net/rel/avatar"
URI: Final = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):(\S+)")  # scheme and the rest
MALFORMED: Final = "Ask for one resource, such as resource=acct:name@example.org\n"


@readable_everywhere
@require_safe
def avatar_by_token(request: HttpRequest, token: str) -> HttpResponse:
    """Return the picture that is chosen for the avatar address; `s` is its size in pixels."""
    return _avatar_response(request, choice_for_token(token).variant, _requested_size(request))


@readable_everywhere
@require_safe
def avatar_by_name(request: HttpRequest, name: str, place: str) -> HttpResponse:
    """Return the picture that is chosen for a place of the person with a public name."""
    return _avatar_response(request, choice_for_name(name, place).variant, _requested_size(request))


@readable_everywhere
@require_safe
def avatar_by_email_hash(request: HttpRequest, digest: str, suffix: str = "") -> HttpResponse:
    """Return the picture for the hash of an e-mail address, whatever suffix the address has.

    `s` or `size` is its size in pixels, `d` or `default` says what is shown without a picture, and
    `f` or `forcedefault` shows that in any case.
    """
    side = libravatar.parse_size(_first_parameter(request, "s", "size"))
    if _first_parameter(request, "f", "forcedefault").lower() not in FORCED:
        with suppress(ObjectDoesNotExist):
            return _avatar_response(request, _choice_for_digest(digest), side)
    kind = libravatar.parse_fallback(_first_parameter(request, "d", "default"))
    return _fallback_response(request, kind, digest.lower(), side)


@readable_everywhere
@require_safe
def avatar_webfinger(request: HttpRequest) -> HttpResponse:
    """Return a WebFinger document (RFC 7033) with the URL of a picture, if that is public.

    `resource` is given exactly once (section 4.2); with `rel`, only links of these relations are
    returned (section 4.3).
    """
    resources, relations = request.GET.getlist("resource"), request.GET.getlist("rel")
    if len(resources) != 1 or not (uri := URI.fullmatch(resources[0])):
        return HttpResponseBadRequest(MALFORMED, content_type="text/plain")
    link = {"rel": REL, "type": "image/jpeg", "href": _find_address(*uri.groups())}
    links = [link] if not relations or REL in relations else []
    document = {"subject": resources[0], "links": links}
    return JsonResponse(document, content_type="application/jrd+json")


def _find_address(scheme: str, account: str) -> str:
    """Return the avatar URL of `acct:name@host` or `mailto:address`. Raises Http404 without one."""
    if scheme.lower() not in ("acct", "mailto") or "@" not in account:
        raise Http404
    name, _, host_name = account.rpartition("@")
    if scheme.lower() == "acct" and host_name.lower() == urlsplit(settings.SITE_URL).netloc:
        choice_for_name(name, AVATAR_SLUG)
        return named_avatar_url(name.lower(), AVATAR_SLUG)
    digest = libravatar.hash_email(account)[1]
    _choice_for_digest(digest)
    return absolute_url("web:avatar_hashed", digest)


def _choice_for_digest(digest: str) -> Variant:
    """Return the headshot for a hash. Raises ObjectDoesNotExist if its owner lost the address."""
    choice = choice_for_digest(digest)
    owner_digests = [
        email_address
        for email in confirmed_emails(choice.owner)
        for email_address in libravatar.hash_email(email)
    ]
    if digest.lower() not in owner_digests:
        raise ObjectDoesNotExist
    return choice.variant


def _first_parameter(request: HttpRequest, *names: str) -> str:
    """Return the first of some query parameters that is given and not empty; "" if none is."""
    return next((value for name in names if (value := request.GET.get(name))), "")


def _requested_size(request: HttpRequest) -> int:
    size = _first_parameter(request, "s", "size")
    return libravatar.parse_size(size, default=DEFAULT_SIDE, largest=LARGEST)


def _fallback_response(request: HttpRequest, kind: str, digest: str, side: int) -> HttpResponse:
    """Return the picture that is shown instead of none; Http404 if the client wants that."""
    if kind == libravatar.NO_PICTURE:
        raise Http404
    etag = f'"{kind}-{digest if kind == libravatar.PATTERN else ""}-{side}"'
    if kind == libravatar.BLANK:
        return _cached_response(
            request, etag, lambda: libravatar.encode_blank(side), media_type="image/png"
        )
    return _cached_response(
        request, etag, lambda: renditions.encode_jpeg(libravatar.draw_fallback(kind, digest, side))
    )


def _avatar_response(request: HttpRequest, variant: Variant, side: int) -> HttpResponse:
    mark = "-marked" if variant.is_marked else ""
    etag = f'"{variant.picture}-{side}{mark}"'
    return _cached_response(request, etag, lambda: renditions.encode_at_size(variant, side))


def _cached_response(
    request: HttpRequest, etag: str, make_content: Any, *, media_type: str = "image/jpeg"
) -> HttpResponse:
    """Return the picture, encoded only if the client has no current copy (RFC 9110, section 13)."""
    not_modified = get_conditional_response(request, etag=etag)
    response = not_modified or HttpResponse(make_content(), content_type=media_type)
    response["ETag"] = etag
    return response
