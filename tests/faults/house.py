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
from branding.supervisor import CELERY
from tests.support.processes import until, with_variable
from tests.support.servers.programs import free_port

ROOT = Path(__file__).resolve().parents[2]
ENDS = ("published", "failed", "cancelled")


class Talk:
    """A process that reads lines from its input and answers each with a line."""

    def __init__(self, world, *command):
        self.process = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=ROOT,
            env=world,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.lines = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        for line in self.process.stdout:
            self.lines.put(line.strip())

    def hear(self, seconds=60):
        """The next line; fails at once if there will be none."""
        until(lambda: not self.lines.empty() or self.process.poll() is not None, seconds)
        return self.lines.get(timeout=1)

    def say(self, line):
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        return self.hear()


class House:
    """Facet without web processes; on SQLite and the file broker, unless `variables` change it."""

    def __init__(self, folder, *, accounts, **variables):
        self.folder, self.port = folder, free_port()
        self.effects_log = folder / "effects.txt"
        self.world = env.everything(
            DATA_DIR=str(folder / "data"),
            DJANGO_SETTINGS_MODULE="tests.faults.settings",
            OPEN_LOOPBACK="1",
            CELERY_SKIP_CHECKS="1",
            TICK_SECONDS="1",
            **variables,
        )
        self.run("manage.py", "migrate", "--verbosity=0")
        self.platform = self.start("tests.faults.platform", str(self.port), self.effects_log)
        self.person = Talk(self.world, "tests.faults.asking", self.server, str(accounts))
        assert self.person.hear(120) == "ready"
        self.asked, self.planned, self.worker = 0, 0, 0

    @property
    def server(self):
        return f"http://127.0.0.1:{self.port}"

    def run(self, *arguments):
        subprocess.run([sys.executable, *arguments], cwd=ROOT, env=self.world, check=True)

    def start(self, *command):
        return subprocess.Popen(
            [sys.executable, "-m", *map(str, command)], cwd=ROOT, env=self.world
        )

    def open(self):
        """Start the worker and two beats."""
        for number in range(2):
            subprocess.Popen(
                [*CELERY, "beat", "--pidfile=", f"--schedule={self.folder}/beat{number}"],
                cwd=ROOT,
                env=self.world,
                stderr=subprocess.DEVNULL,
            )
        self.workers = Talk(self.world, "tests.faults.workers")
        self.worker = int(self.workers.hear())

    def close(self):
        for pid in with_variable("DATA_DIR", self.folder / "data"):
            os.kill(pid, signal.SIGKILL)

    def ask(self, many):
        self.asked += int(self.person.say(f"publish {many}"))

    def plan(self, many):
        """Create this many schedules that are due now."""
        self.planned += many
        self.asked += int(self.person.say(f"schedule {many}"))

    def seal_disk(self, sealed):
        """Set whether the processes can write to files, by a limit on the file size."""
        size = 0 if sealed else resource.RLIM_INFINITY
        for pid, command in with_variable("DATA_DIR", self.folder / "data").items():
            if "tests.faults.platform" not in command:
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def tell_platform(self, what="state"):
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        with closing(line):
            line.request("GET", f"/control/{what}")
            return json.load(line.getresponse())

    def kill_worker(self, *, after):
        """Kill the worker a moment after it made a request; return the requests it was making."""
        before = self.tell_platform()["requests"]
        until(lambda: self.tell_platform()["requests"] != before, 30)
        time.sleep(after)
        os.kill(self.worker, signal.SIGKILL)
        at_work = self.tell_platform()["at_work"]
        self.worker = int(self.workers.hear())
        return [verb for verb, count in at_work.items() if count] or ["between"]

    def select(self, question):
        """Run a query on the database."""
        if url := self.world.get("DATABASE_URL"):
            with psycopg.connect(url.replace("postgres://", "postgresql://")) as rows:
                return rows.execute(question).fetchall()
        with closing(sqlite3.connect(self.folder / "data" / "facet.sqlite3", timeout=30)) as rows:
            return rows.execute(question).fetchall()

    def states(self):
        return dict(
            self.select("SELECT state, count(*) FROM integrations_publication GROUP BY state")
        )

    def unsettled(self):
        """Return how many publications are not finished."""
        states = self.states()
        return self.asked - sum(states.get(end, 0) for end in ENDS)

    def effects(self):
        """Return how often the picture of each account was changed."""
        counts = dict.fromkeys((f"account-{index:05}" for index in range(self.asked)), 0)
        for line in self.effects_log.read_text().split():
            counts[line] += 1
        return counts
