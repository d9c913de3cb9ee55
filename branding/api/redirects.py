"""Rules for the redirect URIs of OAuth applications: https, loopback, or a private-use scheme."""

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from oauth2_provider.validators import AllowedURIValidator

from headshots.errors import FacetError

LOOPBACK_HOSTS: Final = {"127.0.0.1", "::1", "localhost"}
MAX_REDIRECT_URIS: Final = 10  # redirect URIs of an application
URI_PATTERN: Final = re.compile(
    r"[\w\-.~:/?@\[\]!$&'()*+,;=%]{1,500}", re.ASCII
)  # RFC 3986, no fragment


class BadRedirect(FacetError):
    """A redirect URI is not allowed."""

    code = "bad_redirect"
    advice = "Write https://…, http://127.0.0.1/…, or a scheme like org.example.app:/back."


def validate_redirect_uris(addresses: Sequence[str]) -> list[str]:
    """Return the redirect URIs without duplicates; BadRedirect if one is not allowed.

    RFC 8252, section 7 (https://www.rfc-editor.org/rfc/rfc8252): applications on a person's own
    device listen on its loopback interface, or use a scheme that is a reversed domain name.
    """
    unique_addresses = list(dict.fromkeys(addresses))
    if not 1 <= len(unique_addresses) <= MAX_REDIRECT_URIS:
        raise BadRedirect(f"An application has one to {MAX_REDIRECT_URIS} addresses.")
    for address in unique_addresses:
        if not URI_PATTERN.fullmatch(address) or not _is_private_to_application(address):
            raise BadRedirect(f"No application can be answered at {address[:80]}")
    return unique_addresses


def _is_private_to_application(address: str) -> bool:
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
    return parts.scheme != "http" or parts.hostname in LOOPBACK_HOSTS
