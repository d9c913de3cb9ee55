"""Servers of tests come where they are installed, fail where required, and leave nothing behind."""

import sys

import pytest

from tests.support.processes import processes_with_variable
from tests.support.servers import programs
from tests.support.servers.programs import free_port, require_installed

SERVE = """
import signal, sys
from http.server import HTTPServer, SimpleHTTPRequestHandler
signal.signal(signal.SIGTERM, {deaf})
HTTPServer(("127.0.0.1", int(sys.argv[1])), SimpleHTTPRequestHandler).serve_forever()
"""


@pytest.fixture
def pins(tmp_path, monkeypatch):
    monkeypatch.setattr(programs, "INSTALLED", tmp_path / "installed")
    monkeypatch.setattr(programs, "REQUIRED", False)
    pins = tmp_path / "pins.txt"
    pins.write_text("server==1\n")
    return pins


def install(pins, text):
    folder = programs.INSTALLED / "server"
    folder.mkdir(parents=True)
    (folder / pins.name).write_text(text)
    (folder / "installed").touch()
    return folder


def test_server_that_is_not_installed_is_skipped_and_says_how_to_get_it(pins):
    with pytest.raises(pytest.skip.Exception, match="make servers"):
        require_installed("server", pins)


def test_server_of_another_version_is_as_good_as_none(pins):
    install(pins, "server==2\n")
    with pytest.raises(pytest.skip.Exception, match="as pinned"):
        require_installed("server", pins)


def test_server_that_is_required_fails_instead(pins, monkeypatch):
    monkeypatch.setattr(programs, "REQUIRED", True)
    with pytest.raises(pytest.fail.Exception, match="make servers"):
        require_installed("server", pins)


def test_server_that_is_installed_is_found(pins):
    folder = install(pins, "server==1\n")
    assert require_installed("server", pins) == folder


@pytest.mark.slow
@pytest.mark.parametrize("deaf", ["signal.SIG_DFL", "signal.SIG_IGN"])
def test_server_is_gone_when_its_tests_are(tmp_path, monkeypatch, deaf):
    monkeypatch.setattr(programs, "STOP_TIMEOUT_SECONDS", 1)
    port, mark = free_port(), str(tmp_path)
    command = [sys.executable, "-c", SERVE.format(deaf=deaf), str(port)]
    with programs.running_process(command, port=port, folder=tmp_path, SERVER_OF_TESTS=mark):
        assert len(processes_with_variable("SERVER_OF_TESTS", mark)) == 1
    assert not processes_with_variable("SERVER_OF_TESTS", mark)


@pytest.mark.slow
def test_server_that_dies_says_why(tmp_path):
    command = [sys.executable, "-c", "raise SystemExit('no room')"]
    with (
        pytest.raises(AssertionError, match="no room"),
        programs.running_process(command, port=free_port(), folder=tmp_path),
    ):
        pass
