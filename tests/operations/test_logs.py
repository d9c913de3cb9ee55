"""Logs: a request is followed to the worker, and nothing secret is ever said."""

import json
import logging

import pytest
from celery import shared_task
from django.test import Client, RequestFactory

from branding import celery_app
from branding.operations import logs, messages

log = logging.getLogger("tests.operations")


def record(message="hello %s", *args, **extra):
    made = log.makeRecord(log.name, logging.INFO, __file__, 1, message, args, None, extra=extra)
    assert logs.Following().filter(made)
    return made


def test_text_is_calm_and_names_the_request():
    with logs.following("abcdefgh-1234"):
        assert logs.Line().format(record("hello %s", "world")).endswith(": hello world [abcdefgh]")
    assert logs.Line().format(record("hello")).endswith("tests.operations: hello")


def test_json_is_one_object_a_line_with_what_was_meant_for_it():
    with logs.following("abcdefgh"):
        line = logs.JsonLine().format(record("two\nlines", status=200, password="canary"))
    said = json.loads(line)
    assert "\n" not in line and "canary" not in line
    assert said["message"] == "two\nlines" and said["request"] == "abcdefgh"
    assert said["level"] == "info" and said["status"] == 200 and said["at"].endswith("+00:00")


def test_json_tells_what_went_wrong():
    try:
        raise ValueError("why")
    except ValueError as error:
        made = log.makeRecord(
            log.name,
            logging.ERROR,
            __file__,
            1,
            "oh",
            (),
            (type(error), error, error.__traceback__),
        )
    assert "ValueError: why" in json.loads(logs.JsonLine().format(made))["exception"]


def test_addresses_are_not_said_where_pages_have_names():
    request = RequestFactory().get("/avatar/canary")
    said = record("Not Found: %s", request.path, request=request).getMessage()
    assert said == "Not Found: nowhere"


@pytest.mark.parametrize("given", ["", "short", "x" * 65, "a b c d e f g", "canary\nline two"])
def test_strange_names_of_requests_are_replaced(given):
    request = RequestFactory().get("/", headers={"X-Request-ID": given})
    assert logs.identity_of(request) != given and len(logs.identity_of(request)) == 32


@pytest.mark.django_db
def test_request_keeps_the_name_the_proxy_gave_it(caplog):
    with caplog.at_level(logging.INFO, "branding.requests"):
        answer = Client().get(
            "/accounts/login/?next=canary",
            HTTP_HOST="localhost",
            headers={"X-Request-ID": "from-the-proxy"},
        )
    assert answer["X-Request-ID"] == "from-the-proxy"
    (line,) = [one for one in caplog.records if one.name == "branding.requests"]
    assert line.getMessage().startswith("GET account_login 200 in ")
    assert "canary" not in line.getMessage()


@shared_task(name="tests.operations.remember")
def remember():
    seen.append(logs.current())


seen: list[str] = []


def test_worker_knows_which_request_it_works_for():
    headers = {}
    with logs.following("the-request"):
        messages.send_along(headers=headers)
    assert headers == {messages.HEADER: "the-request"}
    task = celery_app.tasks[remember.name]
    task.push_request(id="1", **headers)
    messages.follow(task_id="1", task=task)
    task()
    messages.leave(task_id="1")
    messages.leave(task_id="never begun")
    assert seen == ["the-request"] and logs.current() == ""
