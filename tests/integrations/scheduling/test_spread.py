"""A crowd that wants nine o'clock is spread, and the spread is shown."""

from datetime import timedelta

import pytest

from integrations.recurrence import Unit
from integrations.scheduling import dispatcher
from integrations.scheduling import selectors as schedule_selectors
from integrations.scheduling import services as scheduling_services
from tests.integrations.scheduling.examples import Kind, daily, local_text, make_rule, make_spec

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def crowd(settings):
    """Everybody wants nine o'clock."""
    settings.SCHEDULE_SPREAD_SECONDS, settings.SCHEDULE_LIMIT = 240, 200


@pytest.mark.slow
@pytest.mark.usefixtures("crowd")
def test_nine_o_clock_is_spread_over_minutes_and_the_spread_is_shown(alice, settings):
    planned = [schedule_selectors.next_runs(daily(alice), 2) for _ in range(100)]
    late = [first.spread.total_seconds() for first, _ in planned]
    assert 0 <= min(late) < 60 and 180 < max(late) <= settings.SCHEDULE_SPREAD_SECONDS
    assert len(set(late)) > 50
    assert all(first.spread == second.spread for first, second in planned)
    assert {local_text(first.wished_at) for first, _ in planned} == {"2026-11-25T09:00"}


@pytest.mark.usefixtures("crowd")
def test_planned_instant_is_the_one_that_runs(alice, clock):
    schedule = daily(alice)
    (first,) = schedule_selectors.next_runs(schedule, 1)
    clock.now = first.planned_at - timedelta(seconds=1)
    assert dispatcher.claim_due_runs() == []
    clock.now = first.planned_at
    (run,) = dispatcher.claim_due_runs()
    assert (run.due_at, run.planned_at) == (first.wished_at, first.planned_at)


@pytest.mark.usefixtures("crowd")
def test_single_date_is_kept_to_the_minute(alice):
    schedule = scheduling_services.create_schedule(
        alice, make_spec(Kind.DATE, rule=make_rule(Unit.ONCE))
    )
    assert schedule.next_run_at == schedule.due_at
