"""What Celery is asked to do besides: carry a request's id, report for worker and clock."""

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
    """Whoever works on this knows whom it is for."""
    if logs.current():
        headers[HEADER] = logs.current()
    traces.send_along(headers)


@signals.task_prerun.connect
def follow(task_id: str, task: Task, **_: Any) -> None:
    """What the task logs belongs to the request that asked for it."""
    _running[task_id] = running = ExitStack()
    running.enter_context(logs.following(task.request.get(HEADER) or ""))
    running.enter_context(traces.working(task.name, task.request))


@signals.task_postrun.connect
def leave(task_id: str, state: str = "", **_: Any) -> None:
    """The thread goes on to other work."""
    if running := _running.pop(task_id, None):
        if state == states.FAILURE:
            traces.failed()
        running.close()


@signals.worker_ready.connect
def show_up(**_: Any) -> None:
    """The networks are loaded: from now on the worker may be counted on."""
    traces.begin("worker")
    _reporters.append(Reporter("worker"))
    _reporters[-1].start()


@signals.beat_init.connect
def tick_along(**_: Any) -> None:
    """The clock is running: whoever probes it sees so."""
    _reporters.append(Reporter("clock"))
    _reporters[-1].start()


@signals.worker_shutting_down.connect
def take_leave(**_: Any) -> None:
    """No new work comes here."""
    for reporter in _reporters:
        reporter.stop()
