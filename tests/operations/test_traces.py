"""Traces: one from the page through the worker to the platform, and nothing secret in any."""

import json
import time

import pytest
from celery import shared_task, states
from django.test import Client
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from branding import celery_app
from branding.operations import celery_signals, logs, traces
from integrations.errors import PlatformError
from integrations.outbound import client as outbound_client
from integrations.outbound import http_adapter
from tests.operations.test_logs import make_record
from tests.support.installation import READY_LINE, RunningFacet
from tests.support.platforms.scripted_server import ScriptedResponse

COLLECT = "POST /v1/traces"


@pytest.fixture
def spans(monkeypatch):
    """Whatever ends, as it would be sent."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider(resource=Resource.create({"service.name": "facet-test"}))
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(traces, "TRACER", provider.get_tracer("facet"))
    monkeypatch.setattr(http_adapter, "tracer", provider.get_tracer("facet"))
    return exporter.get_finished_spans


@shared_task(name="tests.operations.ask")
def call_platform(url):
    client = outbound_client.OutboundClient(["127.0.0.1"], allow_loopback=True)
    return client.send_request("GET", url).data


def run_as_worker(task, *args, headers=None, state=states.SUCCESS):
    """What a worker does with a message."""
    task = celery_app.tasks[task.name]
    task.push_request(id="1", **(headers or {}))
    celery_signals.enter_task_context(task_id="1", task=task)
    try:
        task(*args)
    except PlatformError:
        state = states.FAILURE
    celery_signals.leave_task_context(task_id="1", state=state)


def test_one_trace_leads_from_the_caller_through_a_worker_to_a_platform(script, spans):
    script.responses["GET /canary-path"] = ScriptedResponse()
    caller, headers = "0af7651916cd43dd8448eb211c80319c", {}
    with traces.request_span({traces.TRACE_HEADER: f"00-{caller}-b7ad6b7169203331-01"}):
        celery_signals.add_message_headers(headers=headers)
        traces.name_request_span("web:profiles", "GET", 200)
        log_entry = json.loads(logs.JsonFormatter().format(make_record()))
    run_as_worker(call_platform, f"{script.url}/canary-path?token=canary-token", headers=headers)

    page, call, task = spans()
    assert [span.name for span in (page, task, call)] == [
        "GET web:profiles",
        "tests.operations.ask",
        "GET 127.0.0.1",
    ]
    assert {traces.trace.format_trace_id(span.context.trace_id) for span in spans()} == {caller}
    assert log_entry["trace"] == caller
    assert task.parent.span_id == page.context.span_id
    assert call.parent.span_id == task.context.span_id
    assert call.attributes["http.response.status_code"] == 200
    # No platform is told of our traces.
    assert not any("trace" in name.lower() for name in script.requests[0].headers)


def test_spans_arrive_at_the_collector_without_anything_secret(script, spans):
    run_as_worker(call_platform, f"{script.url}/canary-path")
    finished = spans()
    script.responses[COLLECT] = ScriptedResponse()
    assert traces.build_exporter(script.url).export(finished) is SpanExportResult.SUCCESS
    request = script.requests[-1]
    assert b"canary" not in request.body
    (resource,) = ExportTraceServiceRequest.FromString(request.body).resource_spans
    call, task = resource.scope_spans[0].spans
    assert attributes_of(resource.resource)["service.name"].string_value == "facet-test"
    assert (call.kind, task.kind) == (call.SPAN_KIND_CLIENT, task.SPAN_KIND_CONSUMER)
    assert task.start_time_unix_nano <= call.start_time_unix_nano < call.end_time_unix_nano
    assert attributes_of(call)["http.response.status_code"].int_value == 404


def test_what_fails_is_marked_and_its_words_are_not_told(spans):
    with traces.request_span({}):
        traces.name_request_span("web:profiles", "GET", 500)
    run_as_worker(call_platform, "http://127.0.0.1:1/canary-path")
    assert len(spans()) == 3
    assert all(span.status.status_code is traces.trace.StatusCode.ERROR for span in spans())
    assert not any(span.events or span.status.description for span in spans())


@pytest.mark.django_db
def test_a_page_is_named_and_its_address_is_not(spans):
    Client().get("/avatar/canary-token?canary=1", HTTP_HOST="localhost")
    (page,) = spans()
    assert page.name == "GET web:avatar" and "canary" not in page.to_json()


def test_nothing_is_written_where_nobody_asked():
    headers = {}
    with traces.request_span({}):
        celery_signals.add_message_headers(headers=headers)
        assert traces.current_trace_id() == ""
    assert headers == {}


def test_a_collector_that_refuses_or_sleeps_costs_its_spans_only(script, spans, monkeypatch):
    monkeypatch.setattr(traces, "EXPORT_TIMEOUT_SECONDS", 0.2)
    run_as_worker(call_platform, f"{script.url}/")
    for answer in (ScriptedResponse(503), ScriptedResponse(run_instead=lambda _: time.sleep(1))):
        script.responses[COLLECT] = answer
        assert traces.build_exporter(script.url).export(spans()) is SpanExportResult.FAILURE
    assert traces.build_exporter("http://127.0.0.1:1").export(spans()) is SpanExportResult.FAILURE
    script.responses[COLLECT] = ScriptedResponse()
    assert traces.build_exporter(script.url).export(spans()) is SpanExportResult.SUCCESS


@pytest.mark.slow
def test_an_installation_sends_what_page_and_worker_did(tmp_path, script):
    script.responses[COLLECT] = ScriptedResponse()
    facet = RunningFacet(tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=script.url)
    try:
        facet.wait_for_line(READY_LINE)
        assert facet.get("/avatar/canary-token") == 404
        assert facet.get("/sample/linkedin.jpg?canary=1") == 200
        before = time.monotonic()
        assert (
            facet.stop() == 0 and time.monotonic() - before < 8
        )  # what was not sent yet is sent now
    finally:
        facet.kill()
    assert not any(b"canary" in request.body for request in script.requests)
    exported = [
        (service, span) for request in script.requests for service, span in spans_of(request.body)
    ]
    page = next(span for service, span in exported if span.name == "GET web:sample")
    task = next(span for service, span in exported if span.name == "headshots.render_sample")
    assert {service for service, _ in exported} == {"facet-page", "facet-worker"}
    assert (task.trace_id, task.parent_span_id) == (page.trace_id, page.span_id)


def spans_of(body):
    for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
        service = attributes_of(resource.resource)["service.name"].string_value
        for scope in resource.scope_spans:
            yield from ((service, span) for span in scope.spans)


def attributes_of(message):
    return {attribute.key: attribute.value for attribute in message.attributes}
