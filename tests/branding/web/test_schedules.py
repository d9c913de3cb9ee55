"""Planning from a page: the next ten runs before saving, every kind, and what cannot be planned."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from branding.web.schedule_forms import ScheduleForm
from integrations.models import Run, Schedule
from integrations.publishing import choices
from tests.support import celery_messages
from tests.support.people import browser, person, photo_of, variant_of
from tests.support.platforms.memory_platform import SLUG, create_connection, put_in_registry

pytestmark = pytest.mark.django_db(transaction=True)
PLAN = {
    "kind": "every",
    "start": "2027-03-01",
    "at": "09:00",
    "zone": "Europe/Berlin",
    "interval": "1",
    "unit": "month",
    "sends": "chosen",
    "missed": "once",
    "ask_hours": "0",
    "name": "Monthly",
}


@pytest.fixture
def alice(monkeypatch):
    celery_messages.lose()
    put_in_registry(monkeypatch)
    alice = person("alice")
    choices.choose_variant(variant_of(alice), [SLUG])
    create_connection(alice)
    return alice


def kept(owner):
    return owner.variants.filter(kept=True).first()


def post(owner, name="web:schedule_new", *args, **changes):
    connected = [str(connection.pk) for connection in owner.connections.all()]
    fields = {**PLAN, "profiles": connected, **changes}
    answer = browser(owner).post(reverse(name, args=args), fields)
    assert answer.status_code in (200, 302)
    return answer


def test_next_ten_runs_show_in_local_time_before_anything_is_saved(alice):
    shown = post(alice, "web:schedule_preview").content.decode()
    assert shown.count("<li>") == 10 and "Mon 1 Mar 2027, 09:0" in shown
    assert not Schedule.objects.exists()
    looked = post(alice, look="1").content.decode()
    assert looked.count("2027, 09:0") == 10 and not Schedule.objects.exists()


def test_form_that_nobody_filled_in_creates_nothing_and_asks(alice):
    form = ScheduleForm(owner=alice)
    fields = [*form, *(field for turn in form.turns for field in turn)]
    untouched = {field.html_name: field.value() for field in fields if field.value()}
    client, path = browser(alice), reverse("web:schedule_new")
    answer = client.post(path, {**untouched, "save": "1"})
    assert not Schedule.objects.exists()
    assert "Choose when it should happen." in answer.content.decode()
    for kind in ("date", "every", "rotation"):
        answer = client.post(path, {**untouched, "save": "1", "kind": kind})
        assert not Schedule.objects.exists(), kind
        assert 'class="errorlist' in answer.content.decode(), kind
    turn = {"turn0-variant": str(kept(alice).pk), "turn0-start": "", "turn0-at": ""}
    answer = client.post(path, {**untouched, **turn, "save": "1", "kind": "rotation"})
    assert not Schedule.objects.exists()
    assert (
        "Choose a day." in answer.content.decode() and "Choose a time." in answer.content.decode()
    )


def test_saved_plan_is_the_one_that_was_shown(alice):
    assert post(alice, save="1").url == reverse("web:schedules")
    schedule = Schedule.objects.get()
    assert schedule.due_at.isoformat() == "2027-03-01T08:00:00+00:00"
    page = browser(alice).get(reverse("web:schedules")).content.decode()
    assert "Monthly" in page and "Mon 1 Mar 2027" in page
    form = browser(alice).get(reverse("web:schedule", args=[schedule.pk])).content.decode()
    assert 'value="2027-03-01"' in form and "Europe/Berlin" in form


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"kind": "date"}, "date"),
        ({"unit": "week", "weekdays": ["0", "4"], "interval": "2"}, "every"),
        ({"kind": "photo"}, "photo"),
        ({"until": "2027-12-31", "ask_hours": "24"}, "every"),
        ({"anew": "on"}, "every"),
    ],
)
def test_every_kind_can_be_planned(alice, changes, kind):
    post(alice, save="1", **changes)
    assert Schedule.objects.get().kind == kind


def test_rotation_takes_turns(alice):
    serious, casual = kept(alice), variant_of(alice, photo=photo_of(alice, seed=9))
    choices.choose_variant(casual, ["linkedin"])
    turns = {
        "turn0-variant": serious.pk,
        "turn0-start": "2027-03-01",
        "turn0-at": "06:00",
        "turn0-unit": "week",
        "turn0-weekdays": ["0"],
        "turn1-variant": casual.pk,
        "turn1-start": "2027-03-01",
        "turn1-at": "18:00",
        "turn1-unit": "week",
        "turn1-weekdays": ["4"],
    }
    post(alice, save="1", kind="rotation", **turns)
    schedule = Schedule.objects.get()
    assert [item["variant"] for item in schedule.pieces] == [str(serious.pk), str(casual.pk)]
    form = browser(alice).get(reverse("web:schedule", args=[schedule.pk])).content.decode()
    assert 'value="18:00' in form


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"zone": "Moon/Crater"}, "no time zone"),
        ({"start": "2001-01-01", "kind": "date"}, "never run"),
        ({"until": "2027-01-01"}, "ends before it starts"),
        ({"sends": "one"}, "Choose one headshot"),
        ({"sends": "set"}, "at least two"),
        ({"kind": "rotation"}, "each slot"),
        ({"profiles": []}, "at least one profile"),
        ({"kind": "date", "start": ""}, "Choose a date"),
        ({"interval": "0"}, "greater than or equal to 1"),
        ({"ask_hours": "900"}, "less than or equal to 168"),
        ({"variants": ["5a0e9a52-1d4f-4c54-9c1a-1a6f7f1d2f60"]}, "not one of the available"),
    ],
)
def test_what_cannot_be_planned_says_why(alice, changes, said):
    assert said in post(alice, save="1", **changes).content.decode()
    assert said in post(alice, "web:schedule_preview", **changes).content.decode()
    assert not Schedule.objects.exists()


def test_verbs_of_a_schedule(alice):
    post(alice, save="1")
    schedule, client = Schedule.objects.get(), browser(alice)
    for verb, state in (
        ("pause", "paused"),
        ("resume", "active"),
        ("skip", "active"),
        ("end", "ended"),
    ):
        client.post(reverse("web:schedule_act", args=[schedule.pk, verb]))
        schedule.refresh_from_db()
        assert schedule.state == state
    assert Run.objects.get().state == "skipped"
    unknown = client.post(reverse("web:schedule_act", args=[schedule.pk, "explode"]))
    assert unknown.status_code == 404


def test_run_now_leads_to_its_receipts(alice):
    post(alice, save="1")
    client = browser(alice)
    answer = client.post(reverse("web:schedule_now", args=[Schedule.objects.get().pk]))
    assert client.get(answer.url).status_code == 200
    celery_messages.deliver()
    assert "/sent/" in client.get(answer.url).url
    assert "verified" in client.get(client.get(answer.url).url).content.decode()


def test_month_shows_what_is_planned_day_by_day(alice):
    tomorrow = timezone.localdate() + timedelta(days=1)  # today's run may be over already
    post(alice, save="1", start=tomorrow.isoformat(), unit="day")
    client = browser(alice)
    address = reverse("web:month", args=[tomorrow.year, tomorrow.month])
    assert "Monthly" in client.get(address).content.decode()
    assert client.get(reverse("web:this_month")).status_code == 200
    assert client.get("/schedules/calendar/2027/13/").status_code == 404
    assert client.get("/schedules/calendar/1999/1/").status_code == 404


def test_calendars_address_answers_while_it_is_open(alice):
    client = browser(alice)
    assert "Create a calendar link" in client.get(reverse("web:schedules")).content.decode()
    client.post(reverse("web:feed_open"))
    first = alice.calendar_address.token
    assert first in client.get(reverse("web:schedules")).content.decode()
    client.post(reverse("web:feed_renew"))
    assert browser().get(reverse("web:calendar", args=[first])).status_code == 404
    client.post(reverse("web:feed_close"))
    alice.calendar_address.refresh_from_db()
    assert not alice.calendar_address.is_open
