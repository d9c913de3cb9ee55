"""OpenTelemetry traces of requests, of their tasks, and of calls to platforms.

Spans are only recorded if OTEL_EXPORTER_OTLP_ENDPOINT is set. They carry the names of routes,
tasks and hosts, never URLs, persons or error messages.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final

from django.conf import settings
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.propagate import extract, inject
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

EXPORT_TIMEOUT_SECONDS: Final = 3.0  # a process that ends waits this long for the collector
TRACER: Final = trace.get_tracer("facet")
TRACE_HEADER: Final = "traceparent"  # https://www.w3.org/TR/trace-context/


def start_tracing(role: str) -> None:
    """Export the spans of this process to the collector, if one is configured."""
    if not settings.OTLP_ENDPOINT:
        return
    provider = TracerProvider(resource=Resource.create({"service.name": f"facet-{role}"}))
    provider.add_span_processor(BatchSpanProcessor(build_exporter(settings.OTLP_ENDPOINT)))
    trace.set_tracer_provider(provider)


def build_exporter(endpoint: str) -> OTLPSpanExporter:
    """Return what posts spans to a collector, given its base URL.

    Nobody waits for it longer than EXPORT_TIMEOUT_SECONDS: spans that do not arrive are dropped.
    """
    return OTLPSpanExporter(
        endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=EXPORT_TIMEOUT_SECONDS
    )


def request_span(headers: Mapping[str, str]) -> AbstractContextManager[None]:
    """Return a context manager for the span of a request, in the trace of its headers if any."""
    return _start_span("request", headers, trace.SpanKind.SERVER)


def name_request_span(route: str, method: str, status: int) -> None:
    """Name the current span by the route, which is known after the request was handled."""
    span = trace.get_current_span()
    span.update_name(f"{method} {route}")
    span.set_attributes(
        {"http.request.method": method, "http.route": route, "http.response.status_code": status}
    )
    if status >= 500:
        mark_failed()


def task_span(task: str, headers: Mapping[str, str]) -> AbstractContextManager[None]:
    """Return a context manager for the span of a task, in the trace of the message if any."""
    return _start_span(task, headers, trace.SpanKind.CONSUMER)


def mark_failed() -> None:
    """Mark the current span as failed; the reason is only logged."""
    trace.get_current_span().set_status(trace.StatusCode.ERROR)


def inject_trace_context(headers: dict[str, Any]) -> None:
    """Add the current trace, if any, to the headers of a message."""
    inject(headers)


def current_trace_id() -> str:
    """Return the id of the current trace in hexadecimal, '' outside one."""
    context = trace.get_current_span().get_span_context()
    return trace.format_trace_id(context.trace_id) if context.is_valid else ""


@contextmanager
def _start_span(name: str, headers: Mapping[str, str], kind: trace.SpanKind) -> Iterator[None]:
    carrier = {TRACE_HEADER: headers.get(TRACE_HEADER) or ""}
    with TRACER.start_as_current_span(
        name, extract(carrier), kind, record_exception=False, set_status_on_exception=False
    ):
        yield
