"""Rules for the redirect URIs of OAuth applications: https, loopback, or a private-use scheme."""

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from oauth2_provider.validators import AllowedURIValidator

from headshots.errors import FacetError

LOOPBACK: Final = {"127.0.0.1", "::1", "localhost"}
LIMIT: Final = 10  # redirect URIs of an application
URI: Final = re.compile(r"[\w\-.~:/?@\[\]!$&'()*+,;=%]{1,500}", re.ASCII)  # RFC 3986, no fragment


class BadRedirect(FacetError):
    """A redirect URI is not allowed."""

    code = "bad_redirect"
    advice = "Write https://…, http://127.0.0.1/…, or a scheme like org.example.app:/back."


def checked(told: Sequence[str]) -> list[str]:
    """Return the redirect URIs without duplicates; BadRedirect if one is not allowed.

    RFC 8252, section 7 (https://www.rfc-editor.org/rfc/rfc8252): applications on a person's own
    device listen on its loopback interface, or use a scheme that is a reversed domain name.
    """
    found = list(dict.fromkeys(told))
    if not 1 <= len(found) <= LIMIT:
        raise BadRedirect(f"An application has one to {LIMIT} addresses.")
    for one in found:
        if not URI.fullmatch(one) or not _is_private(one):
            raise BadRedirect(f"No application can be answered at {one[:80]}")
    return found


def _is_private(address: str) -> bool:
    """Whether only the application receives what is sent to the address."""
    try:
        parts = urlsplit(address)
        _ = parts.port  # raises ValueError if it is not a number
        schemes = {"https", "http", *([parts.scheme] if "." in parts.scheme else [])}
        AllowedURIValidator(schemes, "redirect", allow_path=True, allow_query=True)(address)
    except (ValidationError, ValueError):
        return False
    if "@" in parts.netloc:  # https://known.example@other.example looks like known.example
        return False
    return parts.scheme != "http" or parts.hostname in LOOPBACK
