"""Removes secrets from text that is logged, raised as an error or shown on a page."""

import re
from collections.abc import Iterable
from typing import Final

MASK: Final = "…"
MAX_TEXT: Final = 300  # characters of a platform's answer that are worth repeating
# Characters in which secrets are looked for by their form; the patterns take quadratic time in
# texts that are made for it.
_SEARCHED_TEXT: Final = 4000
_MIN_SECRET: Final = 4  # characters; masking shorter ones would only garble the text
_SECRET_NAMES: Final = (
    r"access_token|refresh_token|id_token|client_secret|client_assertion|code_verifier"
    r"|token|password|api_key|assertion|oauth_signature|oauth_token(?:_secret)?|oauth_verifier"
    r"|accessJwt|refreshJwt|appPassword|authToken|secret"
)
_SECRET_PATTERNS: Final = [
    # name=value, "name": "value"
    re.compile(rf'(?i)(["\']?\b(?:{_SECRET_NAMES})["\']?\s*[:=]\s*["\']?)([^\s"\'&,;}}<>]+)'),
    # an Authorization header
    re.compile(r"(?i)\b((?:bearer|basic|dpop|token|oauth)\s+)([\w.~+/=-]{16,})"),
    # parameters of an OAuth redirect
    re.compile(r"([?&](?:code|state|request_uri)=)([^\s&#]+)"),
    # a JSON Web Token
    re.compile(r"()(\beyJ[\w-]{6,}\.[\w-]+\.?[\w-]*)"),
]


def redact(text: str, secrets: Iterable[str] = (), *, limit: int = MAX_TEXT) -> str:
    """Mask the known secrets and everything that looks like one; cut at `limit` characters."""
    for secret in secrets:
        if len(secret) >= _MIN_SECRET:
            text = text.replace(secret, MASK)
    text = text[:_SEARCHED_TEXT]
    for pattern in _SECRET_PATTERNS:
        text = pattern.sub(rf"\1{MASK}", text)
    return text if len(text) <= limit else text[:limit] + MASK
