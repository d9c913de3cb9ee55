"""What the response of a platform means: a success, or which of the five kinds of error."""

import email.utils
import logging
import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Final
from urllib.parse import urlsplit

from integrations.errors import (
    PlatformError,
    RateLimited,
    Rejected,
    Unauthorized,
    Unavailable,
    Uncertain,
)
from integrations.outbound.json_reader import parse_json
from integrations.outbound.redaction import redact

log = logging.getLogger(__name__)

# The safe methods of RFC 9110, section 9.2.1, that are used here.
SAFE_METHODS: Final = frozenset({"GET", "HEAD"})
# Headers that say when a rate limit is reset, where there is no Retry-After.
RESET_HEADERS: Final = ("X-RateLimit-Reset", "X-Rate-Limit-Reset", "RateLimit-Reset")
DEFAULT_WAIT_SECONDS: Final = 60
MIN_WAIT_SECONDS: Final = 1
MAX_WAIT_SECONDS: Final = 86_400  # a day
# Seconds: a longer wait than 31 years can only be a Unix timestamp.
MIN_TIMESTAMP: Final = 1e9
MAX_MESSAGE: Final = 160  # characters of a platform's error message that are repeated
# Characters at the start of an error response in which a token error is looked for.
SEARCHED_TEXT: Final = 2000
# Error codes about the token or its scopes: RFC 6749 (5.2), RFC 6750 (3.1), atproto, Slack, Zoom,
# Dropbox.
TOKEN_ERROR_CODES: Final = (
    "invalid_grant",
    "invalid_token",
    "expired_token",
    "ExpiredToken",
    "token_revoked",
    "insufficient_scope",
    "missing_scope",
    "ScopeMissing",
    "expired_access_token",
    "out_of_scope_for_token",
)
# The same in plain words: "Invalid Bearer token" (Takahe), "The access token is invalid"
# (Mastodon), "Token has expired", "Your login is currently disabled". A CSRF token is another one.
TOKEN_ERROR_WORDS: Final = re.compile(
    r"\b(?:invalid|expired|revoked|unknown|inactive) (?:(?:bearer|access|auth|api) )?token\b"
    r"|\b(?:(?:bearer|access|auth|api|your|the) )token (?:is|was|has|has been) "
    r"(?:invalid|expired|revoked|unknown|inactive|not valid|no longer valid)\b"
    r"|(?<!csrf )(?<!form )(?<!authenticity )\btoken "
    r"(?:has expired|is expired|expired|was revoked|has been revoked|is invalid)\b"
    r"|\blogin is (?:currently )?disabled\b",
    re.IGNORECASE,
)
# Where platforms put the message of an error, in the order in which it is looked for.
MESSAGE_KEYS: Final = (
    "error_description",
    "message",
    "msg",
    "error_summary",
    "error",
    "errors",
    "data",
)


# Escapes in JSON that may stand for a NUL or for half of a surrogate pair.


@dataclass(frozen=True)
class PlatformResponse:
    """A response within the limits of size and time."""

    status: int
    headers: Any
    data: bytes = field(repr=False)  # the body
    url: str = field(default="", repr=False)
    error_factory: Callable[[str], PlatformError] | None = field(default=None, repr=False)

    @cached_property
    def text(self) -> str:
        """Return the body decoded as UTF-8."""
        return self.data.decode("utf-8", "replace")

    @cached_property
    def compact_text(self) -> str:
        """Return the body decoded as UTF-8, without white space."""
        return re.sub(r"\s+", "", self.text)

    def json(self) -> Any:
        """Return the parsed body; Unavailable (read) or Uncertain (write) if it is not JSON."""
        try:
            return parse_json(self.data)
        except ValueError as error:
            raise self.make_error("The answer cannot be read.") from error

    def make_error(self, message: str) -> PlatformError:
        """Return the error for a successful response that is not what it should be."""
        return self.error_factory(message) if self.error_factory else Rejected(message)


@dataclass(frozen=True)
class ResponseRule:
    """A documented response of a platform whose status code alone is misleading."""

    status: int
    body_contains: str  # a part of the body, compared without white space
    error_class: type[PlatformError]  # what the response means
    method: str = ""  # applies to this HTTP method only
    path_suffix: str = ""  # applies to paths with this end only

    def matches_response(self, response: PlatformResponse, method: str) -> bool:
        """Return whether this rule decides about a response to a request with this method."""
        return (
            self.status == response.status
            and self.method in ("", method)
            and urlsplit(response.url).path.endswith(self.path_suffix)
            and self.body_contains in response.compact_text
        )


def classify_error(response: PlatformResponse, method: str) -> type[PlatformError]:
    """Return the kind of error of a response without success (RFC 9110, RFC 6750, RFC 6585)."""
    status = response.status
    if status == 429:
        return RateLimited
    if status == 401 or (status in (400, 403) and is_token_error(response)):
        return Unauthorized
    if status == 403 and response.headers.get("X-RateLimit-Remaining") == "0":  # GitHub
        return RateLimited
    if status in (408, 425, 503):
        return Unavailable
    if status < 500 or status == 501:
        return Rejected
    return Unavailable if method in SAFE_METHODS else Uncertain


def is_token_error(response: PlatformResponse) -> bool:
    """Return whether a response says that the token or its scopes are not enough."""
    text = response.headers.get("WWW-Authenticate", "") + response.text[:SEARCHED_TEXT]
    if any(code in text for code in TOKEN_ERROR_CODES):
        return True
    return bool(TOKEN_ERROR_WORDS.search(text))


def extract_message(response: PlatformResponse, secrets: Iterable[str]) -> str:
    """Return the platform's own error message, or its status code if there is none."""
    try:
        message = _find_message(parse_json(response.data))
    except (ValueError, RecursionError):
        message = _plain_text(response)
    if not message:
        return f"answered {response.status}."
    return redact(message, secrets, limit=MAX_MESSAGE)


def _plain_text(response: PlatformResponse) -> str:
    """Return a short body that is a sentence and no page; "" for any other."""
    text = " ".join(response.text[:SEARCHED_TEXT].split())
    is_sentence = text.isprintable() and " " in text and not text.startswith(("<", "{", "["))
    return text if is_sentence and len(text) <= MAX_MESSAGE else ""


def _find_message(data: Any) -> str:
    """Return the first text under one of the message keys, at any depth; "" if there is none."""
    if isinstance(data, str):
        return data
    children: Iterable[Any] = data if isinstance(data, list) else ()
    if isinstance(data, dict):
        children = [data[key] for key in MESSAGE_KEYS if key in data]
        if not children and len(data) == 1:  # GitLab: {"message": {"avatar": ["is too big"]}}
            children = data.values()
    return next((message for child in children if (message := _find_message(child))), "")


def parse_retry_after(headers: Any) -> float:
    """Return how many seconds a platform asks to wait: 1 second to a day, 60 if it does not say.

    Retry-After is a number of seconds or a date (RFC 9110, 10.2.3). Other headers say when the rate
    limit is reset: GitHub, X and Bluesky as a Unix timestamp, Mastodon in ISO 8601
    (https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api,
    https://docs.x.com/fundamentals/rate-limits, https://docs.joinmastodon.org/api/rate-limits/).
    """
    values = (headers.get(name, "").strip() for name in ("Retry-After", *RESET_HEADERS))
    value = next((value for value in values if value), "")
    try:
        wait = _parse_wait(value)
    except (ArithmeticError, LookupError, TypeError, ValueError):
        return DEFAULT_WAIT_SECONDS
    return min(max(wait, MIN_WAIT_SECONDS), MAX_WAIT_SECONDS)


def _parse_wait(value: str) -> float:
    """Return the seconds from now that a header value means; ValueError or TypeError if none."""
    now = time.time()
    if value.replace(".", "", 1).isdigit():
        return float(value) - (now if float(value) > MIN_TIMESTAMP else 0)
    if value[:4].isdigit():
        return datetime.fromisoformat(value).timestamp() - now
    return email.utils.parsedate_to_datetime(value).timestamp() - now


# What reading a response of an unexpected shape raises: a list instead of an object, a missing
# field, a malformed or an absurd number, deep nesting. Adapters and sign-in flows do not check
# responses themselves.
_SHAPE_ERRORS: Final = (
    LookupError,
    TypeError,
    AttributeError,
    ValueError,
    ArithmeticError,
    RecursionError,
)


@contextmanager
def expect_documented_shape(make_error: Callable[[], PlatformError]) -> Iterator[None]:
    """Raise `make_error()` if a response that is read in the block has an undocumented shape."""
    try:
        yield
    except _SHAPE_ERRORS as cause:
        error = make_error()
        log.warning("%s: an answer was not understood (%s)", error.platform, type(cause).__name__)
        raise error from cause
