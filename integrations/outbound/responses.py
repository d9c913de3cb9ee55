"""What an answer of a platform means: a success, or which of the five kinds of error."""

import email.utils
import json
import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
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
from integrations.outbound.redaction import redact

log = logging.getLogger(__name__)

READS: Final = frozenset({"GET", "HEAD"})
# Until when nothing more is answered, where no Retry-After says it (see `seconds_told`).
RESETS: Final = ("X-RateLimit-Reset", "X-Rate-Limit-Reset", "RateLimit-Reset")


@dataclass(frozen=True)
class Oddity:
    """An answer that does not mean what its status says, as a platform documents it."""

    status: int
    contains: str  # in the body, blanks left out
    kind: type[PlatformError]
    method: str = ""  # only for this one
    at: str = ""  # only where the path ends so

    def fits(self, answer: "Answer", method: str) -> bool:
        return (
            self.status == answer.status
            and self.method in ("", method)
            and urlsplit(answer.url).path.endswith(self.at)
            and self.contains in "".join(answer.text.split())
        )


@dataclass(frozen=True)
class Answer:
    """What came back, within limits."""

    status: int
    headers: Any
    data: bytes = field(repr=False)
    url: str = field(default="", repr=False)
    fail: Callable[[str], PlatformError] | None = field(default=None, repr=False)

    @property
    def text(self) -> str:
        return self.data.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as data; a success without a readable body is unknown, or nothing was read."""
        try:
            return json.loads(self.data)
        except ValueError as error:
            raise self.failed("The answer cannot be read.") from error

    def failed(self, message: str) -> PlatformError:
        """What it means that this answer is not what it should be."""
        return self.fail(message) if self.fail else Rejected(message)


def kind_of(answer: Answer, method: str) -> type[PlatformError]:
    """RFC 9110, 6750 and 6585, read for what to do next."""
    status = answer.status
    if status == 429:
        return RateLimited
    if status == 401 or (status in (400, 403) and _about_token(answer)):
        return Unauthorized
    if status == 403 and answer.headers.get("X-RateLimit-Remaining") == "0":  # GitHub
        return RateLimited
    if status in (408, 425, 503):
        return Unavailable
    if status < 500 or status == 501:
        return Rejected
    return Unavailable if method in READS else Uncertain


def _about_token(answer: Answer) -> bool:
    said = answer.headers.get("WWW-Authenticate", "") + answer.text[:2000]
    words = ("invalid_grant", "invalid_token", "expired_token", "ExpiredToken", "token_revoked")
    scopes = ("insufficient_scope", "missing_scope", "ScopeMissing", "expired_access_token")
    return any(word in said for word in words + scopes)


def words_of(answer: Answer, secrets: Iterable[str]) -> str:
    """The platform's own sentence where it gives one."""
    try:
        said = _sentence(json.loads(answer.data))
    except ValueError:
        said = ""
    return redact(said, secrets, limit=160) if said else f"answered {answer.status}."


def _sentence(told: Any) -> str:
    """The first text at a place where platforms put one, however deep it lies."""
    if isinstance(told, str):
        return told
    inner: Iterable[Any] = told if isinstance(told, list) else ()
    if isinstance(told, dict):
        keys = ("error_description", "message", "msg", "error_summary", "error", "errors", "data")
        inner = [told[key] for key in keys if key in told]
        if not inner and len(told) == 1:  # GitLab: {"message": {"avatar": ["is too big"]}}
            inner = told.values()
    return next((said for one in inner if (said := _sentence(one))), "")


def seconds_told(headers: Any) -> float:
    """How long to wait, 1 second to a day; a minute where nothing is said.

    Retry-After is seconds or a date (RFC 9110, 10.2.3). Others tell when the hour or the quarter
    begins anew: GitHub, X and Bluesky in seconds since 1970, Mastodon in ISO 8601
    (https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api,
    https://docs.x.com/fundamentals/rate-limits, https://docs.joinmastodon.org/api/rate-limits/).
    """
    names = ("Retry-After", *RESETS)
    told = next((said for name in names if (said := headers.get(name, "").strip())), "")
    try:
        wait = _seconds_until(told)
    except (TypeError, ValueError):
        return 60
    return min(max(wait, 1), 86_400)


def _seconds_until(told: str) -> float:
    now = time.time()
    if told.replace(".", "", 1).isdigit():
        return float(told) - (now if float(told) > 1e9 else 0)  # a moment, or a time to wait
    if told[:4].isdigit():
        return datetime.fromisoformat(told).timestamp() - now
    return email.utils.parsedate_to_datetime(told).timestamp() - now


# What reading a list as an object, a missing field or a broken number raises. Adapters and flows
# take answers at their documented word, so within them these mean: the answer was another one.
_SURPRISES: Final = (LookupError, TypeError, AttributeError, ValueError)


@contextmanager
def understood(misread: Callable[[], PlatformError]) -> Iterator[None]:
    """What is read within has the documented shape; if not, what `misread` says is raised."""
    try:
        yield
    except _SURPRISES as error:
        told = misread()
        log.warning("%s: an answer was not understood (%s)", told.platform, type(error).__name__)
        raise told from error
