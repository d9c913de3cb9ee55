"""Traces for OpenTelemetry: a request, the tasks it asked for, and each call to a platform.

Nothing is kept unless OTEL_EXPORTER_OTLP_ENDPOINT names a collector. A span carries names only: of
a page, a task, a host; never an address, a person, or the words of an error.
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

PATIENCE: Final = 3.0  # seconds a collector may take: an ending process waits for it
TRACER: Final = trace.get_tracer("facet")
CARRIED: Final = "traceparent"  # https://www.w3.org/TR/trace-context/


def begin(role: str) -> None:
    """Send what this process does to the collector, if one is named."""
    if not settings.OTLP_ENDPOINT:
        return
    provider = TracerProvider(resource=Resource.create({"service.name": f"facet-{role}"}))
    provider.add_span_processor(BatchSpanProcessor(Collector(settings.OTLP_ENDPOINT)))
    trace.set_tracer_provider(provider)


def answering(headers: Mapping[str, str]) -> AbstractContextManager[None]:
    """A request; part of the caller's trace if it names one."""
    return _span("request", headers, trace.SpanKind.SERVER)


def answered(route: str, method: str, status: int) -> None:
    """Name the request that is being answered, now that its page is known."""
    span = trace.get_current_span()
    span.update_name(f"{method} {route}")
    span.set_attributes(
        {"http.request.method": method, "http.route": route, "http.response.status_code": status}
    )
    if status >= 500:
        failed()


def working(task: str, headers: Mapping[str, str]) -> AbstractContextManager[None]:
    """A task; part of the trace of whoever asked for it."""
    return _span(task, headers, trace.SpanKind.CONSUMER)


def failed() -> None:
    """Mark what is being done as failed; why is in the log, without secrets."""
    trace.get_current_span().set_status(trace.StatusCode.ERROR)


def send_along(headers: dict[str, Any]) -> None:
    """Write into a message which trace it belongs to, if there is one."""
    inject(headers)


def current() -> str:
    """The id of the trace that is being written, in hexadecimal; '' outside one."""
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
    """Posts spans as OTLP over HTTP in JSON (https://opentelemetry.io/docs/specs/otlp/).

    OpenTelemetry's own exporters need a protobuf of another year than mediapipe does.
    """

    def __init__(self, endpoint: str) -> None:
        """Speak to a collector at its base address."""
        self.where = urlsplit(endpoint.rstrip("/") + "/v1/traces")

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Post them; what no collector takes is dropped, for work must not wait for it."""
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
    """Spans of one process as an ExportTraceServiceRequest in JSON."""
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
        "kind": span.kind.value + 1,  # on the wire 0 is "not said"
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
