"""Finds processes by /proc, for tests that start real ones and check that none is left."""

import time
from collections.abc import Callable
from pathlib import Path


def with_variable(name: str, value: object) -> dict[int, str]:
    """Return the command lines, by pid, of the processes with a variable in their environment."""
    wanted = f"{name}={value}".encode()
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if wanted in (folder / "environ").read_bytes().split(b"\0"):
                words = (folder / "cmdline").read_bytes().replace(b"\0", b" ")
                found[int(folder.name)] = words.decode().strip()
        except (OSError, ValueError):
            continue  # it ended meanwhile, or belongs to another user
    return {pid: words for pid, words in found.items() if words}  # a zombie has none


def until(holds: Callable[[], object], seconds: float = 10) -> object:
    """Wait until a condition is true and return its value; fail after `seconds`."""
    latest = time.monotonic() + seconds
    while time.monotonic() < latest:
        if result := holds():
            return result
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} seconds: {holds}")
