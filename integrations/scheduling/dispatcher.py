"""The clock of schedules: sees what is due, once, and hands it to a worker.

A claim takes schedules to the run after if they still are where they were seen, and counts them;
the run itself is a row that exists once for a schedule and an instant. So two clocks by mistake, a
lost answer or a clock that is set back make nothing happen twice. On PostgreSQL rows that another
clock holds are skipped (SKIP LOCKED); SQLite lets one writer in at a time.
"""

from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any, Final

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils import timezone

from headshots.models import Photo
from integrations.models import Run, Schedule, wall_of
from integrations.recurrence import TZDATA
from integrations.scheduling import runs

BATCH: Final = 200  # schedules claimed in one transaction
BATCHES: Final = 50  # in one tick; the next one goes on
STANDING: Final = (
    "state",
    "cursor",
    "counted_from",
    "last_wall",
    "due_at",
    "next_run_at",
    "tzdata",
)


class ConcurrentUpdate(RuntimeError):
    """Another clock moved a schedule that this one held; nothing of the batch was written."""


def hand_over() -> int:
    """Claim all that is due and tell workers of it; how many runs there were."""
    count = 0
    for _ in range(BATCHES):
        with transaction.atomic():
            claimed, seen = _claim_batch(BATCH)
            runs.tell(*claimed)
        count += len(claimed)
        if seen < BATCH:
            break
    return count


def claim_due(limit: int = BATCH) -> list[Run]:
    """The runs of at most so many schedules that are due, each given to one caller only."""
    with transaction.atomic():
        return _claim_batch(limit)[0]


def selfies(limit: int = BATCH) -> list[Run]:
    """The runs of schedules whose owner has a newer usable photo, told to workers.

    As long as photos are being looked at it is not known which one is the newest.
    """
    theirs = Photo.objects.filter(owner=OuterRef("owner"))
    newer = theirs.filter(state=Photo.State.USABLE, added_at__gt=OuterRef("counted_from"))
    waiting = Schedule.objects.filter(
        ~Exists(theirs.filter(state=Photo.State.CHECKING)),
        kind=Schedule.Kind.PHOTO,
        state=Schedule.State.ACTIVE,
    ).annotate(newest=Subquery(newer.order_by("-added_at").values("added_at")[:1]))
    made = [_selfie(one) for one in waiting.filter(newest__isnull=False)[:limit]]
    return [run for run in made if run]


def recompute(limit: int = 10 * BATCH) -> int:
    """Reckon anew what was computed with other rules of the world's clocks; how many."""
    other = Q(tzdata__lt=TZDATA) | Q(tzdata__gt=TZDATA)
    stale = Schedule.objects.filter(other, state=Schedule.State.ACTIVE, next_run_at__isnull=False)
    with transaction.atomic():
        batch = list(stale.select_for_update(skip_locked=True)[:limit])
        seen = [one.next_run_at for one in batch]
        for one in batch:
            one.reckon()
        _move(batch, seen)
    return len(batch)


def _claim_batch(limit: int) -> tuple[list[Run], int]:
    """Claimed runs, and how many schedules were due; inside a transaction."""
    now = timezone.now()
    due = Schedule.objects.filter(state=Schedule.State.ACTIVE, next_run_at__lte=now)
    batch = list(due.select_for_update(skip_locked=True).order_by("next_run_at")[:limit])
    seen = [one.next_run_at for one in batch]
    claimed = [run for one in batch if (run := _go_on(one, now))]
    _move(batch, seen)
    Run.objects.bulk_create(claimed, ignore_conflicts=True)
    return [run for run in claimed if run.is_open], len(batch)


def _go_on(schedule: Schedule, now: datetime) -> Run | None:
    """Its run that is due, of several missed ones the last, and the schedule set to the next."""
    if schedule.tzdata != TZDATA:
        schedule.reckon()
    spread = schedule.spread
    ran = list(takewhile(lambda one: one.at + spread <= now, schedule.coming()))
    if not ran:
        return None  # by today's rules it is not time yet
    last = ran[-1]
    run = Run(
        schedule=schedule,
        due_at=last.at,
        planned_at=last.at + spread,
        handed_at=now,
        touched_at=now,
        piece=schedule.piece_of(last.turn),
    )
    if _is_too_late(schedule, run, now):
        run.state, run.finished_at, run.code = Run.State.SKIPPED, now, "missed"
        run.words = "Facet was not running at that time."
    else:
        schedule.cursor += 1
    schedule.counted_from, schedule.last_wall = last.at, wall_of(last)
    schedule.reckon()
    return run


def _is_too_late(schedule: Schedule, run: Run, now: datetime) -> bool:
    late = now - run.planned_at > timedelta(seconds=settings.SCHEDULE_LATE)
    return late and schedule.missed == Schedule.Missed.SKIP


def _move(batch: list[Schedule], seen: list[datetime | None]) -> None:
    """Write down where schedules stand, all of them or none: each still has to be where it was.

    One round trip for all of them, for which Django has no words.
    """
    fields = [Schedule._meta.get_field(name) for name in (*STANDING, "id", "next_run_at")]
    *wanted, key, was = [f"{connection.ops.quote_name(field.column)} = %s" for field in fields]
    table = connection.ops.quote_name(Schedule._meta.db_table)
    statement = f"UPDATE {table} SET {', '.join(wanted)} WHERE {key} AND {was} AND state = 'active'"
    rows = [
        [
            field.get_db_prep_save(value, connection)
            for field, value in zip(fields, row, strict=True)
        ]
        for row in zip(*_standing(batch), [one.pk for one in batch], seen, strict=True)
    ]
    with connection.cursor() as cursor:
        cursor.executemany(statement, rows)
        if rows and cursor.rowcount != len(rows):
            raise ConcurrentUpdate(f"{len(rows) - cursor.rowcount} schedules were moved meanwhile.")


def _standing(batch: list[Schedule]) -> list[list[Any]]:
    return [[getattr(one, name) for one in batch] for name in STANDING]


def _selfie(schedule: Any) -> Run | None:
    newest, now = schedule.newest, timezone.now()
    same = Schedule.objects.filter(
        pk=schedule.pk, state=Schedule.State.ACTIVE, counted_from=schedule.counted_from
    )
    with transaction.atomic():
        if not same.update(counted_from=newest, cursor=schedule.cursor + 1):
            return None
        run = Run.objects.create(
            schedule=schedule,
            due_at=newest,
            planned_at=newest,
            handed_at=now,
            touched_at=now,
            piece=schedule.piece_of(0),
        )
        runs.tell(run)
    return run
