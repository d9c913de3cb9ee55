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
from headshots.engine.io.encode import resize_square
from headshots.errors import FacetError, WorkerBusy
from headshots.services import previews
from headshots.storage import pictures
from tests.support import celery_messages, portraits
from tests.support.people import jpeg, patches


@pytest.fixture(autouse=True)
def nothing_waits():
    cache.clear()
    celery_messages.lose()


def ask_running_worker(task, *arguments):
    """What a worker at work answers."""
    with celery_messages.worker():
        return asyncio.run(previews.ask_worker(task, *arguments))


def preview_request(looks, slug="linkedin", **sliders):
    recipe = Adjustment(**{**vars(Adjustment.from_recipe(looks[slug])), **sliders}).apply_to(
        looks[slug]
    )
    return {"look": slug, "steps": recipe.to_plain_data(), "size": 512, "seed": 0}


@pytest.mark.slow
def test_preview_is_a_small_picture_and_turns_with_the_sliders(looks):
    name = pictures.store_picture("alice", portraits.astronaut())
    first = decode(ask_running_worker("headshots.render_preview", [name], preview_request(looks)))
    assert first.shape == (512, 512, 3)
    begun = time.monotonic()
    warmer = decode(
        ask_running_worker("headshots.render_preview", [name], preview_request(looks, kelvin=3500))
    )
    assert time.monotonic() - begun < 1.5
    redness = [picture[..., 0].mean() - picture[..., 2].mean() for picture in (first, warmer)]
    assert redness[1] > redness[0]


@pytest.mark.slow
def test_preview_looks_like_the_headshot_it_promises(looks):
    name = pictures.store_picture("alice", portraits.astronaut())
    seen = decode(
        ask_running_worker(
            "headshots.render_preview", [name], preview_request(looks) | {"size": 1024}
        )
    )
    headshot = worker.SOURCE_CACHE.get_renderer([name], size=1024).render(looks["linkedin"])
    small = resize_square(headshot.pixels, worker.PREVIEW_SIZE)
    assert seen.shape == small.shape
    assert np.abs(seen.astype(int) - small).mean() < 2, "of 255; the JPEG included"


@pytest.mark.slow
def test_preview_says_why_clothes_do_not_go_with_a_photo(looks):
    """The astronaut's suit would be seen above the sweater; her other previews go on."""
    name = pictures.store_picture("alice", portraits.astronaut())
    request = preview_request(looks, wear="roll-neck:navy")
    with pytest.raises(FacetError) as refusal:
        ask_running_worker("headshots.render_preview", [name], request)
    assert refusal.value.message.startswith("Your own clothes stay:")
    assert ask_running_worker("headshots.render_preview", [name], preview_request(looks))


@pytest.mark.slow
def test_preview_keeps_nothing(looks):
    name = pictures.store_picture("alice", portraits.astronaut())
    ask_running_worker("headshots.render_preview", [name], preview_request(looks))
    assert pictures.list_names() == {name}
    assert not cache._cache, "the answer is forgotten once it is read"


def test_refusal_arrives_as_it_was_told(looks):
    name = pictures.store_picture("alice", patches(side=256))
    with pytest.raises(NoFace) as local_error:
        worker.SOURCE_CACHE.get_renderer([name], size=512).prepare_photo(0)
    with pytest.raises(worker.FacetError) as remote_error:
        ask_running_worker("headshots.render_preview", [name], preview_request(looks))
    assert (remote_error.value.code, remote_error.value.message) == (
        "no_face",
        local_error.value.message,
    )
    assert remote_error.value.advice == local_error.value.advice


@pytest.mark.parametrize("slug", ["linkedin", "social"])
def test_sample_is_made_now(slug):
    assert decode(ask_running_worker("headshots.render_sample", slug)).shape == (512, 512, 3)


@pytest.mark.slow
def test_hint_on_a_frame_of_the_camera(media):
    answer = json.loads(
        ask_running_worker(
            "headshots.check_camera_frame", previews.lend_bytes(jpeg(portraits.astronaut()))
        )
    )
    assert set(answer) == {"ok", "advice", "checks"} and answer["checks"]
    assert answer["ok"] == (not answer["advice"])
    assert not {check["name"] for check in answer["checks"]} & worker.CHECKS_NOT_FOR_VIDEO
    empty = json.loads(
        ask_running_worker(
            "headshots.check_camera_frame", previews.lend_bytes(jpeg(patches(side=320)))
        )
    )
    assert empty["ok"] is False and empty["advice"]
    broken = json.loads(
        ask_running_worker("headshots.check_camera_frame", previews.lend_bytes(b"no picture"))
    )
    assert broken["ok"] is False and broken["advice"]
    assert not media.exists() and not cache._cache


def test_lent_bytes_are_fetched_once():
    name = previews.lend_bytes(b"bytes")
    assert previews.take_bytes(name) == b"bytes"
    assert previews.take_bytes(name) is None
    worker.check_camera_frame("answer:nobody", name)
    assert cache.get("answer:nobody") is None


def test_without_a_worker_it_is_said_in_time(monkeypatch):
    monkeypatch.setattr(previews, "ANSWER_TIMEOUT_SECONDS", 0.3)
    with pytest.raises(WorkerBusy) as error:
        asyncio.run(previews.ask_worker("headshots.render_sample", "linkedin"))
    assert error.value.advice


def test_without_a_broker_it_is_said_in_time():
    begun = time.monotonic()
    with celery_messages.broken_broker(), pytest.raises(WorkerBusy):
        asyncio.run(previews.ask_worker("headshots.render_sample", "linkedin"))
    assert time.monotonic() - begun < 5
