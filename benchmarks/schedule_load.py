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

from benchmarks.arrivals import ARRIVALS_KEY, connect_to_redis
from branding import env
from integrations.models import Run, Schedule
from integrations.recurrence import TZDATA, Rule, Unit
from integrations.scheduling import dispatcher
from integrations.scheduling import services as scheduling_services
from integrations.scheduling.services import ScheduleSpec
from tests.support.servers.programs import ROOT

FEW_SCHEDULES, DUE_SCHEDULES, MANY_DUE = 1_000, 100, 10_000
TICKS, INSERTS = 31, 100
MINUTE = timedelta(minutes=1)
ARRIVAL_TIMEOUT_SECONDS = 420  # seconds until whoever has not arrived is given up


# The data.


def create_accounts(count: int) -> None:
    """Accounts, ten schedules each."""
    execute(
        """INSERT INTO accounts_user (password, is_superuser, is_staff, is_active, date_joined,
                                      email, first_name, last_name)
           SELECT '', false, false, true, now(), 'person-' || n || '@example.com', '', ''
           FROM generate_series(1, %s) AS n""",
        [count],
    )


def create_schedules(count: int) -> None:
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
        [TZDATA, count],
    )
    execute("VACUUM ANALYZE integrations_schedule")
    execute("CHECKPOINT")  # what was written by the million is not what a tick costs


def make_due(count: int, minute: datetime) -> None:
    """Make some schedules due in a given minute, each with its own delay of the spread."""
    rows = list(Schedule.objects.filter(name="Daily").order_by("pk")[:count])
    start = (minute - timedelta(days=30)).replace(tzinfo=None)
    for row in rows:
        row.rule = {**row.rule, "start": start.isoformat(timespec="minutes")}
        row.counted_from, row.last_wall = minute - timedelta(hours=1), ""
        row.compute_next_run()
        assert row.due_at == minute
    fields = ["rule", "counted_from", "last_wall", "due_at", "next_run_at"]
    Schedule.objects.bulk_update(rows, fields, batch_size=1000)


# The measurements.


def measure_tick(count: int) -> float:
    """Return the milliseconds of a tick that finds DUE_SCHEDULES due and sends their messages.

    The fastest of several, because other load on the machine only makes a tick slower.
    """
    create_schedules(count)
    durations = []
    for number in range(TICKS):
        make_due(DUE_SCHEDULES, this_minute() - (number + 5) * MINUTE)
        durations.append(
            measure_milliseconds(lambda: assert_equal(dispatcher.dispatch_due(), DUE_SCHEDULES))
        )
    return min(durations)


def measure_idle_tick() -> float:
    """Milliseconds of a tick that finds nothing, the fastest of some."""
    return min(
        measure_milliseconds(lambda: assert_equal(dispatcher.dispatch_due(), 0))
        for _ in range(TICKS)
    )


def measure_insert() -> tuple[float, float]:
    """Milliseconds to create one schedule as a person does: median and the slowest of a hundred."""
    owner = get_user_model().objects.create_user("last@example.com", "x")
    rule = Rule(datetime(2026, 1, 1, 9), "Europe/Berlin", Unit.DAY)
    schedule_spec = ScheduleSpec(kind=Schedule.Kind.EVERY, rule=rule)
    with override_settings(SCHEDULE_LIMIT=INSERTS):
        durations = [
            measure_milliseconds(lambda: scheduling_services.create_schedule(owner, schedule_spec))
            for _ in range(INSERTS)
        ]
    return median(durations), max(durations)


def measure_lateness(count: int, *, spread: int, folder: Path) -> list[float]:
    """Seconds late at the worker, for so many of Facet's schedules due in one minute."""
    with override_settings(SCHEDULE_SPREAD_SECONDS=spread):
        minute = this_minute() + 2 * MINUTE
        make_due(count, minute)
        clear_earlier_round()
        environment = {
            "DJANGO_SETTINGS_MODULE": "branding.settings",
            "SCHEDULE_SPREAD_SECONDS": str(spread),
        }
        with (
            arrivals_worker(folder, **environment),
            beat_process(folder, "branding.celery", **environment),
        ):
            arrival_times = wait_for_arrivals(
                count, deadline=minute.timestamp() + ARRIVAL_TIMEOUT_SECONDS
            )
    planned = dict(Run.objects.filter(pk__in=arrival_times).values_list("pk", "planned_at"))
    return [arrived_at - planned[UUID(pk)].timestamp() for pk, arrived_at in arrival_times.items()]


def measure_celery_beat_lateness(count: int, *, folder: Path) -> list[float]:
    """The same with one entry of django-celery-beat for each, and its own beat."""
    minute = this_minute() + 3 * MINUTE
    environment = {"DJANGO_SETTINGS_MODULE": "benchmarks.celery_beat"}
    create_beat_entries(count, minute)
    clear_earlier_round()
    scheduler_options = ("--scheduler", "django_celery_beat.schedulers:DatabaseScheduler")
    with (
        arrivals_worker(folder, **environment),
        beat_process(folder, "benchmarks.arrivals", *scheduler_options, **environment),
    ):
        arrival_times = wait_for_arrivals(
            count, deadline=minute.timestamp() + ARRIVAL_TIMEOUT_SECONDS
        )
    return [arrived_at - minute.timestamp() for arrived_at in arrival_times.values()]


def create_beat_entries(count: int, minute: datetime) -> None:
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
        for number in range(count)
    )
    PeriodicTasks.update_changed()


# The processes.


@contextmanager
def celery_process(folder: Path, *arguments: str, **variables: str) -> Iterator[None]:
    """A command of Celery until the block ends."""
    command = [sys.executable, "-m", "celery", *arguments]
    environment = env.environment_with(**variables)
    with (folder / f"{arguments[2]}.log").open("ab") as log:
        running = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            yield
        finally:
            running.terminate()
            running.wait(60)


def arrivals_worker(folder: Path, **variables: str):
    """A worker that notes what reaches it."""
    app = ("-A", "benchmarks.arrivals")
    return celery_process(
        folder, *app, "worker", "--pool", "threads", "--concurrency", "3", **variables
    )


def beat_process(folder: Path, app: str, *arguments: str, **variables: str):
    """A beat with a memory of its own."""
    schedule_file = folder / f"beat-{time.time_ns()}"
    return celery_process(
        folder, "-A", app, "beat", "--schedule", str(schedule_file), *arguments, **variables
    )


def wait_for_arrivals(count: int, *, deadline: float) -> dict[str, float]:
    """When each message reached the worker, once all did or nobody waits any more."""
    notes = connect_to_redis()
    while notes.hlen(ARRIVALS_KEY) < count and time.time() < deadline:
        time.sleep(0.5)
    return {
        name.decode(): float(arrived_at) for name, arrived_at in notes.hgetall(ARRIVALS_KEY).items()
    }


def clear_earlier_round() -> None:
    """Delete messages, arrival times and runs of an earlier round."""
    connect_to_redis().flushdb()
    execute("TRUNCATE integrations_run")


# Helpers.


def describe_lateness(seconds: list[float], count: int) -> str:
    """Median and 99th percentile; how many arrived, if not all did."""
    if len(seconds) < 2:
        return "none arrived"
    cuts = quantiles(seconds, n=100)
    missing_note = f", {len(seconds)} of {count} came" if len(seconds) < count else ""
    return f"p50 {cuts[49]:.2f} s, p99 {cuts[98]:.2f} s, last {max(seconds):.1f} s{missing_note}"


def measure_milliseconds(call: Callable[[], object]) -> float:
    """Return how many milliseconds a call takes."""
    started_at = time.perf_counter()
    call()
    return (time.perf_counter() - started_at) * 1000


def assert_equal(actual: object, expected: object) -> None:
    """Fail if the measured call did not do what it should."""
    assert actual == expected, (actual, expected)


def this_minute() -> datetime:
    """Return the current time, truncated to the minute."""
    return datetime.now(UTC).replace(second=0, microsecond=0)  # noqa: TID251


def execute(sql: str, parameters: list[object] | None = None) -> None:
    """Run a raw SQL statement."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def main(count: int, folder: Path) -> None:
    """Every figure, each with what it is held against."""
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, before anything was begun")
    call_command("migrate", verbosity=0)
    create_accounts(count // 10 + 1)
    few = measure_tick(FEW_SCHEDULES)
    print(
        f"a tick with {DUE_SCHEDULES} due, of {FEW_SCHEDULES:,} schedules: {few:.1f} ms", flush=True
    )
    many_tick = measure_tick(count)
    growth = many_tick / few
    print(
        f"a tick with {DUE_SCHEDULES} due, of {count:,}: {many_tick:.1f} ms, "
        f"{growth:.2f} times (at most 2)"
    )
    print(f"a tick that finds nothing: {measure_idle_tick():.1f} ms")
    middle, worst = measure_insert()
    print(f"one more schedule: {middle:.1f} ms, slowest {worst:.1f} ms (at most 10)", flush=True)
    for title, crowd, spread in (
        (f"{MANY_DUE:,} due within a minute (p50 at most 1 s, p99 at most 5 s)", MANY_DUE, 59),
        (f"{FEW_SCHEDULES:,} due at one instant", FEW_SCHEDULES, 0),
        (f"{MANY_DUE:,} due at one instant", MANY_DUE, 0),
    ):
        seconds = measure_lateness(crowd, spread=spread, folder=folder)
        print(f"{title}: {describe_lateness(seconds, crowd)}", flush=True)
    for crowd in (FEW_SCHEDULES, MANY_DUE):
        seconds = measure_celery_beat_lateness(crowd, folder=folder)
        print(
            f"django-celery-beat, {crowd:,} at one instant: {describe_lateness(seconds, crowd)}",
            flush=True,
        )


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
