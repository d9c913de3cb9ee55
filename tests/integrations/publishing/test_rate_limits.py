"""Batches, turns and pauses: each account alone, nobody hammered."""

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.errors import (
    Rejected,
)
from integrations.models import Bucket, Publication
from integrations.publishing import choices, rate_limits
from integrations.publishing import services as publishing_services
from integrations.selectors import profiles_of, publications_in_batch
from tests.integrations.publishing.sending import headshot, publish_headshot, run_worker, update_row
from tests.support import celery_messages
from tests.support.concurrency import together
from tests.support.platforms.memory_platform import SLUG, create_connection

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.usefixtures("account")
def test_asking_twice_in_one_batch_is_once(alice):
    choices.choose_variant(headshot(alice), [SLUG])
    (first,) = publishing_services.publish_chosen(alice)
    (again,) = publishing_services.publish_chosen(alice, batch=first.batch)
    assert again == first and list(publications_in_batch(alice, first.batch)) == [first]


@pytest.mark.usefixtures("account")
def test_each_account_succeeds_or_fails_alone(alice, platform):
    create_connection(alice, account="2", server="https://other.example.org")
    choices.choose_variant(headshot(alice), [SLUG, "avatar"])
    publications = publishing_services.publish_chosen(alice)
    platform.trouble["publish"] = [Rejected("no", status=422)]
    celery_messages.deliver()
    states = sorted(
        publications_in_batch(alice, publications[0].batch).values_list("state", flat=True)
    )
    assert states == ["failed", "published", "published"]


def test_served_place_shows_it_at_once(alice):
    variant = headshot(alice)
    (profile,) = [row for row in profiles_of(alice) if row.place.is_served]
    (row,) = publishing_services.publish_variant(variant, [profile])
    assert row.state == "published" and celery_messages.waiting() == []
    assert profiles_of(alice)[-1].choice.variant == variant


def test_later_is_a_row_and_no_message(account, platform):
    publication = publish_headshot(account, due=timezone.now() + timedelta(hours=3))
    assert publication.state == "scheduled" and celery_messages.waiting() == []
    assert publishing_services.release_scheduled() == 0
    update_row(publication, not_before=timezone.now())
    assert publishing_services.release_scheduled() == 1 and celery_messages.deliver() == 1
    assert len(platform.effects) == 1


def test_schedules_keep_an_interval_between_their_own_changes(account):
    run_worker(publish_headshot(account, origin=account.pk))
    by_schedule = publish_headshot(account, seed=2, origin=account.pk)
    assert by_schedule.state == "scheduled" and by_schedule.waits_until == by_schedule.not_before
    minutes = (by_schedule.not_before - timezone.now()).total_seconds() / 60
    assert 50 < minutes <= 60
    assert publish_headshot(account, seed=3).state == "ready"


def test_change_by_hand_delays_no_schedule(account):
    run_worker(publish_headshot(account))
    assert publish_headshot(account, seed=2, origin=account.pk).state == "ready"


def test_what_failed_or_was_cancelled_delays_no_schedule(account, platform):
    platform.trouble["publish"] = [Rejected("no", status=422)]
    assert run_worker(publish_headshot(account, origin=account.pk)).state == "failed"
    kept = publish_headshot(account, seed=2, origin=account.pk)
    assert kept.state == "ready" and publishing_services.cancel_publication(kept)
    assert publish_headshot(account, seed=3, origin=account.pk).state == "ready"


@pytest.mark.slow
def test_crowd_is_spread_and_the_spread_is_kept(alice, platform):
    every = 60 / platform.platform.per_minute
    many = [
        create_connection(alice, account=str(index)) for index in range(rate_limits.BURST_SIZE + 10)
    ]
    variant = headshot(alice)
    publications = publishing_services.publish_variant(
        variant, [row for row in profiles_of(alice) if row.connection]
    )
    assert len(celery_messages.waiting()) == rate_limits.BURST_SIZE
    spread = [row.spread for row in Publication.objects.filter(spread__gt=0)]
    assert len(spread) == len(many) - rate_limits.BURST_SIZE and max(spread) <= 12 * every
    assert Bucket.objects.count() == 1
    for row in publications:
        run_worker(row)
    assert len(platform.effects) == len(many), "nobody is passed over"


@pytest.mark.usefixtures("platform")
def test_turns_are_given_out_once_each(alice):
    connection = create_connection(alice)
    turns = together(
        *[lambda: rate_limits._reserve_turn(connection.platform, "s") for _ in range(4)]
    )
    assert turns == [0, 0, 0, 0]
    every = 60 / connection.platform.per_minute
    now = timezone.now().timestamp()
    assert Bucket.objects.get(name__endswith=" s").full_at == pytest.approx(now + 4 * every, abs=3)
