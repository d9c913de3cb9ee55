"""Runs the PostgreSQL of Debian over a temporary folder."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.support.processes import until
from tests.support.servers.programs import free_port, need_program, running

USER = "facet"
PLACES = "usr/lib/postgresql/*/bin/postgres"


class Cluster:
    """A server over one folder, which can be restarted."""

    def __init__(self, folder: Path, told: dict[str, str]) -> None:
        programs = need_program(PLACES, package="postgresql").parent
        self.folder, self.port, self.who = folder, free_port(), _nobody()
        if self.who:
            shutil.chown(folder, self.who)
        _create(programs, folder / "data", self.who)
        self.command = _command(programs, folder / "data", self.port, told)
        self.url = f"postgres://{USER}@127.0.0.1:{self.port}/postgres"
        self._running = ExitStack()

    def start(self) -> None:
        """Answer from now on."""
        process = running(
            self.command, port=self.port, folder=self.folder, user=self.who, end=signal.SIGINT
        )
        log = self._running.enter_context(process)
        until(lambda: "ready to accept connections" in log.read_text(), 30)

    def stop(self) -> None:
        """End every session at once, and the server."""
        self._running.close()


@contextmanager
def cluster(**told: str) -> Iterator[Cluster]:
    """A server until the block ends, with settings of its own."""
    folder = Path(tempfile.mkdtemp(prefix="facet-postgres-"))
    try:
        made = Cluster(folder, told)
        made.start()
        try:
            yield made
        finally:
            made.stop()
    finally:
        shutil.rmtree(folder)


@contextmanager
def postgres(**told: str) -> Iterator[str]:
    """Run a server until the block ends; yields its DATABASE_URL."""
    with cluster(**told) as made:
        yield made.url


def _nobody() -> str | None:
    """The user for the server if this process is root, which PostgreSQL refuses."""
    return pwd.getpwnam("nobody").pw_name if os.getuid() == 0 else None


def _create(programs: Path, data: Path, who: str | None) -> None:
    command = [
        programs / "initdb",
        "--auth=trust",
        f"--username={USER}",
        "--no-sync",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        "--pgdata",
        data,
    ]
    subprocess.run(command, check=True, capture_output=True, user=who, cwd=data.parent)


def _command(programs: Path, data: Path, port: int, told: dict[str, str]) -> list[str | Path]:
    own = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", **told}
    settings = [word for name, value in own.items() for word in ("-c", f"{name}={value}")]
    return [programs / "postgres", "-D", data, "-p", str(port), *settings]
