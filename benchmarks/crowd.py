"""What schedules cost on the database and broker that the environment names; see `schedules.py`."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from uuid import UUID

import django

django.setup()

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection
from django.test import override_settings
from django_celery_beat.models import CrontabSchedule, PeriodicTask, PeriodicTasks

from benchmarks.arrivals import NOTED, connect
from branding import env
from integrations.models import Run, Schedule
from integrations.recurrence import TZDATA, Rule, Unit
from integrations.scheduling import dispatcher
from integrations.scheduling import services as scheduling_services
from integrations.scheduling.services import Plan
from tests.support.servers.programs import ROOT

FEW, DUE, CROWD = 1_000, 100, 10_000
TICKS, INSERTS = 31, 100
MINUTE = timedelta(minutes=1)
LIMIT = 420  # seconds until whoever has not arrived is given up


# The data.


def people(many: int) -> None:
    """Accounts, ten schedules each."""
    execute(
        """INSERT INTO accounts_user (password, is_superuser, is_staff, is_active, date_joined,
                                      email, first_name, last_name)
           SELECT '', false, false, true, now(), 'person-' || n || '@example.com', '', ''
           FROM generate_series(1, %s) AS n""",
        [many],
    )


def fill(many: int) -> None:
    """Create daily schedules that are due between two hours and a day from now."""
    execute("TRUNCATE integrations_schedule CASCADE")
    execute(
        """INSERT INTO integrations_schedule
               (id, owner_id, name, kind, state, rule, zone, profiles, pieces, cursor, missed,
                ask_hours, created_at, counted_from, last_wall, due_at, next_run_at, tzdata)
           SELECT gen_random_uuid(), owners.id, 'Daily', 'every', 'active',
                  jsonb_build_object('start', to_char(due - interval '30 days',
                      'YYYY-MM-DD"T"HH24:MI'), 'zone', 'UTC', 'unit', 'day'),
                  'UTC', '[]', '[{"variant": null, "anew": false}]', 0, 'once', 0, now(),
                  due - interval '1 day', '', due, due, %s
           FROM (SELECT n, date_trunc('minute', now()) + (120 + n %% 1200) * interval '1 minute'
                        AS due FROM generate_series(1, %s) AS n) AS planned
           JOIN (SELECT id, row_number() OVER () AS place FROM accounts_user) AS owners
                ON owners.place = 1 + planned.n / 10""",
        [TZDATA, many],
    )
    execute("VACUUM ANALYZE integrations_schedule")
    execute("CHECKPOINT")  # what was written by the million is not what a tick costs


def bring_forward(many: int, minute: datetime) -> None:
    """Make some schedules due in a given minute, each with its own delay of the spread."""
    rows = list(Schedule.objects.filter(name="Daily").order_by("pk")[:many])
    start = (minute - timedelta(days=30)).replace(tzinfo=None)
    for row in rows:
        row.rule = {**row.rule, "start": start.isoformat(timespec="minutes")}
        row.counted_from, row.last_wall = minute - timedelta(hours=1), ""
        row.reckon()
        assert row.due_at == minute
    fields = ["rule", "counted_from", "last_wall", "due_at", "next_run_at"]
    Schedule.objects.bulk_update(rows, fields, batch_size=1000)


# The measurements.


def tick(many: int) -> float:
    """Return the milliseconds of a tick that finds DUE_SCHEDULES due and sends their messages.

    The fastest of several, because other load on the machine only makes a tick slower.
    """
    fill(many)
    spent = []
    for number in range(TICKS):
        bring_forward(DUE, this_minute() - (number + 5) * MINUTE)
        spent.append(timed(lambda: expect(dispatcher.hand_over(), DUE)))
    return min(spent)


def idle() -> float:
    """Milliseconds of a tick that finds nothing, the fastest of some."""
    return min(timed(lambda: expect(dispatcher.hand_over(), 0)) for _ in range(TICKS))


def insert() -> tuple[float, float]:
    """Milliseconds to create one schedule as a person does: median and the slowest of a hundred."""
    owner = get_user_model().objects.create_user("last@example.com", "x")
    rule = Rule(datetime(2026, 1, 1, 9), "Europe/Berlin", Unit.DAY)
    plan = Plan(kind=Schedule.Kind.EVERY, rule=rule)
    with override_settings(SCHEDULE_LIMIT=INSERTS):
        spent = [timed(lambda: scheduling_services.create(owner, plan)) for _ in range(INSERTS)]
    return median(spent), max(spent)


def handed_over(many: int, *, spread: int, folder: Path) -> list[float]:
    """Seconds late at the worker, for so many of Facet's schedules due in one minute."""
    with override_settings(SCHEDULE_SPREAD_SECONDS=spread):
        minute = this_minute() + 2 * MINUTE
        bring_forward(many, minute)
        forget()
        told = {
            "DJANGO_SETTINGS_MODULE": "branding.settings",
            "SCHEDULE_SPREAD_SECONDS": str(spread),
        }
        with worker(folder, **told), beat(folder, "branding.celery", **told):
            arrived = arrivals(many, deadline=minute.timestamp() + LIMIT)
    planned = dict(Run.objects.filter(pk__in=arrived).values_list("pk", "planned_at"))
    return [at - planned[UUID(pk)].timestamp() for pk, at in arrived.items()]


def handed_over_by_celery_beat(many: int, *, folder: Path) -> list[float]:
    """The same with one entry of django-celery-beat for each, and its own beat."""
    minute = this_minute() + 3 * MINUTE
    told = {"DJANGO_SETTINGS_MODULE": "benchmarks.celery_beat"}
    entries(many, minute)
    forget()
    theirs = ("--scheduler", "django_celery_beat.schedulers:DatabaseScheduler")
    with worker(folder, **told), beat(folder, "benchmarks.arrivals", *theirs, **told):
        arrived = arrivals(many, deadline=minute.timestamp() + LIMIT)
    return [at - minute.timestamp() for at in arrived.values()]


def entries(many: int, minute: datetime) -> None:
    """So many entries of django-celery-beat, all for one minute."""
    PeriodicTask.objects.all().delete()
    crontab, _ = CrontabSchedule.objects.get_or_create(
        minute=str(minute.minute), hour=str(minute.hour), timezone="UTC"
    )
    PeriodicTask.objects.bulk_create(
        PeriodicTask(
            name=f"entry {number}",
            task="tests.arrived",
            crontab=crontab,
            args=json.dumps([str(number)]),
        )
        for number in range(many)
    )
    PeriodicTasks.update_changed()


# The processes.


@contextmanager
def process(folder: Path, *words: str, **told: str) -> Iterator[None]:
    """A command of Celery until the block ends."""
    command = [sys.executable, "-m", "celery", *words]
    world = env.everything(**told)
    with (folder / f"{words[2]}.log").open("ab") as log:
        running = subprocess.Popen(command, cwd=ROOT, env=world, stdout=log, stderr=log)
        try:
            yield
        finally:
            running.terminate()
            running.wait(60)


def worker(folder: Path, **told: str):
    """A worker that notes what reaches it."""
    app = ("-A", "benchmarks.arrivals")
    return process(folder, *app, "worker", "--pool", "threads", "--concurrency", "3", **told)


def beat(folder: Path, app: str, *words: str, **told: str):
    """A beat with a memory of its own."""
    kept = folder / f"beat-{time.time_ns()}"
    return process(folder, "-A", app, "beat", "--schedule", str(kept), *words, **told)


def arrivals(many: int, *, deadline: float) -> dict[str, float]:
    """When each message reached the worker, once all did or nobody waits any more."""
    notes = connect()
    while notes.hlen(NOTED) < many and time.time() < deadline:
        time.sleep(0.5)
    return {name.decode(): float(at) for name, at in notes.hgetall(NOTED).items()}


def forget() -> None:
    """Delete messages, arrival times and runs of an earlier round."""
    connect().flushdb()
    execute("TRUNCATE integrations_run")


# Helpers.


def late(seconds: list[float], many: int) -> str:
    """Median and 99th percentile; how many arrived, if not all did."""
    if len(seconds) < 2:
        return "none arrived"
    cuts = quantiles(seconds, n=100)
    lost = f", {len(seconds)} of {many} came" if len(seconds) < many else ""
    return f"p50 {cuts[49]:.2f} s, p99 {cuts[98]:.2f} s, last {max(seconds):.1f} s{lost}"


def timed(call: Callable[[], object]) -> float:
    """Return how many milliseconds a call takes."""
    begun = time.perf_counter()
    call()
    return (time.perf_counter() - begun) * 1000


def expect(found: object, wanted: object) -> None:
    """Fail if the measured call did not do what it should."""
    assert found == wanted, (found, wanted)


def this_minute() -> datetime:
    """Return the current time, truncated to the minute."""
    return datetime.now(UTC).replace(second=0, microsecond=0)  # noqa: TID251


def execute(sql: str, told: list[object] | None = None) -> None:
    """Run a raw SQL statement."""
    with connection.cursor() as cursor:
        cursor.execute(sql, told)


def main(many: int, folder: Path) -> None:
    """Every figure, each with what it is held against."""
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, before anything was begun")
    call_command("migrate", verbosity=0)
    people(many // 10 + 1)
    few = tick(FEW)
    print(f"a tick with {DUE} due, of {FEW:,} schedules: {few:.1f} ms", flush=True)
    lots = tick(many)
    growth = lots / few
    print(f"a tick with {DUE} due, of {many:,}: {lots:.1f} ms, {growth:.2f} times (at most 2)")
    print(f"a tick that finds nothing: {idle():.1f} ms")
    middle, worst = insert()
    print(f"one more schedule: {middle:.1f} ms, slowest {worst:.1f} ms (at most 10)", flush=True)
    for title, crowd, spread in (
        (f"{CROWD:,} due within a minute (p50 at most 1 s, p99 at most 5 s)", CROWD, 59),
        (f"{FEW:,} due at one instant", FEW, 0),
        (f"{CROWD:,} due at one instant", CROWD, 0),
    ):
        seconds = handed_over(crowd, spread=spread, folder=folder)
        print(f"{title}: {late(seconds, crowd)}", flush=True)
    for crowd in (FEW, CROWD):
        seconds = handed_over_by_celery_beat(crowd, folder=folder)
        print(f"django-celery-beat, {crowd:,} at one instant: {late(seconds, crowd)}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
