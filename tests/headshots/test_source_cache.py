"""The cache of prepared photos: each is prepared once, and forgotten in time."""

import time
from functools import partial

import pytest

from headshots.engine.errors import NoFace
from headshots.source_cache import SourceCache
from headshots.storage import pictures
from tests.support import portraits
from tests.support.concurrency import together
from tests.support.people import patches


def store_portrait(seed=0):
    pixels = portraits.astronaut().copy()
    pixels[:8, :8] = seed
    return pictures.store_picture("alice", pixels)


@pytest.mark.slow
def test_photo_is_made_ready_once_for_all_who_ask():
    cache, name = SourceCache(), store_portrait()
    renderers = together(*[partial(cache.get_renderer, [name], size=256)] * 4)
    assert len({id(renderer.prepare_photo(0)) for renderer in renderers}) == 1
    assert cache.get_renderer([name], size=256).prepare_photo(0) is renderers[0].prepare_photo(0)


def test_photo_that_cannot_be_used_is_remembered_too():
    cache, name = SourceCache(), pictures.store_picture("alice", patches(side=256))
    renderers = [cache.get_renderer([name], size=256) for _ in range(2)]
    assert renderers[0].prepared[0] is renderers[1].prepared[0]
    with pytest.raises(NoFace):
        renderers[0].prepare_photo(0)


def test_cache_keeps_few_photos_and_forgets_the_oldest():
    cache = SourceCache(capacity=2)
    names = [pictures.store_picture("alice", patches(seed, side=128)) for seed in range(4)]
    for name in names:
        cache.get_renderer([name], size=128)
    assert [name for name, *_ in cache._entries] == names[1:], (
        "one more than it has room for, at most"
    )
    assert set(cache._source_locks) >= set(cache._entries)


def test_photo_prepared_for_large_headshots_takes_the_room_of_several():
    cache = SourceCache(capacity=4)
    names = [pictures.store_picture("alice", patches(seed, side=128)) for seed in range(4)]
    for name, size in zip(names, (128, 1536, 1536, 128), strict=True):
        cache.get_renderer([name], size=size)
    assert [name for name, *_ in cache._entries] == names[2:]


def test_cache_forgets_a_photo_after_a_while():
    cache, name = SourceCache(lifetime=0.05), pictures.store_picture("alice", patches(side=128))
    first = cache.get_renderer([name], size=128).prepared[0]
    time.sleep(0.1)
    assert cache.get_renderer([name], size=128).prepared[0] is not first
