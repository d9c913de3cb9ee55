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

from tests.support.processes import wait_until
from tests.support.servers.programs import free_port, require_program, running_process

USER = "facet"
PROGRAM_PATTERN = "usr/lib/postgresql/*/bin/postgres"


class PostgresCluster:
    """A server over one folder, which can be restarted."""

    def __init__(self, folder: Path, settings: dict[str, str]) -> None:
        programs = require_program(PROGRAM_PATTERN, package="postgresql").parent
        self.folder, self.port, self.user = folder, free_port(), _unprivileged_user()
        if self.user:
            shutil.chown(folder, self.user)
        _create_cluster(programs, folder / "data", self.user)
        self.command = _server_command(programs, folder / "data", self.port, settings)
        self.url = f"postgres://{USER}@127.0.0.1:{self.port}/postgres"
        self._running = ExitStack()

    def start(self) -> None:
        """Answer from now on."""
        process = running_process(
            self.command,
            port=self.port,
            folder=self.folder,
            user=self.user,
            stop_signal=signal.SIGINT,
        )
        log = self._running.enter_context(process)
        wait_until(lambda: "ready to accept connections" in log.read_text(), 30)

    def stop(self) -> None:
        """End every session at once, and the server."""
        self._running.close()


@contextmanager
def postgres_cluster(**settings: str) -> Iterator[PostgresCluster]:
    """A server until the block ends, with settings of its own."""
    folder = Path(tempfile.mkdtemp(prefix="facet-postgres-"))
    try:
        server = PostgresCluster(folder, settings)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)


@contextmanager
def postgres(**settings: str) -> Iterator[str]:
    """Run a server until the block ends; yields its DATABASE_URL."""
    with postgres_cluster(**settings) as server:
        yield server.url


def _unprivileged_user() -> str | None:
    """The user for the server if this process is root, which PostgreSQL refuses."""
    return pwd.getpwnam("nobody").pw_name if os.getuid() == 0 else None


def _create_cluster(programs: Path, data: Path, user: str | None) -> None:
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
    subprocess.run(command, check=True, capture_output=True, user=user, cwd=data.parent)


def _server_command(
    programs: Path, data: Path, port: int, overrides: dict[str, str]
) -> list[str | Path]:
    values = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", **overrides}
    settings = [word for name, value in values.items() for word in ("-c", f"{name}={value}")]
    return [programs / "postgres", "-D", data, "-p", str(port), *settings]
