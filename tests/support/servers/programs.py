"""Starts third-party servers as processes on loopback, and stops them after the tests."""

import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from branding import env
from tests.support.processes import wait_until

ROOT = Path(__file__).resolve().parents[3]
SERVERS_FOLDER = ROOT / "tests" / "servers"
INSTALLED = Path(env.read_text("SERVERS_DIR", str(ROOT / "var" / "servers")))
STOP_TIMEOUT_SECONDS = 10  # until SIGKILL
REQUIRED = env.read_text("FACET_SERVERS") == "required"


def require_installed(name: str, pins: Path) -> Path:
    """Return the folder where `make servers` installed a server.

    Skips the test, or fails it if servers are required, unless exactly these pins are installed.
    """
    folder = INSTALLED / name
    installed_pins = folder / pins.name
    if (
        installed_pins.exists()
        and installed_pins.read_bytes() == pins.read_bytes()
        and (folder / "installed").exists()
    ):
        return folder
    raise _missing(f"{name} for tests/servers is not installed as pinned: run `make servers`")


def require_program(pattern: str, *, package: str) -> Path:
    """Return the last path that matches a glob pattern below the root; skip or fail without one."""
    programs = sorted(Path("/").glob(pattern))
    if programs:
        return programs[-1]
    raise _missing(f"{package} for tests/servers is not installed: apt-get install {package}")


def _missing(message: str) -> BaseException:
    return pytest.fail.Exception(message) if REQUIRED else pytest.skip.Exception(message)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


@contextmanager
def running_process(
    command: Sequence[str],
    *,
    port: int,
    folder: Path,
    seconds: float = 60,
    user: str | None = None,
    stop_signal: signal.Signals = signal.SIGTERM,
    **variables: str,
) -> Iterator[Path]:
    """A process in a folder of its own until the block ends; yields the log it writes.

    `user`: who runs it, if not we ourselves; `stop_signal`: the signal that asks it to end.
    """
    log = folder / "log.txt"
    environment = env.environment_with(**variables)
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=output, stderr=output, user=user
        )
        try:
            wait_until(lambda: process.poll() is not None or _is_listening(port), seconds)
            assert process.poll() is None, log.read_text()
            yield log
        finally:
            _stop_process(process, stop_signal)


@contextmanager
def node_script(script: str, *, port: int, folder: Path, **variables: str) -> Iterator[Path]:
    """A script of tests/servers/node beside the packages it imports."""
    packages = require_installed("npm", SERVERS_FOLDER / "node" / "package-lock.json")
    for name in (script, "loopback.cjs"):
        shutil.copy(SERVERS_FOLDER / "node" / name, folder)
    (folder / "node_modules").symlink_to(packages / "node_modules")
    command = ("node", "--require", "./loopback.cjs", script)
    with running_process(command, port=port, folder=folder, PORT=str(port), **variables) as log:
        yield log


@contextmanager
def contract_server(slug: str, *, port: int, folder: Path) -> Iterator[Path]:
    """Prism, which answers from a published contract and refuses what does not fit it."""
    contract_path = ROOT / "tests" / "fixtures" / "contracts" / f"{slug}.json"
    # Without the examples of the contract: Zoom's own do not fit it.
    command = _prism_command("mock", port, "--ignoreExamples", str(contract_path))
    with running_process(command, port=port, folder=folder) as log:
        yield log


@contextmanager
def contract_proxy(contract: Path, upstream: str, *, port: int, folder: Path) -> Iterator[Path]:
    """Prism before a server: what does not fit the contract becomes an error, both ways."""
    command = _prism_command("proxy", port, str(contract), upstream)
    with running_process(command, port=port, folder=folder) as log:
        yield log


def _prism_command(mode: str, port: int, *arguments: str) -> list[str]:
    packages = require_installed("npm", SERVERS_FOLDER / "node" / "package-lock.json")
    prism = packages / "node_modules" / "@stoplight" / "prism-cli" / "dist" / "index.js"
    return ["node", str(prism), mode, "--errors", "--port", str(port), *arguments]


def _is_listening(port: int) -> bool:
    with socket.socket() as sock:
        sock.settimeout(1)
        return sock.connect_ex(("127.0.0.1", port)) == 0


def _stop_process(process: subprocess.Popen, stop_signal: signal.Signals) -> None:
    process.send_signal(stop_signal)
    try:
        process.wait(STOP_TIMEOUT_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
