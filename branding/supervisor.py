"""The process manager behind `manage.py run`.

It starts the web processes, the Celery worker and Celery beat (the "clock"), restarts any of them
that ends, and stops them all together.
"""

import ctypes
import fcntl
import http
import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from branding import env

GLANCE = 0.1  # seconds between two checks of the processes
GRACE = 4.0  # seconds between SIGTERM and SIGKILL
READY = 60.0  # seconds within which the web process must answer
STEADY = 10.0  # seconds after which the end of a process no longer counts as a failed start
PATIENCE = 4  # failed starts in a row after which everything is stopped
NUDGE = 0.25  # seconds until the first restart; doubled after each failed start
FROM_OUTSIDE = {-signal.SIGKILL, -signal.SIGTERM}  # sent by somebody: not a failure

PR_SET_PDEATHSIG = 1  # from <linux/prctl.h>
CELERY = (sys.executable, "-m", "celery", "--quiet", "-A", "branding.celery")


class SupervisorError(Exception):
    """The installation cannot start or continue; the text is shown to the person who started it."""


@dataclass
class Child:
    """A child process in its own process group, which can be restarted."""

    name: str
    command: tuple[str, ...]
    environment: dict[str, str]
    descriptors: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    due: float = 0.0
    deaths: int = field(default=0)

    def start(self) -> None:
        """Start the process."""
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            pass_fds=self.descriptors,
            env=self.environment,
            start_new_session=True,
            preexec_fn=die_with(os.getpid()),  # noqa: PLW1509  the supervisor has no threads
        )

    def is_running(self) -> bool:
        """Whether the process has been started and has not ended."""
        return self.process is not None and self.process.poll() is None

    def note_death(self) -> None:
        """Kill what the ended process left behind, and set when it is restarted.

        Raises SupervisorError after MAX_EARLY_EXITS failed starts in a row.
        """
        assert self.process is not None
        self.signal(signal.SIGKILL)
        at_once = time.monotonic() - self.started < STEADY
        blameless = self.process.returncode in FROM_OUTSIDE
        self.deaths = self.deaths + 1 if at_once and not blameless else 0
        if self.deaths >= PATIENCE:
            raise SupervisorError(
                f"the {self.name} ended at once {self.deaths} times; see above why"
            )
        self.process = None
        self.due = time.monotonic() + NUDGE * 2**self.deaths

    def signal(self, number: int) -> None:
        """Send a signal to the process and to everything that it started."""
        if self.process:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)


def die_with(parent: int) -> Callable[[], None]:
    """Return a function, to be called in a new child, that ties its life to the parent's.

    On Linux the kernel then kills the child when the parent dies (`prctl(2)`, PR_SET_PDEATHSIG).
    """
    if sys.platform != "linux":
        return lambda: None
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def ask() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # the parent died before the call
            os._exit(1)

    return ask


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold the lock of the data folder, so that one installation runs at most once."""
    with open(folder / "running", "a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise SupervisorError(f"Facet already runs with the data in {folder}") from error
        yield


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket. Raises SupervisorError with the reason if there can be none."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=512)
    except OSError as error:
        raise SupervisorError(
            f"port {port} of {host} cannot be used ({error.strerror}); "
            f"choose another: PORT={port + 1} make run"
        ) from error


def children(listener: socket.socket, *, paints: bool = False) -> list[Child]:
    """Return the processes of an installation, not started yet.

    Several web processes accept connections on one socket, to use more than one core. Only the
    workers load the imaging engine. `paints`: also start a worker for the diffusion queue.
    """
    door = listener.fileno()
    world = env.everything(PORT=str(listener.getsockname()[1]), CELERY_SKIP_CHECKS="1")
    worker = ("worker", "--pool=threads", "--concurrency=3", "--include=headshots.tasks")
    alone = ("--without-gossip", "--without-mingle", "--without-heartbeat")
    painter = (
        "worker",
        "--pool=threads",
        "--concurrency=1",
        "--queues=gpu",
        "--include=headshots.diffusion_tasks",
    )
    pages = [
        Child("page", (sys.executable, "-m", "branding.server", str(door)), world, (door,))
        for _ in range(env.number("PAGES", 2))
    ]
    found = [Child("painter", (*CELERY, *painter, *alone), world)] if paints else []
    return [
        *pages,
        Child("worker", (*CELERY, *worker, *alone), world),
        Child("clock", (*CELERY, "beat", "--pidfile="), world),
        *found,
    ]


class Supervisor:
    """Runs processes until a signal arrives or one of them fails too often."""

    def __init__(self, children: list[Child], say: Callable[[str], None]) -> None:
        self.children = children
        self.say = say
        self.ending = threading.Event()
        self.hurry = False

    def run(self, glance: Callable[[], None]) -> None:
        """Start all processes, call `glance` every CHECK_INTERVAL until stopped, stop them all."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.end)
        try:
            for child in self.children:
                child.start()
            while not self.ending.wait(GLANCE):
                self.look_after()
                glance()
        finally:
            self.stop()

    def end(self, *_: object) -> None:
        """Handle a signal: stop, and on a second signal stop without waiting."""
        self.hurry = self.ending.is_set()
        self.ending.set()

    def look_after(self) -> None:
        """Restart the processes that ended and whose delay has passed."""
        for child in self.children:
            if child.is_running():
                continue
            if child.process:
                code = child.process.returncode
                child.note_death()
                self.say(f"Facet: the {child.name} ended ({code}) and is started again.")
            elif time.monotonic() >= child.due:
                child.start()

    def stop(self) -> None:
        """Send SIGTERM to all processes, wait up to TERMINATION_GRACE, then kill what remains."""
        for child in self.children:
            child.signal(signal.SIGTERM)
        patience = time.monotonic() + GRACE
        while any(child.is_running() for child in self.children):
            if self.hurry or time.monotonic() > patience:
                break
            time.sleep(GLANCE)
        for child in self.children:
            child.signal(signal.SIGKILL)
            if child.process:
                child.process.wait()


class Door:
    """Calls `ready` once, when the web process and the worker answer."""

    def __init__(self, listener: socket.socket, ready: Callable[[], None]) -> None:
        self.address = listener.getsockname()[:2]
        self.ready = ready
        self.answers = False
        self.open = False
        self.deadline = time.monotonic() + READY

    def knock(self) -> None:
        """Request the page, then `/readyz`; to be called repeatedly until ready.

        Raises SupervisorError if the page answers with an error or not within READY_TIMEOUT.
        """
        if self.open:
            return
        late = time.monotonic() > self.deadline
        self.answers = self.answers or self.page_answers()
        if not self.answers and late:
            raise SupervisorError(f"the page did not answer within {READY:.0f} seconds")
        # After the timeout it counts as ready without the worker, which may load its networks.
        if self.answers and (late or self.status("/readyz") == http.HTTPStatus.OK):
            self.open = True
            self.ready()

    def page_answers(self) -> bool:
        """Whether the landing page is served or redirects. Raises SupervisorError for a 5xx."""
        status = self.status("/")
        if status >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
            raise SupervisorError(f"the page answers with an error ({status}); see above why")
        return bool(status)

    def status(self, path: str) -> int:
        """Return the HTTP status of a path, or 0 if the connection failed."""
        host, port = self.address
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
        page = http.client.HTTPConnection(host, port, timeout=3)
        try:
            page.request("GET", path, headers={"Host": "localhost"})
            return page.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            page.close()
