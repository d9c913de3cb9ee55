"""Batches, turns and pauses: each account alone, nobody hammered."""

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.errors import (
    Refused,
)
from integrations.models import Bucket, Publication
from integrations.selectors import profiles_of, receipts_of
from integrations.services import (
    choices,
    pace,
    publications,
)
from tests import messages
from tests.integrations.memory import SLUG, connected
from tests.integrations.publications.sending import (
    ask,
    headshot,
    now_is,
    work,
)
from tests.together import together

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.usefixtures("account")
def test_asking_twice_in_one_batch_is_once(alice):
    choices.choose(headshot(alice), [SLUG])
    (first,) = publications.refresh(alice)
    (again,) = publications.refresh(alice, batch=first.batch)
    assert again == first and list(receipts_of(alice, first.batch)) == [first]


@pytest.mark.usefixtures("account")
def test_each_account_succeeds_or_fails_alone(alice, platform):
    connected(alice, account="2", server="https://other.example.org")
    choices.choose(headshot(alice), [SLUG, "avatar"])
    made = publications.refresh(alice)
    platform.trouble["publish"] = [Refused("no", status=422)]
    messages.deliver()
    states = sorted(receipts_of(alice, made[0].batch).values_list("state", flat=True))
    assert states == ["failed", "published", "published"]


def test_served_place_shows_it_at_once(alice):
    variant = headshot(alice)
    (profile,) = [one for one in profiles_of(alice) if one.frame.is_served]
    (one,) = publications.publish(variant, [profile])
    assert one.state == "published" and messages.waiting() == []
    assert profiles_of(alice)[-1].choice.variant == variant


def test_later_is_a_row_and_no_message(account, platform):
    one = ask(account, due=timezone.now() + timedelta(hours=3))
    assert one.state == "scheduled" and messages.waiting() == []
    assert publications.ripen() == 0
    now_is(one, not_before=timezone.now())
    assert publications.ripen() == 1 and messages.deliver() == 1
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
    many = [connected(alice, account=str(index)) for index in range(pace.BURST + 10)]
    variant = headshot(alice)
    made = publications.publish(variant, [one for one in profiles_of(alice) if one.connection])
    assert len(messages.waiting()) == pace.BURST
    spread = [one.spread for one in Publication.objects.filter(spread__gt=0)]
    assert len(spread) == len(many) - pace.BURST and max(spread) <= 12 * every
    assert Bucket.objects.count() == 1
    for one in made:
        work(one)
    assert len(platform.effects) == len(many), "nobody is passed over"


@pytest.mark.usefixtures("platform")
def test_turns_are_given_out_once_each(alice):
    connection = connected(alice)
    turns = together(*[lambda: pace._reserve(connection.platform, "s") for _ in range(4)])
    assert turns == [0, 0, 0, 0]
    every = 60 / connection.platform.per_minute
    now = timezone.now().timestamp()
    assert Bucket.objects.get(name__endswith=" s").full_at == pytest.approx(now + 4 * every, abs=3)
