"""A kombu transport that stores messages as files, for installations without Redis.

It corrects two properties of kombu's own filesystem transport. That one writes a message under its
final name, so that a reader may see half of it, and moves messages that were read to the temporary
folder of the machine. Here a message is written to a draft and renamed when it is complete, and it
never leaves the folder of the queue.
"""

import fcntl
import time
import uuid
from collections import deque
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import filesystem
from kombu.utils.json import dumps, loads

QUEUED_SUFFIX, DRAFT_SUFFIX, TAKEN_SUFFIX = ".msg", ".draft", ".taken"
MAX_WAIT_SECONDS = 0.2  # seconds; how long one wait for messages may block a worker


class Channel(filesystem.Channel):
    """A channel over one folder that only its owner can read; each message is one file."""

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)
        self.folder = Path(self.transport_options["folder"])
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # The files that were found the last time, so that a long queue is not listed anew for each
        # of its messages; another reader may have taken some meanwhile.
        self.found_files: dict[str, deque[Path]] = {}

    @property
    def control_folder(self) -> Path:
        """The folder in which kombu stores the bindings of queues to exchanges."""
        return self.folder / "control"

    def _queue_bind(self, *arguments: Any) -> None:
        """Bind a queue under a lock, because kombu rewrites its binding file in place."""
        with open(self.folder / "lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            super()._queue_bind(*arguments)

    def _put(  # type: ignore[override]  # the two base classes name the message differently
        self, queue: str, payload: dict[str, Any], **_: Any
    ) -> None:
        draft_path = self.folder / f"{time.time_ns():020}_{uuid.uuid4().hex}.{queue}{DRAFT_SUFFIX}"
        draft_path.write_text(dumps(payload))
        draft_path.rename(draft_path.with_suffix(QUEUED_SUFFIX))

    def _get(self, queue: str, timeout: float | None = None) -> Any:  # noqa: ARG002
        found_files = self.found_files.setdefault(queue, deque())
        if not found_files:
            found_files.extend(self._queued_files(queue))
        while found_files:
            path = found_files.popleft()
            taken_path = path.with_suffix(TAKEN_SUFFIX)
            try:
                path.rename(taken_path)  # succeeds for one reader only
            except FileNotFoundError:
                continue
            message = loads(taken_path.read_text())
            taken_path.unlink()
            return message
        raise Empty

    def _size(self, queue: str) -> int:
        return len(self._queued_files(queue))

    def _purge(self, queue: str) -> int:
        queued_files = self._queued_files(queue)
        for path in queued_files:
            path.unlink(missing_ok=True)
        return len(queued_files)

    def _queued_files(self, queue: str) -> list[Path]:
        """The files of a queue, oldest first: each name begins with the time in nanoseconds."""
        return sorted(self.folder.glob(f"*.{queue}{QUEUED_SUFFIX}"))


class Transport(filesystem.Transport):
    """The transport for `folder://` URLs; the transport option `folder` is the path."""

    Channel = Channel

    def drain_events(self, connection: Any, timeout: float | None = None, **options: Any) -> None:
        """Wait at most MAX_WAIT_SECONDS: a worker sees a signal to stop only between waits."""
        wait_seconds = min(timeout or MAX_WAIT_SECONDS, MAX_WAIT_SECONDS)
        super().drain_events(connection, timeout=wait_seconds, **options)
