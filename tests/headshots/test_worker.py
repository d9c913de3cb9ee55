"""A run reports its progress and its heartbeats, which end with it."""

import time

import pytest

from headshots import worker
from headshots.models import Render
from headshots.services import renders
from tests.support.people import person, sheet_of
from tests.support.processes import wait_until


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_run_shows_that_it_lives_and_how_far_it_is():
    render = sheet_of(person(), state="waiting", count=2)
    render.variants.update(progress=0, step="")
    held = renders.claim_render(render.pk)
    waiting = list(render.variants.all())
    with worker.report_progress(held, waiting) as on_progress:
        on_progress(waiting[0].look, "relight")
        shown = wait_until(lambda: render.variants.filter(progress__gt=0).first())
        assert shown == waiting[0] and shown.step == "relight" and 0 < shown.progress < 100
        seen = Render.objects.get().touched_at
        wait_until(lambda: Render.objects.get().touched_at > seen)
    ended = Render.objects.get().touched_at
    time.sleep(2 * worker.HEARTBEAT_SECONDS)
    assert Render.objects.get().touched_at == ended, "a run that is over shows no life"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_run_that_tells_nothing_is_not_called_alive(monkeypatch):
    monkeypatch.setattr(worker, "STALL_SECONDS", 0.5)
    render = sheet_of(person(), state="waiting")
    held = renders.claim_render(render.pk)
    with worker.report_progress(held, []):
        time.sleep(1.2)
        silent = Render.objects.get().touched_at
        time.sleep(2 * worker.HEARTBEAT_SECONDS)
        assert Render.objects.get().touched_at == silent


def test_worker_is_warm_before_its_first_photo():
    worker.warm_up()
