"""The worker's desk: a photo is made ready once, signs of life go out, and end with the run."""

import time
from functools import partial

import pytest

from headshots import worker
from headshots.engine.errors import NoFace
from headshots.models import Render
from headshots.services import renders
from headshots.storage import pictures
from headshots.worker import Desk
from tests.support import portraits
from tests.support.concurrency import together
from tests.support.people import patches, person, sheet_of
from tests.support.processes import until


def stored(seed=0):
    pixels = portraits.astronaut().copy()
    pixels[:8, :8] = seed
    return pictures.keep("alice", pixels)


def test_photo_is_made_ready_once_for_all_who_ask():
    desk, name = Desk(), stored()
    asked = together(*[partial(desk.studio, [name], size=256)] * 4)
    assert len({id(studio.source(0)) for studio in asked}) == 1
    assert desk.studio([name], size=256).source(0) is asked[0].source(0)


def test_photo_that_cannot_be_used_is_remembered_too():
    desk, name = Desk(), pictures.keep("alice", patches(side=256))
    asked = [desk.studio([name], size=256) for _ in range(2)]
    assert asked[0].sources[0] is asked[1].sources[0]
    with pytest.raises(NoFace):
        asked[0].source(0)


def test_desk_has_room_for_few_and_forgets_the_oldest():
    desk = Desk(room=2)
    names = [pictures.keep("alice", patches(seed, side=128)) for seed in range(4)]
    for name in names:
        desk.studio([name], size=128)
    assert [name for name, _ in desk._lying] == names[1:], "one more than it has room for, at most"
    assert set(desk._locks) >= set(desk._lying)


def test_desk_forgets_after_a_while():
    desk, name = Desk(lifetime=0.05), pictures.keep("alice", patches(side=128))
    first = desk.studio([name], size=128).sources[0]
    time.sleep(0.1)
    assert desk.studio([name], size=128).sources[0] is not first


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_run_shows_that_it_lives_and_how_far_it_is():
    render = sheet_of(person(), state="waiting", count=2)
    render.variants.update(progress=0, step="")
    held = renders.claim(render.pk)
    waiting = list(render.variants.all())
    with worker.pulse(held, waiting) as told:
        told(waiting[0].look, "relight")
        shown = until(lambda: render.variants.filter(progress__gt=0).first())
        assert shown == waiting[0] and shown.step == "relight" and 0 < shown.progress < 100
        seen = Render.objects.get().touched_at
        until(lambda: Render.objects.get().touched_at > seen)
    ended = Render.objects.get().touched_at
    time.sleep(2 * worker.BEAT)
    assert Render.objects.get().touched_at == ended, "a run that is over shows no life"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_run_that_tells_nothing_is_not_called_alive(monkeypatch):
    monkeypatch.setattr(worker, "SILENCE", 0.5)
    render = sheet_of(person(), state="waiting")
    held = renders.claim(render.pk)
    with worker.pulse(held, []):
        time.sleep(1.2)
        silent = Render.objects.get().touched_at
        time.sleep(2 * worker.BEAT)
        assert Render.objects.get().touched_at == silent


def test_worker_is_warm_before_its_first_photo():
    worker.warm_up()
