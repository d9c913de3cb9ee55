"""Beat: no state file can silence it, a jump of the clock does not, and its health is true."""

import logging
import os
import time
from datetime import timedelta
from types import SimpleNamespace

import pytest
from celery.beat import Scheduler
from django.conf import settings as django_settings
from django.core.management import call_command
from django.utils import timezone
from kombu.exceptions import OperationalError

from branding.celery import app
from branding.operations import clock
from branding.operations.heartbeats import Reporter
from branding.operations.models import Sign

TASKS = {entry["task"] for entry in django_settings.CELERY_BEAT_SCHEDULE.values()}


@pytest.fixture
def wall_clock(monkeypatch):
    """The clock of the machine, which a test can set."""
    moved = SimpleNamespace(seconds=0.0, waited=0.0)
    real = time.time, time.monotonic
    monkeypatch.setattr(
        clock,
        "time",
        SimpleNamespace(
            time=lambda: real[0]() + moved.seconds + moved.waited,
            monotonic=lambda: real[1]() + moved.waited,
        ),
    )
    monkeypatch.setattr(
        "celery.schedules.BaseSchedule.now",
        lambda _schedule: app.now() + timedelta(seconds=moved.seconds + moved.waited),
    )
    monkeypatch.setattr(clock, "_last_sent_at", real[1]())
    return moved


@pytest.fixture
def sent(monkeypatch):
    """The names of the tasks that were sent."""
    names = []
    monkeypatch.setattr(Scheduler, "send_task", lambda _self, name, *_, **__: names.append(name))
    monkeypatch.setattr(
        Scheduler, "apply_async", lambda _self, entry, **_: names.append(entry.task)
    )
    return names


def tick_often(scheduler):
    for _ in range(2 * len(TASKS)):
        scheduler.tick()


def test_everything_is_due_at_the_start_and_no_file_is_kept(sent):
    assert app.conf.beat_scheduler == "branding.operations.clock:ClockScheduler"
    scheduler = clock.ClockScheduler(app)
    tick_often(scheduler)
    assert set(sent) == TASKS


@pytest.mark.parametrize("seconds", [-3 * 24 * 3600, -3600, 3600, 3 * 24 * 3600])
def test_jump_of_the_clock_is_said_and_does_not_stop_it(sent, wall_clock, seconds, caplog):
    scheduler = clock.ClockScheduler(app)
    tick_often(scheduler)
    sent.clear()
    wall_clock.seconds = seconds
    with caplog.at_level(logging.WARNING):
        tick_often(scheduler)
    assert set(sent) == TASKS
    assert f"jumped by {seconds} seconds" in caplog.text


@pytest.mark.django_db
def test_clock_that_cannot_send_is_not_well(monkeypatch, wall_clock):
    reporter = Reporter("clock", is_well=clock.sends_messages)
    reporter.update_heartbeat()
    call_command("alive", "clock")

    def fail(*_args, **_options):
        raise OperationalError("no broker")

    monkeypatch.setattr(Scheduler, "apply_async", fail)
    scheduler = clock.ClockScheduler(app)
    tick_often(scheduler)  # the errors are logged
    wall_clock.waited = clock.MAX_SILENCE_SECONDS + 1
    assert not clock.sends_messages()
    Sign.objects.update(seen_at=timezone.now() - timedelta(minutes=1))
    reporter.update_heartbeat()
    with pytest.raises(SystemExit, match="No clock of this machine"):
        call_command("alive", "clock")


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_heartbeat_file_is_touched_only_while_the_process_is_well(settings, tmp_path):
    heartbeat_file = tmp_path / "alive"
    settings.HEARTBEAT_FILE = str(heartbeat_file)
    Reporter("clock", is_well=lambda: False).write_report()
    assert not heartbeat_file.exists()
    reporter = Reporter("clock")
    reporter.write_report()
    os.utime(heartbeat_file, (0, 0))
    reporter.write_report()
    assert heartbeat_file.stat().st_mtime > time.time() - 60
    os.utime(heartbeat_file, (0, 0))
    reporter.stop_requested.set()
    reporter.write_report()
    assert heartbeat_file.stat().st_mtime == 0


@pytest.mark.django_db
def test_sign_of_life_in_the_future_does_not_count():
    Reporter("clock").update_heartbeat()
    Sign.objects.update(seen_at=timezone.now() + timedelta(days=1))
    with pytest.raises(SystemExit, match="No clock of this machine"):
        call_command("alive", "clock")
