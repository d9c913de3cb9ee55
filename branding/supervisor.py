"""Start the page, the worker and the clock, keep them running, and end them all together."""

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

GLANCE = 0.1  # seconds between two looks at the children
GRACE = 4.0  # seconds a child has to end by itself
READY = 60.0  # seconds until the page must answer
STEADY = 10.0  # a child that lived this long was well
PATIENCE = 4  # deaths in a row, each at once, after which it is not tried again
NUDGE = 0.25  # seconds until the first restart; doubled each time
FROM_OUTSIDE = {-signal.SIGKILL, -signal.SIGTERM}  # somebody ended it: no fault of its own

PR_SET_PDEATHSIG = 1
CELERY = (sys.executable, "-m", "celery", "--quiet", "-A", "branding.celery")


class SupervisorError(Exception):
    """Facet cannot start or go on; says why, to the person who started it."""


@dataclass
class Child:
    """One program, in a process group of its own."""

    name: str
    command: tuple[str, ...]
    environment: dict[str, str]
    descriptors: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    due: float = 0.0
    deaths: int = field(default=0)

    def start(self) -> None:
        """Run the program."""
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            pass_fds=self.descriptors,
            env=self.environment,
            start_new_session=True,
            preexec_fn=die_with(os.getpid()),  # noqa: PLW1509  nothing here has threads
        )

    def is_running(self) -> bool:
        """Whether its program still runs."""
        return self.process is not None and self.process.poll() is None

    def note_death(self) -> None:
        """Clear up after the program ended, and decide when it is tried again."""
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
        """Tell the program and whatever it started."""
        if self.process:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)


def die_with(parent: int) -> Callable[[], None]:
    """What a child does first: ask Linux to be killed when its supervisor is gone."""
    if sys.platform != "linux":
        return lambda: None
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def ask() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it was gone before we asked
            os._exit(1)

    return ask


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold the folder's lock: two workers and clocks over the same rows help nobody."""
    with open(folder / "running", "a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise SupervisorError(f"Facet already runs with the data in {folder}") from error
        yield


def listen(host: str, port: int) -> socket.socket:
    """A listening socket, or the reason why there is none."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=512)
    except OSError as error:
        raise SupervisorError(
            f"port {port} of {host} cannot be used ({error.strerror}); "
            f"choose another: PORT={port + 1} make run"
        ) from error


def children(listener: socket.socket, *, paints: bool = False) -> list[Child]:
    """The programs that Facet is, and another one where places and clothes can be painted.

    Several pages answer at one door, each on a core of its own. Only the workers load the imaging
    engine.
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
    """Watches over children until a signal, or until one of them cannot be helped."""

    def __init__(self, children: list[Child], say: Callable[[str], None]) -> None:
        self.children = children
        self.say = say
        self.ending = threading.Event()
        self.hurry = False

    def run(self, glance: Callable[[], None]) -> None:
        """Start everything, call `glance` ten times a second, end everything."""
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
        """A signal came; a second one means: at once."""
        self.hurry = self.ending.is_set()
        self.ending.set()

    def look_after(self) -> None:
        """Start again what died, when its time has come."""
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
        """Ask every child to end, wait a little, then make sure of them and all they started."""
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
    """Says once that Facet is ready; raises SupervisorError if the page fails or is late."""

    def __init__(self, listener: socket.socket, ready: Callable[[], None]) -> None:
        self.address = listener.getsockname()[:2]
        self.ready = ready
        self.answers = False
        self.open = False
        self.latest = time.monotonic() + READY

    def knock(self) -> None:
        """Try the page until it answers, then until the worker is there too."""
        if self.open:
            return
        late = time.monotonic() > self.latest
        self.answers = self.answers or self.page_answers()
        if not self.answers and late:
            raise SupervisorError(f"the page did not answer within {READY:.0f} seconds")
        # A slow machine may look at pages before its worker has loaded the networks.
        if self.answers and (late or self.status("/readyz") == http.HTTPStatus.OK):
            self.open = True
            self.ready()

    def page_answers(self) -> bool:
        """Whether the first page comes; a redirect to another address is an answer too."""
        status = self.status("/")
        if status >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
            raise SupervisorError(f"the page answers with an error ({status}); see above why")
        return bool(status)

    def status(self, path: str) -> int:
        """The status of a path, 0 without one."""
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
