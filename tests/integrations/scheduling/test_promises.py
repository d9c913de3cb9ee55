"""Schedules keep their promise: to the hour, whatever happens by hand, late or to the clock."""

from datetime import timedelta

import pytest
from django.urls import reverse

from integrations.models import Bucket, Publication, Run, Schedule, ScheduledItem
from integrations.publishing import clock_changes, rate_limits
from integrations.publishing import services as publishing_services
from integrations.recurrence import Rotation, Unit
from integrations.scheduling import dispatcher
from integrations.scheduling import selectors as schedule_selectors
from integrations.scheduling import services as scheduling_services
from integrations.scheduling.ical import build_feed
from integrations.selectors import profiles_of
from integrations.tasks import process_due_work
from tests.integrations.scheduling.examples import (
    Kind,
    daily,
    local_text,
    make_headshot,
    make_rule,
    make_spec,
)
from tests.support import celery_messages
from tests.support.people import browser
from tests.support.platforms.memory_platform import put_in_registry

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("chosen")]
DAY_SECONDS = 24 * 3600


def profiles_at(owner, account):
    return [profile for profile in profiles_of(owner) if profile.connection == account]


def keys_of(owner, account):
    return tuple(profile.key for profile in profiles_at(owner, account))


def work():
    """Do what beat and the workers do at one moment."""
    dispatcher.dispatch_due()
    process_due_work()
    celery_messages.deliver()


def pass_hours(clock, hours):
    for _ in range(hours):
        clock.forward(hours=1)
        work()


def sent_times(account, **filters):
    """The local times at which something was sent, by schedules or not, in order."""
    sent = Publication.objects.filter(connection=account, sent_at__isnull=False, **filters)
    return [local_text(publication.sent_at) for publication in sent.order_by("sent_at")]


def nine_o_clocks(*days):
    return [f"2026-11-{day}T09:00" for day in days]


def test_change_by_hand_does_not_move_the_next_runs(chosen, alice, account, clock):
    daily(alice, profiles=keys_of(alice, account))
    for at in ("2026-11-25T08:00", "2026-11-26T08:00"):
        clock.set(at)
        publishing_services.publish_variant(chosen, profiles_at(alice, account))
        work()
        pass_hours(clock, 3)
    assert sent_times(account, origin__isnull=False) == nine_o_clocks(25, 26)


def test_run_by_hand_does_not_move_the_next_run(alice, account, clock):
    schedule = daily(alice, profiles=keys_of(alice, account))
    clock.set("2026-11-25T08:00")
    scheduling_services.run_now(schedule)
    work()
    pass_hours(clock, 2)
    assert sent_times(account) == ["2026-11-25T08:00", *nine_o_clocks(25)]


@pytest.mark.slow
def test_late_run_does_not_move_the_next_ones(alice, account, clock):
    daily(alice, profiles=keys_of(alice, account))
    clock.set("2026-11-25T22:00")  # Facet was off until then
    work()
    pass_hours(clock, 36)
    assert sent_times(account) == ["2026-11-25T22:00", *nine_o_clocks(26, 27)]


def test_day_off_does_not_move_the_runs_after_it(alice, account, clock):
    schedule = daily(alice, profiles=keys_of(alice, account))
    clock.set("2026-11-25T09:00")
    work()
    scheduling_services.pause_schedule(schedule)
    clock.set("2026-11-27T08:30")
    scheduling_services.resume_schedule(schedule)
    clock.set("2026-11-27T08:00")
    pass_hours(clock, 2)
    assert sent_times(account) == nine_o_clocks(25, 27)


@pytest.mark.slow
@pytest.mark.parametrize("is_rotation", [True, False])
def test_serious_on_weekdays_and_casual_on_friday_evening(alice, account, clock, is_rotation):
    serious, casual = make_headshot(alice), make_headshot(alice)
    week = make_rule(Unit.WEEK, weekdays=(0, 1, 2, 3, 4))
    friday = make_rule(Unit.WEEK, "2026-11-27T18:00", weekdays=(4,))
    items, profiles = [ScheduledItem(serious.pk), ScheduledItem(casual.pk)], keys_of(alice, account)
    if is_rotation:
        rotation = Rotation((week, friday))
        spec = make_spec(Kind.ROTATION, rule=rotation, items=tuple(items), profiles=profiles)
        scheduling_services.create_schedule(alice, spec)
    else:
        for rule, item in zip((week, friday), items, strict=True):
            spec = make_spec(rule=rule, items=(item,), profiles=profiles)
            scheduling_services.create_schedule(alice, spec)
    pass_hours(clock, 6 * 24)
    assert sent_times(account, variant=casual) == ["2026-11-27T18:00"]
    assert sent_times(account, variant=serious)[:3] == nine_o_clocks(25, 26, 27)


def test_single_date_runs_in_its_minute_whatever_ran_before(alice, monkeypatch, clock):
    account = account_with_daily_limit(alice, monkeypatch)
    daily(alice, profiles=keys_of(alice, account))
    rule = make_rule(Unit.ONCE, "2026-11-25T09:10")
    scheduling_services.create_schedule(
        alice, make_spec(Kind.DATE, rule=rule, profiles=keys_of(alice, account))
    )
    clock.set("2026-11-25T09:00")
    work()
    clock.set("2026-11-25T09:10")
    work()
    assert sent_times(account) == ["2026-11-25T09:00", "2026-11-25T09:10"]
    clock.set("2026-11-26T09:00")
    work()
    assert sent_times(account)[2:] == nine_o_clocks(26), "nor does it move later runs"


def account_with_daily_limit(owner, monkeypatch, **description):
    """The one account of a person, at a platform with a day between scheduled changes."""
    put_in_registry(monkeypatch, min_interval=DAY_SECONDS, **description)
    (connection,) = owner.connections.all()
    return connection


@pytest.mark.slow
def test_delay_by_a_limit_is_shown_with_the_real_time(alice, account, monkeypatch, clock):
    account_with_daily_limit(alice, monkeypatch)
    profiles = keys_of(alice, account)
    evening = make_rule(Unit.WEEK, "2026-11-25T18:00", weekdays=(2,))
    daily(alice, rule=make_rule(Unit.WEEK, weekdays=(2,)), profiles=profiles)
    delayed = daily(alice, rule=evening, profiles=profiles, name="Evening")
    real = "2026-11-26T07:00"  # 22 hours after nine o'clock
    (planned, *_) = schedule_selectors.next_runs(delayed)
    assert (local_text(planned.planned_at), local_text(planned.expected_at)) == (
        "2026-11-25T18:00",
        real,
    )
    client = browser(alice)
    for page in (reverse("web:schedules"), reverse("web:month", args=[2026, 11])):
        assert "26 Nov" in (text := client.get(page).content.decode()) and "07:00" in text
    assert b"DTSTART:20261126T060000Z" in build_feed(alice, now=clock.now)
    pass_hours(clock, 32)
    assert sent_times(account) == nine_o_clocks(25)
    waiting = Publication.objects.get(origin=delayed.pk)
    assert local_text(waiting.waits_until) == real
    assert "07:00" in client.get(reverse("web:schedules")).content.decode()
    assert "06:00 UTC" in client.get(reverse("web:receipts", args=[waiting.batch])).content.decode()
    pass_hours(clock, 12)
    assert sent_times(account)[1] == real


def test_daily_run_stays_at_its_hour_when_a_day_has_23_hours(alice, monkeypatch, clock):
    account = account_with_daily_limit(alice, monkeypatch)
    daily(alice, rule=make_rule(start="2027-03-27T09:00"), profiles=keys_of(alice, account))
    for day in (27, 28, 29):  # Berlin's clocks change on the 28th
        clock.set(f"2027-03-{day}T09:00")
        work()
    assert sent_times(account) == [f"2027-03-{day}T09:00" for day in (27, 28, 29)]


@pytest.mark.slow
@pytest.mark.parametrize("wrong", ["2027-11-25T12:00", "2036-02-07T06:28"])
def test_clock_that_was_far_ahead_silences_nothing(alice, account, clock, wrong):
    schedule = daily(alice, profiles=keys_of(alice, account))
    once = scheduling_services.create_schedule(
        alice,
        make_spec(
            Kind.DATE,
            rule=make_rule(Unit.ONCE, "2026-12-26T10:00"),
            profiles=keys_of(alice, account),
        ),
    )
    clock.set(wrong)
    work()
    clock.set("2026-12-24T12:00")
    work()
    schedule.refresh_from_db()
    once.refresh_from_db()
    assert local_text(schedule.next_run_at) == "2026-12-25T09:00"
    assert local_text(once.next_run_at) == "2026-12-26T10:00"
    pass_hours(clock, 48)
    assert sent_times(account)[-3:] == [
        "2026-12-25T09:00",
        "2026-12-26T09:00",
        "2026-12-26T10:00",
    ]
    assert not Run.objects.filter(due_at__gt=clock.now).exists()
    assert not Run.objects.filter(state__in=Run.OPEN).exists()


def test_clock_that_was_far_ahead_leaves_the_same_instants_free(alice, account, clock):
    daily(alice, profiles=keys_of(alice, account))
    clock.set("2026-12-20T12:00")
    work()
    clock.set("2026-11-25T08:00")
    work()
    clock.set("2026-12-20T09:00")
    work()
    assert sent_times(account)[-1] == "2026-12-20T09:00"


def test_publication_of_a_clock_that_was_ahead_goes_on(chosen, alice, account, clock):
    clock.set("2027-11-25T12:00")
    (claimed,) = publishing_services.publish_variant(chosen, profiles_at(alice, account))
    Publication.objects.update(state="sending", touched_at=clock.now, sent_at=clock.now)
    Bucket.objects.create(name="any", full_at=(clock.now + timedelta(days=1)).timestamp())
    clock.set("2026-12-24T12:00")
    work()
    assert Bucket.objects.get(name="any").full_at == 0
    clock.forward(minutes=30)
    work()
    claimed.refresh_from_db()
    assert claimed.state != "sending", "the worker that held it is not believed to live for a year"
    assert (
        claimed.asked_at <= clock.now and claimed.sent_at is None
    ) or claimed.sent_at <= clock.now


def test_clock_that_is_right_moves_nothing(alice, account, clock):
    schedule = daily(alice, profiles=keys_of(alice, account))
    clock.set("2026-11-25T09:00")
    work()
    before = Schedule.objects.values().get(pk=schedule.pk), list(Publication.objects.values())
    clock.forward(minutes=-4)  # less than two machines may differ
    assert dispatcher.reanchor_after_clock_change() == 0 and not clock_changes.is_clock_set_back()
    assert before == (
        Schedule.objects.values().get(pk=schedule.pk),
        list(Publication.objects.values()),
    )


def test_interval_is_a_little_shorter_than_declared(account):
    interval = rate_limits.scheduled_interval(account.platform)
    assert interval == timedelta(seconds=account.platform.min_interval) * 11 / 12
