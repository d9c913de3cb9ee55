"""What an answer of a platform means: a success, or which of the five kinds of error."""

import email.utils
import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from integrations.errors import (
    PlatformError,
    Refused,
    Throttled,
    Unauthorised,
    Unavailable,
    Uncertain,
)
from integrations.redaction import redact

READS: Final = frozenset({"GET", "HEAD"})


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
        return self.fail(message) if self.fail else Refused(message)


def kind_of(answer: Answer, method: str) -> type[PlatformError]:
    """RFC 9110, 6750 and 6585, read for what to do next."""
    status = answer.status
    if status == 429:
        return Throttled
    if status == 401 or (status in (400, 403) and _about_token(answer)):
        return Unauthorised
    if status in (408, 425, 503):
        return Unavailable
    if status < 500 or status == 501:
        return Refused
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


def seconds_told(told: str) -> float:
    """Retry-After as seconds: a number or a date (RFC 9110, 10.2.3); else a minute."""
    if told.replace(".", "", 1).isdigit():
        return min(float(told), 86_400)
    try:
        wait = email.utils.parsedate_to_datetime(told).timestamp() - time.time()
    except (TypeError, ValueError):
        return 60
    return min(max(wait, 1), 86_400)
