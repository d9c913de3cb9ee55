"""Whether Facet lives, and whether everything that it needs is there."""

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

FRESH: Final = 2.0  # seconds a good answer serves everybody: nobody can wear us out by asking
OK: Final = "ok"


class Missing(Exception):
    """Something is not there; says what, in words for whoever runs this."""


def errors(module: str, *names: str) -> tuple[type[Exception], ...]:
    """Exceptions of a library that only some installations have."""
    return tuple(getattr(import_module(module), name) for name in names)


UNREACHABLE: Final = (
    Error,
    OSError,
    OperationalError,
    *(errors("redis.exceptions", "RedisError") if settings.CACHE_URL else ()),
)


def database() -> None:
    """The database answers, and its tables are there."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def broker() -> None:
    """Messages can be handed over."""
    with current_app.connection_for_write(connect_timeout=3) as link:
        link.ensure_connection(max_retries=1, timeout=3)


def answers() -> None:
    """Workers' answers can be read: the cache."""
    cache.get("readyz")


def storage() -> None:
    """Pictures can be kept."""
    if settings.S3_BUCKET:
        default_storage.listdir("readyz")  # a bucket that is not there has no list
    else:
        require_room(settings.MEDIA_ROOT)


def worker() -> None:
    """A worker was seen lately; it shows itself once its networks are loaded."""
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
    """OK, or what is the matter; the details are for the log, not for the street."""
    try:
        check()
    except Missing as error:
        return str(error)
    except UNREACHABLE as error:
        return f"does not answer ({type(error).__name__})"
    return OK


class Report:
    """The outcome of every check: a good one serves two seconds, a bad one only who waited for it.

    A bad one is not kept, or one process would say "not ready" after another had said "ready".
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.known: dict[str, str] = {}
        self.made = -math.inf

    def read(self) -> dict[str, str]:
        """What is known, or looked up now, by one asker at a time."""
        asked = time.monotonic()
        with self.lock:
            if self.made < (asked - FRESH if good(self.known) else asked):
                self.made = time.monotonic()
                self.known = {name: outcome(check) for name, check in CHECKS.items()}
            return self.known


def good(report: dict[str, str]) -> bool:
    """Whether nothing is missing."""
    return all(word == OK for word in report.values())


REPORT: Final = Report()


def alive(_: HttpRequest) -> JsonResponse:
    """The process answers: no more is asked."""
    return JsonResponse({"alive": True})


def ready(_: HttpRequest) -> JsonResponse:
    """200 when everything is there, 503 and which is missing when not."""
    found = REPORT.read()
    well = good(found)
    answer = JsonResponse({"ready": well, **found}, status=200 if well else 503)
    answer._has_been_logged = True  # Django would call it an error, at every probe
    return answer
