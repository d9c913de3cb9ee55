"""Log formatting: lines carry the request's id, also in the worker, and no secrets."""

import json
import logging
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

from django.http import HttpRequest

from branding.operations import traces

EXTRA_FIELDS: Final = (
    "method",
    "route",
    "status",
    "seconds",
    "task",
)  # extra attributes that are logged
REPETITION_SECONDS: Final = 60  # seconds in which records of one place are counted together
MAX_REPETITIONS: Final = 5  # records of one place in that time
REQUEST_ID_PATTERN: Final = re.compile(r"[A-Za-z0-9._-]{8,64}")

_request_id: ContextVar[str] = ContextVar("request", default="")


def current_request_id() -> str:
    """Return the id of the current request, also in tasks that it started; '' outside one."""
    return _request_id.get()


@contextmanager
def bind_request_id(request_id: str) -> Iterator[None]:
    """Mark everything that is logged inside the block with a request's id."""
    token = _request_id.set(request_id)
    try:
        yield
    finally:
        _request_id.reset(token)


def request_id_of(request: HttpRequest) -> str:
    """Return the X-Request-ID header if it is well-formed, else a new id."""
    header_value = request.headers.get("X-Request-ID", "")
    return header_value if REQUEST_ID_PATTERN.fullmatch(header_value) else uuid4().hex


def route_name_of(request: HttpRequest) -> str:
    """Return the URL name of a request. The path is never logged, because it may hold a secret."""
    match = getattr(request, "resolver_match", None)
    return match.view_name if match else "nowhere"


class RequestIdFilter(logging.Filter):
    """Adds the request's id to each record, and replaces paths in its arguments by URL names."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record; return True to keep it."""
        record.request_id = current_request_id()
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest) and isinstance(record.args, tuple):
            route_name = route_name_of(request)
            record.args = tuple(
                route_name if argument == request.path else argument for argument in record.args
            )
        return True


class RepetitionFilter(logging.Filter):
    """Drops warnings and errors that the same place logs again and again within a minute.

    A full disk, or a database that is away, makes every task fail, several times a second.
    """

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._counts: Counter[tuple[Any, ...]] = Counter()
        self._counted_since = time.monotonic()

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether to keep the record; the last one that is kept says so."""
        if record.levelno < logging.WARNING:
            return True
        count = self._count(record)
        if count == MAX_REPETITIONS:
            record.msg = f"{record.msg} (further ones are left out for up to a minute)"
        return count <= MAX_REPETITIONS

    def _count(self, record: logging.LogRecord) -> int:
        """Return how many records the same place, about the same task, logged this minute."""
        task_name = record.args.get("name") if isinstance(record.args, dict) else None
        key = (record.name, record.pathname, record.lineno, task_name)
        with self._lock:
            if time.monotonic() - self._counted_since >= REPETITION_SECONDS:
                self._counts.clear()
                self._counted_since = time.monotonic()
            self._counts[key] += 1
            return self._counts[key]


class TextFormatter(logging.Formatter):
    """Formats a record as one line of text, with the first characters of the request's id."""

    def __init__(self) -> None:
        super().__init__("{asctime} {name}: {message}", style="{")

    def formatMessage(self, record: logging.LogRecord) -> str:
        """Format the message without the traceback."""
        line = super().formatMessage(record)
        request_id = getattr(record, "request_id", "")
        return f"{line} [{request_id[:8]}]" if request_id else line


class JsonFormatter(logging.Formatter):
    """Formats a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Format the record with the known extra attributes only."""
        entry: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id := getattr(record, "request_id", ""):
            entry["request"] = request_id
        if trace_id := traces.current_trace_id():
            entry["trace"] = trace_id
        entry |= {name: getattr(record, name) for name in EXTRA_FIELDS if hasattr(record, name)}
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry, default=str)
