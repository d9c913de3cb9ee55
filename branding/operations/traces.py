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

EXPORT_TIMEOUT_SECONDS: Final = 3.0  # a process that ends waits this long for the collector
TRACER: Final = trace.get_tracer("facet")
TRACE_HEADER: Final = "traceparent"  # https://www.w3.org/TR/trace-context/


def start_tracing(role: str) -> None:
    """Export the spans of this process to the collector, if one is configured."""
    if not settings.OTLP_ENDPOINT:
        return
    provider = TracerProvider(resource=Resource.create({"service.name": f"facet-{role}"}))
    provider.add_span_processor(BatchSpanProcessor(OtlpJsonExporter(settings.OTLP_ENDPOINT)))
    trace.set_tracer_provider(provider)


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


class OtlpJsonExporter(SpanExporter):
    """Posts spans as OTLP/HTTP in JSON (https://opentelemetry.io/docs/specs/otlp/).

    OpenTelemetry's own exporters need another version of protobuf than mediapipe.
    """

    def __init__(self, endpoint: str) -> None:
        """Export to a collector, given its base URL."""
        self.endpoint_parts = urlsplit(endpoint.rstrip("/") + "/v1/traces")

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Post the spans once; if that fails they are dropped, so that no work is delayed."""
        endpoint = self.endpoint_parts
        connection_class = HTTPSConnection if endpoint.scheme == "https" else HTTPConnection
        connection = connection_class(
            str(endpoint.hostname), endpoint.port, timeout=EXPORT_TIMEOUT_SECONDS
        )
        try:
            connection.request(
                "POST",
                endpoint.path,
                json.dumps(encode_spans(spans)),
                {"Content-Type": "application/json"},
            )
            is_accepted = connection.getresponse().status == 200
        except (OSError, HTTPException):
            is_accepted = False
        finally:
            connection.close()
        return SpanExportResult.SUCCESS if is_accepted else SpanExportResult.FAILURE


def encode_spans(spans: Sequence[ReadableSpan]) -> dict[str, Any]:
    """Return spans of one process as an ExportTraceServiceRequest in JSON."""
    return {
        "resourceSpans": [
            {
                "resource": {"attributes": _encode_attributes(spans[0].resource.attributes)},
                "scopeSpans": [
                    {"scope": {"name": "facet"}, "spans": [_encode_span(span) for span in spans]}
                ],
            }
        ]
    }


def _encode_span(span: ReadableSpan) -> dict[str, Any]:
    span_context = span.get_span_context()
    assert span_context is not None  # every recorded span has one
    parent_field = (
        {"parentSpanId": trace.format_span_id(span.parent.span_id)} if span.parent else {}
    )
    return {
        "traceId": trace.format_trace_id(span_context.trace_id),
        "spanId": trace.format_span_id(span_context.span_id),
        **parent_field,
        "name": span.name,
        "kind": span.kind.value + 1,  # in OTLP 0 means unspecified
        "startTimeUnixNano": str(span.start_time),
        "endTimeUnixNano": str(span.end_time),
        "attributes": _encode_attributes(span.attributes or {}),
        "status": {"code": span.status.status_code.value},
    }


def _encode_attributes(attributes: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "key": key,
            "value": {"intValue": str(value)}
            if isinstance(value, int)
            else {"stringValue": str(value)},
        }
        for key, value in attributes.items()
    ]
