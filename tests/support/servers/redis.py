"""Redis as Debian ships it, which keeps nothing on disk."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.servers.programs import free_port, require_program, running_process


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """A server until the block ends; yields its host and port."""
    program, port = require_program("usr/bin/redis-server", package="redis-server"), free_port()
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    with running_process(command, port=port, folder=folder):
        yield f"127.0.0.1:{port}"
