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
from kombu.exceptions import OperationalError

from branding.operations.models import Sign
from headshots.storage.disk import require_free_space

CACHE_SECONDS: Final = 2.0  # for which a good report is reused, so that requests cannot cause load
OK: Final = "ok"


class Missing(Exception):
    """Something that is needed is missing; the text is shown to the operator."""


def library_errors(module: str, *names: str) -> tuple[type[Exception], ...]:
    """Return exception classes of an optional library, by name."""
    return tuple(getattr(import_module(module), name) for name in names)


CONNECTION_ERRORS: Final[tuple[type[Exception], ...]] = (
    Error,
    OSError,
    OperationalError,
    *(library_errors("redis.exceptions", "RedisError") if settings.CACHE_URL else ()),
)


def check_database() -> None:
    """Check that the database answers a query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def check_broker() -> None:
    """Check that the message broker accepts a connection."""
    with current_app.connection_for_write(connect_timeout=3) as broker_connection:
        broker_connection.ensure_connection(max_retries=1, timeout=3)


def check_cache() -> None:
    """Check that the cache can be read."""
    cache.get("readyz")


def check_storage() -> None:
    """Check that pictures can be stored: that the bucket exists, or that the disk has space."""
    if settings.S3_BUCKET:
        default_storage.listdir("readyz")  # fails if the bucket does not exist
    else:
        require_free_space(settings.MEDIA_ROOT)


def check_worker() -> None:
    """Check for a recent heartbeat of a worker; it sends one once its networks are loaded."""
    if not Sign.objects.recent().filter(role="worker").exists():
        raise Missing("none was seen lately")


CHECKS: Final[dict[str, Callable[[], None]]] = {
    "database": check_database,
    "broker": check_broker,
    "cache": check_cache,
    "storage": check_storage,
    "worker": check_worker,
}


def run_check(check: Callable[[], None]) -> str:
    """Run a check; return OK or a short reason without details, because anybody may read it."""
    try:
        check()
    except Missing as error:
        return str(error)
    except CONNECTION_ERRORS as error:
        return f"does not answer ({type(error).__name__})"
    return OK


class ReadinessReport:
    """The results of all checks, shared by concurrent requests.

    A good report is reused for CACHE_SECONDS. A bad one only serves the requests that waited for
    it; if it were kept, one process could report "not ready" after another reported "ready".
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.results: dict[str, str] = {}
        self.checked_at = -math.inf

    def current_results(self) -> dict[str, str]:
        """Return the results, running the checks if necessary, in one thread at a time."""
        requested_at = time.monotonic()
        with self.lock:
            if self.checked_at < (
                requested_at - CACHE_SECONDS if is_healthy(self.results) else requested_at
            ):
                self.checked_at = time.monotonic()
                self.results = {name: run_check(check) for name, check in CHECKS.items()}
            return self.results


def is_healthy(results: dict[str, str]) -> bool:
    """Whether every check passed."""
    return all(result == OK for result in results.values())


READINESS: Final = ReadinessReport()


def liveness_view(_: HttpRequest) -> JsonResponse:
    """Answer 200, without checking anything."""
    return JsonResponse({"alive": True})


def readiness_view(_: HttpRequest) -> JsonResponse:
    """Answer 200 if every check passed, else 503, with the result of each check."""
    results = READINESS.current_results()
    is_ready = is_healthy(results)
    response = JsonResponse({"ready": is_ready, **results}, status=200 if is_ready else 503)
    # Django would log an error for every probe.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response
