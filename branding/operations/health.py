"""Liveness and readiness: the endpoints and the checks behind them."""

import math
import threading
import time
from collections.abc import Callable
from importlib import import_module
from typing import Final

from celery import current_app
from django.conf import settings
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from kombu.exceptions import OperationalError

from branding.operations.metrics import LATE
from branding.operations.models import Sign
from headshots.storage.disk import require_room

FRESH: Final = 2.0  # for which a good report is reused, so that requests cannot cause load
OK: Final = "ok"


class Missing(Exception):
    """Something that is needed is missing; the text is shown to the operator."""


def errors(module: str, *names: str) -> tuple[type[Exception], ...]:
    """Return exception classes of an optional library, by name."""
    return tuple(getattr(import_module(module), name) for name in names)


UNREACHABLE: Final = (
    Error,
    OSError,
    OperationalError,
    *(errors("redis.exceptions", "RedisError") if settings.CACHE_URL else ()),
)


def database() -> None:
    """Check that the database answers a query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def broker() -> None:
    """Check that the message broker accepts a connection."""
    with current_app.connection_for_write(connect_timeout=3) as link:
        link.ensure_connection(max_retries=1, timeout=3)


def answers() -> None:
    """Check that the cache can be read."""
    cache.get("readyz")


def storage() -> None:
    """Check that pictures can be stored: that the bucket exists, or that the disk has space."""
    if settings.S3_BUCKET:
        default_storage.listdir("readyz")  # fails if the bucket does not exist
    else:
        require_room(settings.MEDIA_ROOT)


def worker() -> None:
    """Check for a recent heartbeat of a worker; it sends one once its networks are loaded."""
    if not Sign.objects.filter(role="worker", seen_at__gt=timezone.now() - LATE).exists():
        raise Missing("none was seen lately")


CHECKS: Final[dict[str, Callable[[], None]]] = {
    "database": database,
    "broker": broker,
    "cache": answers,
    "storage": storage,
    "worker": worker,
}


def outcome(check: Callable[[], None]) -> str:
    """Run a check; return OK or a short reason without details, because anybody may read it."""
    try:
        check()
    except Missing as error:
        return str(error)
    except UNREACHABLE as error:
        return f"does not answer ({type(error).__name__})"
    return OK


class Report:
    """The results of all checks, shared by concurrent requests.

    A good report is reused for CACHE_SECONDS. A bad one only serves the requests that waited for
    it; if it were kept, one process could report "not ready" after another reported "ready".
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.known: dict[str, str] = {}
        self.made = -math.inf

    def read(self) -> dict[str, str]:
        """Return the results, running the checks if necessary, in one thread at a time."""
        asked = time.monotonic()
        with self.lock:
            if self.made < (asked - FRESH if good(self.known) else asked):
                self.made = time.monotonic()
                self.known = {name: outcome(check) for name, check in CHECKS.items()}
            return self.known


def good(report: dict[str, str]) -> bool:
    """Whether every check passed."""
    return all(word == OK for word in report.values())


REPORT: Final = Report()


def alive(_: HttpRequest) -> JsonResponse:
    """Answer 200, without checking anything."""
    return JsonResponse({"alive": True})


def ready(_: HttpRequest) -> JsonResponse:
    """Answer 200 if every check passed, else 503, with the result of each check."""
    found = REPORT.read()
    well = good(found)
    answer = JsonResponse({"ready": well, **found}, status=200 if well else 503)
    answer._has_been_logged = True  # else Django logs an error for every probe
    return answer
