"""Logs: a request is followed to the worker, and nothing secret is ever said."""

import io
import json
import logging
import time

import pytest
from celery import shared_task
from django.conf import settings
from django.test import Client, RequestFactory

from branding import celery_app
from branding.operations import celery_signals, logs

log = logging.getLogger("tests.operations")


def make_record(message="hello %s", *args, **extra):
    log_record = log.makeRecord(
        log.name, logging.INFO, __file__, 1, message, args, None, extra=extra
    )
    assert logs.RequestIdFilter().filter(log_record)
    return log_record


def test_text_is_calm_and_names_the_request():
    with logs.bind_request_id("abcdefgh-1234"):
        assert (
            logs.TextFormatter()
            .format(make_record("hello %s", "world"))
            .endswith(": hello world [abcdefgh]")
        )
    assert logs.TextFormatter().format(make_record("hello")).endswith("tests.operations: hello")


def test_json_is_one_object_a_line_with_what_was_meant_for_it():
    with logs.bind_request_id("abcdefgh"):
        line = logs.JsonFormatter().format(make_record("two\nlines", status=200, password="canary"))
    entry = json.loads(line)
    assert "\n" not in line and "canary" not in line
    assert entry["message"] == "two\nlines" and entry["request"] == "abcdefgh"
    assert entry["level"] == "info" and entry["status"] == 200 and entry["at"].endswith("+00:00")


def test_json_tells_what_went_wrong():
    try:
        raise ValueError("why")
    except ValueError as error:
        log_record = log.makeRecord(
            log.name,
            logging.ERROR,
            __file__,
            1,
            "oh",
            (),
            (type(error), error, error.__traceback__),
        )
    assert "ValueError: why" in json.loads(logs.JsonFormatter().format(log_record))["exception"]


def test_addresses_are_not_said_where_pages_have_names():
    request = RequestFactory().get("/avatar/canary")
    message = make_record("Not Found: %s", request.path, request=request).getMessage()
    assert message == "Not Found: nowhere"


@pytest.mark.parametrize("given", ["", "short", "x" * 65, "a b c d e f g", "canary\nline two"])
def test_strange_names_of_requests_are_replaced(given):
    request = RequestFactory().get("/", headers={"X-Request-ID": given})
    assert logs.request_id_of(request) != given and len(logs.request_id_of(request)) == 32


def test_error_that_repeats_writes_a_few_lines(monkeypatch):
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(repetition := logs.RepetitionFilter())
    logger = logging.Logger("tests.full-disk")
    logger.addHandler(handler)

    def fail_often(name):
        for number in range(3900):
            logger.error("Task %(name)s[%(number)s]: no space", {"name": name, "number": number})

    fail_often("tick")
    fail_often("publish")
    logger.info("information is never dropped")
    lines = stream.getvalue().splitlines()
    assert len(lines) == 2 * logs.MAX_REPETITIONS + 1
    assert [line.endswith("for up to a minute)") for line in lines].count(True) == 2
    monkeypatch.setattr(repetition, "_counted_since", time.monotonic() - logs.REPETITION_SECONDS)
    fail_often("tick")
    assert len(stream.getvalue().splitlines()) == 3 * logs.MAX_REPETITIONS + 1


def test_terminal_leaves_repetitions_out():
    filters = settings.LOGGING["handlers"]["terminal"]["filters"]
    assert settings.LOGGING["filters"][filters[0]]["()"].endswith(".RepetitionFilter")


@pytest.mark.django_db
def test_request_keeps_the_name_the_proxy_gave_it(caplog):
    with caplog.at_level(logging.INFO, "branding.requests"):
        answer = Client().get(
            "/accounts/login/?next=canary",
            HTTP_HOST="localhost",
            headers={"X-Request-ID": "from-the-proxy"},
        )
    assert answer["X-Request-ID"] == "from-the-proxy"
    (line,) = [
        log_record for log_record in caplog.records if log_record.name == "branding.requests"
    ]
    assert line.getMessage().startswith("GET account_login 200 in ")
    assert "canary" not in line.getMessage()


@shared_task(name="tests.operations.remember")
def remember():
    seen_request_ids.append(logs.current_request_id())


seen_request_ids: list[str] = []


def test_worker_knows_which_request_it_works_for():
    headers = {}
    with logs.bind_request_id("the-request"):
        celery_signals.add_message_headers(headers=headers)
    assert headers == {celery_signals.REQUEST_ID_HEADER: "the-request"}
    task = celery_app.tasks[remember.name]
    task.push_request(id="1", **headers)
    celery_signals.enter_task_context(task_id="1", task=task)
    task()
    celery_signals.leave_task_context(task_id="1")
    celery_signals.leave_task_context(task_id="never begun")
    assert seen_request_ids == ["the-request"] and logs.current_request_id() == ""
