"""Every account gets its turn, and nobody's long row of work keeps a preview waiting."""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from headshots.errors import TooManyAtOnce
from headshots.models import Photo, Render
from headshots.services import fair_shares, photos, renders
from headshots.work_lanes import WorkLane
from tests.support import celery_messages
from tests.support.people import person, photo_of, sheet_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def mallory():
    celery_messages.lose()
    return person("mallory")


@pytest.fixture
def alice():
    return person("alice")


def waiting_renders(owner, count):
    photo = photo_of(owner)
    return [sheet_of(owner, photo, state="waiting", count=1) for _ in range(count)]


def make_next(**options):
    """Claim the next render and finish it; return its owner."""
    render = renders.claim_render(fair_shares.next_render(**options))
    render.variants.update(state="ready")
    renders.finish_render(render)
    return render.owner


def test_accounts_take_turns(mallory, alice):
    waiting_renders(mallory, 5)
    waiting_renders(alice, 2)
    order = [make_next() for _ in range(7)]
    assert order[:4] in ([mallory, alice, mallory, alice], [alice, mallory, alice, mallory])
    assert order[4:] == [mallory] * 3 and fair_shares.next_render() is None


def test_account_with_work_under_way_waits_for_the_others(mallory, alice):
    waiting_renders(mallory, 3)
    renders.claim_render(fair_shares.next_render())
    (hers,) = waiting_renders(alice, 1)
    assert fair_shares.next_render() == hers.pk


def test_work_of_one_account_is_done_in_its_order(mallory):
    first, second = waiting_renders(mallory, 2)
    Render.objects.filter(pk=second.pk).update(created_at=timezone.now() + timedelta(seconds=1))
    assert fair_shares.next_render() == first.pk


def test_painted_renders_are_left_to_their_worker(mallory):
    (render,) = waiting_renders(mallory, 1)
    Render.objects.update(paints=True)
    assert fair_shares.next_render() is None
    assert fair_shares.next_render(paints=True) == render.pk


def test_photos_take_turns_too(mallory, alice):
    for seed in range(3):
        photo_of(mallory, seed=seed, state=Photo.State.CHECKING)
    photos.claim_photo(fair_shares.next_photo())
    hers = photo_of(alice, state=Photo.State.CHECKING)
    assert fair_shares.next_photo() == hers.pk


def test_account_with_many_unfinished_renders_is_told_to_wait(mallory, alice, settings, looks):
    settings.RENDER_LIMIT = 2
    photo, recipes = photo_of(mallory), [looks["linkedin"]]
    for _ in range(2):
        render = renders.start_render(mallory, [photo], recipes)
    with pytest.raises(TooManyAtOnce) as refusal:
        renders.start_render(mallory, [photo], recipes)
    assert "2 of your orders are not finished" in refusal.value.message and refusal.value.advice
    renders.start_render(mallory, [photo], recipes, is_planned=True)
    renders.start_render(alice, [photo_of(alice)], recipes)
    Render.objects.filter(owner=mallory).exclude(pk=render.pk).update(finished_at=timezone.now())
    renders.start_render(mallory, [photo], recipes)


def test_lane_leaves_threads_to_others_and_overlooks_nothing():
    lane, waiting, done, most = WorkLane(2), [uuid4() for _ in range(30)], [], []
    lock, inside = threading.Lock(), []

    def choose():
        with lock:
            return waiting[0] if waiting else None

    def work(row_id):
        with lock:
            if row_id not in waiting:  # another thread claimed it
                return
            waiting.remove(row_id)
            inside.append(row_id)
            most.append(len(inside))
        done.append(row_id)
        inside.remove(row_id)

    threads = [threading.Thread(target=lane.work_off, args=[choose, work]) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(done) == 30 and max(most) <= 2


def test_full_lane_ends_a_message_at_once():
    lane, entered, over = WorkLane(1), threading.Event(), threading.Event()
    rows = [uuid4()]

    def work(_row_id):
        entered.set()
        over.wait(10)
        rows.clear()

    thread = threading.Thread(target=lane.work_off, args=[lambda: next(iter(rows), None), work])
    thread.start()
    entered.wait(10)
    lane.work_off(lambda: rows[0], lambda _row_id: pytest.fail("the lane is full"))
    over.set()
    thread.join(10)
