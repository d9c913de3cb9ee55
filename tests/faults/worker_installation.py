"""An installation of real processes: a worker, two beats (as if by mistake) and a platform."""

import http.client
import json
import os
import queue
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import psycopg

from branding import env
from branding.supervisor import CELERY_COMMAND
from tests.support.processes import processes_with_variable, wait_until
from tests.support.servers.programs import free_port

ROOT = Path(__file__).resolve().parents[2]
FINAL_STATES = ("published", "failed", "cancelled")


class LineProcess:
    """A process that reads lines from its input and answers each with a line."""

    def __init__(self, environment, *command):
        self.process = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=ROOT,
            env=environment,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.lines = queue.Queue()
        threading.Thread(target=self._read_lines, daemon=True).start()

    def _read_lines(self):
        for line in self.process.stdout:
            self.lines.put(line.strip())

    def read_line(self, seconds=60):
        """The next line; fails at once if there will be none."""
        wait_until(lambda: not self.lines.empty() or self.process.poll() is not None, seconds)
        return self.lines.get(timeout=1)

    def send_line(self, line):
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        return self.read_line()


class WorkerInstallation:
    """Facet without web processes; on SQLite and the file broker, unless `variables` change it."""

    def __init__(self, folder, *, accounts, **variables):
        self.folder, self.port = folder, free_port()
        self.effects_log = folder / "effects.txt"
        self.environment = env.environment_with(
            DATA_DIR=str(folder / "data"),
            DJANGO_SETTINGS_MODULE="tests.faults.settings",
            OPEN_LOOPBACK="1",
            CELERY_SKIP_CHECKS="1",
            TICK_SECONDS="1",
            **variables,
        )
        self.run_python("manage.py", "migrate", "--verbosity=0")
        self.platform = self.start_process(
            "tests.faults.platform", str(self.port), self.effects_log
        )
        self.requester = LineProcess(
            self.environment, "tests.faults.requester", self.server, str(accounts)
        )
        assert self.requester.read_line(120) == "ready"
        self.publication_count, self.scheduled_count, self.worker_pid = 0, 0, 0

    @property
    def server(self):
        return f"http://127.0.0.1:{self.port}"

    def run_python(self, *arguments):
        subprocess.run([sys.executable, *arguments], cwd=ROOT, env=self.environment, check=True)

    def start_process(self, *command):
        return subprocess.Popen(
            [sys.executable, "-m", *map(str, command)], cwd=ROOT, env=self.environment
        )

    def start_celery(self):
        """Start the worker and two beats."""
        for number in range(2):
            subprocess.Popen(
                [*CELERY_COMMAND, "beat", "--pidfile=", f"--schedule={self.folder}/beat{number}"],
                cwd=ROOT,
                env=self.environment,
                stderr=subprocess.DEVNULL,
            )
        self.workers = LineProcess(self.environment, "tests.faults.workers")
        self.worker_pid = int(self.workers.read_line())

    def close(self):
        for pid in processes_with_variable("DATA_DIR", self.folder / "data"):
            os.kill(pid, signal.SIGKILL)

    def request_publications(self, count):
        self.publication_count += int(self.requester.send_line(f"publish {count}"))

    def schedule_publications(self, count):
        """Create this many schedules that are due now."""
        self.scheduled_count += count
        self.publication_count += int(self.requester.send_line(f"schedule {count}"))

    def set_disk_full(self, is_full):
        """Set whether the processes can write to files, by a limit on the file size."""
        size = 0 if is_full else resource.RLIM_INFINITY
        for pid, command in processes_with_variable("DATA_DIR", self.folder / "data").items():
            if "tests.faults.platform" not in command:
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def control_platform(self, command="state"):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        with closing(connection):
            connection.request("GET", f"/control/{command}")
            return json.load(connection.getresponse())

    def kill_worker(self, *, delay):
        """Kill the worker a moment after it made a request; return the requests it was making."""
        requests_before = self.control_platform()["requests"]
        wait_until(lambda: self.control_platform()["requests"] != requests_before, 120)
        time.sleep(delay)
        os.kill(self.worker_pid, signal.SIGKILL)
        at_work = self.control_platform()["at_work"]
        self.worker_pid = int(self.workers.read_line())
        return [action for action, count in at_work.items() if count] or ["between"]

    def select(self, query):
        """Run a query on the database."""
        if url := self.environment.get("DATABASE_URL"):
            with psycopg.connect(url.replace("postgres://", "postgresql://")) as database:
                return database.execute(query).fetchall()
        with closing(
            sqlite3.connect(self.folder / "data" / "facet.sqlite3", timeout=30)
        ) as database:
            return database.execute(query).fetchall()

    def count_states(self):
        return dict(
            self.select("SELECT state, count(*) FROM integrations_publication GROUP BY state")
        )

    def count_unfinished(self):
        """Return how many publications are not finished."""
        states = self.count_states()
        return self.publication_count - sum(states.get(end, 0) for end in FINAL_STATES)

    def count_effects(self):
        """Return how often the picture of each account was changed."""
        counts = dict.fromkeys(
            (f"account-{index:05}" for index in range(self.publication_count)), 0
        )
        for line in self.effects_log.read_text().split():
            counts[line] += 1
        return counts
