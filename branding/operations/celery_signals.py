"""Receivers of Celery signals: they pass on request and trace ids, and start the reporters."""

from contextlib import ExitStack
from typing import Any, Final

from celery import Task, signals, states

from branding.operations import clock, logs, start_checks, traces
from branding.operations.heartbeats import Reporter
from branding.operations.private_files import protect_data_folder

REQUEST_ID_HEADER: Final = "facet_request"

_task_contexts: dict[str, ExitStack] = {}
_reporters: list[Reporter] = []


@signals.before_task_publish.connect
def add_message_headers(headers: dict[str, Any], **_: Any) -> None:
    """Add the request's id and the trace to the headers of a message."""
    if logs.current_request_id():
        headers[REQUEST_ID_HEADER] = logs.current_request_id()
    traces.inject_trace_context(headers)


@signals.task_prerun.connect
def enter_task_context(task_id: str, task: "Task[..., Any]", **_: Any) -> None:
    """Bind the logs and spans of a task to the request that sent it."""
    _task_contexts[task_id] = context = ExitStack()
    context.enter_context(logs.bind_request_id(task.request.get(REQUEST_ID_HEADER) or ""))
    trace_headers = {traces.TRACE_HEADER: task.request.get(traces.TRACE_HEADER) or ""}
    context.enter_context(traces.task_span(task.name, trace_headers))


@signals.task_postrun.connect
def leave_task_context(task_id: str, state: str = "", **_: Any) -> None:
    """End the context of a task, marking its span if it failed."""
    if context := _task_contexts.pop(task_id, None):
        if state == states.FAILURE:
            traces.mark_failed()
        context.close()


@signals.worker_init.connect
@signals.beat_init.connect
def check_installation(**_: Any) -> None:
    """End the program before it works with a database or a key that is not its own."""
    start_checks.require_usable_installation()


@signals.worker_ready.connect
def start_worker_reporter(**_: Any) -> None:
    """Start tracing and heartbeats of the worker, once its networks are loaded."""
    traces.start_tracing("worker")
    protect_data_folder()
    _reporters.append(Reporter("worker"))
    _reporters[-1].start()


@signals.beat_init.connect
def start_beat_reporter(**_: Any) -> None:
    """Start the heartbeats of Celery beat."""
    protect_data_folder()
    _reporters.append(Reporter("clock", is_well=clock.sends_messages))
    _reporters[-1].start()


@signals.worker_shutting_down.connect
def stop_reporters(**_: Any) -> None:
    """Stop the heartbeats when the worker shuts down."""
    for reporter in _reporters:
        reporter.stop()
