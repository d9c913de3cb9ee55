"""Waiting as told: Retry-After, a platform that is down for days, rate limits without end."""

import email.utils
import time
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from branding.webhooks import services as webhooks
from branding.webhooks.events import events_since
from branding.webhooks.models import Delivery, EventType
from integrations.connections import tokens
from integrations.emails import services as emails
from integrations.errors import RateLimited, Unavailable, Uncertain
from integrations.models import Attempt, Grant, Publication
from integrations.publication_states import State
from integrations.publishing import outages
from tests.integrations.connections.test_healing import connect
from tests.integrations.publishing.sending import publish_headshot, run_worker
from tests.support import celery_messages
from tests.support.people import person
from tests.support.platforms import memory_platform
from tests.support.platforms.mastodon import FakeMastodon, json_response
from tests.support.platforms.scripted_server import ScriptedResponse, ScriptedServer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def memory(monkeypatch, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    celery_messages.lose()
    return memory_platform.put_in_registry(monkeypatch)


@pytest.fixture
def publication(memory):
    assert memory.live is None
    return publish_headshot(memory_platform.create_connection(person()))


def told(kind, seconds):
    error = kind("Busy.")
    error.retry_after = seconds
    return error


def seconds_until(moment):
    return (moment - timezone.now()).total_seconds()


@pytest.mark.parametrize("kind", [Unavailable, RateLimited, Uncertain])
@pytest.mark.parametrize("step", ["current", "publish"])
def test_publication_waits_as_long_as_the_platform_says(memory, publication, kind, step):
    if kind is Uncertain and step == "publish":
        return  # it is polled instead
    memory.trouble[step] = [told(kind, 7000)]
    run_worker(publication)
    assert publication.state == State.READY
    assert 6900 < seconds_until(publication.not_before) < 7100


def test_platform_that_is_down_for_days_is_told_once_and_resumes_by_itself(memory, publication):
    memory.trouble["current"] = [Unavailable("It cannot be reached.") for _ in range(12)]
    for _ in range(9):
        run_worker(publication)
    assert publication.state == State.BLOCKED and "by itself" in publication.advice
    emails.send_digests()
    Publication.objects.update(news_at=timezone.now() - timedelta(hours=1))
    emails.send_digests()
    for _ in range(3):
        assert outages.resume_after_outage() == 0  # not before its time
        Publication.objects.update(not_before=timezone.now())
        assert outages.resume_after_outage() == 1
        publication.refresh_from_db()
        run_worker(publication)
        assert publication.state == State.BLOCKED and publication.news_at is None
    Publication.objects.update(not_before=timezone.now())
    outages.resume_after_outage()
    publication.refresh_from_db()
    run_worker(publication)
    assert publication.state == State.PUBLISHED and len(mail.outbox) == 1
    events = list(events_since(publication.owner_id, timezone.now() - timedelta(hours=1)))
    assert [event.event for event in events].count(EventType.NEEDS_YOU) == 1


def test_outage_of_a_month_is_left_to_the_person(memory, publication):
    memory.trouble["current"] = [Unavailable("It cannot be reached.") for _ in range(9)]
    for _ in range(9):
        run_worker(publication)
    long_ago = timezone.now() - timedelta(days=31)
    Publication.objects.update(not_before=timezone.now(), due_at=long_ago)
    assert outages.resume_after_outage() == 0


def test_rate_limits_without_end_are_told_after_a_day(memory, publication):
    memory.trouble["current"] = [told(RateLimited, 60) for _ in range(4)]
    run_worker(publication)
    run_worker(publication)
    assert publication.state == State.READY and publication.attempts == 0
    Attempt.objects.update(at=timezone.now() - timedelta(hours=25))
    run_worker(publication)
    assert publication.state == State.BLOCKED and publication.news_at
    Publication.objects.update(news_at=None, not_before=timezone.now())
    outages.resume_after_outage()
    publication.refresh_from_db()
    run_worker(publication)
    assert publication.state == State.BLOCKED and publication.news_at is None
    Publication.objects.update(not_before=timezone.now())
    outages.resume_after_outage()
    publication.refresh_from_db()
    assert run_worker(publication).state == State.PUBLISHED


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("form", ["seconds", "date"])
def test_webhook_waits_as_long_as_its_server_says(status, form):
    celery_messages.lose()
    server = ScriptedServer()
    value = "7000" if form == "seconds" else email.utils.formatdate(time.time() + 7000, usegmt=True)
    server.responses["POST /hook"] = ScriptedResponse(status, headers={"Retry-After": value})
    webhook, _ = webhooks.create_webhook(person(), f"{server.url}/hook", EventType.values)
    delivery = webhooks.send_test_event(webhook)
    webhooks.deliver_event(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.state == Delivery.State.WAITING
    assert 6900 < seconds_until(delivery.next_at) < 7100
    server.close()


def test_refresh_waits_as_long_as_the_server_says():
    server = FakeMastodon(lives=1000, rotates=True)
    connection = connect(person(), server)
    busy = json_response({}, 503)
    busy.headers["Retry-After"] = "7000"
    server.responses["POST /oauth/token"] = busy
    Grant.objects.update(refresh_at=timezone.now())
    tokens.refresh_due_tokens()
    assert 6900 < seconds_until(Grant.objects.get(connection=connection).refresh_at) < 7100
    server.close()
