"""The question of a email and the calendar feed: only for whoever was told their addresses."""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from integrations.models import Publication, Run, Schedule
from integrations.publishing import choices
from integrations.recurrence import Rule, Unit
from integrations.scheduling import runs
from integrations.scheduling import services as scheduling_services
from integrations.scheduling.services import ScheduleSpec
from tests.support import celery_messages
from tests.support.people import browser, person, variant_of
from tests.support.platforms.memory_platform import create_connection, put_in_registry

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def alice(monkeypatch):
    """Her headshot is chosen for her account, every day, if she says yes."""
    celery_messages.lose()
    put_in_registry(monkeypatch)
    alice = person("alice")
    choices.choose_variant(variant_of(alice), [create_connection(alice).slug])
    rule = Rule(datetime(2026, 1, 1, 9), "Europe/Berlin", Unit.DAY)
    scheduling_services.create_schedule(
        alice, ScheduleSpec(kind=Schedule.Kind.EVERY, rule=rule, name="Daily", ask_hours=2)
    )
    return alice


@pytest.fixture
def email(alice):
    """The address in the email that asks her."""
    run = scheduling_services.run_now(alice.schedules.get())
    Run.objects.update(agreed_at=None)
    runs.execute_run(run.pk)
    (link,) = [word for word in mail.outbox[0].body.split() if "/schedules/answer/" in word]
    return urlsplit(link).path


def test_email_shows_the_picture_to_whoever_has_it_and_changes_nothing(email):
    for _ in range(3):
        answer = browser().get(email)
        assert answer.status_code == 200
        assert "data:image/jpeg;base64," in answer.content.decode()
    assert Run.objects.get().state == Run.State.ASKING
    assert answer.headers["Cache-Control"].find("no-store") >= 0


@pytest.mark.parametrize(
    ("said", "sent", "words"),
    [
        ("yes", 1, "Approved"),
        ("no", 0, "Nothing is sent"),
        ("", 0, "Nothing is sent"),
    ],
)
def test_answer_is_taken_once_without_signing_in(email, said, sent, words):
    client = browser()
    for word in (said, "yes", "no"):
        assert words in client.post(email, {"answer": word}, follow=True).content.decode()
    celery_messages.deliver()
    assert Publication.objects.exclude(origin=None).count() == sent
    assert words in client.get(email).content.decode()


def test_late_answer_sends_nothing_and_says_so(email):
    Run.objects.update(decide_by=timezone.now() - timedelta(seconds=1))
    shown = browser().post(email, {"answer": "yes"}, follow=True).content.decode()
    assert "Nobody approved it in time" in shown
    celery_messages.deliver()
    assert not Publication.objects.exists()


def test_answer_without_the_forms_own_token_is_refused(email):
    assert browser(enforce_csrf_checks=True).post(email, {"answer": "yes"}).status_code == 403


def test_changed_email_opens_nothing(email):
    assert browser().get(email[:-2] + "x/").status_code == 404


def test_calendar_is_read_at_its_address_while_it_is_open(alice):
    url = reverse("web:calendar", args=[scheduling_services.open_calendar_address(alice).token])
    answer = browser().get(url)
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    events = list(Calendar.from_ical(answer.content).walk("VEVENT"))
    assert len(events) > 170 and {str(event["summary"]) for event in events} == {"Daily"}
    scheduling_services.close_calendar_address(alice)
    assert browser(alice).get(url).status_code == 404


def test_calendar_of_one_tells_nothing_of_another(alice):
    carol = person("carol")
    url = reverse("web:calendar", args=[scheduling_services.open_calendar_address(carol).token])
    assert not list(Calendar.from_ical(browser(alice).get(url).content).walk("VEVENT"))


def test_everything_goes_with_the_account(alice):
    scheduling_services.open_calendar_address(alice)
    scheduling_services.run_now(alice.schedules.get())
    alice.delete()
    assert not Schedule.objects.exists() and not Run.objects.exists()
