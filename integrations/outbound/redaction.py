"""Text without secrets: what a log line, an error or a page may repeat of a call."""

import re
from collections.abc import Iterable
from typing import Final

MASK: Final = "…"
_NAMES: Final = (
    r"access_token|refresh_token|id_token|client_secret|client_assertion|code_verifier"
    r"|token|password|api_key|assertion|oauth_signature|oauth_token(?:_secret)?|oauth_verifier"
    r"|accessJwt|refreshJwt|appPassword|authToken|secret"
)
_PATTERNS: Final = [
    re.compile(rf'(?i)(["\']?\b(?:{_NAMES})["\']?\s*[:=]\s*["\']?)([^\s"\'&,;}}<>]+)'),
    re.compile(r"(?i)\b((?:bearer|basic|dpop|token|oauth)\s+)([\w.~+/=-]{16,})"),
    re.compile(r"([?&](?:code|state|request_uri)=)([^\s&#]+)"),
    re.compile(r"()(\beyJ[\w-]{6,}\.[\w-]+\.?[\w-]*)"),  # a JWT, wherever it stands
]


def redact(text: str, secrets: Iterable[str] = (), *, limit: int = 300) -> str:
    """The text with every known secret, and everything that looks like one, masked."""
    for secret in secrets:
        if len(secret) >= 4:
            text = text.replace(secret, MASK)
    for pattern in _PATTERNS:
        text = pattern.sub(rf"\1{MASK}", text)
    return text if len(text) <= limit else text[:limit] + MASK
