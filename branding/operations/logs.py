"""Log lines that follow a request from the page to the worker, and hold nothing secret."""

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

EXTRAS: Final = ("method", "route", "status", "seconds", "task")  # what a line may carry besides
GIVEN: Final = re.compile(r"[A-Za-z0-9._-]{8,64}")

_request: ContextVar[str] = ContextVar("request", default="")


def current() -> str:
    """The id of the request that is being answered or worked for; '' outside one."""
    return _request.get()


@contextmanager
def following(identity: str) -> Iterator[None]:
    """Whatever is logged inside belongs to this request."""
    token = _request.set(identity)
    try:
        yield
    finally:
        _request.reset(token)


def identity_of(request: HttpRequest) -> str:
    """What the proxy calls this request, or a name of our own."""
    given = request.headers.get("X-Request-ID", "")
    return given if GIVEN.fullmatch(given) else uuid4().hex


def route_of(request: HttpRequest) -> str:
    """The name of the page; never the address: some addresses are secrets."""
    match = getattr(request, "resolver_match", None)
    return match.view_name if match else "nowhere"


class Following(logging.Filter):
    """Writes the request's id on each record, and a page's name where Django puts its address."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through."""
        record.request_id = current()
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest) and isinstance(record.args, tuple):
            named = route_of(request)
            record.args = tuple(named if arg == request.path else arg for arg in record.args)
        return True


class Line(logging.Formatter):
    """One line for people; the request's id only where there is one."""

    def __init__(self) -> None:
        super().__init__("{asctime} {name}: {message}", style="{")

    def formatMessage(self, record: logging.LogRecord) -> str:
        """The line, without a traceback."""
        line = super().formatMessage(record)
        identity = getattr(record, "request_id", "")
        return f"{line} [{identity[:8]}]" if identity else line


class JsonLine(logging.Formatter):
    """One JSON object a line, for machines."""

    def format(self, record: logging.LogRecord) -> str:
        """The whole record, and nothing that was not meant for it."""
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
