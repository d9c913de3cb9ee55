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
from branding.supervisor import PATIENCE, Child, SupervisorError, children, listen
from tests.support.installation import READY, ROOT, Facet
from tests.support.processes import until, with_variable


@pytest.fixture
def facet(tmp_path, request):
    running = Facet(tmp_path, **getattr(request, "param", {}))
    yield running
    running.kill()


CHILDREN = {
    "branding.server": 2,
    "celery --quiet -A branding.celery worker": 1,
    "branding.celery beat": 1,
}


@pytest.mark.slow
def test_one_command_starts_all_and_ctrl_c_ends_all(facet):
    facet.wait(READY)
    assert {words: len(facet.children(words)) for words in CHILDREN} == CHILDREN
    until(lambda: len(facet.processes()) == sum(CHILDREN.values()) + 1)
    assert facet.get("/accounts/login/") == 200
    assert facet.get("/healthz") == facet.get("/readyz") == 200
    for words in ("branding.server", "branding.celery beat"):
        loaded = Path(f"/proc/{facet.child(words)}/maps").read_text()
        assert not any(engine in loaded for engine in ("mediapipe", "dlib", "llvmlite"))
    until(lambda: all(_mode(facet.folder / name) == 0o700 for name in ("broker", "secrets")))
    before = time.monotonic()
    assert facet.end() == 0
    assert time.monotonic() - before < 8
    assert facet.processes() == {}
    assert facet.lines[-1] == "Facet has ended.\n"
    assert not facet.said("Traceback") and len(facet.lines) < 7, facet.lines


@pytest.mark.slow
def test_killed_child_is_started_again_and_a_killed_supervisor_leaves_none(facet):
    facet.wait(READY)
    for words, many in CHILDREN.items():
        pids = facet.children(words)
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        until(lambda words=words, pids=pids, many=many: len(facet.children(words) - pids) == many)
    assert facet.get("/accounts/login/") == 200
    facet.process.kill()
    until(lambda: facet.processes() == {}, 3)


@pytest.mark.slow
@pytest.mark.parametrize("facet", [{"LOG_LEVEL": "INFO", "TICK_SECONDS": "1"}], indirect=True)
def test_clock_ticks_worker_answers_and_letters_are_read_out(facet):
    facet.wait("Task headshots.tick")
    facet.wait("succeeded")
    assert facet.sign_up("alice@example.com") == 302
    assert f"http://localhost:{facet.port}/" in facet.wait("Mail for alice@example.com")
    assert len(list((facet.folder / "broker").glob("*.msg"))) < 3


@pytest.mark.slow
def test_second_installation_over_the_same_data_is_refused(facet):
    facet.wait(READY)
    second = Facet(facet.folder)
    assert second.process.wait(30) == 1
    second.reader.join(5)
    assert second.lines == [f"Facet stops: Facet already runs with the data in {facet.folder}.\n"]
    assert facet.end(signal.SIGTERM) == 0


def test_taken_port_is_said_and_leaves_nothing(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        late = Facet(tmp_path, PORT=str(port))
        assert late.process.wait(30) == 1
    late.reader.join(5)
    assert len(late.lines) == 1
    assert f"port {port} of 127.0.0.1 cannot be used" in late.lines[0]
    assert f"PORT={port + 1} make run" in late.lines[0]
    assert late.processes() == {}


def test_free_port_is_held():
    with listen("127.0.0.1", 0) as one, pytest.raises(SupervisorError):
        listen("127.0.0.1", one.getsockname()[1])


def child(script, **variables):
    return Child("child", (sys.executable, "-c", script), env.everything(**variables))


@pytest.mark.parametrize("paints", [True, False])
def test_painter_is_started_only_where_somebody_can_paint(paints):
    with listen("127.0.0.1", 0) as listener:
        found = {child.name: child.command for child in children(listener, paints=paints)}
    assert ("painter" in found) == paints and {"page", "worker", "clock"} <= set(found)
    reading_gpu = [name for name, command in found.items() if "--queues=gpu" in command]
    assert reading_gpu == ["painter"] * paints


def test_child_that_dies_at_once_is_given_up():
    hopeless = child("raise SystemExit(3)")
    with pytest.raises(SupervisorError, match=f"the child ended at once {PATIENCE} times"):
        for _ in range(PATIENCE):
            hopeless.start()
            hopeless.process.wait()
            hopeless.note_death()
    assert hopeless.deaths == PATIENCE


def test_child_that_somebody_kills_is_not_blamed():
    innocent = child("import time; time.sleep(60)")
    for _ in range(PATIENCE + 1):
        innocent.start()
        innocent.signal(signal.SIGKILL)
        innocent.process.wait()
        innocent.note_death()
    assert innocent.deaths == 0


STUBBORN = """
import os, signal, sys, time
from branding import supervisor
from branding import env
from branding.supervisor import Child, Supervisor
supervisor.GRACE = 0.5
script = "trap '' TERM; sleep 97 & sleep 98"
deaf = Child("deaf", ("sh", "-c", script), dict(os.environ))
Supervisor([deaf], print).run(lambda: None)
"""


def test_deaf_child_and_its_own_child_are_ended(tmp_path):
    world = env.everything(DATA_DIR=str(tmp_path))
    running = subprocess.Popen([sys.executable, "-c", STUBBORN], cwd=ROOT, env=world)
    until(lambda: len(with_variable("DATA_DIR", tmp_path)) == 4)
    running.send_signal(signal.SIGTERM)
    assert running.wait(5) == 0
    assert with_variable("DATA_DIR", tmp_path) == {}


def _mode(path):
    return path.exists() and path.stat().st_mode & 0o777
