"""Find the schedules that are due, claim each occurrence once, and enqueue its run.

A claim advances schedules to their next occurrence with an UPDATE that has to change every one of
them, and creates runs that are unique by schedule and instant. So two dispatchers at once, a lost
answer of the database or a clock that is set back never make a run happen twice. On PostgreSQL,
rows that another dispatcher holds are skipped (SKIP LOCKED); SQLite has a single writer.
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
BATCHES: Final = 50  # per call; the next call goes on
# The fields that say how far a schedule has come in its rule.
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
    """A schedule was changed while it was claimed; nothing of the batch was written."""


def hand_over() -> int:
    """Claim all schedules that are due, enqueue their runs, and return the number of runs."""
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
    """Claim at most `limit` due schedules and return their runs, without enqueuing them."""
    with transaction.atomic():
        return _claim_batch(limit)[0]


def selfies(limit: int = BATCH) -> list[Run]:
    """Create and enqueue the runs of schedules whose owner added a usable photo.

    While any of the owner's photos is being checked, nothing happens: the newest is not known yet.
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
    """Recompute schedules that were computed with another tzdata; return their number."""
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
    """Return the claimed runs and the number of due schedules; needs a transaction."""
    now = timezone.now()
    due = Schedule.objects.filter(state=Schedule.State.ACTIVE, next_run_at__lte=now)
    batch = list(due.select_for_update(skip_locked=True).order_by("next_run_at")[:limit])
    seen = [one.next_run_at for one in batch]
    claimed = [run for one in batch if (run := _go_on(one, now))]
    _move(batch, seen)
    Run.objects.bulk_create(claimed, ignore_conflicts=True)
    return [run for run in claimed if run.is_open], len(batch)


def _go_on(schedule: Schedule, now: datetime) -> Run | None:
    """Advance a schedule to its next occurrence and return the run that is due.

    Of several missed occurrences, only the last one runs. Nothing is saved. Returns None if
    nothing is due by the installed tzdata.
    """
    if schedule.tzdata != TZDATA:
        schedule.reckon()
    spread = schedule.spread
    ran = list(takewhile(lambda one: one.at + spread <= now, schedule.coming()))
    if not ran:
        return None
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
    late = now - run.planned_at > timedelta(seconds=settings.SCHEDULE_LATE_SECONDS)
    return late and schedule.missed == Schedule.Missed.SKIP


def _move(batch: list[Schedule], seen: list[datetime | None]) -> None:
    """Save the positions of schedules, all or none, if each still has the `next_run_at` it had.

    This is plain SQL, because Django cannot update many rows in one round trip, each with its own
    values and condition. Raises ConcurrentUpdate if any of them was changed meanwhile.
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
