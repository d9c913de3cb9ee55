"""Log formatting: lines carry the request's id, also in the worker, and no secrets."""

import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

from django.http import HttpRequest

from branding.operations import traces

EXTRAS: Final = ("method", "route", "status", "seconds", "task")  # extra attributes that are logged
GIVEN: Final = re.compile(r"[A-Za-z0-9._-]{8,64}")

_request: ContextVar[str] = ContextVar("request", default="")


def current() -> str:
    """Return the id of the current request, also in tasks that it started; '' outside one."""
    return _request.get()


@contextmanager
def following(identity: str) -> Iterator[None]:
    """Mark everything that is logged inside the block with a request's id."""
    token = _request.set(identity)
    try:
        yield
    finally:
        _request.reset(token)


def identity_of(request: HttpRequest) -> str:
    """Return the X-Request-ID header if it is well-formed, else a new id."""
    given = request.headers.get("X-Request-ID", "")
    return given if GIVEN.fullmatch(given) else uuid4().hex


def route_of(request: HttpRequest) -> str:
    """Return the URL name of a request. The path is never logged, because it may hold a secret."""
    match = getattr(request, "resolver_match", None)
    return match.view_name if match else "nowhere"


class Following(logging.Filter):
    """Adds the request's id to each record, and replaces paths in its arguments by URL names."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record; return True to keep it."""
        record.request_id = current()
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest) and isinstance(record.args, tuple):
            named = route_of(request)
            record.args = tuple(named if arg == request.path else arg for arg in record.args)
        return True


class Line(logging.Formatter):
    """Formats a record as one line of text, with the first characters of the request's id."""

    def __init__(self) -> None:
        super().__init__("{asctime} {name}: {message}", style="{")

    def formatMessage(self, record: logging.LogRecord) -> str:
        """Format the message without the traceback."""
        line = super().formatMessage(record)
        identity = getattr(record, "request_id", "")
        return f"{line} [{identity[:8]}]" if identity else line


class JsonLine(logging.Formatter):
    """Formats a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Format the record with the known extra attributes only."""
        said: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if identity := getattr(record, "request_id", ""):
            said["request"] = identity
        if trace := traces.current():
            said["trace"] = trace
        said |= {name: getattr(record, name) for name in EXTRAS if hasattr(record, name)}
        if record.exc_info:
            said["exception"] = self.formatException(record.exc_info)
        return json.dumps(said, default=str)
