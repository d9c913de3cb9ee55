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
from branding.supervisor import CELERY
from tests.support.processes import until, with_variable

ROOT = Path(__file__).resolve().parents[2]
KILLS, SHEETS = 20, 10
SEED = 4
WORKER = (
    *CELERY,
    "worker",
    "--pool=threads",
    "--concurrency=3",
    "--include=headshots.tasks",
    "--without-gossip",
    "--without-mingle",
    "--without-heartbeat",
)
CLOCK = (*CELERY, "beat", "--pidfile=")

START = f"""
import django
django.setup()
from django.contrib.auth import get_user_model
from headshots.engine.recipes import looks
from headshots.services import photos, renders
from tests.support.people import selfie
alice = get_user_model().objects.create_user("alice@example.com", "a long pass phrase")
photo = photos.add(alice, selfie())
for seed in range({SHEETS}):
    renders.start(alice, [photo], list(looks().values()), seed=seed)
"""

SWEEP = """
import django
django.setup()
from django.core.files.storage import default_storage
from headshots.storage import disk
from headshots.services import photos
disk.ABANDONED = -1
default_storage.sweep()
print(photos.sweep())
"""


class House:
    """An installation without its page: rows, files, messages, a worker and the clock."""

    def __init__(self, folder):
        self.folder = folder
        self.world = env.everything(
            DATA_DIR=str(folder),
            DJANGO_SETTINGS_MODULE="branding.settings",
            CELERY_SKIP_CHECKS="1",
            RENDER_LEASE_SECONDS="2",
            TICK_SECONDS="1",
        )
        self.worker = None

    def python(self, *arguments):
        command = [sys.executable, *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=self.world, check=True, capture_output=True, text=True
        )
        return done.stdout

    def start(self, command):
        return subprocess.Popen(command, cwd=ROOT, env=self.world, stderr=subprocess.DEVNULL)

    def ask(self, question):
        with closing(sqlite3.connect(self.folder / "facet.sqlite3", timeout=30)) as database:
            database.execute("PRAGMA busy_timeout=30000")
            with database:
                return database.execute(question).fetchall()

    def files(self, folder):
        return [path for path in (self.folder / "media" / folder).rglob("*") if path.is_file()]

    def done(self):
        return self.ask("SELECT count(*) FROM headshots_variant WHERE state = 'ready'")[0][0]

    def at_work(self):
        """What the worker holds and has told of it: changes as long as it renders."""
        held = "SELECT id, touched_at FROM headshots_{} WHERE claim IS NOT NULL"
        return self.ask(held.format("render")) + self.ask(held.format("photo"))

    def kill_while_it_renders(self, *, after):
        """Wait for a new sign of life, then a moment, then end the worker without a word."""
        before = self.at_work()
        until(lambda: self.at_work() not in (before, []) or self.done() == 10 * SHEETS, 60)
        time.sleep(after)
        self.worker.send_signal(signal.SIGKILL)
        self.worker.wait(5)
        self.worker = self.start(WORKER)


@pytest.fixture
def house(tmp_path):
    made = House(tmp_path)
    made.python("manage.py", "migrate", "--verbosity=0")
    yield made
    for pid in with_variable("DATA_DIR", tmp_path):
        os.kill(pid, signal.SIGKILL)


@pytest.mark.slow
def test_worker_killed_twenty_times_makes_every_headshot_once(house):
    house.ask("CREATE TABLE written (variant)")
    house.ask(
        "CREATE TRIGGER count_written AFTER UPDATE OF made_at ON headshots_variant "
        "BEGIN INSERT INTO written VALUES (new.id); END"
    )
    house.python("-c", START)
    chance = random.Random(SEED)
    house.worker, clock = house.start(WORKER), house.start(CLOCK)
    made_at_kills = []
    for _ in range(KILLS):
        house.kill_while_it_renders(after=chance.uniform(0, 3))
        made_at_kills.append(house.done())
    wanted = 10 * SHEETS
    until(lambda: house.done() == wanted, 90)
    until(lambda: not house.ask("SELECT 1 FROM headshots_render WHERE finished_at IS NULL"), 10)
    print("ready at each kill:", made_at_kills)

    assert 0 < made_at_kills[-1] < wanted, "all kills happened while there was work"
    assert len(set(made_at_kills)) > 3, "and in the middle of it"
    assert house.ask("SELECT DISTINCT state FROM headshots_variant") == [("ready",)]
    counts = house.ask("SELECT count(*) FROM written GROUP BY variant")
    assert counts == [(1,)] * wanted
    house.python("-c", SWEEP)
    assert house.files("incoming") == []
    rows = house.ask(
        "SELECT picture FROM headshots_variant UNION SELECT picture FROM headshots_photo"
    )
    shown = {name for (name,) in rows}
    stored = {path.parent.name for path in house.files("pictures")}
    assert stored == shown, "every picture is there, and none that belongs to nobody"
    assert len(house.files("pictures")) == 4 * len(shown), "in every size"
    for process in (house.worker, clock):
        process.terminate()
        process.wait(10)
