"""The outermost middleware: serves probes, gives each request an id, counts, times and logs it."""

import logging
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import sync_and_async_middleware

from branding.operations import health, logs, metrics, traces

# Served before all other middleware, because probes use no TLS and an arbitrary host name.
PROBES: Final[dict[str, Callable[[HttpRequest], HttpResponse]]] = {
    "/healthz": health.alive,
    "/readyz": health.ready,
    "/metrics": metrics.show,
}

log = logging.getLogger("branding.requests")


class Noted:
    """A request that is being handled."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.identity = logs.identity_of(request)
        self.start = time.perf_counter()

    def answered(self, response: HttpResponse) -> HttpResponse:
        """Count and log the response, and add the X-Request-ID header."""
        seconds = time.perf_counter() - self.start
        route, method = logs.route_of(self.request), self.request.method or ""
        metrics.count(route, method, response.status_code, seconds)
        traces.answered(route, method, response.status_code)
        log.info(
            "%s %s %s in %.0f ms",
            method,
            route,
            response.status_code,
            seconds * 1000,
            extra={
                "method": method,
                "route": route,
                "status": response.status_code,
                "seconds": round(seconds, 4),
            },
        )
        response["X-Request-ID"] = self.identity
        return response


@contextmanager
def noted(request: HttpRequest) -> Iterator[Noted]:
    """Bind logs and spans inside the block to a request."""
    note = Noted(request)
    with logs.following(note.identity), traces.answering(request.headers):
        yield note


@sync_and_async_middleware
def watched(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """The middleware, for synchronous and asynchronous servers."""

    def watch(request: HttpRequest) -> HttpResponse:
        if probe := PROBES.get(request.path):
            return probe(request)
        with noted(request) as note:
            return note.answered(get_response(request))

    async def watch_async(request: HttpRequest) -> HttpResponse:
        if probe := PROBES.get(request.path):
            return await sync_to_async(probe, thread_sensitive=False)(request)
        with noted(request) as note:
            answer: Awaitable[HttpResponse] = get_response(request)
            return note.answered(await answer)

    return watch_async if iscoroutinefunction(get_response) else watch
