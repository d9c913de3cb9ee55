"""A worker is killed at 300 random moments while it sends: every picture arrives, once.

Half of them are asked for, half are due by schedules. Two clocks run by mistake all the time. The
disk is full for a while; with PostgreSQL and Redis, Redis forgets everything now and then, the
database is restarted, and the platform goes away for a while.
"""

import random
import time
from collections import Counter
from itertools import cycle

import pytest
from redis import Redis

from tests.faults.worker_installation import WorkerInstallation
from tests.support.processes import wait_until
from tests.support.servers.postgres import postgres_cluster
from tests.support.servers.redis import redis_server

KILLS = 150  # of each kind of installation
UNFINISHED = 30  # publications in progress at any time
ACCOUNTS = 500

pytestmark = pytest.mark.slow


@pytest.fixture
def installation(tmp_path):
    """An installation as `make run` starts it: SQLite and the file broker."""
    running_installation = WorkerInstallation(tmp_path, accounts=ACCOUNTS)
    yield running_installation
    running_installation.close()


@pytest.fixture
def redis_at(tmp_path):
    folder = tmp_path / "redis"
    folder.mkdir()
    with redis_server(folder) as address:
        yield address


@pytest.fixture
def database():
    with postgres_cluster() as running_cluster:
        yield running_cluster


@pytest.fixture
def production_installation(tmp_path, redis_at, database):
    """An installation as in production: PostgreSQL and Redis."""
    broker = f"redis://{redis_at}"
    running_installation = WorkerInstallation(
        tmp_path,
        accounts=ACCOUNTS,
        DATABASE_URL=database.url,
        CELERY_BROKER_URL=f"{broker}/0",
        CACHE_URL=f"{broker}/1",
    )
    yield running_installation
    running_installation.close()


def kill_repeatedly(installation, *, seed, disturb=lambda _: None):
    """Kill the busy worker KILLS times; return how often it was at which kind of request."""
    randomness, interrupted_actions = random.Random(seed), Counter()
    ways_to_ask = cycle([installation.request_publications, installation.schedule_publications])
    installation.start_celery()
    for count in range(KILLS):
        if installation.count_unfinished() < UNFINISHED:
            next(ways_to_ask)(UNFINISHED // 2)
        interrupted_actions.update(installation.kill_worker(delay=randomness.uniform(0, 0.25)))
        disturb(count)
    return interrupted_actions


def assert_everything_arrived_once(installation, interrupted_actions):
    try:
        wait_until(lambda: installation.count_unfinished() == 0, 300)
    finally:
        print(f"\n{installation.count_states()} of {installation.publication_count} asked for")
    steps = dict(
        installation.select("SELECT target, count(*) FROM integrations_attempt GROUP BY target")
    )
    print(f"\n{KILLS} kills at {dict(interrupted_actions)}; steps {steps}")
    assert installation.count_states() == {"published": installation.publication_count}, (
        "none is lost"
    )
    assert set(installation.count_effects().values()) == {1}, "none is doubled"
    runs = "SELECT count(*), count(DISTINCT schedule_id) FROM integrations_run WHERE state = 'sent'"
    assert installation.select(runs) == [
        (installation.scheduled_count, installation.scheduled_count)
    ], "each schedule ran once"
    # How many were sent between the kills depends on the speed of the machine: more than at first.
    assert installation.publication_count > UNFINISHED and installation.scheduled_count
    assert {"refresh", "look", "send"} <= set(interrupted_actions), (
        "it was killed at every kind of work"
    )
    assert steps["uncertain"] > 10, "and what it left was looked for"


def test_killed_worker_sends_every_picture_once(installation):
    def disturb(count):
        if count % 50 == 25:
            installation.set_disk_full(True)
            time.sleep(2)
            installation.set_disk_full(False)

    assert_everything_arrived_once(
        installation, kill_repeatedly(installation, seed=6, disturb=disturb)
    )


def test_killed_worker_sends_every_picture_once_with_postgresql_and_redis(
    production_installation, redis_at, database
):
    def disturb(count):
        if count % 25 == 10:
            Redis.from_url(f"redis://{redis_at}").flushall()
        if count % 50 == 20:
            production_installation.control_platform("away")
        if count % 50 == 22:
            production_installation.control_platform("back")
        if count % 50 == 35:
            database.stop()
            time.sleep(1)
            database.start()

    interrupted_actions = kill_repeatedly(production_installation, seed=7, disturb=disturb)
    assert_everything_arrived_once(production_installation, interrupted_actions)
