"""Messages as files in a folder: what a self-hoster has instead of Redis.

Kombu's filesystem transport writes a message under its final name, so that a reader may take it
half-written, and parks what it reads in the machine's common temporary folder. Here a message is
complete before it gets its name, and never leaves its folder.
"""

import fcntl
import time
import uuid
from pathlib import Path
from queue import Empty

from kombu.transport import filesystem
from kombu.utils.json import dumps, loads

QUEUED, DRAFT, TAKEN = ".msg", ".draft", ".taken"
ATTENTION = 0.2  # seconds


class Channel(filesystem.Channel):
    """One folder, readable by its owner only; a message is one file."""

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)
        self.folder = Path(self.transport_options["folder"])
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    @property
    def control_folder(self) -> Path:
        """Where kombu keeps which queue belongs to which exchange."""
        return self.folder / "control"

    def _queue_bind(self, *arguments: object) -> None:
        """Kombu writes this file in place: one process at a time."""
        with open(self.folder / "lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            super()._queue_bind(*arguments)

    def _put(self, queue: str, message: object, **_: object) -> None:
        draft = self.folder / f"{time.time_ns():020}_{uuid.uuid4().hex}.{queue}{DRAFT}"
        draft.write_text(dumps(message))
        draft.rename(draft.with_suffix(QUEUED))

    def _get(self, queue: str) -> object:
        for path in self._waiting(queue):
            taken = path.with_suffix(TAKEN)
            try:
                path.rename(taken)  # one reader succeeds
            except FileNotFoundError:
                continue
            message = loads(taken.read_text())
            taken.unlink()
            return message
        raise Empty

    def _size(self, queue: str) -> int:
        return len(self._waiting(queue))

    def _purge(self, queue: str) -> int:
        waiting = self._waiting(queue)
        for path in waiting:
            path.unlink(missing_ok=True)
        return len(waiting)

    def _waiting(self, queue: str) -> list[Path]:
        """Oldest first: a name starts with the time."""
        return sorted(self.folder.glob(f"*.{queue}{QUEUED}"))


class Transport(filesystem.Transport):
    """`folder://`, with `folder` among the transport options."""

    Channel = Channel

    def drain_events(self, connection: object, timeout: float | None = None) -> None:
        """Look up from waiting often: a worker that is to end notices only between two waits."""
        super().drain_events(connection, timeout=min(timeout or ATTENTION, ATTENTION))
