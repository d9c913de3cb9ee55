"""A worker is killed at 300 random moments while it sends: every picture arrives, once.

Half of them are asked for, half are due by schedules. Two clocks run by mistake all the time. The
disk is full for a while; with PostgreSQL and Redis, Redis forgets everything now and then, the
database is restarted, and the platform goes away for a while.
"""

import random
import time
from collections import Counter

import pytest
from redis import Redis

from tests.faults.house import House
from tests.support.processes import until
from tests.support.servers.postgres import cluster
from tests.support.servers.redis import redis

KILLS = 150  # of each kind of installation
OPEN = 30  # publications in progress at any time
ACCOUNTS = 500

pytestmark = pytest.mark.slow


@pytest.fixture
def house(tmp_path):
    """An installation as `make run` starts it: SQLite and the file broker."""
    made = House(tmp_path, accounts=ACCOUNTS)
    yield made
    made.close()


@pytest.fixture
def redis_at(tmp_path):
    folder = tmp_path / "redis"
    folder.mkdir()
    with redis(folder) as address:
        yield address


@pytest.fixture
def database():
    with cluster() as made:
        yield made


@pytest.fixture
def large_house(tmp_path, redis_at, database):
    """An installation as in production: PostgreSQL and Redis."""
    broker = f"redis://{redis_at}"
    made = House(
        tmp_path,
        accounts=ACCOUNTS,
        DATABASE_URL=database.url,
        CELERY_BROKER_URL=f"{broker}/0",
        CACHE_URL=f"{broker}/1",
    )
    yield made
    made.close()


def kill(house, *, seed, also=lambda _: None):
    """Kill the busy worker KILLS times; return how often it was at which kind of request."""
    chance, where = random.Random(seed), Counter()
    house.open()
    for count in range(KILLS):
        if house.unsettled() < OPEN:
            chance.choice([house.ask, house.plan])(OPEN // 2)
        where.update(house.kill_worker(after=chance.uniform(0, 0.25)))
        also(count)
    return where


def everything_arrived_once(house, where):
    try:
        until(lambda: house.unsettled() == 0, 90)
    finally:
        print(f"\n{house.states()} of {house.asked} asked for")
    steps = dict(house.select("SELECT target, count(*) FROM integrations_attempt GROUP BY target"))
    print(f"\n{KILLS} kills at {dict(where)}; steps {steps}")
    assert house.asked > KILLS / 2 and house.states() == {"published": house.asked}, "none is lost"
    assert set(house.effects().values()) == {1}, "none is doubled"
    runs = "SELECT count(*), count(DISTINCT schedule_id) FROM integrations_run WHERE state = 'sent'"
    assert house.select(runs) == [(house.planned, house.planned)], "each schedule ran once"
    assert house.planned > KILLS / 8, "and there were many"
    assert {"refresh", "look", "send"} <= set(where), "it was killed at every kind of work"
    assert steps["uncertain"] > 10, "and what it left was looked for"


def test_killed_worker_sends_every_picture_once(house):
    def also(count):
        if count % 50 == 25:
            house.seal_disk(True)
            time.sleep(2)
            house.seal_disk(False)

    everything_arrived_once(house, kill(house, seed=6, also=also))


def test_killed_worker_sends_every_picture_once_with_postgresql_and_redis(
    large_house, redis_at, database
):
    def also(count):
        if count % 25 == 10:
            Redis.from_url(f"redis://{redis_at}").flushall()
        if count % 50 == 20:
            large_house.tell_platform("away")
        if count % 50 == 22:
            large_house.tell_platform("back")
        if count % 50 == 35:
            database.stop()
            time.sleep(1)
            database.start()

    where = kill(large_house, seed=7, also=also)
    everything_arrived_once(large_house, where)
