"""Each run once and nothing missed, whatever the clocks do."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from branding.celery import app
from integrations import recurrence
from integrations.models import Publication, Run, Schedule, ScheduledItem
from integrations.recurrence import Rotation, Unit
from integrations.scheduling import dispatcher
from integrations.scheduling import services as scheduling_services
from tests.integrations.scheduling.examples import (
    BERLIN,
    Kind,
    Missed,
    daily,
    local_text,
    make_headshot,
    make_rule,
    make_spec,
)
from tests.support import celery_messages
from tests.support.concurrency import together

pytestmark = pytest.mark.django_db(transaction=True)


def test_due_schedule_runs_once_and_waits_for_its_next_time(alice, clock):
    schedule = daily(alice)
    assert dispatcher.claim_due_runs() == []
    clock.set("2026-11-25T09:00")
    (run,) = dispatcher.claim_due_runs()
    assert (run.schedule, local_text(run.due_at), run.state) == (
        schedule,
        "2026-11-25T09:00",
        "waiting",
    )
    assert dispatcher.claim_due_runs() == []
    schedule.refresh_from_db()
    assert local_text(schedule.next_run_at) == "2026-11-26T09:00"


def test_many_clocks_at_once_claim_each_run_once(alice, clock, settings):
    settings.SCHEDULE_LIMIT = 100
    schedule_ids = {daily(alice).pk for _ in range(40)}
    clock.set("2026-11-25T09:00")
    claimed = together(*[lambda: dispatcher.claim_due_runs(limit=7)] * 8)
    while more := dispatcher.claim_due_runs(limit=7):
        claimed.append(more)
    whose = [run.schedule_id for batch in claimed for run in batch]
    assert sorted(whose) == sorted(schedule_ids)
    assert Run.objects.count() == 40


@pytest.mark.skipif(
    connection.vendor != "postgresql",
    reason="SQLite lets one writer in at a time; tests/servers/test_postgres.py runs this",
)
def test_clock_does_not_wait_for_what_another_one_holds(alice, clock):
    held, free = daily(alice), daily(alice)
    clock.set("2026-11-25T09:00")

    def claim_elsewhere():
        (claimed,) = together(dispatcher.claim_due_runs)
        return [run.schedule for run in claimed]

    with transaction.atomic():
        Schedule.objects.select_for_update().get(pk=held.pk)
        assert claim_elsewhere() == [free]
    assert claim_elsewhere() == [held]


def test_run_of_one_instant_exists_once(alice):
    schedule = daily(alice)
    instant = schedule.due_at
    Run.objects.create(schedule=schedule, due_at=instant, planned_at=instant)
    with pytest.raises(IntegrityError):
        Run.objects.create(schedule=schedule, due_at=instant, planned_at=instant)


def test_claim_of_many_costs_no_more_questions_than_of_one(
    alice, clock, settings, django_assert_max_num_queries
):
    settings.SCHEDULE_LIMIT = 50
    for _ in range(50):
        daily(alice)
    clock.set("2026-11-25T09:00")
    with django_assert_max_num_queries(6):
        assert len(dispatcher.claim_due_runs()) == 50


@pytest.mark.usefixtures("chosen")
def test_two_beats_by_mistake_do_no_harm(alice, clock):
    daily(alice)
    clock.set("2026-11-25T09:00")
    together(dispatcher.dispatch_due, dispatcher.dispatch_due, dispatcher.dispatch_due)
    celery_messages.deliver()
    assert Publication.objects.filter(origin__isnull=False).count() == 1


@pytest.mark.slow
def test_every_day_of_a_year_runs_once_through_both_clock_changes(alice, clock):
    schedule = daily(alice, rule=make_rule(start="2026-11-25T02:30"))
    for _ in range(370):
        schedule.refresh_from_db()
        clock.now = schedule.next_run_at
        dispatcher.claim_due_runs()
    days = [
        run.due_at.astimezone(recurrence.load_zone(BERLIN)).date()
        for run in schedule.runs.order_by("due_at")
    ]
    assert days == [date(2026, 11, 25) + timedelta(days=number) for number in range(370)]


def test_service_that_was_down_for_days_runs_once_on_return(alice, clock):
    schedule = daily(alice)
    clock.set("2026-11-29T20:00")
    (run,) = dispatcher.claim_due_runs()
    assert local_text(run.due_at) == "2026-11-29T09:00" and run.is_open
    assert dispatcher.claim_due_runs() == []
    schedule.refresh_from_db()
    assert local_text(schedule.due_at) == "2026-11-30T09:00"


def test_missed_run_is_skipped_if_wished_and_says_so(alice, clock):
    schedule = daily(alice, missed=Missed.SKIP)
    clock.set("2026-11-26T08:00")
    assert dispatcher.claim_due_runs() == []
    run = schedule.runs.get()
    assert (run.state, run.code) == ("skipped", "missed") and run.message
    clock.set("2026-11-26T09:30")  # half an hour is late, not missed
    (run,) = dispatcher.claim_due_runs()
    assert local_text(run.due_at) == "2026-11-26T09:00"


def test_missed_rotation_shows_what_should_hang_now(alice, clock):
    serious, casual = (ScheduledItem(make_headshot(alice).pk) for _ in range(2))
    turns = (
        make_rule(Unit.WEEK, "2026-11-23T08:00", weekdays=(0,)),
        make_rule(Unit.WEEK, "2026-11-23T17:00", weekdays=(4,)),
    )
    scheduling_services.create_schedule(
        alice, make_spec(Kind.ROTATION, rule=Rotation(turns), items=(serious, casual))
    )
    clock.set("2026-12-06T12:00")  # a Sunday, after two Fridays and a Monday
    (run,) = dispatcher.claim_due_runs()
    assert local_text(run.due_at) == "2026-12-04T17:00" and run.scheduled_item == casual
    clock.set("2026-12-07T08:00")
    (run,) = dispatcher.claim_due_runs()
    assert run.scheduled_item == serious


def test_clock_that_jumps_two_hours_on_and_back_misses_and_doubles_nothing(alice, clock):
    schedule = daily(alice)
    clock.set("2026-11-25T08:00")
    clock.forward(hours=2)
    assert len(dispatcher.claim_due_runs()) == 1
    clock.forward(hours=-2)
    assert dispatcher.claim_due_runs() == []
    clock.set("2026-11-25T09:00")
    assert dispatcher.claim_due_runs() == []
    clock.set("2026-11-26T09:00")
    assert len(dispatcher.claim_due_runs()) == 1
    assert schedule.runs.count() == 2


def test_one_tick_hands_over_more_than_a_batch(alice, clock, monkeypatch, settings):
    settings.SCHEDULE_LIMIT = 30
    monkeypatch.setattr(dispatcher, "BATCH_SIZE", 4)
    for _ in range(11):
        daily(alice)
    clock.set("2026-11-25T09:00")
    assert dispatcher.dispatch_due() == 11
    enqueued = [pk for _, pks in celery_messages.waiting() for pk in pks]
    assert (
        sorted(enqueued) == sorted(str(run.pk) for run in Run.objects.all()) and len(enqueued) == 11
    )


def test_batch_of_which_one_was_moved_meanwhile_is_left_as_it_was(alice, clock):
    moved, other = daily(alice), daily(alice)
    seen = [moved.next_run_at + timedelta(days=1), other.next_run_at]
    clock.set("2026-11-25T09:00")
    with pytest.raises(dispatcher.ConcurrentUpdate), transaction.atomic():
        other.cursor = 7
        dispatcher._save_positions([moved, other], seen)
    other.refresh_from_db()
    assert other.cursor == 0
    assert len(dispatcher.claim_due_runs()) == 2


@pytest.mark.usefixtures("chosen")
def test_nothing_is_put_on_the_broker_for_later(alice, clock):
    """A message with an ETA is told again and again by brokers; what waits, waits as a row."""
    daily(alice)
    scheduling_services.create_schedule(
        alice, make_spec(Kind.DATE, rule=make_rule(Unit.ONCE, "2027-11-25T09:00"))
    )
    clock.set("2026-11-25T09:00")
    dispatcher.dispatch_due()
    heads = [
        json.loads(path.read_text())["headers"] for path in celery_messages.FOLDER.glob("*.msg")
    ]
    assert heads and all(head["eta"] is None for head in heads)
    assert all(
        not entry.get("options", {}).get("eta") and not entry.get("options", {}).get("countdown")
        for entry in app.conf.beat_schedule.values()
    )


# Clocks of the world.


@pytest.mark.usefixtures("clock")
def test_new_rules_of_the_worlds_clocks_are_reckoned_with(alice, monkeypatch):
    """As if a country had given up its daylight saving time."""
    schedule = daily(alice, rule=make_rule(start="2026-11-25T09:00", zone="America/New_York"))
    scheduling_services.create_schedule(alice, make_spec(Kind.PHOTO))  # has no time to reckon
    assert schedule.due_at == datetime(2026, 11, 25, 14, tzinfo=UTC)
    zone = recurrence.load_zone
    monkeypatch.setattr(
        recurrence, "load_zone", lambda name: zone("Etc/GMT+4" if "New_York" in name else name)
    )
    for module in (dispatcher, scheduling_services.Schedule.__module__):
        monkeypatch.setattr(f"{getattr(module, '__name__', module)}.TZDATA", "2099a")
    assert dispatcher.recompute_next_runs() == 1
    assert dispatcher.recompute_next_runs() == 0
    schedule.refresh_from_db()
    assert (schedule.due_at, schedule.tzdata) == (datetime(2026, 11, 25, 13, tzinfo=UTC), "2099a")


def test_run_is_not_doubled_when_its_hour_comes_again_by_new_rules(alice, clock, monkeypatch):
    schedule = daily(alice, rule=make_rule(start="2026-11-25T09:00", zone="America/New_York"))
    clock.now = schedule.due_at
    assert len(dispatcher.claim_due_runs()) == 1
    zone = recurrence.load_zone
    monkeypatch.setattr(
        recurrence, "load_zone", lambda name: zone("Etc/GMT+6" if "New_York" in name else name)
    )
    Schedule.objects.update(tzdata="2000a")
    dispatcher.recompute_next_runs()
    schedule.refresh_from_db()
    assert schedule.due_at == datetime(2026, 11, 26, 15, tzinfo=UTC)


def test_schedule_due_by_old_rules_only_waits(alice, clock):
    schedule = daily(alice)
    early = schedule.due_at - timedelta(hours=1)
    Schedule.objects.update(tzdata="2000a", due_at=early, next_run_at=early)
    clock.now = early
    assert dispatcher.claim_due_runs() == []
    schedule.refresh_from_db()
    assert local_text(schedule.next_run_at) == "2026-11-25T09:00"
