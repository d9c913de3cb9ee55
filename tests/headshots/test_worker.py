"""The worker's desk: a photo is made ready once, signs of life go out, and end with the run."""

import time
from functools import partial

import pytest

from headshots import worker
from headshots.engine.errors import NoFace
from headshots.models import Render
from headshots.services import renders
from headshots.storage import pictures
from headshots.worker import SourceCache
from tests.support import portraits
from tests.support.concurrency import together
from tests.support.people import patches, person, sheet_of
from tests.support.processes import wait_until


def store_portrait(seed=0):
    pixels = portraits.astronaut().copy()
    pixels[:8, :8] = seed
    return pictures.store_picture("alice", pixels)


def test_photo_is_made_ready_once_for_all_who_ask():
    cache, name = SourceCache(), store_portrait()
    renderers = together(*[partial(cache.get_renderer, [name], size=256)] * 4)
    assert len({id(renderer.source(0)) for renderer in renderers}) == 1
    assert cache.get_renderer([name], size=256).prepare_photo(0) is renderers[0].source(0)


def test_photo_that_cannot_be_used_is_remembered_too():
    cache, name = SourceCache(), pictures.store_picture("alice", patches(side=256))
    renderers = [cache.get_renderer([name], size=256) for _ in range(2)]
    assert renderers[0].prepared[0] is renderers[1].prepared[0]
    with pytest.raises(NoFace):
        renderers[0].prepare_photo(0)


def test_desk_has_room_for_few_and_forgets_the_oldest():
    cache = SourceCache(capacity=2)
    names = [pictures.store_picture("alice", patches(seed, side=128)) for seed in range(4)]
    for name in names:
        cache.get_renderer([name], size=128)
    assert [name for name, _ in cache._entries] == names[1:], (
        "one more than it has room for, at most"
    )
    assert set(cache._source_locks) >= set(cache._entries)


def test_desk_forgets_after_a_while():
    cache, name = SourceCache(lifetime=0.05), pictures.store_picture("alice", patches(side=128))
    first = cache.get_renderer([name], size=128).prepared[0]
    time.sleep(0.1)
    assert cache.get_renderer([name], size=128).prepared[0] is not first


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
