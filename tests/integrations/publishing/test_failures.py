"""Each error leads where the table says, and what is not known is looked for."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.utils import timezone

from integrations import publication_states
from integrations.connections import services as connection_services
from integrations.connections import tokens
from integrations.errors import (
    ManualActionRequired,
    RateLimited,
    Rejected,
    Unauthorized,
    Unavailable,
    Uncertain,
)
from integrations.models import Connection, Publication
from integrations.platforms.base import Readback, Slot
from integrations.publishing import deliveries, transitions
from integrations.publishing import services as publishing_services
from tests.integrations.publishing.sending import ask, now_is, work
from tests.support import celery_messages
from tests.support.concurrency import together
from tests.support.memory_platform import connected, put_in_registry

pytestmark = pytest.mark.django_db(transaction=True)


ERRORS = [ManualActionRequired, Rejected, Unauthorized, RateLimited, Unavailable, Uncertain]


@pytest.mark.parametrize("kind", ERRORS)
def test_error_before_the_write_leads_where_the_table_says(account, platform, kind):
    platform.trouble["current"] = [kind("no", status=403)]
    one = work(ask(account))
    told = publication_states.after(kind("no"), step=publication_states.Step.BEFORE)
    assert one.state == told.state and one.attempts == told.counts and platform.effects == []
    assert one.words == "no" and one.sent_at is None


@pytest.mark.parametrize("kind", ERRORS)
def test_error_of_the_write_leads_where_the_table_says(account, platform, kind):
    platform.trouble["publish"] = [kind("no", status=403)]
    one = work(ask(account))
    told = publication_states.after(kind("no"), step=publication_states.Step.WRITE)
    assert one.state == told.state and one.attempts == told.counts
    assert (one.sent_at is None) == (kind is not Uncertain)


@pytest.mark.parametrize("kind", ERRORS)
def test_error_of_a_look_leaves_it_where_it_is(account, platform, kind):
    platform.lag = 10**6
    one = work(ask(account))
    assert one.state == "processing"
    platform.trouble["current"] = [kind("no", status=503)]
    assert work(one).state == "processing" and one.not_before > timezone.now()


def test_answer_that_did_not_come_is_looked_for_and_found(account, platform):
    platform.trouble["written"] = [Uncertain("no answer")]
    one = work(ask(account))
    assert one.state == "uncertain"
    assert work(one).state == "published" and len(platform.effects) == 1


def test_what_did_not_arrive_is_sent_again_after_two_looks(account, platform):
    platform.trouble["publish"] = [Uncertain("no answer")]
    one = work(ask(account))
    assert work(one).state == "uncertain", "the server may still be at work"
    assert work(one).state == "ready" and one.attempts == 1
    assert work(one).state == "published" and len(platform.effects) == 1


def test_person_decides_where_sending_twice_does_harm(alice, monkeypatch):
    platform = put_in_registry(monkeypatch, slots=(Slot(idempotent=False),))
    platform.trouble["publish"] = [Uncertain("no answer")]
    one = work(ask(connected(alice)))
    work(one)
    assert work(one).state == "blocked" and one.code == "unclear" and platform.effects == []


def test_nothing_else_is_sent_while_it_is_uncertain(account, platform):
    platform.trouble["written"] = [Uncertain("no answer")]
    first = work(ask(account))
    second = ask(account, seed=2)
    deliveries.send(second.pk, open_client=tokens.client_of)
    second.refresh_from_db()
    assert second.state == "ready" and second.not_before > timezone.now()
    work(first)
    assert work(second).state == "published"


def test_throttled_waits_as_long_as_it_is_told_and_costs_nothing(account, platform):
    platform.trouble["publish"] = [RateLimited("slow down", retry_after=1234)]
    one = work(ask(account))
    wait = (one.not_before - timezone.now()).total_seconds()
    assert one.state == "ready" and one.attempts == 0 and 1200 < wait <= 1234


def test_person_is_asked_after_some_tries_and_nothing_is_dropped(account, platform, settings):
    platform.trouble["publish"] = [Unavailable("away") for _ in range(settings.PUBLISH_ATTEMPTS)]
    one = ask(account)
    waits = []
    for _ in range(settings.PUBLISH_ATTEMPTS):
        assert one.state == "ready"
        waits.append((work(one).not_before - timezone.now()).total_seconds())
    assert one.state == "blocked" and one.news_at and one.advice
    assert sum(waits[:-1]) > 3600, "an hour's outage is waited for"
    assert all(later > 1.5 * sooner for sooner, later in pairwise(waits[:6]))


def test_what_does_not_show_is_polled_then_stays_visible(account, platform):
    platform.lag = 10**6
    one = work(ask(account))
    waits = []
    while one.state == "processing":
        waits.append((one.not_before - timezone.now()).total_seconds())
        work(one)
    assert [round(wait, -1 if wait > 9 else 0) for wait in waits] == [5, 30, 300, 3600]
    assert one.state == "propagating" and str(one.says) == "propagating" and one.news_at is None
    assert one.not_before > timezone.now() + timedelta(hours=20)
    platform.hidden = 0
    assert work(one).state == "published"


@pytest.mark.parametrize("readback", list(Readback))
def test_recognised_however_the_platform_tells(alice, monkeypatch, readback):
    platform = put_in_registry(monkeypatch)
    platform.platform = type(platform.platform)(**{**vars(platform.platform), "readback": readback})
    platform.lag = 10**6
    one = work(ask(connected(alice)))
    assert one.state == "processing"
    platform.hidden = 0
    assert work(one).state == "published"


def test_older_one_is_not_looked_for_any_more(account, platform):
    platform.lag = 10**6
    first = work(ask(account))
    platform.lag = platform.hidden = 0
    second = work(ask(account, seed=2))
    first.refresh_from_db()
    assert second.state == "published" and (first.state, first.code) == ("cancelled", "superseded")


def test_newer_one_takes_the_place_of_what_waits(account, platform):
    first, second = ask(account), ask(account, seed=2)
    first.refresh_from_db()
    assert (first.state, first.code) == ("cancelled", "superseded")
    assert celery_messages.deliver() == 2 and len(platform.effects) == 1
    assert work(second).state == "published"


def test_lost_connection_waits_for_the_person_and_goes_on(account, platform):
    platform.trouble["current"] = [Unauthorized("gone", status=401)]
    one = work(ask(account))
    assert (one.state, one.code) == ("blocked", "unauthorised")
    assert Connection.objects.get().state == "lost"
    publishing_services.resume(account)
    one.refresh_from_db()
    assert one.state == "ready"


def test_disconnecting_takes_back_what_waits(account):
    one = ask(account)
    connection_services.disconnect(account)
    one.refresh_from_db()
    assert (one.state, one.code) == ("cancelled", "disconnected")


def test_taken_back_before_it_is_sent(account, platform):
    one = ask(account)
    assert publishing_services.cancel(one) and not publishing_services.cancel(one)
    assert celery_messages.deliver() == 1 and platform.effects == []


def test_stale_run_is_looked_for_before_anything_else(account, settings):
    one = ask(account)
    held = transitions.claim(one.pk)
    assert transitions.reap() == 0
    old = timezone.now() - timedelta(seconds=settings.PUBLISH_LEASE_SECONDS + 1)
    now_is(held, touched_at=old)
    assert transitions.reap() == 1
    one.refresh_from_db()
    assert (one.state, one.code) == ("uncertain", "lost")
    assert not transitions.about_to_write(held, before=None), "who was given up sends nothing"


def test_run_that_ended_before_it_sent_anything_is_not_taken_for_done(alice, platform, settings):
    one = ask(connected(alice))
    old = timezone.now() - timedelta(seconds=settings.PUBLISH_LEASE_SECONDS + 1)
    now_is(transitions.claim(one.pk), touched_at=old)
    transitions.reap()
    one.refresh_from_db()
    assert work(one).state == "uncertain" and work(one).state == "ready"
    assert work(one).state == "published" and len(platform.effects) == 1


@pytest.mark.parametrize("workers", [2, 4])
def test_workers_at_the_same_moment_make_one_effect(account, platform, workers):
    one = ask(account)
    together(*[lambda: deliveries.send(one.pk, open_client=tokens.client_of)] * workers)
    one.refresh_from_db()
    assert len(platform.effects) == 1 and one.state == "published"


def test_two_pictures_for_one_slot_are_never_sent_at_once(account):
    first, second = ask(account), ask(account, seed=2)
    Publication.objects.filter(pk=first.pk).update(state="ready")  # both wait, by force
    held = together(lambda: transitions.claim(first.pk), lambda: transitions.claim(second.pk))
    assert sum(one is not None for one in held) == 1
    assert Publication.objects.filter(state="sending").count() == 1
