"""OpenTelemetry traces of requests, of their tasks, and of calls to platforms.

Spans are only recorded if OTEL_EXPORTER_OTLP_ENDPOINT is set. They carry the names of routes,
tasks and hosts, never URLs, persons or error messages.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from opentelemetry import trace
from opentelemetry.propagate import extract, inject
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

PATIENCE: Final = 3.0  # a process that ends waits this long for the collector
TRACER: Final = trace.get_tracer("facet")
CARRIED: Final = "traceparent"  # https://www.w3.org/TR/trace-context/


def begin(role: str) -> None:
    """Export the spans of this process to the collector, if one is configured."""
    if not settings.OTLP_ENDPOINT:
        return
    provider = TracerProvider(resource=Resource.create({"service.name": f"facet-{role}"}))
    provider.add_span_processor(BatchSpanProcessor(Collector(settings.OTLP_ENDPOINT)))
    trace.set_tracer_provider(provider)


def answering(headers: Mapping[str, str]) -> AbstractContextManager[None]:
    """Return a context manager for the span of a request, in the trace of its headers if any."""
    return _span("request", headers, trace.SpanKind.SERVER)


def answered(route: str, method: str, status: int) -> None:
    """Name the current span by the route, which is known after the request was handled."""
    span = trace.get_current_span()
    span.update_name(f"{method} {route}")
    span.set_attributes(
        {"http.request.method": method, "http.route": route, "http.response.status_code": status}
    )
    if status >= 500:
        failed()


def working(task: str, headers: Mapping[str, str]) -> AbstractContextManager[None]:
    """Return a context manager for the span of a task, in the trace of the message if any."""
    return _span(task, headers, trace.SpanKind.CONSUMER)


def failed() -> None:
    """Mark the current span as failed; the reason is only logged."""
    trace.get_current_span().set_status(trace.StatusCode.ERROR)


def send_along(headers: dict[str, Any]) -> None:
    """Add the current trace, if any, to the headers of a message."""
    inject(headers)


def current() -> str:
    """Return the id of the current trace in hexadecimal, '' outside one."""
    context = trace.get_current_span().get_span_context()
    return trace.format_trace_id(context.trace_id) if context.is_valid else ""


@contextmanager
def _span(name: str, headers: Mapping[str, str], kind: trace.SpanKind) -> Iterator[None]:
    carried = {CARRIED: headers.get(CARRIED) or ""}
    with TRACER.start_as_current_span(
        name, extract(carried), kind, record_exception=False, set_status_on_exception=False
    ):
        yield


class Collector(SpanExporter):
    """Posts spans as OTLP/HTTP in JSON (https://opentelemetry.io/docs/specs/otlp/).

    OpenTelemetry's own exporters need another version of protobuf than mediapipe.
    """

    def __init__(self, endpoint: str) -> None:
        """Export to a collector, given its base URL."""
        self.where = urlsplit(endpoint.rstrip("/") + "/v1/traces")

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Post the spans once; if that fails they are dropped, so that no work is delayed."""
        way = HTTPSConnection if self.where.scheme == "https" else HTTPConnection
        line = way(str(self.where.hostname), self.where.port, timeout=PATIENCE)
        try:
            line.request(
                "POST",
                self.where.path,
                json.dumps(batch(spans)),
                {"Content-Type": "application/json"},
            )
            taken = line.getresponse().status == 200
        except (OSError, HTTPException):
            taken = False
        finally:
            line.close()
        return SpanExportResult.SUCCESS if taken else SpanExportResult.FAILURE


def batch(spans: Sequence[ReadableSpan]) -> dict[str, Any]:
    """Return spans of one process as an ExportTraceServiceRequest in JSON."""
    return {
        "resourceSpans": [
            {
                "resource": {"attributes": _attributes(spans[0].resource.attributes)},
                "scopeSpans": [{"scope": {"name": "facet"}, "spans": [_written(s) for s in spans]}],
            }
        ]
    }


def _written(span: ReadableSpan) -> dict[str, Any]:
    own = span.get_span_context()
    parent = {"parentSpanId": trace.format_span_id(span.parent.span_id)} if span.parent else {}
    return {
        "traceId": trace.format_trace_id(own.trace_id),
        "spanId": trace.format_span_id(own.span_id),
        **parent,
        "name": span.name,
        "kind": span.kind.value + 1,  # in OTLP 0 means unspecified
        "startTimeUnixNano": str(span.start_time),
        "endTimeUnixNano": str(span.end_time),
        "attributes": _attributes(span.attributes or {}),
        "status": {"code": span.status.status_code.value},
    }


def _attributes(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "key": key,
            "value": {"intValue": str(value)}
            if isinstance(value, int)
            else {"stringValue": str(value)},
        }
        for key, value in told.items()
    ]
