"""Rows first, messages second: whatever is lost is told again."""

import time
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from headshots.models import Photo, Render
from headshots.services import photos, queue, renders
from headshots.tasks import enqueue_lost_work
from tests.support import celery_messages
from tests.support.concurrency import together
from tests.support.people import jpeg, patches, person, photo_of, sheet_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def alice():
    celery_messages.lose()
    return person("alice")


@pytest.fixture
def late(settings):
    """A moment before the last one that counts as alive."""
    return timezone.now() - timedelta(seconds=settings.RENDER_LEASE_SECONDS + 1)


def waiting_sheets(alice, count):
    photo = photo_of(alice)
    return [sheet_of(alice, photo, state="waiting", count=1) for _ in range(count)]


def test_row_is_there_before_its_message(alice):
    with transaction.atomic():
        photo = photos.add_photo(alice, jpeg(patches()))
        assert celery_messages.waiting() == []
    assert celery_messages.waiting() == [(queue.CHECK_TASK, [str(photo.pk)])]


def test_row_that_was_taken_back_is_never_told(alice):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        photos.add_photo(alice, jpeg(patches()))
        _ = 1 / 0
    assert celery_messages.waiting() == [] and not Photo.objects.exists()


def test_lost_message_is_told_again(alice, late, looks):
    photo = photo_of(alice)
    render = renders.start_render(alice, [photo], [looks["linkedin"]])
    celery_messages.lose()
    enqueue_lost_work()
    assert celery_messages.waiting() == [], "it is given a lease of time"
    Render.objects.update(touched_at=late)
    enqueue_lost_work()
    assert celery_messages.waiting() == [(queue.RENDER_TASK, [str(render.pk)])]


def test_photo_nobody_looks_at_is_told_again(alice, late):
    photo = photo_of(alice, state="checking", touched_at=late)
    photo_of(alice, seed=1, touched_at=late)
    assert queue.enqueue_stale_work() == 1
    assert celery_messages.waiting() == [(queue.CHECK_TASK, [str(photo.pk)])]


def test_stale_claim_is_freed_and_fresh_one_is_left(alice, late):
    stale, fresh = waiting_sheets(alice, 2)
    held = renders.claim_render(fresh.pk)
    renders.claim_render(stale.pk)
    Render.objects.filter(pk=stale.pk).update(touched_at=late)
    assert queue.enqueue_stale_work() == 1
    assert celery_messages.waiting() == [(queue.RENDER_TASK, [str(stale.pk)])]
    assert renders.claim_render(stale.pk) and renders.claim_render(fresh.pk) is None
    assert Render.objects.get(pk=fresh.pk).claim == held.claim


def test_work_that_was_told_again_is_given_time(alice, late):
    waiting_sheets(alice, 3)
    Render.objects.update(touched_at=late)
    assert [queue.enqueue_stale_work() for _ in range(3)] == [3, 0, 0]


def test_finished_work_is_never_told(alice, late):
    sheet_of(alice)
    Render.objects.update(touched_at=late)
    Photo.objects.update(touched_at=late)
    assert queue.enqueue_stale_work() == 0


def test_two_ticks_share_the_work(alice, late):
    sheets = waiting_sheets(alice, 30)
    Render.objects.update(touched_at=late)
    assert sum(
        together(queue.enqueue_stale_work, queue.enqueue_stale_work, queue.enqueue_stale_work)
    ) == len(sheets)
    enqueued = sorted(arguments for _, arguments in celery_messages.waiting())
    assert enqueued == sorted([str(sheet.pk)] for sheet in sheets)


def test_without_a_broker_the_row_stays_and_is_told_later(alice, looks):
    photo = photo_of(alice)
    before = time.monotonic()
    with celery_messages.broken_broker():
        render = renders.start_render(alice, [photo], [looks["linkedin"]])
        added = photos.add_photo(alice, jpeg(patches(1)))
        assert time.monotonic() - before < 5, "nobody waits long for a broken broker"
        Render.objects.update(touched_at=timezone.now() - timedelta(days=1))
        queue.enqueue_stale_work()
    assert not Render.objects.get().is_finished and added.state == Photo.State.CHECKING
    for model in (Photo, Render):
        model.objects.update(touched_at=timezone.now() - timedelta(days=1))
    queue.enqueue_stale_work()
    assert sorted(celery_messages.waiting()) == sorted(
        [(queue.RENDER_TASK, [str(render.pk)]), (queue.CHECK_TASK, [str(added.pk)])]
    )
