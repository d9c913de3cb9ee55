"""The outermost middleware: serves probes, gives each request an id, counts, times and logs it.

It also keeps every response out of caches whose view does not say otherwise.
"""

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
    "/healthz": health.liveness_view,
    "/readyz": health.readiness_view,
    "/metrics": metrics.metrics_view,
}

log = logging.getLogger("branding.requests")


class ObservedRequest:
    """A request that is being handled."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.request_id = logs.request_id_of(request)
        self.started_at = time.perf_counter()

    def record_response(self, response: HttpResponse) -> HttpResponse:
        """Count and log the response, and add the X-Request-ID header."""
        seconds = time.perf_counter() - self.started_at
        route_name, method = logs.route_name_of(self.request), self.request.method or ""
        metrics.count_request(route_name, method, response.status_code, seconds)
        traces.name_request_span(route_name, method, response.status_code)
        log.info(
            "%s %s %s in %.0f ms",
            method,
            route_name,
            response.status_code,
            seconds * 1000,
            extra={
                "method": method,
                "route": route_name,
                "status": response.status_code,
                "seconds": round(seconds, 4),
            },
        )
        response["X-Request-ID"] = self.request_id
        return keep_private(response)


def keep_private(response: HttpResponse) -> HttpResponse:
    """Forbid caches to store a response, unless its view says otherwise.

    With an ETag, the client that has it may ask whether it is still current.
    """
    default = "private, no-cache" if response.has_header("ETag") else "no-store"
    response.headers.setdefault("Cache-Control", default)
    return response


@contextmanager
def observe_request(request: HttpRequest) -> Iterator[ObservedRequest]:
    """Bind logs and spans inside the block to a request."""
    observed = ObservedRequest(request)
    with logs.bind_request_id(observed.request_id), traces.request_span(request.headers):
        yield observed


@sync_and_async_middleware
def observability_middleware(
    get_response: Callable[[HttpRequest], Any],
) -> Callable[[HttpRequest], Any]:
    """The middleware, for synchronous and asynchronous servers."""

    def handle_request(request: HttpRequest) -> HttpResponse:
        if probe := PROBES.get(request.path):
            return probe(request)
        with observe_request(request) as observed:
            return observed.record_response(get_response(request))

    async def handle_request_async(request: HttpRequest) -> HttpResponse:
        if probe := PROBES.get(request.path):
            return await sync_to_async(probe, thread_sensitive=False)(request)
        with observe_request(request) as observed:
            pending_response: Awaitable[HttpResponse] = get_response(request)
            return observed.record_response(await pending_response)

    return handle_request_async if iscoroutinefunction(get_response) else handle_request
