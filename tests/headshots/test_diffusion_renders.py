"""Paintings: told to a worker that paints, stopped between steps, never in anybody's way."""

import threading
from datetime import timedelta

import numpy as np
import pytest
from django.conf import settings as conf
from django.core.cache import cache
from django.utils import timezone

from branding.celery import app
from headshots import diffusion_tasks, worker
from headshots.diffusion import setup as diffusion_setup
from headshots.engine import recipes
from headshots.errors import NotReady
from headshots.models import Render, Variant
from headshots.services import diffusion_renders, diffusion_workers, queue, renders
from headshots.storage import pictures
from headshots.tasks import enqueue_lost_work
from tests.support import celery_messages, portraits
from tests.support.diffusion_pipelines import NoisePipeline
from tests.support.people import person, photo_of, variant_of
from tests.support.processes import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
READY, FAILED, WAITING = Variant.State.READY, Variant.State.FAILED, Variant.State.WAITING


@pytest.fixture
def alice():
    celery_messages.lose()
    cache.delete(diffusion_workers.PRESENCE_KEY)
    return person("alice")


@pytest.fixture
def headshot(alice):
    """A finished headshot of somebody who can be painted."""
    photo = photo_of(alice, picture=pictures.store_picture(alice.pk, portraits.astronaut()))
    return variant_of(alice, photo=photo)


@pytest.fixture
def diffusion_worker(alice):
    """A sign of life, as a worker that paints gives it."""
    diffusion_workers.report_presence()
    yield alice
    cache.delete(diffusion_workers.PRESENCE_KEY)


def diffusion_look():
    return recipes.built_in_looks()["linkedin"].with_diffusion(place="a bright atelier")


def start_two(headshot, count=2):
    return diffusion_renders.start_diffusion(headshot, diffusion_look(), count=count, seed=7)


def past_patience():
    seconds = max(conf.RENDER_LEASE_SECONDS, conf.PAINT_PATIENCE_SECONDS)
    return timezone.now() - timedelta(seconds=seconds + 1)


def test_without_a_worker_nothing_is_wished_for(headshot):
    with pytest.raises(NotReady, match="no GPU worker"):
        start_two(headshot)
    assert not Render.objects.filter(kind="painted").exists() and celery_messages.waiting() == []


@pytest.mark.usefixtures("diffusion_worker")
def test_only_workers_that_paint_are_told(headshot):
    render = start_two(headshot)
    assert celery_messages.waiting() == [(queue.DIFFUSION_TASK, [str(render.pk)])]
    names = [path.name for path in celery_messages.FOLDER.glob("*.msg")]
    assert names and all(name.endswith(".gpu.msg") for name in names)
    assert app.conf.task_default_queue != "gpu"


@pytest.mark.slow
@pytest.mark.usefixtures("diffusion_worker")
def test_paintings_arrive_with_their_measurements(headshot):
    render = start_two(headshot)
    worker.run_render(render.pk, pipeline=NoisePipeline())
    variants = list(render.variants.all())
    assert [variant.state for variant in variants] == [READY, READY]
    assert all(
        variant.source_type == "compositeWithTrainedAlgorithmicMedia" for variant in variants
    )
    assert all("no pixel of your face" in variant.notes[-1] for variant in variants)
    assert all(variant.parent == headshot for variant in variants)
    first, second = (pictures.read_pixels(variant.picture) for variant in variants)
    assert not np.array_equal(first, second)
    assert Render.objects.get(pk=render.pk).is_finished


@pytest.mark.slow
@pytest.mark.usefixtures("diffusion_worker")
def test_stopped_painting_ends_between_two_steps(headshot):
    render = start_two(headshot, count=3)

    class Stopped(NoisePipeline):
        def _generate_picture(self, request, on_progress):
            diffusion_renders.cancel_diffusion(render)
            return super()._generate_picture(request, on_progress)

    painter = Stopped()
    worker.run_render(render.pk, pipeline=painter)
    assert {variant.state for variant in render.variants.all()} == {FAILED}
    assert {variant.reason for variant in render.variants.all()} == {"You stopped it."}
    assert Render.objects.get(pk=render.pk).is_finished


@pytest.mark.slow
@pytest.mark.usefixtures("diffusion_worker")
def test_lost_run_goes_on_with_the_paintings_that_are_missing(headshot):
    """What a killed worker left is painted with the seeds it would have had."""
    whole = start_two(headshot)
    worker.run_render(whole.pk, pipeline=NoisePipeline())
    second = start_two(headshot)
    first_row = second.variants.first()
    Variant.objects.filter(pk=first_row.pk).update(state=READY, picture="made-before")
    painter = NoisePipeline()
    worker.run_render(second.pk, pipeline=painter)
    assert [ask.seed for asks in painter.requested for ask in asks] == [8]
    pair = (pictures.read_pixels(render.variants.last().picture) for render in (whole, second))
    assert np.array_equal(*pair)


def test_dead_worker_is_not_told_and_does_not_hold_up_others(alice, headshot, looks):
    diffusion_workers.report_presence()
    painted = start_two(headshot)
    cache.delete(diffusion_workers.PRESENCE_KEY)
    other = renders.start_render(alice, [headshot.photo], [looks["plain"]])
    celery_messages.lose()
    Render.objects.update(
        touched_at=timezone.now() - timedelta(seconds=conf.RENDER_LEASE_SECONDS + 1)
    )
    enqueue_lost_work()
    assert celery_messages.waiting() == [(queue.RENDER_TASK, [str(other.pk)])]
    assert not Render.objects.get(pk=painted.pk).is_finished, "it waits a while for a worker"
    diffusion_workers.report_presence()
    enqueue_lost_work()
    assert (queue.DIFFUSION_TASK, [str(painted.pk)]) in celery_messages.waiting()


def test_painting_that_no_worker_came_for_is_given_up_with_a_reason(headshot):
    diffusion_workers.report_presence()
    render = start_two(headshot)
    cache.delete(diffusion_workers.PRESENCE_KEY)
    Render.objects.filter(pk=render.pk).update(touched_at=past_patience())
    enqueue_lost_work()
    assert {variant.state for variant in render.variants.all()} == {FAILED}
    assert "No GPU worker" in render.variants.first().reason
    diffusion_workers.report_presence()
    renders.retry_failed(render)
    assert (queue.DIFFUSION_TASK, [str(render.pk)]) in celery_messages.waiting()


@pytest.mark.usefixtures("alice")
def test_worker_says_that_it_lives_until_it_ends(monkeypatch):
    monkeypatch.setattr(diffusion_workers, "REPORT_INTERVAL_SECONDS", 0.01)
    over = threading.Event()
    thread = threading.Thread(target=diffusion_tasks.report_presence, args=(over,))
    thread.start()
    wait_until(diffusion_workers.is_worker_present)
    over.set()
    thread.join()
    cache.delete(diffusion_workers.PRESENCE_KEY)
    assert not diffusion_workers.is_worker_present()


@pytest.mark.slow
@pytest.mark.usefixtures("diffusion_worker")
def test_task_paints_with_the_painter_of_this_worker(headshot, monkeypatch):
    painter = NoisePipeline()
    monkeypatch.setattr(diffusion_setup, "get_pipeline", lambda: painter)
    start_two(headshot, count=1)
    celery_messages.deliver()
    assert len(painter.requested) == 1
    assert Render.objects.get(kind="painted").is_finished


def test_only_paintings_can_be_stopped(headshot):
    with pytest.raises(NotReady, match="Only paintings"):
        diffusion_renders.cancel_diffusion(headshot.render)


def start_refresh(alice, headshot, looks):
    """A painted headshot and another one, wished for again, as a refresh does it."""
    wishes = [diffusion_look(), looks["plain"]]
    return renders.start_render(alice, [headshot.photo], wishes, kind=Render.Kind.REFRESH)


@pytest.mark.slow
@pytest.mark.usefixtures("diffusion_worker")
def test_refresh_with_a_painted_headshot_is_made_by_the_worker_that_paints(alice, headshot, looks):
    render = start_refresh(alice, headshot, looks)
    assert celery_messages.waiting() == [(queue.DIFFUSION_TASK, [str(render.pk)])]
    worker.run_render(render.pk, pipeline=NoisePipeline())
    painted, plain = render.variants.all()
    assert (painted.state, plain.state) == (READY, READY)
    assert painted.source_type == "compositeWithTrainedAlgorithmicMedia"
    assert plain.source_type == "compositeCapture" and "image model" not in " ".join(plain.notes)


@pytest.mark.slow
def test_refresh_without_a_worker_makes_what_it_can_and_says_why_of_the_rest(
    alice, headshot, looks
):
    render = start_refresh(alice, headshot, looks)
    assert celery_messages.waiting() == [(queue.RENDER_TASK, [str(render.pk)])]
    celery_messages.deliver()
    painted, plain = render.variants.all()
    assert plain.state == READY and painted.state == "rejected"
    assert "GPU worker" in painted.reason


@pytest.mark.slow
def test_refresh_whose_worker_died_is_made_by_the_others(alice, headshot, looks):
    diffusion_workers.report_presence()
    render = start_refresh(alice, headshot, looks)
    cache.delete(diffusion_workers.PRESENCE_KEY)
    celery_messages.lose()
    Render.objects.filter(pk=render.pk).update(touched_at=past_patience())
    enqueue_lost_work()
    assert (queue.RENDER_TASK, [str(render.pk)]) in celery_messages.waiting()
    celery_messages.deliver()
    assert [variant.state for variant in render.variants.all()] == ["rejected", READY]
