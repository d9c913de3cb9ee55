"""PostgreSQL as Debian ships it: a cluster of its own in a temporary folder, by its pid."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.running import free_port, need_program, running

USER = "facet"
PLACES = "usr/lib/postgresql/*/bin/postgres"


@contextmanager
def postgres(**told: str) -> Iterator[str]:
    """A server until the block ends, with settings of its own; yields its DATABASE_URL."""
    programs = need_program(PLACES, package="postgresql").parent
    port, who = free_port(), _nobody()
    folder = Path(tempfile.mkdtemp(prefix="facet-postgres-"))
    try:
        if who:
            shutil.chown(folder, who)
        _create(programs, folder / "data", who)
        with running(
            _command(programs, folder / "data", port, told),
            port=port, folder=folder, user=who, end=signal.SIGINT,
        ):  # fmt: skip
            yield f"postgres://{USER}@127.0.0.1:{port}/postgres"
    finally:
        shutil.rmtree(folder)


def _nobody() -> str | None:
    """Who runs it if we are root, which PostgreSQL refuses to be."""
    return pwd.getpwnam("nobody").pw_name if os.getuid() == 0 else None


def _create(programs: Path, data: Path, who: str | None) -> None:
    command = [programs / "initdb", "--auth=trust", f"--username={USER}", "--no-sync",
               "--encoding=UTF8", "--locale=C.UTF-8", "--pgdata", data]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, user=who, cwd=data.parent)


def _command(programs: Path, data: Path, port: int, told: dict[str, str]) -> list[str | Path]:
    own = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", **told}
    settings = [word for name, value in own.items() for word in ("-c", f"{name}={value}")]
    return [programs / "postgres", "-D", data, "-p", str(port), *settings]
