"""Receivers of Celery signals: they pass on request and trace ids, and start the reporters."""

from contextlib import ExitStack
from typing import Any, Final

from celery import Task, signals, states

from branding.operations import logs, traces
from branding.operations.reporter import Reporter

HEADER: Final = "facet_request"

_running: dict[str, ExitStack] = {}
_reporters: list[Reporter] = []


@signals.before_task_publish.connect
def send_along(headers: dict[str, Any], **_: Any) -> None:
    """Add the request's id and the trace to the headers of a message."""
    if logs.current():
        headers[HEADER] = logs.current()
    traces.send_along(headers)


@signals.task_prerun.connect
def follow(task_id: str, task: Task, **_: Any) -> None:
    """Bind the logs and spans of a task to the request that sent it."""
    _running[task_id] = running = ExitStack()
    running.enter_context(logs.following(task.request.get(HEADER) or ""))
    running.enter_context(traces.working(task.name, task.request))


@signals.task_postrun.connect
def leave(task_id: str, state: str = "", **_: Any) -> None:
    """End the context of a task, marking its span if it failed."""
    if running := _running.pop(task_id, None):
        if state == states.FAILURE:
            traces.failed()
        running.close()


@signals.worker_ready.connect
def show_up(**_: Any) -> None:
    """Start tracing and heartbeats of the worker, once its networks are loaded."""
    traces.begin("worker")
    _reporters.append(Reporter("worker"))
    _reporters[-1].start()


@signals.beat_init.connect
def tick_along(**_: Any) -> None:
    """Start the heartbeats of Celery beat."""
    _reporters.append(Reporter("clock"))
    _reporters[-1].start()


@signals.worker_shutting_down.connect
def take_leave(**_: Any) -> None:
    """Stop the heartbeats when the worker shuts down."""
    for reporter in _reporters:
        reporter.stop()
