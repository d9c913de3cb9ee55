"""Questions to a worker: answered through the cache, kept nowhere, given up in time."""

import asyncio
import json
import time

import numpy as np
import pytest
from django.core.cache import cache

from headshots import worker
from headshots.adjustment import Adjustment
from headshots.engine.errors import NoFace
from headshots.engine.io.decode import decode
from headshots.engine.io.encode import resize
from headshots.errors import WorkerBusy
from headshots.services import previews
from headshots.storage import pictures
from tests.support import celery_messages, portraits
from tests.support.people import jpeg, patches


@pytest.fixture(autouse=True)
def nothing_waits():
    cache.clear()
    celery_messages.lose()


def ask(task, *arguments):
    """What a worker at work answers."""
    with celery_messages.worker():
        return asyncio.run(previews.ask(task, *arguments))


def wish(looks, slug="linkedin", **turned):
    recipe = Adjustment(**{**vars(Adjustment.of(looks[slug])), **turned}).applied(looks[slug])
    return {"look": slug, "steps": recipe.plain(), "size": 512, "seed": 0}


def test_preview_is_a_small_picture_and_turns_with_the_sliders(looks):
    name = pictures.keep("alice", portraits.astronaut())
    first = decode(ask("headshots.preview", [name], wish(looks)))
    assert first.shape == (512, 512, 3)
    begun = time.monotonic()
    warmer = decode(ask("headshots.preview", [name], wish(looks, kelvin=3500)))
    assert time.monotonic() - begun < 1.5
    redness = [picture[..., 0].mean() - picture[..., 2].mean() for picture in (first, warmer)]
    assert redness[1] > redness[0]


def test_preview_looks_like_the_headshot_it_promises(looks):
    name = pictures.keep("alice", portraits.astronaut())
    seen = decode(ask("headshots.preview", [name], wish(looks) | {"size": 1024}))
    made = worker.DESK.studio([name], size=1024).render(looks["linkedin"])
    small = resize(made.pixels, worker.PREVIEW)
    assert seen.shape == small.shape
    assert np.abs(seen.astype(int) - small).mean() < 2, "of 255; the JPEG included"


def test_preview_keeps_nothing(looks):
    name = pictures.keep("alice", portraits.astronaut())
    ask("headshots.preview", [name], wish(looks))
    assert pictures.stored() == {name}
    assert not cache._cache, "the answer is forgotten once it is read"


def test_refusal_arrives_as_it_was_told(looks):
    name = pictures.keep("alice", patches(side=256))
    with pytest.raises(NoFace) as here:
        worker.DESK.studio([name], size=512).source(0)
    with pytest.raises(worker.FacetError) as told:
        ask("headshots.preview", [name], wish(looks))
    assert (told.value.code, told.value.message) == ("no_face", here.value.message)
    assert told.value.advice == here.value.advice


@pytest.mark.parametrize("slug", ["linkedin", "social"])
def test_sample_is_made_now(slug):
    assert decode(ask("headshots.sample", slug)).shape == (512, 512, 3)


def test_hint_on_a_frame_of_the_camera(media):
    told = json.loads(ask("headshots.hint", previews.lend(jpeg(portraits.astronaut()))))
    assert set(told) == {"ok", "advice", "checks"} and told["checks"]
    assert told["ok"] == (not told["advice"])
    assert not {check["name"] for check in told["checks"]} & worker.NOT_FOR_VIDEO
    empty = json.loads(ask("headshots.hint", previews.lend(jpeg(patches(side=320)))))
    assert empty["ok"] is False and empty["advice"]
    broken = json.loads(ask("headshots.hint", previews.lend(b"no picture")))
    assert broken["ok"] is False and broken["advice"]
    assert not media.exists() and not cache._cache


def test_lent_bytes_are_fetched_once():
    name = previews.lend(b"bytes")
    assert previews.fetch(name) == b"bytes"
    assert previews.fetch(name) is None
    worker.hint("answer:nobody", name)
    assert cache.get("answer:nobody") is None


def test_without_a_worker_it_is_said_in_time(monkeypatch):
    monkeypatch.setattr(previews, "PATIENCE", 0.3)
    with pytest.raises(WorkerBusy) as told:
        asyncio.run(previews.ask("headshots.sample", "linkedin"))
    assert told.value.advice


def test_without_a_broker_it_is_said_in_time():
    begun = time.monotonic()
    with celery_messages.broken_broker(), pytest.raises(WorkerBusy):
        asyncio.run(previews.ask("headshots.sample", "linkedin"))
    assert time.monotonic() - begun < 5
