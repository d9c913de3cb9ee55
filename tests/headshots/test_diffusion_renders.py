"""Paintings: told to a worker that paints, stopped between steps, never in anybody's way."""

import threading
from datetime import timedelta

import numpy as np
import pytest
from django.conf import settings as conf
from django.core.cache import cache
from django.utils import timezone

from branding.celery import app
from headshots import diffusion_pipeline, diffusion_tasks, worker
from headshots.engine import recipes
from headshots.errors import NotReady
from headshots.models import Render, Variant
from headshots.services import painters, paintings, queue, renders
from headshots.storage import pictures
from headshots.tasks import tick
from tests.support import celery_messages, portraits
from tests.support.diffusion_pipelines import Noise
from tests.support.people import person, photo_of, variant_of
from tests.support.processes import until

pytestmark = pytest.mark.django_db(transaction=True)
READY, FAILED, WAITING = Variant.State.READY, Variant.State.FAILED, Variant.State.WAITING


@pytest.fixture
def alice():
    celery_messages.lose()
    cache.delete(painters.KEY)
    return person("alice")


@pytest.fixture
def headshot(alice):
    """A finished headshot of somebody who can be painted."""
    photo = photo_of(alice, picture=pictures.keep(alice.pk, portraits.astronaut()))
    return variant_of(alice, photo=photo)


@pytest.fixture
def diffusion_worker(alice):
    """A sign of life, as a worker that paints gives it."""
    painters.show()
    yield alice
    cache.delete(painters.KEY)


def look():
    return recipes.looks()["linkedin"].repainted(place="a bright atelier")


def wished(headshot, count=2):
    return paintings.paint(headshot, look(), count=count, seed=7)


def late():
    seconds = max(conf.RENDER_LEASE_SECONDS, conf.PAINT_PATIENCE_SECONDS)
    return timezone.now() - timedelta(seconds=seconds + 1)


def test_without_a_worker_nothing_is_wished_for(headshot):
    with pytest.raises(NotReady, match="no GPU worker"):
        wished(headshot)
    assert not Render.objects.filter(kind="painted").exists() and celery_messages.waiting() == []


@pytest.mark.usefixtures("diffusion_worker")
def test_only_workers_that_paint_are_told(headshot):
    render = wished(headshot)
    assert celery_messages.waiting() == [(queue.PAINT, [str(render.pk)])]
    names = [path.name for path in celery_messages.FOLDER.glob("*.msg")]
    assert names and all(name.endswith(".gpu.msg") for name in names)
    assert app.conf.task_default_queue != "gpu"


@pytest.mark.slow
@pytest.mark.usefixtures("diffusion_worker")
def test_paintings_arrive_with_their_measurements(headshot):
    render = wished(headshot)
    worker.develop(render.pk, painter=Noise())
    made = list(render.variants.all())
    assert [one.state for one in made] == [READY, READY]
    assert all(one.source_type == "compositeWithTrainedAlgorithmicMedia" for one in made)
    assert all("no pixel of your face" in one.notes[-1] for one in made)
    assert all(one.parent == headshot for one in made)
    first, second = (pictures.pixels(one.picture) for one in made)
    assert not np.array_equal(first, second)
    assert Render.objects.get(pk=render.pk).is_finished


@pytest.mark.usefixtures("diffusion_worker")
def test_stopped_painting_ends_between_two_steps(headshot):
    render = wished(headshot, count=3)

    class Stopped(Noise):
        def _one(self, ask, tell):
            paintings.cancel(render)
            return super()._one(ask, tell)

    painter = Stopped()
    worker.develop(render.pk, painter=painter)
    assert {one.state for one in render.variants.all()} == {FAILED}
    assert {one.reason for one in render.variants.all()} == {"You stopped it."}
    assert Render.objects.get(pk=render.pk).is_finished


@pytest.mark.slow
@pytest.mark.usefixtures("diffusion_worker")
def test_lost_run_goes_on_with_the_paintings_that_are_missing(headshot):
    """What a killed worker left is painted with the seeds it would have had."""
    whole = wished(headshot)
    worker.develop(whole.pk, painter=Noise())
    second = wished(headshot)
    first_row = second.variants.first()
    Variant.objects.filter(pk=first_row.pk).update(state=READY, picture="made-before")
    painter = Noise()
    worker.develop(second.pk, painter=painter)
    assert [ask.seed for asks in painter.asked for ask in asks] == [8]
    pair = (pictures.pixels(render.variants.last().picture) for render in (whole, second))
    assert np.array_equal(*pair)


def test_dead_worker_is_not_told_and_does_not_hold_up_others(alice, headshot, looks):
    painters.show()
    painted = wished(headshot)
    cache.delete(painters.KEY)
    other = renders.start(alice, [headshot.photo], [looks["plain"]])
    celery_messages.lose()
    Render.objects.update(
        touched_at=timezone.now() - timedelta(seconds=conf.RENDER_LEASE_SECONDS + 1)
    )
    tick()
    assert celery_messages.waiting() == [(queue.RENDER, [str(other.pk)])]
    assert not Render.objects.get(pk=painted.pk).is_finished, "it waits a while for a worker"
    painters.show()
    tick()
    assert (queue.PAINT, [str(painted.pk)]) in celery_messages.waiting()


def test_painting_that_no_worker_came_for_is_given_up_with_a_reason(headshot):
    painters.show()
    render = wished(headshot)
    cache.delete(painters.KEY)
    Render.objects.filter(pk=render.pk).update(touched_at=late())
    tick()
    assert {one.state for one in render.variants.all()} == {FAILED}
    assert "No GPU worker" in render.variants.first().reason
    painters.show()
    renders.again(render)
    assert (queue.PAINT, [str(render.pk)]) in celery_messages.waiting()


@pytest.mark.usefixtures("alice")
def test_worker_says_that_it_lives_until_it_ends(monkeypatch):
    monkeypatch.setattr(painters, "BEAT", 0.01)
    over = threading.Event()
    thread = threading.Thread(target=diffusion_tasks.show_life, args=(over,))
    thread.start()
    until(painters.is_there)
    over.set()
    thread.join()
    cache.delete(painters.KEY)
    assert not painters.is_there()


@pytest.mark.usefixtures("diffusion_worker")
def test_task_paints_with_the_painter_of_this_worker(headshot, monkeypatch):
    painter = Noise()
    monkeypatch.setattr(diffusion_pipeline, "painter", lambda: painter)
    wished(headshot, count=1)
    celery_messages.deliver()
    assert len(painter.asked) == 1
    assert Render.objects.get(kind="painted").is_finished


def test_only_paintings_can_be_stopped(headshot):
    with pytest.raises(NotReady, match="Only paintings"):
        paintings.cancel(headshot.render)


def refreshed(alice, headshot, looks):
    """A painted headshot and another one, wished for again, as a refresh does it."""
    wishes = [look(), looks["plain"]]
    return renders.start(alice, [headshot.photo], wishes, kind=Render.Kind.REFRESH)


@pytest.mark.slow
@pytest.mark.usefixtures("diffusion_worker")
def test_refresh_with_a_painted_headshot_is_made_by_the_worker_that_paints(alice, headshot, looks):
    render = refreshed(alice, headshot, looks)
    assert celery_messages.waiting() == [(queue.PAINT, [str(render.pk)])]
    worker.develop(render.pk, painter=Noise())
    painted, plain = render.variants.all()
    assert (painted.state, plain.state) == (READY, READY)
    assert painted.source_type == "compositeWithTrainedAlgorithmicMedia"
    assert plain.source_type == "compositeCapture" and "image model" not in " ".join(plain.notes)


def test_refresh_without_a_worker_makes_what_it_can_and_says_why_of_the_rest(
    alice, headshot, looks
):
    render = refreshed(alice, headshot, looks)
    assert celery_messages.waiting() == [(queue.RENDER, [str(render.pk)])]
    celery_messages.deliver()
    painted, plain = render.variants.all()
    assert plain.state == READY and painted.state == "rejected"
    assert "GPU worker" in painted.reason


def test_refresh_whose_worker_died_is_made_by_the_others(alice, headshot, looks):
    painters.show()
    render = refreshed(alice, headshot, looks)
    cache.delete(painters.KEY)
    celery_messages.lose()
    Render.objects.filter(pk=render.pk).update(touched_at=late())
    tick()
    assert (queue.RENDER, [str(render.pk)]) in celery_messages.waiting()
    celery_messages.deliver()
    assert [one.state for one in render.variants.all()] == ["rejected", READY]
