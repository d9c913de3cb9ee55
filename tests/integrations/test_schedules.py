"""Schedules: each run once, nothing missed, whatever the clocks do; and only their owner's."""

import json
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from django.conf import settings
from django.core import mail, signing
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from icalendar import Calendar

from branding.celery import app
from headshots.errors import NotReady, TooMany
from headshots.models import Photo, Render, Variant
from integrations import agenda, recurrence
from integrations.errors import BadRule, BadSchedule, NotShowable
from integrations.feed import feed
from integrations.models import CalendarAddress, Piece, Publication, Run, Schedule
from integrations.recurrence import Rotation, Rule, Unit
from integrations.selectors import receipts_of
from integrations.services import addresses, choices, connections, due, runs, schedules
from integrations.services.schedules import Plan
from integrations.tasks import play, tick
from tests import messages
from tests.clock import Clock
from tests.integrations.memory import connected, put_in_registry
from tests.people import nobody, person, photo_of, sheet_of, variant_of
from tests.together import together

pytestmark = pytest.mark.django_db(transaction=True)
BERLIN = "Europe/Berlin"
Kind, State, Missed = Schedule.Kind, Schedule.State, Schedule.Missed


@pytest.fixture(autouse=True)
def clock(monkeypatch, settings):
    """Tuesday, the day before the first runs, which are exact to the minute."""
    settings.SCHEDULE_SPREAD = 0
    clock = Clock("2026-11-24T12:00", BERLIN)
    monkeypatch.setattr(timezone, "now", clock)
    messages.lose()
    return clock


@pytest.fixture
def alice():
    return person()


@pytest.fixture
def headshot(alice):
    return look(alice)


@pytest.fixture
def account(alice, monkeypatch):
    put_in_registry(monkeypatch)
    return connected(alice)


@pytest.fixture
def chosen(headshot, account):
    """The headshot is chosen for the one account."""
    choices.choose(headshot, [account.slug])
    return headshot


def rule(unit=Unit.DAY, start="2026-11-25T09:00", **told):
    return Rule(datetime.fromisoformat(start), told.pop("zone", BERLIN), unit, **told)


def plan(kind=Kind.EVERY, **told):
    wanted = rule() if kind == Kind.EVERY else None
    return Plan(kind=kind, **{"rule": wanted, **told})


def look(owner):
    """A headshot from a photo of its own."""
    photo = photo_of(owner, seed=owner.photos.count(), added_at=timezone.now())
    return variant_of(owner, photo=photo)


def daily(owner, **told):
    return schedules.create(owner, plan(**told))


@pytest.fixture
def crowd(settings):
    """Everybody wants nine o'clock."""
    settings.SCHEDULE_SPREAD, settings.SCHEDULE_LIMIT = 240, 200


def local(instant):
    return instant.astimezone(recurrence.zone(BERLIN)).isoformat(timespec="minutes")[:16]


# Once, and nothing missed.


def test_due_schedule_runs_once_and_waits_for_its_next_time(alice, clock):
    schedule = daily(alice)
    assert due.claim_due() == []
    clock.set("2026-11-25T09:00")
    (run,) = due.claim_due()
    assert (run.schedule, local(run.due_at), run.state) == (schedule, "2026-11-25T09:00", "waiting")
    assert due.claim_due() == []
    schedule.refresh_from_db()
    assert local(schedule.next_run_at) == "2026-11-26T09:00"


def test_many_clocks_at_once_claim_each_run_once(alice, clock, settings):
    settings.SCHEDULE_LIMIT = 100
    made = {daily(alice).pk for _ in range(40)}
    clock.set("2026-11-25T09:00")
    claimed = together(*[lambda: due.claim_due(limit=7)] * 8)
    while more := due.claim_due(limit=7):
        claimed.append(more)
    whose = [run.schedule_id for batch in claimed for run in batch]
    assert sorted(whose) == sorted(made)
    assert Run.objects.count() == 40


@pytest.mark.skipif(
    connection.vendor != "postgresql",
    reason="SQLite lets one writer in at a time; tests/servers/test_postgres.py runs this",
)
def test_clock_does_not_wait_for_what_another_one_holds(alice, clock):
    held, free = daily(alice), daily(alice)
    clock.set("2026-11-25T09:00")

    def claim_elsewhere():
        (found,) = together(due.claim_due)
        return [run.schedule for run in found]

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
        assert len(due.claim_due()) == 50


@pytest.mark.usefixtures("chosen")
def test_two_beats_by_mistake_do_no_harm(alice, clock):
    daily(alice)
    clock.set("2026-11-25T09:00")
    together(due.hand_over, due.hand_over, due.hand_over)
    messages.deliver()
    assert Publication.objects.filter(origin__isnull=False).count() == 1


def test_every_day_of_a_year_runs_once_through_both_clock_changes(alice, clock):
    schedule = daily(alice, rule=rule(start="2026-11-25T02:30"))
    for _ in range(370):
        schedule.refresh_from_db()
        clock.now = schedule.next_run_at
        due.claim_due()
    days = [run.due_at.astimezone(recurrence.zone(BERLIN)).date()
            for run in schedule.runs.order_by("due_at")]  # fmt: skip
    assert days == [date(2026, 11, 25) + timedelta(days=number) for number in range(370)]


def test_service_that_was_down_for_days_runs_once_on_return(alice, clock):
    schedule = daily(alice)
    clock.set("2026-11-29T20:00")
    (run,) = due.claim_due()
    assert local(run.due_at) == "2026-11-29T09:00" and run.is_open
    assert due.claim_due() == []
    schedule.refresh_from_db()
    assert local(schedule.due_at) == "2026-11-30T09:00"


def test_missed_run_is_skipped_if_wished_and_says_so(alice, clock):
    schedule = daily(alice, missed=Missed.SKIP)
    clock.set("2026-11-26T08:00")
    assert due.claim_due() == []
    run = schedule.runs.get()
    assert (run.state, run.code) == ("skipped", "missed") and run.words
    clock.set("2026-11-26T09:30")  # half an hour is late, not missed
    (run,) = due.claim_due()
    assert local(run.due_at) == "2026-11-26T09:00"


def test_missed_rotation_shows_what_should_hang_now(alice, clock):
    serious, casual = (Piece(look(alice).pk) for _ in range(2))
    turns = (
        rule(Unit.WEEK, "2026-11-23T08:00", weekdays=(0,)),
        rule(Unit.WEEK, "2026-11-23T17:00", weekdays=(4,)),
    )
    schedules.create(alice, plan(Kind.ROTATION, rule=Rotation(turns), pieces=(serious, casual)))
    clock.set("2026-12-06T12:00")  # a Sunday, after two Fridays and a Monday
    (run,) = due.claim_due()
    assert local(run.due_at) == "2026-12-04T17:00" and run.sends == casual
    clock.set("2026-12-07T08:00")
    (run,) = due.claim_due()
    assert run.sends == serious


def test_clock_that_jumps_two_hours_on_and_back_misses_and_doubles_nothing(alice, clock):
    schedule = daily(alice)
    clock.set("2026-11-25T08:00")
    clock.forward(hours=2)
    assert len(due.claim_due()) == 1
    clock.forward(hours=-2)
    assert due.claim_due() == []
    clock.set("2026-11-25T09:00")
    assert due.claim_due() == []
    clock.set("2026-11-26T09:00")
    assert len(due.claim_due()) == 1
    assert schedule.runs.count() == 2


def test_one_tick_hands_over_more_than_a_batch(alice, clock, monkeypatch, settings):
    settings.SCHEDULE_LIMIT = 30
    monkeypatch.setattr(due, "BATCH", 4)
    for _ in range(11):
        daily(alice)
    clock.set("2026-11-25T09:00")
    assert due.hand_over() == 11
    told = [pk for _, pks in messages.waiting() for pk in pks]
    assert sorted(told) == sorted(str(run.pk) for run in Run.objects.all()) and len(told) == 11


def test_batch_of_which_one_was_moved_meanwhile_is_left_as_it_was(alice, clock):
    moved, other = daily(alice), daily(alice)
    seen = [moved.next_run_at + timedelta(days=1), other.next_run_at]
    clock.set("2026-11-25T09:00")
    with pytest.raises(due.Overtaken), transaction.atomic():
        other.cursor = 7
        due._move([moved, other], seen)
    other.refresh_from_db()
    assert other.cursor == 0
    assert len(due.claim_due()) == 2


@pytest.mark.usefixtures("chosen")
def test_nothing_is_put_on_the_broker_for_later(alice, clock):
    """A message with an ETA is told again and again by brokers; what waits, waits as a row."""
    daily(alice)
    schedules.create(alice, plan(Kind.DATE, rule=rule(Unit.ONCE, "2027-11-25T09:00")))
    clock.set("2026-11-25T09:00")
    due.hand_over()
    heads = [json.loads(path.read_text())["headers"] for path in messages.FOLDER.glob("*.msg")]
    assert heads and all(head["eta"] is None for head in heads)
    assert all(not entry.get("options", {}).get("eta") and not entry.get("options", {}).get(
        "countdown") for entry in app.conf.beat_schedule.values())  # fmt: skip


# Clocks of the world.


@pytest.mark.usefixtures("clock")
def test_new_rules_of_the_worlds_clocks_are_reckoned_with(alice, monkeypatch):
    """As if a country had given up its daylight saving time."""
    schedule = daily(alice, rule=rule(start="2026-11-25T09:00", zone="America/New_York"))
    schedules.create(alice, plan(Kind.PHOTO))  # has no time to reckon
    assert schedule.due_at == datetime(2026, 11, 25, 14, tzinfo=UTC)
    zone = recurrence.zone
    monkeypatch.setattr(
        recurrence, "zone", lambda name: zone("Etc/GMT+4" if "New_York" in name else name)
    )
    for module in (due, schedules.Schedule.__module__):
        monkeypatch.setattr(f"{getattr(module, '__name__', module)}.TZDATA", "2099a")
    assert due.recompute() == 1
    assert due.recompute() == 0
    schedule.refresh_from_db()
    assert (schedule.due_at, schedule.tzdata) == (datetime(2026, 11, 25, 13, tzinfo=UTC), "2099a")


def test_run_is_not_doubled_when_its_hour_comes_again_by_new_rules(alice, clock, monkeypatch):
    schedule = daily(alice, rule=rule(start="2026-11-25T09:00", zone="America/New_York"))
    clock.now = schedule.due_at
    assert len(due.claim_due()) == 1
    zone = recurrence.zone
    monkeypatch.setattr(
        recurrence, "zone", lambda name: zone("Etc/GMT+6" if "New_York" in name else name)
    )
    Schedule.objects.update(tzdata="2000a")
    due.recompute()
    schedule.refresh_from_db()
    assert schedule.due_at == datetime(2026, 11, 26, 15, tzinfo=UTC)


def test_schedule_due_by_old_rules_only_waits(alice, clock):
    schedule = daily(alice)
    early = schedule.due_at - timedelta(hours=1)
    Schedule.objects.update(tzdata="2000a", due_at=early, next_run_at=early)
    clock.now = early
    assert due.claim_due() == []
    schedule.refresh_from_db()
    assert local(schedule.next_run_at) == "2026-11-25T09:00"


# The spread.


@pytest.mark.usefixtures("crowd")
def test_nine_o_clock_is_spread_over_minutes_and_the_spread_is_shown(alice, settings):
    planned = [agenda.next_runs(daily(alice), 2) for _ in range(100)]
    late = [first.spread.total_seconds() for first, _ in planned]
    assert 0 <= min(late) < 60 and 180 < max(late) <= settings.SCHEDULE_SPREAD
    assert len(set(late)) > 50
    assert all(first.spread == second.spread for first, second in planned)
    assert {local(first.wished_at) for first, _ in planned} == {"2026-11-25T09:00"}


@pytest.mark.usefixtures("crowd")
def test_planned_instant_is_the_one_that_runs(alice, clock):
    schedule = daily(alice)
    (first,) = agenda.next_runs(schedule, 1)
    clock.now = first.planned_at - timedelta(seconds=1)
    assert due.claim_due() == []
    clock.now = first.planned_at
    (run,) = due.claim_due()
    assert (run.due_at, run.planned_at) == (first.wished_at, first.planned_at)


@pytest.mark.usefixtures("crowd")
def test_single_date_is_kept_to_the_minute(alice):
    schedule = schedules.create(alice, plan(Kind.DATE, rule=rule(Unit.ONCE)))
    assert schedule.next_run_at == schedule.due_at


# Verbs.


def test_paused_schedule_does_not_run_and_misses_nothing(alice, clock):
    schedule = daily(alice)
    schedules.pause(schedule)
    clock.set("2026-11-28T12:00")
    assert due.claim_due() == [] and agenda.next_runs(schedule) == []
    schedules.resume(schedule)
    assert due.claim_due() == []
    assert local(schedule.next_run_at) == "2026-11-29T09:00"


def test_skipped_run_does_not_happen_and_the_next_does(alice, clock):
    schedule = daily(alice)
    schedules.skip_next(schedule)
    assert local(schedule.due_at) == "2026-11-26T09:00"
    assert schedule.runs.get().words == "You skipped it."
    clock.set("2026-11-25T09:30")
    assert due.claim_due() == []
    clock.set("2026-11-26T09:00")
    assert len(due.claim_due()) == 1


def test_run_that_waits_for_its_share_of_the_spread_can_still_be_skipped(alice, clock):
    schedule = daily(alice)
    Schedule.objects.update(next_run_at=schedule.due_at + timedelta(minutes=3))
    clock.set("2026-11-25T09:01")
    schedules.skip_next(schedule)
    assert local(schedule.due_at) == "2026-11-26T09:00"


@pytest.mark.usefixtures("clock")
def test_skipped_run_stays_skipped_when_clocks_are_reckoned_anew(alice):
    schedule = daily(alice)
    schedules.skip_next(schedule)
    Schedule.objects.update(tzdata="2000a")
    due.recompute()
    schedule.refresh_from_db()
    assert local(schedule.due_at) == "2026-11-26T09:00"


def test_nothing_to_skip_is_said(alice):
    with pytest.raises(BadSchedule):
        schedules.skip_next(schedules.create(alice, plan(Kind.PHOTO)))


def test_ended_schedule_never_runs_again_and_keeps_its_history(alice, clock):
    schedule = daily(alice)
    clock.set("2026-11-25T09:00")
    due.claim_due()
    schedules.end(schedule)
    schedules.resume(schedule)
    clock.set("2026-12-25T09:00")
    assert due.claim_due() == [] and schedule.state == State.ENDED
    assert schedule.runs.get().state == Run.State.SKIPPED


def test_schedule_is_over_after_its_last_run(alice, clock):
    schedule = daily(alice, rule=rule(until=date(2026, 11, 26)))
    for text in ("2026-11-25T09:00", "2026-11-26T09:00"):
        clock.set(text)
        assert len(due.claim_due()) == 1
    schedule.refresh_from_db()
    assert schedule.state == State.ENDED and schedule.next_run_at is None


@pytest.mark.usefixtures("clock")
def test_changed_schedule_follows_its_new_plan(alice):
    schedule = daily(alice)
    schedules.change(schedule, plan(rule=rule(start="2026-11-25T18:00"), name="Evenings"))
    schedule.refresh_from_db()
    assert (schedule.name, local(schedule.due_at)) == ("Evenings", "2026-11-25T18:00")


def test_set_is_played_in_order_and_again_from_the_start(alice, clock):
    pieces = tuple(Piece(look(alice).pk) for _ in range(3))
    schedule = daily(alice, pieces=pieces)
    assert [one.piece for one in agenda.next_runs(schedule, 4)] == [*pieces, pieces[0]]
    played = []
    for day in range(25, 29):
        clock.set(f"2026-11-{day}T09:00")
        played += [run.sends for run in due.claim_due()]
    assert played == [*pieces, pieces[0]]


@pytest.mark.usefixtures("chosen")
def test_run_now_plays_at_once_and_leaves_the_next_run(alice):
    schedule = daily(alice)
    planned = schedule.next_run_at
    run = schedules.run_now(schedule)
    messages.deliver()
    run.refresh_from_db()
    schedule.refresh_from_db()
    assert run.state == Run.State.SENT and schedule.next_run_at == planned


# What a run sends.


def test_run_sends_what_is_chosen_for_each_profile(alice, chosen, account, clock):
    schedule = daily(alice)
    clock.set("2026-11-25T09:00")
    due.hand_over()
    messages.deliver()
    (run,) = agenda.runs_of(alice)
    (sent,) = receipts_of(alice, run.pk)
    assert run.state == Run.State.SENT
    assert (sent.variant, sent.connection, sent.origin) == (chosen, account, schedule.pk)
    assert sent.due_at == run.planned_at


@pytest.mark.usefixtures("account", "clock")
def test_run_sends_a_fixed_headshot_to_the_profiles_it_names(alice):
    other = connected(alice, account="2")
    fixed = look(alice)
    run = schedules.run_now(daily(alice, pieces=(Piece(fixed.pk),), profiles=(str(other.pk),)))
    messages.deliver()
    assert [(one.variant, one.connection) for one in receipts_of(alice, run.pk)] == [(fixed, other)]


@pytest.mark.usefixtures("chosen")
def test_run_told_twice_sends_once(alice):
    run = schedules.run_now(daily(alice))
    together(*[lambda: runs.play(run.pk)] * 4)
    runs.play(run.pk)
    assert Publication.objects.count() == 1


@pytest.mark.usefixtures("chosen")
def test_trouble_with_one_run_does_not_hold_up_those_told_with_it(alice, monkeypatch):
    mine = [schedules.run_now(daily(alice)) for _ in range(3)]
    go_on = runs._go_on

    def stumble(run):
        if run == mine[1]:
            raise OSError("no mail server")
        go_on(run)

    monkeypatch.setattr(runs, "_go_on", stumble)
    with pytest.raises(OSError, match="mail"):
        play(*(str(run.pk) for run in mine))
    states = [Run.objects.get(pk=run.pk).state for run in mine]
    assert states == [Run.State.SENT, Run.State.WAITING, Run.State.SENT]


@pytest.mark.usefixtures("chosen")
def test_lost_message_or_worker_is_made_up_for(alice, clock):
    run = schedules.run_now(daily(alice))
    messages.lose()
    Run.objects.update(claim=nobody())  # and the worker that took it is gone
    assert runs.tell_again() == 0
    clock.forward(seconds=settings.SCHEDULE_LEASE_SECONDS + 1)
    assert runs.tell_again() == 1
    messages.deliver()
    run.refresh_from_db()
    assert run.state == Run.State.SENT


@pytest.mark.usefixtures("account")
def test_run_without_anything_to_send_says_so(alice):
    run = schedules.run_now(daily(alice))
    runs.play(run.pk)
    run.refresh_from_db()
    assert (run.state, run.code) == ("failed", "not_here") and run.words and run.advice


@pytest.mark.usefixtures("account")
def test_person_is_told_once_that_nothing_could_be_sent(alice, clock):
    schedule = daily(alice, name="Mornings\nBcc: carol@example.com")
    for _ in range(3):
        runs.play(schedules.run_now(schedule).pk)
        clock.forward(hours=1)
    (letter,) = mail.outbox
    assert letter.to == [alice.email]
    assert letter.recipients() == [alice.email] and letter.subject.startswith("Mornings Bcc")
    assert schedule.runs.first().words in letter.body


@pytest.mark.usefixtures("chosen")
def test_headshot_of_another_face_is_not_sent(alice):
    Variant.objects.update(likeness=0.9)
    run = schedules.run_now(daily(alice))
    runs.play(run.pk)
    run.refresh_from_db()
    assert (run.state, run.code) == ("failed", "not_you")
    assert not Publication.objects.exists()


@pytest.mark.usefixtures("chosen")
def test_run_whose_worker_ends_every_time_is_given_up(alice):
    run = schedules.run_now(daily(alice))
    Run.objects.update(attempts=runs.ATTEMPTS)
    runs.play(run.pk)
    run.refresh_from_db()
    assert (run.state, run.code) == ("failed", "not_ready")


def made(render, state=Variant.State.READY):
    """What a worker would have made of a render."""
    ready = look(render.owner)
    for wished in render.variants.all():
        wished.picture, wished.likeness, wished.state = ready.picture, 0.2, state
        wished.reason = "" if state == Variant.State.READY else "The face is too dark."
        wished.save()
    Render.objects.filter(pk=render.pk).update(finished_at=timezone.now())


@pytest.mark.usefixtures("account")
def test_run_makes_the_chosen_headshot_anew_and_sends_that(alice, chosen):
    photo = photo_of(alice, seed=5)
    Photo.objects.filter(pk=photo.pk).update(added_at=timezone.now() + timedelta(days=9))
    run = schedules.run_now(daily(alice, pieces=(Piece(anew=True),)))
    runs.play(run.pk)
    run.refresh_from_db()
    messages.lose()
    assert run.state == Run.State.MAKING and list(run.render.photos.all()) == [photo]
    assert runs.tell_again() == 0  # it is still being made
    made(run.render)
    tick()
    messages.deliver()
    (sent,) = receipts_of(alice, run.pk)
    assert sent.variant.parent == chosen
    assert alice.choices.get(current=True).variant == sent.variant


def test_run_that_cannot_make_anything_says_why(alice, chosen):
    run = schedules.run_now(daily(alice, pieces=(Piece(chosen.pk, anew=True),)))
    runs.play(run.pk)
    run.refresh_from_db()
    made(run.render, Variant.State.REJECTED)
    runs.play(run.pk)
    run.refresh_from_db()
    assert (run.state, run.words) == ("failed", "The face is too dark.")


@pytest.mark.usefixtures("chosen")
def test_without_a_usable_photo_nothing_is_made_anew(alice):
    Photo.objects.update(state=Photo.State.REFUSED)
    run = schedules.run_now(daily(alice, pieces=(Piece(anew=True),)))
    runs.play(run.pk)
    run.refresh_from_db()
    assert (run.state, run.code) == ("failed", NotReady.code)


# After a new selfie.


@pytest.mark.usefixtures("chosen")
def test_new_selfie_runs_the_schedule_once_it_is_usable(alice, clock):
    schedule = schedules.create(alice, plan(Kind.PHOTO, pieces=(Piece(anew=True),)))
    assert due.selfies() == []
    clock.forward(hours=1)
    photo = photo_of(alice, seed=8, state=Photo.State.CHECKING, added_at=clock.now)
    assert due.selfies() == []
    Photo.objects.filter(pk=photo.pk).update(state=Photo.State.USABLE)
    (run,) = due.selfies()
    assert due.selfies() == []
    assert (run.schedule, run.due_at) == (schedule, photo.added_at)
    runs.play(run.pk)
    run.refresh_from_db()
    assert list(run.render.photos.all()) == [photo]


def test_several_selfies_at_once_are_one_run_and_one_for_two_clocks(alice, clock):
    schedules.create(alice, plan(Kind.PHOTO))
    for seed in range(3):
        clock.forward(minutes=1)
        photo_of(alice, seed=seed, added_at=clock.now)
    found = together(due.selfies, due.selfies, due.selfies)
    assert [len(one) for one in sorted(found, key=len)] == [0, 0, 1]


def test_refused_or_old_selfie_runs_nothing(alice, clock):
    photo_of(alice, seed=1, added_at=clock.now - timedelta(days=1))
    schedules.create(alice, plan(Kind.PHOTO))
    clock.forward(hours=1)
    photo_of(alice, seed=2, state=Photo.State.REFUSED, added_at=clock.now)
    photo_of(person("bob"), seed=3, added_at=clock.now)
    assert due.selfies() == []


# Ask me first.


@pytest.fixture
def asked(chosen):
    alice = chosen.owner
    run = schedules.run_now(daily(alice, ask_hours=24))
    Run.objects.update(agreed_at=None)
    runs.play(run.pk)
    run.refresh_from_db()
    return run


def test_person_is_asked_with_the_picture_before_anything_is_sent(asked, alice, account, clock):
    assert asked.state == Run.State.ASKING
    assert asked.decide_by == clock.now + timedelta(hours=24)
    assert not Publication.objects.exists()
    (letter,) = mail.outbox
    assert letter.to == [alice.email] and account.account_name in letter.body
    assert agenda.token_of(asked) in letter.body and "2026" in letter.body
    (attached,) = letter.attachments
    assert attached.mimetype == "image/jpeg" and attached.content[:2] == b"\xff\xd8"


def test_yes_sends_it_once(asked, alice):
    assert runs.agree(asked) and not runs.agree(asked)
    messages.deliver()
    asked.refresh_from_db()
    assert asked.state == Run.State.SENT and len(receipts_of(alice, asked.pk)) == 1
    assert not runs.decline(asked)


def test_no_sends_nothing(asked):
    assert runs.decline(asked) and not runs.agree(asked) and not runs.decline(asked)
    asked.refresh_from_db()
    assert (asked.state, asked.code) == ("skipped", "declined")
    assert messages.deliver() >= 0 and not Publication.objects.exists()


def test_no_answer_is_a_no(asked, clock):
    assert runs.expire() == 0
    clock.forward(hours=24)
    assert not runs.agree(asked)
    assert runs.expire() == 1
    asked.refresh_from_db()
    assert (asked.state, asked.code) == ("skipped", "unanswered")


def test_newer_run_takes_the_question_of_the_older_one_back(asked, clock):
    clock.forward(hours=1)
    newer = schedules.run_now(asked.schedule)
    runs.play(newer.pk)
    asked.refresh_from_db()
    assert (asked.state, asked.code) == ("skipped", "superseded")


def test_pausing_takes_the_question_back(asked):
    schedules.pause(asked.schedule)
    asked.refresh_from_db()
    assert asked.state == Run.State.SKIPPED and not runs.agree(asked)


def test_letter_opens_its_own_run_and_no_other(asked):
    assert agenda.run_of_letter(agenda.token_of(asked)) == asked
    forged = [
        asked.pk.hex, f"{asked.pk.hex}:guessed", "", "nothing",
        signing.Signer(salt="another").sign(asked.pk.hex), agenda.token_of(asked) + "x",
        signing.Signer(salt=agenda.SALT).sign("no id"),
        signing.Signer(salt=agenda.SALT).sign(nobody().hex),
    ]  # fmt: skip
    for token in forged:
        with pytest.raises(Run.DoesNotExist):
            agenda.run_of_letter(token)


@pytest.mark.usefixtures("chosen")
def test_person_who_presses_the_button_is_not_asked(alice):
    run = schedules.run_now(daily(alice, ask_hours=24))
    runs.play(run.pk)
    run.refresh_from_db()
    assert run.state == Run.State.SENT and not mail.outbox


# What is shown.


def test_next_ten_runs_are_shown_before_it_is_saved(alice):
    draft = schedules.draft(alice, plan(rule=rule(Unit.WEEK, weekdays=(2, 4))))
    shown = agenda.next_runs(draft)
    assert [local(one.wished_at) for one in shown[:3]] == [
        "2026-11-25T09:00", "2026-11-27T09:00", "2026-12-02T09:00",
    ]  # fmt: skip
    assert len(shown) == 10 and shown[0].wished_at.utcoffset() == timedelta(hours=1)
    assert not Schedule.objects.exists()


def test_month_shows_each_day_with_its_runs(alice):
    daily(alice)
    schedules.create(alice, plan(rule=rule(Unit.WEEK, "2026-12-04T17:00", zone="Asia/Tokyo")))
    month = agenda.calendar_of(alice, 2026, 12)
    assert sorted(month) == [date(2026, 12, day) for day in range(1, 32)]
    assert len(month[date(2026, 12, 4)]) == 2 and len(month[date(2026, 12, 5)]) == 1
    assert all(one.planned_at <= later.planned_at for one, later in pairwise(month[min(month)]))
    assert agenda.calendar_of(alice, 2199, 12) == {}


def test_feed_tells_calendar_programs_when_it_runs(alice, clock):
    schedule = daily(alice, name="Morning, \\ noon; night", rule=rule(until=date(2026, 11, 27)))
    read = Calendar.from_ical(feed(alice, now=clock.now))
    events = list(read.walk("VEVENT"))
    planned = [one.planned_at for one in agenda.next_runs(schedule)]
    assert [one.start for one in events] == planned and len(events) == 3
    assert {str(one["summary"]) for one in events} == {"Morning, \\ noon; night"}
    assert len({str(one["uid"]) for one in events}) == 3
    assert read["prodid"] and read["version"] == "2.0"


def test_feed_has_an_end(alice, clock, settings):
    settings.SCHEDULE_LIMIT = 50
    for _ in range(5):
        daily(alice)
    assert len(list(Calendar.from_ical(feed(alice, now=clock.now)).walk("VEVENT"))) == 500


def test_address_of_the_calendar_opens_closes_and_changes(alice):
    first = addresses.open_calendar(alice).token
    assert len(first) >= 22 and agenda.owner_of_calendar(first) == alice
    addresses.close_calendar(alice)
    with pytest.raises(CalendarAddress.DoesNotExist):
        agenda.owner_of_calendar(first)
    assert addresses.open_calendar(alice).token == first
    assert addresses.renew_calendar(alice).token != first
    with pytest.raises(CalendarAddress.DoesNotExist):
        agenda.owner_of_calendar(first)


# What makes no sense, and what is somebody else's.


@pytest.mark.parametrize("told", [
    {"kind": Kind.DATE}, {"kind": Kind.PHOTO}, {"kind": "sometimes"}, {"rule": None},
    {"rule": rule(Unit.ONCE)}, {"kind": Kind.ROTATION, "rule": Rotation((rule(), rule()))},
    {"pieces": ()}, {"pieces": (Piece(),) * 51}, {"missed": "perhaps"}, {"ask_hours": 1000},
    {"ask_hours": -1}, {"profiles": ("myspace",)}, {"profiles": (str(UUID(int=0)),)},
])  # fmt: skip
def test_schedule_that_makes_no_sense_is_refused(alice, told):
    values = {"kind": Kind.EVERY, "rule": rule(), **told}
    with pytest.raises(BadSchedule) as refused:
        schedules.create(alice, Plan(**values))
    assert refused.value.message.endswith(".")
    assert not Schedule.objects.exists()


def test_schedule_that_would_never_run_is_refused(alice):
    for wanted in (rule(start="2026-11-01T09:00", until=date(2026, 11, 3)),):
        with pytest.raises(BadRule):
            daily(alice, rule=wanted)
    with pytest.raises(BadRule):
        schedules.create(alice, plan(Kind.DATE, rule=rule(Unit.ONCE, "2026-11-24T11:59")))


def test_rotation_keeps_to_one_clock(alice):
    turns = (rule(), rule(start="2026-11-25T10:00", zone="Asia/Tokyo"))
    with pytest.raises(BadRule):
        schedules.create(
            alice, plan(Kind.ROTATION, rule=Rotation(turns), pieces=(Piece(), Piece()))
        )


def test_limit_of_schedules_counts_those_that_run(alice, settings):
    settings.SCHEDULE_LIMIT = 2
    first, _ = daily(alice), daily(alice)
    with pytest.raises(TooMany):
        daily(alice)
    schedules.end(first)
    assert daily(alice)


def test_headshot_that_is_not_ready_is_not_scheduled(alice):
    waiting = sheet_of(alice, count=1, state=Variant.State.WAITING).variants.get()
    with pytest.raises(NotShowable):
        daily(alice, pieces=(Piece(waiting.pk),))


@pytest.mark.usefixtures("alice")
def test_stranger_cannot_schedule_what_is_somebody_elses(headshot, account):
    carol = person("carol")
    with pytest.raises(Variant.DoesNotExist):
        daily(carol, pieces=(Piece(headshot.pk),))
    with pytest.raises(BadSchedule):
        daily(carol, profiles=(str(account.pk),))


@pytest.mark.usefixtures("chosen")
def test_stranger_sees_no_schedule_and_no_run(alice):
    carol, schedule = person("carol"), daily(alice)
    run = schedules.run_now(schedule)
    assert not agenda.schedules_of(carol).exists() and not agenda.runs_of(carol).exists()
    assert agenda.calendar_of(carol, 2026, 12) == {}
    assert not list(agenda.coming_up(carol, until=timezone.now() + timedelta(days=9)))
    with pytest.raises(Schedule.DoesNotExist):
        agenda.schedule_for(carol, schedule.pk)
    with pytest.raises(Run.DoesNotExist):
        agenda.run_for(carol, run.pk)


@pytest.mark.usefixtures("chosen")
def test_profile_that_was_disconnected_is_left_alone(alice, account):
    other = connected(alice, account="2")
    schedule = daily(alice, profiles=(str(account.pk), str(other.pk)))
    connections.disconnect(account)
    run = schedules.run_now(schedule)
    runs.play(run.pk)
    assert [one.connection for one in receipts_of(alice, run.pk)] == [other]
