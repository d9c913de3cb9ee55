"""The worker is killed twenty times while it renders: every headshot still arrives, once."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from branding import env
from branding.supervisor import CELERY_COMMAND
from tests.support.processes import processes_with_variable, wait_until

ROOT = Path(__file__).resolve().parents[2]
KILLS, SHEETS = 20, 6
SEED = 4
WORKER = (
    *CELERY_COMMAND,
    "worker",
    "--pool=threads",
    "--concurrency=6",
    "--include=headshots.tasks",
    "--without-gossip",
    "--without-mingle",
    "--without-heartbeat",
)
CLOCK = (*CELERY_COMMAND, "beat", "--pidfile=")

START = f"""
import django
django.setup()
from django.contrib.auth import get_user_model
from headshots.engine.recipes import built_in_looks
from headshots.services import photos, renders
from tests.support.people import selfie
alice = get_user_model().objects.create_user("alice@example.com", "a long pass phrase")
photo = photos.add_photo(alice, selfie())
for seed in range({SHEETS}):
    renders.start_render(alice, [photo], list(built_in_looks().values()), seed=seed)
"""

SWEEP = """
import django
django.setup()
from django.core.files.storage import default_storage
from headshots.storage import disk
from headshots.services import photos
disk.DRAFT_LIFETIME_SECONDS = -1
default_storage.delete_abandoned_drafts()
print(photos.delete_orphans())
"""


class Installation:
    """An installation without its page: rows, files, messages, a worker and the clock."""

    def __init__(self, folder):
        self.folder = folder
        self.environment = env.environment_with(
            DATA_DIR=str(folder),
            DJANGO_SETTINGS_MODULE="branding.settings",
            CELERY_SKIP_CHECKS="1",
            RENDER_LEASE_SECONDS="2",
            TICK_SECONDS="1",
        )
        self.worker = None

    def python(self, *arguments):
        command = [sys.executable, *arguments]
        process = subprocess.run(
            command, cwd=ROOT, env=self.environment, check=True, capture_output=True, text=True
        )
        return process.stdout

    def start(self, command):
        return subprocess.Popen(command, cwd=ROOT, env=self.environment, stderr=subprocess.DEVNULL)

    def query(self, sql):
        with closing(sqlite3.connect(self.folder / "facet.sqlite3", timeout=30)) as database:
            database.execute("PRAGMA busy_timeout=30000")
            with database:
                return database.execute(sql).fetchall()

    def files(self, folder):
        return [path for path in (self.folder / "media" / folder).rglob("*") if path.is_file()]

    def count_ready(self):
        return self.query("SELECT count(*) FROM headshots_variant WHERE state = 'ready'")[0][0]

    def heartbeats(self):
        """What the worker holds and has told of it: changes as long as it renders."""
        held = "SELECT id, touched_at FROM headshots_{} WHERE claim IS NOT NULL"
        return self.query(held.format("render")) + self.query(held.format("photo"))

    def wait_for_work(self):
        """Wait until the worker has told something new of what it holds."""
        before = self.heartbeats()
        wait_until(
            lambda: self.heartbeats() not in (before, []) or self.count_ready() == 10 * SHEETS, 60
        )

    def wait_for_headshot(self):
        """Wait until one more headshot is ready, however slow the machine is."""
        before = self.count_ready()
        wait_until(lambda: self.count_ready() > before or before == 10 * SHEETS, 120)

    def kill_worker(self):
        """End the worker without a word, and start another."""
        self.worker.send_signal(signal.SIGKILL)
        self.worker.wait(5)
        self.worker = self.start(WORKER)


# What each kill waits for in turn, and for how many seconds at most after that.
WAITS = ((Installation.wait_for_work, 3), (Installation.wait_for_headshot, 1))


@pytest.fixture
def installation(tmp_path):
    new_installation = Installation(tmp_path)
    new_installation.python("manage.py", "migrate", "--verbosity=0")
    yield new_installation
    for pid in processes_with_variable("DATA_DIR", tmp_path):
        os.kill(pid, signal.SIGKILL)


@pytest.mark.slow
def test_worker_killed_twenty_times_makes_every_headshot_once(installation):
    installation.query("CREATE TABLE written (variant)")
    installation.query(
        "CREATE TRIGGER count_written AFTER UPDATE OF made_at ON headshots_variant "
        "BEGIN INSERT INTO written VALUES (new.id); END"
    )
    installation.python("-c", START)
    chance = random.Random(SEED)
    installation.worker, clock = installation.start(WORKER), installation.start(CLOCK)
    made_at_kills = []
    for index in range(KILLS):
        wait, longest = WAITS[index % len(WAITS)]
        wait(installation)
        time.sleep(chance.uniform(0, longest))
        installation.kill_worker()
        made_at_kills.append(installation.count_ready())
    wanted = 10 * SHEETS
    wait_until(lambda: installation.count_ready() == wanted, 300)
    wait_until(
        lambda: not installation.query("SELECT 1 FROM headshots_render WHERE finished_at IS NULL"),
        10,
    )
    print("ready at each kill:", made_at_kills)

    assert 0 < made_at_kills[-1] < wanted, "all kills happened while there was work"
    assert len(set(made_at_kills)) > 3, "and in the middle of it"
    assert installation.query("SELECT DISTINCT state FROM headshots_variant") == [("ready",)]
    counts = installation.query("SELECT count(*) FROM written GROUP BY variant")
    assert counts == [(1,)] * wanted
    installation.python("-c", SWEEP)
    assert installation.files("incoming") == []
    rows = installation.query(
        "SELECT picture FROM headshots_variant UNION SELECT picture FROM headshots_photo"
    )
    shown = {name for (name,) in rows}
    stored = {path.parent.name for path in installation.files("pictures")}
    assert stored == shown, "every picture is there, and none that belongs to nobody"
    assert len(installation.files("pictures")) == 4 * len(shown), "in every size"
    for process in (installation.worker, clock):
        process.terminate()
        process.wait(10)
