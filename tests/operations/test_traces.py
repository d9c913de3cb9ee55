"""Traces: one from the page through the worker to the platform, and nothing secret in any."""

import json
import time

import pytest
from celery import shared_task, states
from django.test import Client
from google.protobuf.json_format import ParseDict
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from branding import celery_app
from branding.operations import logs, messages, traces
from integrations.errors import PlatformError
from integrations.outbound import client as outbound_client
from tests.operations.test_logs import record
from tests.support.installation import READY, Facet
from tests.support.scripted_server import Told

COLLECT = "POST /v1/traces"


@pytest.fixture
def spans(monkeypatch):
    """Whatever ends, as it would be sent."""
    kept = InMemorySpanExporter()
    provider = TracerProvider(resource=Resource.create({"service.name": "facet-test"}))
    provider.add_span_processor(SimpleSpanProcessor(kept))
    monkeypatch.setattr(traces, "TRACER", provider.get_tracer("facet"))
    monkeypatch.setattr(outbound_client, "tracer", provider.get_tracer("facet"))
    return kept.get_finished_spans


@shared_task(name="tests.operations.ask")
def ask(url):
    door = outbound_client.Door(["127.0.0.1"], loopback=True)
    return door.call("GET", url).data


def worked(task, *args, headers=None, state=states.SUCCESS):
    """What a worker does with a message."""
    task = celery_app.tasks[task.name]
    task.push_request(id="1", **(headers or {}))
    messages.follow(task_id="1", task=task)
    try:
        task(*args)
    except PlatformError:
        state = states.FAILURE
    messages.leave(task_id="1", state=state)


def test_one_trace_leads_from_the_caller_through_a_worker_to_a_platform(script, spans):
    script.answers["GET /canary-path"] = Told()
    caller, headers = "0af7651916cd43dd8448eb211c80319c", {}
    with traces.answering({traces.CARRIED: f"00-{caller}-b7ad6b7169203331-01"}):
        messages.send_along(headers=headers)
        traces.answered("web:profiles", "GET", 200)
        said = json.loads(logs.JsonLine().format(record()))
    worked(ask, f"{script.url}/canary-path?token=canary-token", headers=headers)

    page, call, task = spans()
    assert [one.name for one in (page, task, call)] == [
        "GET web:profiles",
        "tests.operations.ask",
        "GET 127.0.0.1",
    ]
    assert {traces.trace.format_trace_id(one.context.trace_id) for one in spans()} == {caller}
    assert said["trace"] == caller
    assert task.parent.span_id == page.context.span_id
    assert call.parent.span_id == task.context.span_id
    assert call.attributes["http.response.status_code"] == 200
    # No platform is told of our traces.
    assert not any("trace" in name.lower() for name in script.asked[0].headers)


def test_spans_are_written_as_opentelemetry_reads_them(script, spans):
    worked(ask, f"{script.url}/canary-path")
    told = traces.batch(spans())
    assert "canary" not in json.dumps(told)
    (resource,) = ParseDict(told, ExportTraceServiceRequest()).resource_spans
    call, task = resource.scope_spans[0].spans
    assert {one.key: one.value.string_value for one in resource.resource.attributes}[
        "service.name"
    ] == "facet-test"
    assert (call.kind, task.kind) == (call.SPAN_KIND_CLIENT, task.SPAN_KIND_CONSUMER)
    assert task.start_time_unix_nano <= call.start_time_unix_nano < call.end_time_unix_nano
    assert call.attributes[0].value.int_value == 404


def test_what_fails_is_marked_and_its_words_are_not_told(spans):
    with traces.answering({}):
        traces.answered("web:profiles", "GET", 500)
    worked(ask, "http://127.0.0.1:1/canary-path")
    assert len(spans()) == 3
    assert all(one.status.status_code is traces.trace.StatusCode.ERROR for one in spans())
    assert not any(one.events or one.status.description for one in spans())


@pytest.mark.django_db
def test_a_page_is_named_and_its_address_is_not(spans):
    Client().get("/avatar/canary-token?canary=1", HTTP_HOST="localhost")
    (page,) = spans()
    assert page.name == "GET web:avatar" and "canary" not in page.to_json()


def test_nothing_is_written_where_nobody_asked():
    headers = {}
    with traces.answering({}):
        messages.send_along(headers=headers)
        assert traces.current() == ""
    assert headers == {}


def test_a_collector_that_refuses_or_sleeps_costs_its_spans_only(script, spans, monkeypatch):
    monkeypatch.setattr(traces, "PATIENCE", 0.2)
    worked(ask, f"{script.url}/")
    for told in (Told(503), Told(then=lambda _: time.sleep(1))):
        script.answers[COLLECT] = told
        assert traces.Collector(script.url).export(spans()) is SpanExportResult.FAILURE
    assert traces.Collector("http://127.0.0.1:1").export(spans()) is SpanExportResult.FAILURE
    script.answers[COLLECT] = Told()
    assert traces.Collector(script.url).export(spans()) is SpanExportResult.SUCCESS


@pytest.mark.slow
def test_an_installation_sends_what_page_and_worker_did(tmp_path, script):
    script.answers[COLLECT] = Told()
    facet = Facet(tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=script.url)
    try:
        facet.wait(READY)
        assert facet.get("/avatar/canary-token") == 404
        assert facet.get("/sample/linkedin.jpg?canary=1") == 200
        before = time.monotonic()
        assert (
            facet.end() == 0 and time.monotonic() - before < 8
        )  # what was not sent yet is sent now
    finally:
        facet.kill()
    assert not any(b"canary" in asked.body for asked in script.asked)
    told = [(service, one) for asked in script.asked for service, one in spans_of(asked.body)]
    page = next(one for service, one in told if one["name"] == "GET web:sample")
    task = next(one for service, one in told if one["name"] == "headshots.sample")
    assert {service for service, _ in told} == {"facet-page", "facet-worker"}
    assert (task["traceId"], task["parentSpanId"]) == (page["traceId"], page["spanId"])


def spans_of(body):
    for resource in json.loads(body)["resourceSpans"]:
        attributes = resource["resource"]["attributes"]
        service = {one["key"]: one["value"] for one in attributes}["service.name"]["stringValue"]
        for scope in resource["scopeSpans"]:
            yield from ((service, one) for one in scope["spans"])
