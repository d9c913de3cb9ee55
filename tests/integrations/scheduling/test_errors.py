"""What makes no sense, and what is somebody else's."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from headshots.errors import PhotoLimitReached
from headshots.models import Variant
from integrations.connections import services as connection_services
from integrations.errors import BadRule, BadSchedule, NotPublishable
from integrations.models import Run, Schedule, ScheduledItem
from integrations.recurrence import Rotation, Unit
from integrations.scheduling import runs
from integrations.scheduling import selectors as schedule_selectors
from integrations.scheduling import services as scheduling_services
from integrations.scheduling.services import ScheduleSpec
from integrations.selectors import publications_in_batch
from tests.integrations.scheduling.examples import Kind, daily, make_rule, make_spec
from tests.support.people import person, sheet_of
from tests.support.platforms.memory_platform import create_connection

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": Kind.DATE},
        {"kind": Kind.PHOTO},
        {"kind": "sometimes"},
        {"rule": None},
        {"rule": make_rule(Unit.ONCE)},
        {"kind": Kind.ROTATION, "rule": Rotation((make_rule(), make_rule()))},
        {"items": ()},
        {"items": (ScheduledItem(),) * 51},
        {"missed": "perhaps"},
        {"ask_hours": 1000},
        {"ask_hours": -1},
        {"profiles": ("myspace",)},
        {"profiles": (str(UUID(int=0)),)},
    ],
)
def test_schedule_that_makes_no_sense_is_refused(alice, changes):
    values = {"kind": Kind.EVERY, "rule": make_rule(), **changes}
    with pytest.raises(BadSchedule) as refused:
        scheduling_services.create_schedule(alice, ScheduleSpec(**values))
    assert refused.value.message.endswith(".")
    assert not Schedule.objects.exists()


def test_schedule_that_would_never_run_is_refused(alice):
    for wanted in (make_rule(start="2026-11-01T09:00", until=date(2026, 11, 3)),):
        with pytest.raises(BadRule):
            daily(alice, rule=wanted)
    with pytest.raises(BadRule):
        scheduling_services.create_schedule(
            alice, make_spec(Kind.DATE, rule=make_rule(Unit.ONCE, "2026-11-24T11:59"))
        )


def test_rotation_keeps_to_one_clock(alice):
    turns = (make_rule(), make_rule(start="2026-11-25T10:00", zone="Asia/Tokyo"))
    with pytest.raises(BadRule):
        scheduling_services.create_schedule(
            alice,
            make_spec(
                Kind.ROTATION, rule=Rotation(turns), items=(ScheduledItem(), ScheduledItem())
            ),
        )


def test_limit_of_schedules_counts_those_that_run(alice, settings):
    settings.SCHEDULE_LIMIT = 2
    first, _ = daily(alice), daily(alice)
    with pytest.raises(PhotoLimitReached):
        daily(alice)
    scheduling_services.end_schedule(first)
    assert daily(alice)


def test_headshot_that_is_not_ready_is_not_scheduled(alice):
    waiting = sheet_of(alice, count=1, state=Variant.State.WAITING).variants.get()
    with pytest.raises(NotPublishable):
        daily(alice, items=(ScheduledItem(waiting.pk),))


@pytest.mark.usefixtures("alice")
def test_stranger_cannot_schedule_what_is_somebody_elses(headshot, account):
    carol = person("carol")
    with pytest.raises(Variant.DoesNotExist):
        daily(carol, items=(ScheduledItem(headshot.pk),))
    with pytest.raises(BadSchedule):
        daily(carol, profiles=(str(account.pk),))


@pytest.mark.usefixtures("chosen")
def test_stranger_sees_no_schedule_and_no_run(alice):
    carol, schedule = person("carol"), daily(alice)
    run = scheduling_services.run_now(schedule)
    assert (
        not schedule_selectors.schedules_of(carol).exists()
        and not schedule_selectors.runs_of(carol).exists()
    )
    assert schedule_selectors.runs_by_day(carol, 2026, 12) == {}
    assert not list(
        schedule_selectors.upcoming_runs(carol, until=timezone.now() + timedelta(days=9))
    )
    with pytest.raises(Schedule.DoesNotExist):
        schedule_selectors.schedule_for(carol, schedule.pk)
    with pytest.raises(Run.DoesNotExist):
        schedule_selectors.run_for(carol, run.pk)


@pytest.mark.usefixtures("chosen")
def test_profile_that_was_disconnected_is_left_alone(alice, account):
    other = create_connection(alice, account="2")
    schedule = daily(alice, profiles=(str(account.pk), str(other.pk)))
    connection_services.end_connection(account)
    run = scheduling_services.run_now(schedule)
    runs.execute_run(run.pk)
    assert [publication.connection for publication in publications_in_batch(alice, run.pk)] == [
        other
    ]
