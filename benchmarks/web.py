"""Fifty people at the dashboard, then many requests: `python -m benchmarks.web [REQUESTS]`.

Facet runs as `make run` starts it, and locust simulates its visitors (`locustfile.py`). First every
visitor loads the dashboard every one to three seconds; then REQUESTS requests follow without a
pause, while the memory of the web processes is measured.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from benchmarks.pages import running_facet
from tests.support.installation import ROOT

USER_COUNT, RUN_SECONDS = 50, 60
SPAWN_RATE = 10  # people a second, until all are there; counted from then on
REQUESTS, ROUNDS = 20_000, 10
SETUP_SCRIPT = f"""
from django.contrib.auth import get_user_model
from tests.support.people import browser, photo_of, sheet_of
for number in range({USER_COUNT}):
    owner = get_user_model().objects.create_user(f"user{{number}}@example.com")
    photo = photo_of(owner)
    for _ in range(3):
        sheet_of(owner, photo, count=10)
    print(browser(owner).cookies["sessionid"].value)
"""


def main(requests):
    with tempfile.TemporaryDirectory() as data, running_facet(Path(data)) as running:
        sessions = create_accounts(running)
        run_locust(
            running, sessions, people=len(sessions), seconds=10
        )  # what every process does once
        print(f"load before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        run_locust(running, sessions, people=len(sessions), seconds=RUN_SECONDS)
        print(f"load after: {os.getloadavg()[0]:.1f}")
        pages = sorted(running.child_pids("branding.server"))
        print(f"memory at the start: {', '.join(str(memory_megabytes(pid)) for pid in pages)} MB")
        for _ in range(ROUNDS):
            run_locust(running, sessions, people=8, requests=requests // ROUNDS)
            print(f"memory: {', '.join(str(memory_megabytes(pid)) for pid in pages)} MB")


def create_accounts(running):
    """Fifty accounts with thirty headshots each; their sessions."""
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", SETUP_SCRIPT]
    result = subprocess.run(
        command, cwd=ROOT, env=running.environment, check=True, capture_output=True, text=True
    )
    return result.stdout.split()


def run_locust(running, sessions, *, people, seconds=600, requests=0):
    """So many people at once, for a time or for so many requests; says how long they waited."""
    environment = {**running.environment, "SESSIONS": " ".join(sessions), "REQUESTS": str(requests)}
    command = [
        sys.executable,
        "-m",
        "locust",
        "-f",
        "benchmarks/locustfile.py",
        "--headless",
        "--host",
        f"http://localhost:{running.port}",
        "--users",
        str(people),
        "--spawn-rate",
        str(SPAWN_RATE),
        "--reset-stats",
        "--run-time",
        f"{seconds}s",
        "--json",
    ]
    result = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,  # it ends with 1 where a request failed, which is said below
    )
    (statistics,) = json.loads(result.stdout)
    times = sorted(
        Counter({float(ms): n for ms, n in statistics["response_times"].items()}).elements()
    )
    p50, p95 = (times[int(share * len(times))] for share in (0.5, 0.95))
    print(
        f"{people} users, {statistics['num_requests']} requests: "
        f"p50 {p50:.0f} ms, p95 {p95:.0f} ms, "
        f"{statistics['num_failures']} errors"
    )


def memory_megabytes(pid):
    """Megabytes that a process holds."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) // 1024


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else REQUESTS)
