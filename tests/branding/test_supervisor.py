"""`manage.py run`: everything starts from one command, is kept running, and ends with it."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from branding import env
from branding.supervisor import (
    MAX_EARLY_EXITS,
    ManagedProcess,
    SupervisorError,
    build_processes,
    open_listener,
)
from tests.support.installation import READY_LINE, ROOT, RunningFacet
from tests.support.processes import processes_with_variable, wait_until


@pytest.fixture
def facet(tmp_path, request):
    running = RunningFacet(tmp_path, **getattr(request, "param", {}))
    yield running
    running.kill()


PROCESS_COUNTS = {
    "branding.server": 2,
    "celery --quiet -A branding.celery worker": 1,
    "branding.celery beat": 1,
}


@pytest.mark.slow
def test_one_command_starts_all_and_ctrl_c_ends_all(facet):
    facet.wait_for_line(READY_LINE)
    assert {words: len(facet.child_pids(words)) for words in PROCESS_COUNTS} == PROCESS_COUNTS
    wait_until(lambda: len(facet.processes()) == sum(PROCESS_COUNTS.values()) + 1)
    assert facet.get("/accounts/login/") == 200
    assert facet.get("/healthz") == facet.get("/readyz") == 200
    for words in ("branding.server", "branding.celery beat"):
        loaded = Path(f"/proc/{facet.child_pid(words)}/maps").read_text()
        assert not any(engine in loaded for engine in ("litert", "dlib"))
    wait_until(lambda: all(_mode(facet.folder / name) == 0o700 for name in ("broker", "secrets")))
    before = time.monotonic()
    assert facet.stop() == 0
    assert time.monotonic() - before < 8
    assert facet.processes() == {}
    assert facet.lines[-1] == "Facet has ended.\n"
    assert not facet.find_line("Traceback") and len(facet.lines) < 7, facet.lines


@pytest.mark.slow
def test_killed_child_is_started_again_and_a_killed_supervisor_leaves_none(facet):
    facet.wait_for_line(READY_LINE)
    for words, many in PROCESS_COUNTS.items():
        pids = facet.child_pids(words)
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        wait_until(
            lambda words=words, pids=pids, many=many: len(facet.child_pids(words) - pids) == many
        )
    assert facet.get("/accounts/login/") == 200
    facet.process.kill()
    wait_until(lambda: facet.processes() == {}, 3)


@pytest.mark.slow
@pytest.mark.parametrize("facet", [{"LOG_LEVEL": "INFO", "TICK_SECONDS": "1"}], indirect=True)
def test_clock_ticks_worker_answers_and_emails_are_read_out(facet):
    facet.wait_for_line("Task headshots.enqueue_lost_work")
    facet.wait_for_line("succeeded")
    assert facet.sign_up("alice@example.com") == 302
    assert f"http://localhost:{facet.port}/" in facet.wait_for_line("Mail for alice@example.com")
    assert len(list((facet.folder / "broker").glob("*.msg"))) < 3


@pytest.mark.slow
def test_second_installation_over_the_same_data_is_refused(facet):
    facet.wait_for_line(READY_LINE)
    second = RunningFacet(facet.folder)
    assert second.process.wait(30) == 1
    second.reader.join(5)
    assert second.lines == [f"Facet stops: Facet already runs with the data in {facet.folder}.\n"]
    assert facet.stop(signal.SIGTERM) == 0


@pytest.mark.slow
def test_taken_port_is_said_and_leaves_nothing(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        late = RunningFacet(tmp_path, PORT=str(port))
        assert late.process.wait(30) == 1
    late.reader.join(5)
    assert len(late.lines) == 1
    assert f"port {port} of 127.0.0.1 cannot be used" in late.lines[0]
    assert f"PORT={port + 1} make run" in late.lines[0]
    assert late.processes() == {}


def test_free_port_is_held():
    with open_listener("127.0.0.1", 0) as listener, pytest.raises(SupervisorError):
        open_listener("127.0.0.1", listener.getsockname()[1])


def managed_process(script, **variables):
    return ManagedProcess(
        "child", (sys.executable, "-c", script), env.environment_with(**variables)
    )


@pytest.mark.parametrize("with_diffusion", [True, False])
def test_painter_is_started_only_where_somebody_can_paint(with_diffusion):
    with open_listener("127.0.0.1", 0) as listener:
        commands = {
            process.name: process.command
            for process in build_processes(listener, with_diffusion=with_diffusion)
        }
    assert ("painter" in commands) == with_diffusion and {"page", "worker", "clock"} <= set(
        commands
    )
    reading_gpu = [name for name, command in commands.items() if "--queues=gpu" in command]
    assert reading_gpu == ["painter"] * with_diffusion


def test_child_that_dies_at_once_is_given_up():
    hopeless = managed_process("raise SystemExit(3)")
    with pytest.raises(SupervisorError, match=f"the child ended at once {MAX_EARLY_EXITS} times"):
        for _ in range(MAX_EARLY_EXITS):
            hopeless.start()
            hopeless.process.wait()
            hopeless.record_exit()
    assert hopeless.early_exit_count == MAX_EARLY_EXITS


def test_child_that_somebody_kills_is_not_blamed():
    innocent = managed_process("import time; time.sleep(60)")
    for _ in range(MAX_EARLY_EXITS + 1):
        innocent.start()
        innocent.send_signal(signal.SIGKILL)
        innocent.process.wait()
        innocent.record_exit()
    assert innocent.early_exit_count == 0


STUBBORN = """
import os, signal, sys, time
from branding import supervisor
from branding import env
from branding.supervisor import ManagedProcess, Supervisor
supervisor.TERMINATION_GRACE = 0.5
script = "trap '' TERM; sleep 97 & sleep 98"
deaf = ManagedProcess("deaf", ("sh", "-c", script), dict(os.environ))
Supervisor([deaf], print).run(lambda: None)
"""


def test_deaf_child_and_its_own_child_are_ended(tmp_path):
    world = env.environment_with(DATA_DIR=str(tmp_path))
    running = subprocess.Popen([sys.executable, "-c", STUBBORN], cwd=ROOT, env=world)
    wait_until(lambda: len(processes_with_variable("DATA_DIR", tmp_path)) == 4)
    running.send_signal(signal.SIGTERM)
    assert running.wait(5) == 0
    assert processes_with_variable("DATA_DIR", tmp_path) == {}


def _mode(path):
    return path.exists() and path.stat().st_mode & 0o777
