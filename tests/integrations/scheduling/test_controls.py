"""Pause, skip, end, change, run now."""

from datetime import date, timedelta

import pytest

from integrations.errors import BadSchedule
from integrations.models import Run, Schedule, ScheduledItem
from integrations.scheduling import dispatcher
from integrations.scheduling import selectors as schedule_selectors
from integrations.scheduling import services as scheduling_services
from tests.integrations.scheduling.examples import (
    Kind,
    State,
    daily,
    local_text,
    make_headshot,
    make_rule,
    make_spec,
)
from tests.support import celery_messages

pytestmark = pytest.mark.django_db(transaction=True)


def test_paused_schedule_does_not_run_and_misses_nothing(alice, clock):
    schedule = daily(alice)
    scheduling_services.pause_schedule(schedule)
    clock.set("2026-11-28T12:00")
    assert dispatcher.claim_due_runs() == [] and schedule_selectors.next_runs(schedule) == []
    scheduling_services.resume_schedule(schedule)
    assert dispatcher.claim_due_runs() == []
    assert local_text(schedule.next_run_at) == "2026-11-29T09:00"


def test_skipped_run_does_not_happen_and_the_next_does(alice, clock):
    schedule = daily(alice)
    scheduling_services.skip_next_run(schedule)
    assert local_text(schedule.due_at) == "2026-11-26T09:00"
    assert schedule.runs.get().message == "You skipped it."
    clock.set("2026-11-25T09:30")
    assert dispatcher.claim_due_runs() == []
    clock.set("2026-11-26T09:00")
    assert len(dispatcher.claim_due_runs()) == 1


def test_run_that_waits_for_its_share_of_the_spread_can_still_be_skipped(alice, clock):
    schedule = daily(alice)
    Schedule.objects.update(next_run_at=schedule.due_at + timedelta(minutes=3))
    clock.set("2026-11-25T09:01")
    scheduling_services.skip_next_run(schedule)
    assert local_text(schedule.due_at) == "2026-11-26T09:00"


@pytest.mark.usefixtures("clock")
def test_skipped_run_stays_skipped_when_clocks_are_reckoned_anew(alice):
    schedule = daily(alice)
    scheduling_services.skip_next_run(schedule)
    Schedule.objects.update(tzdata="2000a")
    dispatcher.recompute_next_runs()
    schedule.refresh_from_db()
    assert local_text(schedule.due_at) == "2026-11-26T09:00"


def test_nothing_to_skip_is_said(alice):
    with pytest.raises(BadSchedule):
        scheduling_services.skip_next_run(
            scheduling_services.create_schedule(alice, make_spec(Kind.PHOTO))
        )


def test_ended_schedule_never_runs_again_and_keeps_its_history(alice, clock):
    schedule = daily(alice)
    clock.set("2026-11-25T09:00")
    dispatcher.claim_due_runs()
    scheduling_services.end_schedule(schedule)
    scheduling_services.resume_schedule(schedule)
    clock.set("2026-12-25T09:00")
    assert dispatcher.claim_due_runs() == [] and schedule.state == State.ENDED
    assert schedule.runs.get().state == Run.State.SKIPPED


def test_schedule_is_over_after_its_last_run(alice, clock):
    schedule = daily(alice, rule=make_rule(until=date(2026, 11, 26)))
    for text in ("2026-11-25T09:00", "2026-11-26T09:00"):
        clock.set(text)
        assert len(dispatcher.claim_due_runs()) == 1
    schedule.refresh_from_db()
    assert schedule.state == State.ENDED and schedule.next_run_at is None


@pytest.mark.usefixtures("clock")
def test_changed_schedule_follows_its_new_plan(alice):
    schedule = daily(alice)
    scheduling_services.change_schedule(
        schedule, make_spec(rule=make_rule(start="2026-11-25T18:00"), name="Evenings")
    )
    schedule.refresh_from_db()
    assert (schedule.name, local_text(schedule.due_at)) == ("Evenings", "2026-11-25T18:00")


def test_set_is_played_in_order_and_again_from_the_start(alice, clock):
    items = tuple(ScheduledItem(make_headshot(alice).pk) for _ in range(3))
    schedule = daily(alice, items=items)
    assert [planned_run.item for planned_run in schedule_selectors.next_runs(schedule, 4)] == [
        *items,
        items[0],
    ]
    played = []
    for day in range(25, 29):
        clock.set(f"2026-11-{day}T09:00")
        played += [run.scheduled_item for run in dispatcher.claim_due_runs()]
    assert played == [*items, items[0]]


@pytest.mark.usefixtures("chosen")
def test_run_now_plays_at_once_and_leaves_the_next_run(alice):
    schedule = daily(alice)
    planned = schedule.next_run_at
    run = scheduling_services.run_now(schedule)
    celery_messages.deliver()
    run.refresh_from_db()
    schedule.refresh_from_db()
    assert run.state == Run.State.SENT and schedule.next_run_at == planned
