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
from integrations.platforms.base import PictureSlot, Readback
from integrations.publishing import deliveries, transitions
from integrations.publishing import services as publishing_services
from tests.integrations.publishing.sending import publish_headshot, run_worker, update_row
from tests.support import celery_messages
from tests.support.concurrency import together
from tests.support.platforms.memory_platform import create_connection, put_in_registry

pytestmark = pytest.mark.django_db(transaction=True)


ERRORS = [ManualActionRequired, Rejected, Unauthorized, RateLimited, Unavailable, Uncertain]


@pytest.mark.parametrize("kind", ERRORS)
def test_error_before_the_write_leads_where_the_table_says(account, platform, kind):
    platform.trouble["current"] = [kind("no", status=403)]
    publication = run_worker(publish_headshot(account))
    expected = publication_states.next_after_error(
        kind("no"), step=publication_states.DeliveryStep.BEFORE
    )
    assert (
        publication.state == expected.state
        and publication.attempts == expected.counts_as_attempt
        and platform.effects == []
    )
    assert publication.message == "no" and publication.sent_at is None


@pytest.mark.parametrize("kind", ERRORS)
def test_error_of_the_write_leads_where_the_table_says(account, platform, kind):
    platform.trouble["publish"] = [kind("no", status=403)]
    publication = run_worker(publish_headshot(account))
    expected = publication_states.next_after_error(
        kind("no"), step=publication_states.DeliveryStep.WRITE
    )
    assert (
        publication.state == expected.state and publication.attempts == expected.counts_as_attempt
    )
    assert (publication.sent_at is None) == (kind is not Uncertain)


@pytest.mark.parametrize("kind", ERRORS)
def test_error_of_a_look_leaves_it_where_it_is(account, platform, kind):
    platform.lag = 10**6
    publication = run_worker(publish_headshot(account))
    assert publication.state == "processing"
    platform.trouble["current"] = [kind("no", status=503)]
    assert run_worker(publication).state == "processing" and publication.not_before > timezone.now()


def test_answer_that_did_not_come_is_looked_for_and_found(account, platform):
    platform.trouble["written"] = [Uncertain("no answer")]
    publication = run_worker(publish_headshot(account))
    assert publication.state == "uncertain"
    assert run_worker(publication).state == "published" and len(platform.effects) == 1


def test_what_did_not_arrive_is_sent_again_after_two_looks(account, platform):
    platform.trouble["publish"] = [Uncertain("no answer")]
    publication = run_worker(publish_headshot(account))
    assert run_worker(publication).state == "uncertain", "the server may still be at work"
    assert run_worker(publication).state == "ready" and publication.attempts == 1
    assert run_worker(publication).state == "published" and len(platform.effects) == 1


def test_person_decides_where_sending_twice_does_harm(alice, monkeypatch):
    platform = put_in_registry(monkeypatch, slots=(PictureSlot(is_idempotent=False),))
    platform.trouble["publish"] = [Uncertain("no answer")]
    publication = run_worker(publish_headshot(create_connection(alice)))
    run_worker(publication)
    assert (
        run_worker(publication).state == "blocked"
        and publication.code == "unclear"
        and platform.effects == []
    )


def test_nothing_else_is_sent_while_it_is_uncertain(account, platform):
    platform.trouble["written"] = [Uncertain("no answer")]
    first = run_worker(publish_headshot(account))
    second = publish_headshot(account, seed=2)
    deliveries.send_publication(second.pk, open_client=tokens.open_client)
    second.refresh_from_db()
    assert second.state == "ready" and second.not_before > timezone.now()
    run_worker(first)
    assert run_worker(second).state == "published"


def test_throttled_waits_as_long_as_it_is_told_and_costs_nothing(account, platform):
    platform.trouble["publish"] = [RateLimited("slow down", retry_after=1234)]
    publication = run_worker(publish_headshot(account))
    wait = (publication.not_before - timezone.now()).total_seconds()
    assert publication.state == "ready" and publication.attempts == 0 and 1200 < wait <= 1234


def test_person_is_asked_after_some_tries_and_nothing_is_dropped(account, platform, settings):
    platform.trouble["publish"] = [Unavailable("away") for _ in range(settings.PUBLISH_ATTEMPTS)]
    publication = publish_headshot(account)
    waits = []
    for _ in range(settings.PUBLISH_ATTEMPTS):
        assert publication.state == "ready"
        waits.append((run_worker(publication).not_before - timezone.now()).total_seconds())
    assert publication.state == "blocked" and publication.news_at and publication.advice
    assert sum(waits[:-1]) > 3600, "an hour's outage is waited for"
    assert all(later > 1.5 * sooner for sooner, later in pairwise(waits[:6]))


def test_what_does_not_show_is_polled_then_stays_visible(account, platform):
    platform.lag = 10**6
    publication = run_worker(publish_headshot(account))
    waits = []
    while publication.state == "processing":
        waits.append((publication.not_before - timezone.now()).total_seconds())
        run_worker(publication)
    assert [round(wait, -1 if wait > 9 else 0) for wait in waits] == [5, 30, 300, 3600]
    assert (
        publication.state == "propagating"
        and str(publication.says) == "propagating"
        and publication.news_at is None
    )
    assert publication.not_before > timezone.now() + timedelta(hours=20)
    platform.hidden = 0
    assert run_worker(publication).state == "published"


@pytest.mark.parametrize("readback", list(Readback))
def test_recognised_however_the_platform_tells(alice, monkeypatch, readback):
    platform = put_in_registry(monkeypatch)
    platform.platform = type(platform.platform)(**{**vars(platform.platform), "readback": readback})
    platform.lag = 10**6
    publication = run_worker(publish_headshot(create_connection(alice)))
    assert publication.state == "processing"
    platform.hidden = 0
    assert run_worker(publication).state == "published"


def test_older_one_is_not_looked_for_any_more(account, platform):
    platform.lag = 10**6
    first = run_worker(publish_headshot(account))
    platform.lag = platform.hidden = 0
    second = run_worker(publish_headshot(account, seed=2))
    first.refresh_from_db()
    assert second.state == "published" and (first.state, first.code) == ("cancelled", "superseded")


def test_newer_one_takes_the_place_of_what_waits(account, platform):
    first, second = publish_headshot(account), publish_headshot(account, seed=2)
    first.refresh_from_db()
    assert (first.state, first.code) == ("cancelled", "superseded")
    assert celery_messages.deliver() == 2 and len(platform.effects) == 1
    assert run_worker(second).state == "published"


def test_lost_connection_waits_for_the_person_and_goes_on(account, platform):
    platform.trouble["current"] = [Unauthorized("gone", status=401)]
    publication = run_worker(publish_headshot(account))
    assert (publication.state, publication.code) == ("blocked", "unauthorised")
    assert Connection.objects.get().state == "lost"
    publishing_services.resume_for_connection(account)
    publication.refresh_from_db()
    assert publication.state == "ready"


def test_disconnecting_takes_back_what_waits(account):
    publication = publish_headshot(account)
    connection_services.end_connection(account)
    publication.refresh_from_db()
    assert (publication.state, publication.code) == ("cancelled", "disconnected")


def test_taken_back_before_it_is_sent(account, platform):
    publication = publish_headshot(account)
    assert publishing_services.cancel_publication(
        publication
    ) and not publishing_services.cancel_publication(publication)
    assert celery_messages.deliver() == 1 and platform.effects == []


def test_stale_run_is_looked_for_before_anything_else(account, settings):
    publication = publish_headshot(account)
    held = transitions.claim_publication(publication.pk)
    assert transitions.recover_lost_claims() == 0
    old = timezone.now() - timedelta(seconds=settings.PUBLISH_LEASE_SECONDS + 1)
    update_row(held, touched_at=old)
    assert transitions.recover_lost_claims() == 1
    publication.refresh_from_db()
    assert (publication.state, publication.code) == ("uncertain", "lost")
    assert not transitions.mark_write_started(held, before=None), "who was given up sends nothing"


def test_run_that_ended_before_it_sent_anything_is_not_taken_for_done(alice, platform, settings):
    publication = publish_headshot(create_connection(alice))
    old = timezone.now() - timedelta(seconds=settings.PUBLISH_LEASE_SECONDS + 1)
    update_row(transitions.claim_publication(publication.pk), touched_at=old)
    transitions.recover_lost_claims()
    publication.refresh_from_db()
    assert run_worker(publication).state == "uncertain" and run_worker(publication).state == "ready"
    assert run_worker(publication).state == "published" and len(platform.effects) == 1


@pytest.mark.parametrize("workers", [2, 4])
def test_workers_at_the_same_moment_make_one_effect(account, platform, workers):
    publication = publish_headshot(account)
    together(
        *[lambda: deliveries.send_publication(publication.pk, open_client=tokens.open_client)]
        * workers
    )
    publication.refresh_from_db()
    assert len(platform.effects) == 1 and publication.state == "published"


def test_two_pictures_for_one_slot_are_never_sent_at_once(account):
    first, second = publish_headshot(account), publish_headshot(account, seed=2)
    Publication.objects.filter(pk=first.pk).update(state="ready")  # both wait, by force
    held = together(
        lambda: transitions.claim_publication(first.pk),
        lambda: transitions.claim_publication(second.pk),
    )
    assert sum(publication is not None for publication in held) == 1
    assert Publication.objects.filter(state="sending").count() == 1
