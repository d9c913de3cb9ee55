"""Finds processes by /proc, for tests that start real ones and check that none is left."""

import time
from collections.abc import Callable
from pathlib import Path


def processes_with_variable(name: str, value: object) -> dict[int, str]:
    """Return the command lines, by pid, of the processes with a variable in their environment."""
    wanted = f"{name}={value}".encode()
    command_lines = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if wanted in (folder / "environ").read_bytes().split(b"\0"):
                command_line = (folder / "cmdline").read_bytes().replace(b"\0", b" ")
                command_lines[int(folder.name)] = command_line.decode().strip()
        except (OSError, ValueError):
            continue  # it ended meanwhile, or belongs to another user
    return {
        pid: command_line for pid, command_line in command_lines.items() if command_line
    }  # a zombie has none


def wait_until(condition: Callable[[], object], seconds: float = 10) -> object:
    """Wait until a condition is true and return its value; fail after `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if result := condition():
            return result
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} seconds: {condition}")
