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
from tests.support.processes import until

ROOT = Path(__file__).resolve().parents[3]
HERE = ROOT / "tests" / "servers"
INSTALLED = Path(env.text("SERVERS_DIR", str(ROOT / "var" / "servers")))
PATIENCE = 10  # until SIGKILL
REQUIRED = env.text("FACET_SERVERS") == "required"


def need(name: str, pins: Path) -> Path:
    """Return the folder where `make servers` installed a server.

    Skips the test, or fails it if servers are required, unless exactly these pins are installed.
    """
    folder = INSTALLED / name
    copy = folder / pins.name
    if copy.exists() and copy.read_bytes() == pins.read_bytes() and (folder / "installed").exists():
        return folder
    raise _missing(f"{name} for tests/servers is not installed as pinned: run `make servers`")


def need_program(places: str, *, package: str) -> Path:
    """Return the last path that matches a glob pattern below the root; skip or fail without one."""
    found = sorted(Path("/").glob(places))
    if found:
        return found[-1]
    raise _missing(f"{package} for tests/servers is not installed: apt-get install {package}")


def _missing(words: str) -> BaseException:
    return pytest.fail.Exception(words) if REQUIRED else pytest.skip.Exception(words)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


@contextmanager
def running(
    command: Sequence[str],
    *,
    port: int,
    folder: Path,
    seconds: float = 60,
    user: str | None = None,
    end: signal.Signals = signal.SIGTERM,
    **variables: str,
) -> Iterator[Path]:
    """A process in a folder of its own until the block ends; yields the log it writes.

    `user`: who runs it, if not we ourselves; `end`: the signal that asks it to end.
    """
    log = folder / "log.txt"
    world = env.everything(**variables)
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, env=world, stdout=output, stderr=output, user=user
        )
        try:
            until(lambda: process.poll() is not None or _answers(port), seconds)
            assert process.poll() is None, log.read_text()
            yield log
        finally:
            _stop(process, end)


@contextmanager
def node(script: str, *, port: int, folder: Path, **variables: str) -> Iterator[Path]:
    """A script of tests/servers/node beside the packages it imports."""
    packages = need("npm", HERE / "node" / "package-lock.json")
    for name in (script, "loopback.cjs"):
        shutil.copy(HERE / "node" / name, folder)
    (folder / "node_modules").symlink_to(packages / "node_modules")
    command = ("node", "--require", "./loopback.cjs", script)
    with running(command, port=port, folder=folder, PORT=str(port), **variables) as log:
        yield log


@contextmanager
def contract(slug: str, *, port: int, folder: Path) -> Iterator[Path]:
    """Prism, which answers from a published contract and refuses what does not fit it."""
    packages = need("npm", HERE / "node" / "package-lock.json")
    prism = packages / "node_modules" / "@stoplight" / "prism-cli" / "dist" / "index.js"
    told = ROOT / "tests" / "fixtures" / "contracts" / f"{slug}.json"
    # Without the examples of the contract: Zoom's own do not fit it.
    command = ("node", prism, "mock", "--errors", "--ignoreExamples", "--port", str(port), told)
    with running(command, port=port, folder=folder) as log:
        yield log


def _answers(port: int) -> bool:
    with socket.socket() as sock:
        sock.settimeout(1)
        return sock.connect_ex(("127.0.0.1", port)) == 0


def _stop(process: subprocess.Popen, end: signal.Signals) -> None:
    process.send_signal(end)
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
