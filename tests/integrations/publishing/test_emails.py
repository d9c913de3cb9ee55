"""One email for everything that needs a person, and figures that count once."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from headshots.metrics import REGISTRY
from integrations.connections import tokens
from integrations.emails import services as emails
from integrations.errors import (
    ManualActionRequired,
    Rejected,
)
from integrations.models import Publication
from integrations.publishing import deliveries
from integrations.publishing import services as publishing_services
from tests.integrations.publishing.sending import publish_headshot, run_worker, update_row
from tests.support.concurrency import together
from tests.support.platforms.memory_platform import SLUG, create_connection

pytestmark = pytest.mark.django_db(transaction=True)


def settled():
    """As long as news are collected has passed."""
    past = timezone.now() - timedelta(minutes=3)
    Publication.objects.exclude(news_at=None).update(news_at=past)


def test_one_email_tells_everything_once(alice, platform):
    many = [create_connection(alice, account=str(index)) for index in range(3)]
    platform.trouble["publish"] = [Rejected("the picture is too small") for _ in many]
    for seed, connection in enumerate(many, start=1):
        run_worker(publish_headshot(connection, seed))
    assert emails.send_digests() == 0, "more may come"
    settled()
    assert sum(together(emails.send_digests, emails.send_digests)) == 1
    assert emails.send_digests() == 0
    (email,) = mail.outbox
    assert email.to == [alice.email] and email.subject.startswith("3 ")
    assert email.body.count("too small") == 3 and "/profiles/" in email.body


def test_no_email_when_all_is_well(account):
    run_worker(publish_headshot(account))
    settled()
    assert emails.send_digests() == 0 and mail.outbox == []


def test_no_email_about_what_mended_itself(account, platform):
    platform.trouble["publish"] = [ManualActionRequired("by hand")]
    publication = run_worker(publish_headshot(account))
    assert publication.news_at
    publishing_services.resolve_blocked(publication, "send")
    settled()
    assert emails.send_digests() == 0


def test_email_that_cannot_be_sent_is_kept(account, platform, settings):
    platform.trouble["publish"] = [Rejected("no")]
    publication = run_worker(publish_headshot(account))
    settled()
    settings.EMAIL_BACKEND = "tests.integrations.publishing.test_emails.ClosedMailServer"
    assert emails.send_digests() == 0
    publication.refresh_from_db()
    assert publication.news_at > timezone.now()


class ClosedMailServer:
    """An e-mail backend that fails."""

    def __init__(self, **_):
        pass

    def send_messages(self, _):
        raise OSError("closed")


LATE = "facet_publish_lateness_seconds"


def counted(name, **labels):
    return REGISTRY.get_sample_value(name, labels) or 0


def test_outcome_and_lateness_are_counted_once(account):
    before = counted("facet_publications_total", place=SLUG, outcome="published")
    taken, late = counted(f"{LATE}_count"), counted(f"{LATE}_bucket", le="3600.0")
    publication = update_row(publish_headshot(account), due_at=timezone.now() - timedelta(hours=2))
    assert run_worker(publication).state == "published"
    assert deliveries.send_publication(publication.pk, open_client=tokens.open_client) is None
    assert counted("facet_publications_total", place=SLUG, outcome="published") == before + 1
    assert counted(f"{LATE}_count") == taken + 1
    assert counted(f"{LATE}_bucket", le="3600.0") == late, "two hours is later than any bucket"
