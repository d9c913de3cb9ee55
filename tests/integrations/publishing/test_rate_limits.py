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
from integrations.selectors import profiles_of, receipts_of
from tests.integrations.publishing.sending import ask, headshot, now_is, work
from tests.support import celery_messages
from tests.support.concurrency import together
from tests.support.memory_platform import SLUG, connected

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.usefixtures("account")
def test_asking_twice_in_one_batch_is_once(alice):
    choices.choose(headshot(alice), [SLUG])
    (first,) = publishing_services.refresh(alice)
    (again,) = publishing_services.refresh(alice, batch=first.batch)
    assert again == first and list(receipts_of(alice, first.batch)) == [first]


@pytest.mark.usefixtures("account")
def test_each_account_succeeds_or_fails_alone(alice, platform):
    connected(alice, account="2", server="https://other.example.org")
    choices.choose(headshot(alice), [SLUG, "avatar"])
    made = publishing_services.refresh(alice)
    platform.trouble["publish"] = [Rejected("no", status=422)]
    celery_messages.deliver()
    states = sorted(receipts_of(alice, made[0].batch).values_list("state", flat=True))
    assert states == ["failed", "published", "published"]


def test_served_place_shows_it_at_once(alice):
    variant = headshot(alice)
    (profile,) = [one for one in profiles_of(alice) if one.frame.is_served]
    (one,) = publishing_services.publish(variant, [profile])
    assert one.state == "published" and celery_messages.waiting() == []
    assert profiles_of(alice)[-1].choice.variant == variant


def test_later_is_a_row_and_no_message(account, platform):
    one = ask(account, due=timezone.now() + timedelta(hours=3))
    assert one.state == "scheduled" and celery_messages.waiting() == []
    assert publishing_services.ripen() == 0
    now_is(one, not_before=timezone.now())
    assert publishing_services.ripen() == 1 and celery_messages.deliver() == 1
    assert len(platform.effects) == 1


def test_schedule_keeps_the_pause_and_a_person_does_not_wait(account):
    work(ask(account))
    by_schedule = ask(account, seed=2, origin=account.pk)
    assert by_schedule.state == "scheduled"
    hours = (by_schedule.not_before - timezone.now()).total_seconds() / 3600
    assert 23 < hours <= 24
    assert ask(account, seed=3).state == "ready"


def test_crowd_is_spread_and_the_spread_is_kept(alice, platform):
    every = 60 / platform.platform.per_minute
    many = [connected(alice, account=str(index)) for index in range(rate_limits.BURST + 10)]
    variant = headshot(alice)
    made = publishing_services.publish(
        variant, [one for one in profiles_of(alice) if one.connection]
    )
    assert len(celery_messages.waiting()) == rate_limits.BURST
    spread = [one.spread for one in Publication.objects.filter(spread__gt=0)]
    assert len(spread) == len(many) - rate_limits.BURST and max(spread) <= 12 * every
    assert Bucket.objects.count() == 1
    for one in made:
        work(one)
    assert len(platform.effects) == len(many), "nobody is passed over"


@pytest.mark.usefixtures("platform")
def test_turns_are_given_out_once_each(alice):
    connection = connected(alice)
    turns = together(*[lambda: rate_limits._reserve(connection.platform, "s") for _ in range(4)])
    assert turns == [0, 0, 0, 0]
    every = 60 / connection.platform.per_minute
    now = timezone.now().timestamp()
    assert Bucket.objects.get(name__endswith=" s").full_at == pytest.approx(now + 4 * every, abs=3)
