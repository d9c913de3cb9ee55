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

CHECK_INTERVAL = 0.1  # seconds between two checks of the processes
TERMINATION_GRACE = 4.0  # seconds between SIGTERM and SIGKILL
READY_TIMEOUT = 60.0  # seconds within which the web process must answer
STABLE_RUNTIME = 10.0  # seconds after which the end of a process no longer counts as a failed start
MAX_EARLY_EXITS = 4  # failed starts in a row after which everything is stopped
RESTART_DELAY = 0.25  # seconds until the first restart; doubled after each failed start
EXTERNAL_SIGNALS = {-signal.SIGKILL, -signal.SIGTERM}  # sent by somebody: not a failure

PR_SET_PDEATHSIG = 1  # from <linux/prctl.h>
CELERY_COMMAND = (sys.executable, "-m", "celery", "--quiet", "-A", "branding.celery")
CLOCK_COMMAND = (*CELERY_COMMAND, "beat", "--pidfile=")
WORKER_COMMAND = (*CELERY_COMMAND, "worker", "--pool=threads")
STANDALONE_OPTIONS = ("--without-gossip", "--without-mingle", "--without-heartbeat")
# Threads: headshots/work_lanes.py says how many of them render.
IMAGING_OPTIONS = ("--concurrency=6", "--include=headshots.tasks")
DIFFUSION_OPTIONS = ("--concurrency=1", "--queues=gpu", "--include=headshots.diffusion_tasks")


class SupervisorError(Exception):
    """The installation cannot start or continue; the text is shown to the person who started it."""


@dataclass
class ManagedProcess:
    """A child process in its own process group, which can be restarted."""

    name: str
    command: tuple[str, ...]
    environment: dict[str, str]
    descriptors: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    restart_at: float = 0.0
    early_exit_count: int = field(default=0)

    def start(self) -> None:
        """Start the process."""
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            pass_fds=self.descriptors,
            env=self.environment,
            start_new_session=True,
            preexec_fn=parent_death_signal_setter(os.getpid()),  # noqa: PLW1509  the supervisor has no threads
        )

    def is_running(self) -> bool:
        """Whether the process has been started and has not ended."""
        return self.process is not None and self.process.poll() is None

    def record_exit(self) -> None:
        """Kill what the ended process left behind, and set when it is restarted.

        Raises SupervisorError after MAX_EARLY_EXITS failed starts in a row.
        """
        assert self.process is not None
        self.send_signal(signal.SIGKILL)
        ended_early = time.monotonic() - self.started_at < STABLE_RUNTIME
        ended_from_outside = self.process.returncode in EXTERNAL_SIGNALS
        self.early_exit_count = (
            self.early_exit_count + 1 if ended_early and not ended_from_outside else 0
        )
        if self.early_exit_count >= MAX_EARLY_EXITS:
            raise SupervisorError(
                f"the {self.name} ended at once {self.early_exit_count} times; see above why"
            )
        self.process = None
        self.restart_at = time.monotonic() + RESTART_DELAY * 2**self.early_exit_count

    def send_signal(self, signal_number: int) -> None:
        """Send a signal to the process and to everything that it started."""
        if self.process:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal_number)


def parent_death_signal_setter(parent_pid: int) -> Callable[[], None]:
    """Return a function, to be called in a new child, that ties its life to the parent's.

    On Linux the kernel then kills the child when the parent dies (`prctl(2)`, PR_SET_PDEATHSIG).
    """
    if sys.platform != "linux":
        return lambda: None
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def set_death_signal() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent_pid:  # the parent died before the call
            os._exit(1)

    return set_death_signal


@contextmanager
def hold_data_lock(folder: Path) -> Iterator[None]:
    """Hold the lock of the data folder, so that one installation runs at most once."""
    with open(folder / "running", "a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise SupervisorError(f"Facet already runs with the data in {folder}") from error
        yield


def open_listener(host: str, port: int) -> socket.socket:
    """Return a listening socket. Raises SupervisorError with the reason if there can be none."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server(
            (host, port),
            family=family,
            backlog=512,
            dualstack_ipv6=host == "::" and socket.has_dualstack_ipv6(),
        )
    except OSError as error:
        raise SupervisorError(
            f"port {port} of {host} cannot be used ({error.strerror}); "
            f"choose another: PORT={port + 1} make run"
        ) from error


def build_processes(
    listener: socket.socket, *, with_diffusion: bool = False
) -> list[ManagedProcess]:
    """Return the processes of an installation, not started yet.

    Several web processes accept connections on one socket, to use more than one core. Only the
    workers load the imaging engine. `with_diffusion`: also start a worker for the diffusion queue.
    """
    descriptor = listener.fileno()
    environment = env.environment_with(PORT=str(listener.getsockname()[1]), CELERY_SKIP_CHECKS="1")
    web_command = (sys.executable, "-m", "branding.server", str(descriptor))
    celery_commands = {
        "worker": (*WORKER_COMMAND, *IMAGING_OPTIONS, *STANDALONE_OPTIONS),
        "clock": CLOCK_COMMAND,
    }
    if with_diffusion:
        celery_commands["painter"] = (*WORKER_COMMAND, *DIFFUSION_OPTIONS, *STANDALONE_OPTIONS)
    return [
        *(
            ManagedProcess("page", web_command, environment, (descriptor,))
            for _ in range(env.read_number("PAGES", 2))
        ),
        *(ManagedProcess(name, command, environment) for name, command in celery_commands.items()),
    ]


class Supervisor:
    """Runs processes until a signal arrives or one of them fails too often."""

    def __init__(self, processes: list[ManagedProcess], print_line: Callable[[str], None]) -> None:
        self.processes = processes
        self.print_line = print_line
        self.stop_requested = threading.Event()
        self.must_hurry = False

    def run(self, on_tick: Callable[[], None]) -> None:
        """Start all processes, call `on_tick` every CHECK_INTERVAL until stopped, stop them all."""
        for signal_number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(signal_number, self.request_stop)
        try:
            for process in self.processes:
                process.start()
            while not self.stop_requested.wait(CHECK_INTERVAL):
                self.restart_ended_processes()
                on_tick()
        finally:
            self.stop_processes()

    def request_stop(self, *_: object) -> None:
        """Handle a signal: stop, and on a second signal stop without waiting."""
        self.must_hurry = self.stop_requested.is_set()
        self.stop_requested.set()

    def restart_ended_processes(self) -> None:
        """Restart the processes that ended and whose delay has passed."""
        for process in self.processes:
            if process.is_running():
                continue
            if process.process:
                exit_code = process.process.returncode
                process.record_exit()
                self.print_line(
                    f"Facet: the {process.name} ended ({exit_code}) and is started again."
                )
            elif time.monotonic() >= process.restart_at:
                process.start()

    def stop_processes(self) -> None:
        """Send SIGTERM to all processes, wait up to TERMINATION_GRACE, then kill what remains."""
        for process in self.processes:
            process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + TERMINATION_GRACE
        while any(process.is_running() for process in self.processes):
            if self.must_hurry or time.monotonic() > deadline:
                break
            time.sleep(CHECK_INTERVAL)
        for process in self.processes:
            process.send_signal(signal.SIGKILL)
            if process.process:
                process.process.wait()


class ReadinessCheck:
    """Calls `on_ready` once, when the web process and the worker answer."""

    def __init__(self, listener: socket.socket, on_ready: Callable[[], None]) -> None:
        self.address = listener.getsockname()[:2]
        self.on_ready = on_ready
        self.page_answered = False
        self.is_ready = False
        self.deadline = time.monotonic() + READY_TIMEOUT

    def check_readiness(self) -> None:
        """Request the page, then `/readyz`; to be called repeatedly until ready.

        Raises SupervisorError if the page answers with an error or not within READY_TIMEOUT.
        """
        if self.is_ready:
            return
        is_late = time.monotonic() > self.deadline
        self.page_answered = self.page_answered or self.does_page_answer()
        if not self.page_answered and is_late:
            raise SupervisorError(f"the page did not answer within {READY_TIMEOUT:.0f} seconds")
        # After the timeout it counts as ready without the worker, which may load its networks.
        if self.page_answered and (is_late or self.fetch_status("/readyz") == http.HTTPStatus.OK):
            self.is_ready = True
            self.on_ready()

    def does_page_answer(self) -> bool:
        """Whether the landing page is served or redirects. Raises SupervisorError for a 5xx."""
        status_code = self.fetch_status("/")
        if status_code >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
            raise SupervisorError(f"the page answers with an error ({status_code}); see above why")
        return bool(status_code)

    def fetch_status(self, path: str) -> int:
        """Return the HTTP status of a path, or 0 if the connection failed."""
        host, port = self.address
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
        connection = http.client.HTTPConnection(host, port, timeout=3)
        try:
            connection.request("GET", path, headers={"Host": "localhost"})
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()
