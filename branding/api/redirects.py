"""Where an application may be answered: https, this machine, or a scheme of its own."""

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from oauth2_provider.validators import AllowedURIValidator

from headshots.errors import FacetError

LOOPBACK: Final = {"127.0.0.1", "::1", "localhost"}
LIMIT: Final = 10  # addresses an application may have
URI: Final = re.compile(r"[\w\-.~:/?@\[\]!$&'()*+,;=%]{1,500}", re.ASCII)  # RFC 3986, no fragment


class BadRedirect(FacetError):
    """An application may not be answered there."""

    code = "bad_redirect"
    advice = "Write https://…, http://127.0.0.1/…, or a scheme like org.example.app:/back."


def checked(told: Sequence[str]) -> list[str]:
    """The addresses, each once; BadRedirect for one that would show a code to somebody else.

    https://www.rfc-editor.org/rfc/rfc8252 section 7: programs on a person's own device listen on
    its loopback, or own a scheme that is the reverse of a domain.
    """
    found = list(dict.fromkeys(told))
    if not 1 <= len(found) <= LIMIT:
        raise BadRedirect(f"An application has one to {LIMIT} addresses.")
    for one in found:
        if not URI.fullmatch(one) or not _is_private(one):
            raise BadRedirect(f"No application can be answered at {one[:80]}")
    return found


def _is_private(address: str) -> bool:
    """Whether only the application hears what is sent there."""
    try:
        parts = urlsplit(address)
        _ = parts.port  # raises for one that is no number
        schemes = {"https", "http", *([parts.scheme] if "." in parts.scheme else [])}
        AllowedURIValidator(schemes, "redirect", allow_path=True, allow_query=True)(address)
    except (ValidationError, ValueError):
        return False
    if "@" in parts.netloc:  # https://known.example@elsewhere.example
        return False
    return parts.scheme != "http" or parts.hostname in LOOPBACK
