"""Fifty people at the dashboard, then many requests: `python -m tests.benchmarks.web [REQUESTS]`.

Facet runs as `make run` starts it. First every person looks, reads for a second or three, and
looks again; then as many requests as were asked for come without a pause, while the page's memory
is read.
"""

import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from http.client import HTTPConnection
from itertools import islice
from pathlib import Path

from tests.benchmarks.pages import facet
from tests.installation import ROOT

USERS, SECONDS, READING = 50, 40, (1.0, 3.0)
REQUESTS, ROUNDS = 20_000, 10
PATH = "/sheets/"
FILL = f"""
from django.contrib.auth import get_user_model
from tests.people import browser, photo_of, sheet_of
for number in range({USERS}):
    owner = get_user_model().objects.create_user(f"user{{number}}@example.com")
    photo = photo_of(owner)
    for _ in range(3):
        sheet_of(owner, photo, count=10)
    print(browser(owner).cookies["sessionid"].value)
"""


class User(threading.Thread):
    """One person with a browser that keeps its connection."""

    def __init__(self, port, session, *, enough, pause):
        super().__init__(daemon=True)
        self.port, self.enough, self.pause = port, enough, pause
        self.headers = {"Host": f"localhost:{port}", "Cookie": f"sessionid={session}"}
        self.times, self.answers = [], Counter()

    def run(self):
        link = HTTPConnection("127.0.0.1", self.port, timeout=30)
        time.sleep(self.pause())
        while not self.enough():
            start = time.perf_counter()
            link.request("GET", PATH, headers=self.headers)
            answer = link.getresponse()
            answer.read()
            self.times.append(time.perf_counter() - start)
            self.answers[answer.status] += 1
            time.sleep(self.pause())


def main(requests):
    with tempfile.TemporaryDirectory() as data, facet(Path(data)) as running:
        sessions = fill(running)
        visit(running.port, sessions, enough=lambda: True, pause=lambda: 0)
        end = time.monotonic() + SECONDS
        print(f"load before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        visit(running.port, sessions, enough=lambda: time.monotonic() > end,
              pause=lambda: random.uniform(*READING))  # fmt: skip
        print(f"load after: {os.getloadavg()[0]:.1f}")
        many(running, sessions, requests)


def fill(running):
    """Fifty accounts with thirty headshots each; their sessions."""
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", FILL]
    told = subprocess.run(
        command, cwd=ROOT, env=running.world, check=True, capture_output=True, text=True
    )
    return told.stdout.split()


def visit(port, sessions, *, enough, pause):
    """All of them at once, until it is enough; says how long they waited."""
    users = [User(port, session, enough=enough, pause=pause) for session in sessions]
    for user in users:
        user.start()
    for user in users:
        user.join()
    times = sorted(one for user in users for one in user.times)
    answers = sum((user.answers for user in users), Counter())
    if times:
        p50, p95 = (1000 * times[int(share * len(times))] for share in (0.5, 0.95))
        wrong = sum(count for status, count in answers.items() if status != 200)
        print(f"{len(users)} users, {len(times)} requests: p50 {p50:.0f} ms, p95 {p95:.0f} ms, "
              f"{wrong} errors")  # fmt: skip


def many(running, sessions, requests):
    """Requests without a pause, in rounds, with the memory of the page after each."""
    page = running.child("branding.server")
    print(f"memory at the start: {memory(page)} MB")
    for _ in range(ROUNDS):
        left = islice(iter(int, 1), requests // ROUNDS)  # one for each request of this round
        lock = threading.Lock()

        def enough(left=left, lock=lock):
            with lock:
                return next(left, None) is None

        visit(running.port, sessions[:8], enough=enough, pause=lambda: 0)
        print(f"memory: {memory(page)} MB")


def memory(pid):
    """Megabytes that a process holds."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) // 1024


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else REQUESTS)
