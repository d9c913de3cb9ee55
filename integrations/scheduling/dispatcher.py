"""Find the schedules that are due, claim each occurrence once, and enqueue its run.

A claim advances schedules to their next occurrence with an UPDATE that has to change every one of
them, and creates runs that are unique by schedule and instant. So two dispatchers at once, a lost
answer of the database or a clock that is set back never make a run happen twice. On PostgreSQL,
rows that another dispatcher holds are skipped (SKIP LOCKED); SQLite has a single writer.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any, Final, TypeVar
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils import timezone

from headshots.isolation import load_rows, run_for_each
from headshots.models import Photo
from integrations.models import Run, Schedule, format_wall_time
from integrations.publishing import clock_changes
from integrations.recurrence import TZDATA, Occurrence
from integrations.scheduling import runs

Result = TypeVar("Result")
log = logging.getLogger(__name__)

FAILURE_DELAY: Final = timedelta(hours=1)  # until a schedule that caused an error is tried again
BATCH_SIZE: Final = 200  # schedules claimed in one transaction
RESOLUTION: Final = timedelta(microseconds=1)  # of the database, by which moved runs differ
MAX_BATCHES_PER_CALL: Final = 50  # per call; the next call goes on
# The fields that say how far a schedule has come in its rule.
POSITION_FIELDS: Final = (
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


def dispatch_due() -> int:
    """Claim all schedules that are due, enqueue their runs, and return the number of runs."""
    run_count = 0
    for _ in range(MAX_BATCHES_PER_CALL):
        with transaction.atomic():
            claimed, due_count = _claim_batch(BATCH_SIZE)
            runs.enqueue_runs(*claimed)
        run_count += len(claimed)
        if due_count < BATCH_SIZE:
            break
    return run_count


def claim_due_runs(limit: int = BATCH_SIZE) -> list[Run]:
    """Claim at most `limit` due schedules and return their runs, without enqueuing them."""
    with transaction.atomic():
        return _claim_batch(limit)[0]


def start_photo_runs(limit: int = BATCH_SIZE) -> list[Run]:
    """Create and enqueue the runs of schedules whose owner added a usable photo.

    While any of the owner's photos is being checked, nothing happens: the newest is not known yet.
    """
    owner_photos = Photo.objects.filter(owner=OuterRef("owner"))
    newer_photos = owner_photos.filter(
        state=Photo.State.USABLE,
        added_at__gt=OuterRef("counted_from"),
        # A photo from a time when the clock was ahead would start a run again and again.
        added_at__lte=timezone.now() + clock_changes.MAX_CLOCK_SKEW,
    )
    waiting_schedules = Schedule.objects.filter(
        ~Exists(owner_photos.filter(state=Photo.State.CHECKING)),
        kind=Schedule.Kind.PHOTO,
        state=Schedule.State.ACTIVE,
    ).annotate(newest=Subquery(newer_photos.order_by("-added_at").values("added_at")[:1]))
    schedules = load_rows("photo run", waiting_schedules.filter(newest__isnull=False)[:limit])
    new_runs = run_for_each("photo run", schedules, _start_photo_run)
    return [run for run in new_runs if run]


def recompute_next_runs(limit: int = 10 * BATCH_SIZE) -> int:
    """Recompute schedules that were computed with another tzdata; return their number."""
    other_tzdata = Q(tzdata__lt=TZDATA) | Q(tzdata__gt=TZDATA)
    stale_schedules = Schedule.objects.filter(
        other_tzdata, state=Schedule.State.ACTIVE, next_run_at__isnull=False
    )
    with transaction.atomic():
        locked = stale_schedules.select_for_update(skip_locked=True)[:limit]
        batch = load_rows("schedule", locked)
        next_runs_before = {schedule.pk: schedule.next_run_at for schedule in batch}
        computed = _compute_each(batch, Schedule.compute_next_run)
        _save_positions(*_with_previous(computed, next_runs_before))
    return len(batch)


def reanchor_after_clock_change(limit: int = 10 * BATCH_SIZE) -> int:
    """Notice that the clock was far ahead for a while, and put what it moved right.

    Schedules that have come further than now are counted from now on again, and publications get
    possible times. Returns the number of schedules.
    """
    latest = timezone.now() + clock_changes.MAX_CLOCK_SKEW
    is_own_end = Q(state=Schedule.State.ENDED, runs__due_at__gt=latest)
    moved_schedules = Schedule.objects.filter(
        Q(state=Schedule.State.ACTIVE) | is_own_end, counted_from__gt=latest
    ).distinct()
    moved_keys = list(moved_schedules.order_by().values_list("pk", flat=True)[:limit])
    for schedule_pk in moved_keys:
        _reanchor_schedule(schedule_pk, latest)
    open_runs = Run.objects.filter(state__in=Run.OPEN, touched_at__gt=latest)
    has_moved_runs = open_runs.update(touched_at=timezone.now(), claim=None)
    if moved_keys or has_moved_runs or clock_changes.is_clock_set_back():
        log.warning("the clock was ahead; %d schedules are counted anew", len(moved_keys))
        clock_changes.reanchor_publications()
    return len(moved_keys)


def _reanchor_schedule(schedule_pk: UUID, latest: datetime) -> None:
    """Count a schedule from now on again, with what ran in the future as if it had run now."""
    now = timezone.now()
    with transaction.atomic():
        schedule = Schedule.objects.select_for_update().get(pk=schedule_pk)
        schedule.counted_from, schedule.last_wall = now, ""
        schedule.state = Schedule.State.ACTIVE
        schedule.compute_next_run()
        schedule.save(update_fields=POSITION_FIELDS)
        future_runs = Run.objects.filter(schedule=schedule, due_at__gt=latest)
        for number, run in enumerate(future_runs, start=1):  # the newest first
            ran_at = now - number * RESOLUTION
            values = {"due_at": ran_at, "planned_at": ran_at, "handed_at": now, "touched_at": now}
            if run.agreed_at:
                values["agreed_at"] = ran_at if run.is_by_hand else now
            if run.decide_by:
                values["decide_by"] = now + timedelta(hours=schedule.ask_hours)
            Run.objects.filter(pk=run.pk).update(**values)


def _claim_batch(limit: int) -> tuple[list[Run], int]:
    """Return the claimed runs and the number of due schedules; needs a transaction."""
    now = timezone.now()
    due_schedules = Schedule.objects.filter(state=Schedule.State.ACTIVE, next_run_at__lte=now)
    locked = due_schedules.select_for_update(skip_locked=True).order_by("next_run_at")[:limit]
    batch = load_rows("schedule", locked)
    next_runs_before = {schedule.pk: schedule.next_run_at for schedule in batch}
    advanced = _compute_each(batch, lambda schedule: _advance_schedule(schedule, now))
    _save_positions(*_with_previous(advanced, next_runs_before))
    claimed = [run for _, run in advanced if run]
    Run.objects.bulk_create(claimed, ignore_conflicts=True)
    return [run for run in claimed if run.is_open], len(batch)


def _compute_each(
    batch: Sequence[Schedule], compute: Callable[[Schedule], Result]
) -> list[tuple[Schedule, Result]]:
    """Return the schedules that could be computed, each with its result.

    One that could not, such as one in a time zone that this tzdata lacks, is put off.
    """

    def put_off(schedule: Schedule) -> None:
        position = Schedule.objects.filter(pk=schedule.pk)
        position.update(next_run_at=timezone.now() + FAILURE_DELAY, tzdata=TZDATA)

    return run_for_each(
        "schedule",
        batch,
        lambda schedule: (schedule, compute(schedule)),
        on_failure=put_off,
        uses_database=False,
    )


def _with_previous(
    computed: Sequence[tuple[Schedule, Any]], next_runs_before: dict[UUID, datetime | None]
) -> tuple[list[Schedule], list[datetime | None]]:
    """Return computed schedules and the `next_run_at` that each had before."""
    schedules = [schedule for schedule, _ in computed]
    return schedules, [next_runs_before[schedule.pk] for schedule in schedules]


def _advance_schedule(schedule: Schedule, now: datetime) -> Run | None:
    """Advance a schedule to its next occurrence and return the run that is due.

    Of several missed occurrences, only the last one runs. Nothing is saved. Returns None if
    nothing is due by the installed tzdata.
    """
    if schedule.tzdata != TZDATA:
        schedule.compute_next_run()
    spread = schedule.spread
    due_occurrences = list(
        takewhile(lambda occurrence: occurrence.at + spread <= now, schedule.iter_occurrences())
    )
    if not due_occurrences:
        return None
    last_occurrence = due_occurrences[-1]
    run = _build_run(schedule, last_occurrence, now)
    if _is_too_late(schedule, run, now):
        run.state, run.finished_at, run.code = Run.State.SKIPPED, now, "missed"
        run.message = "Facet was not running at that time."
    else:
        schedule.cursor += 1
    schedule.counted_from = last_occurrence.at
    schedule.last_wall = format_wall_time(last_occurrence)
    schedule.compute_next_run()
    return run


def _build_run(schedule: Schedule, occurrence: Occurrence, now: datetime) -> Run:
    """Build the run of an occurrence, without saving it."""
    return Run(
        schedule=schedule,
        due_at=occurrence.at,
        planned_at=occurrence.at + schedule.spread,
        handed_at=now,
        touched_at=now,
        piece=schedule.item_index_at(occurrence.turn),
    )


def _is_too_late(schedule: Schedule, run: Run, now: datetime) -> bool:
    is_late = now - run.planned_at > timedelta(seconds=settings.SCHEDULE_LATE_SECONDS)
    return is_late and schedule.missed == Schedule.Missed.SKIP


def _save_positions(batch: list[Schedule], next_runs_before: list[datetime | None]) -> None:
    """Save the positions of schedules, all or none, if each still has the `next_run_at` it had.

    This is plain SQL, because Django cannot update many rows in one round trip, each with its own
    values and condition. Raises ConcurrentUpdate if any of them was changed meanwhile.
    """
    fields_by_name = {field.name: field for field in Schedule._meta.concrete_fields}
    fields = [fields_by_name[name] for name in (*POSITION_FIELDS, "id", "next_run_at")]
    rows = [
        [
            field.get_db_prep_save(value, connection)
            for field, value in zip(fields, row, strict=True)
        ]
        for row in zip(
            *_position_columns(batch),
            [schedule.pk for schedule in batch],
            next_runs_before,
            strict=True,
        )
    ]
    with connection.cursor() as cursor:
        cursor.executemany(_update_statement(fields), rows)
        if rows and cursor.rowcount != len(rows):
            raise ConcurrentUpdate(f"{len(rows) - cursor.rowcount} schedules were moved meanwhile.")


def _update_statement(fields: Sequence[Any]) -> str:
    """Return the SQL that sets all but the last two fields of the row that these two identify."""
    *assignments, key_condition, position_condition = [
        f"{connection.ops.quote_name(str(field.column))} = %s" for field in fields
    ]
    return (
        f"UPDATE {connection.ops.quote_name(Schedule._meta.db_table)}"
        f" SET {', '.join(assignments)}"
        f" WHERE {key_condition} AND {position_condition} AND state = 'active'"
    )


def _position_columns(batch: list[Schedule]) -> list[list[Any]]:
    return [[getattr(schedule, name) for schedule in batch] for name in POSITION_FIELDS]


def _start_photo_run(schedule: Any) -> Run | None:
    newest_photo_at, now = schedule.newest, timezone.now()
    unchanged_rows = Schedule.objects.filter(
        pk=schedule.pk, state=Schedule.State.ACTIVE, counted_from=schedule.counted_from
    )
    with transaction.atomic():
        if not unchanged_rows.update(counted_from=newest_photo_at, cursor=schedule.cursor + 1):
            return None
        run = Run.objects.create(
            schedule=schedule,
            due_at=newest_photo_at,
            planned_at=newest_photo_at,
            handed_at=now,
            touched_at=now,
            piece=schedule.item_index_at(0),
        )
        runs.enqueue_runs(run)
    return run
