"""A calendar is read once, by rules and bounds; only proposals are kept, and each is approved."""

import threading
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from branding.advice import calendar_events, calendar_proposals
from branding.advice.calendar_events import UnreadableCalendar, find_events
from branding.advice.models import ScheduleProposal
from integrations.errors import ForbiddenAddress
from integrations.models import Schedule
from integrations.publishing import choices
from tests.support.people import browser, person, sheet_of

TODAY = date(2026, 12, 1)
WORDS = {"talk": ["talk", "keynote"], "holiday": ["holiday"]}
SECRET = "with Eve about the merger"


def event(title, start="20261208T100000Z", *more):
    lines = ["BEGIN:VEVENT", "UID:1", f"SUMMARY:{title}", f"DTSTART:{start}", *more, "END:VEVENT"]
    return "\r\n".join(lines)


def calendar(*events):
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//y//EN", *events, "END:VCALENDAR", ""]
    return "\r\n".join(lines).encode()


def days(*events, words=WORDS):
    events = find_events(calendar(*events), words, TODAY)
    return [(entry.kind, str(entry.first_day), str(entry.last_day)) for entry in events]


def test_events_are_told_by_words_that_begin_a_word_of_the_title():
    assert days(event("My TALK at PyCon")) == [("talk", "2026-12-08", "2026-12-08")]
    assert days(event("Talks and drinks")) == [("talk", "2026-12-08", "2026-12-08")]
    assert days(event("Smalltalk"), event("Dentist"), event("")) == []
    assert days(event("Dentist"), words={"talk": ["dentist"]})[0][0] == "talk"


def test_whole_days_end_on_their_last_day_and_long_events_are_cut():
    whole = event("Holiday", "20261207", "DTEND:20261210")
    assert days(whole) == [("holiday", "2026-12-07", "2026-12-09")]
    endless = event("Holiday", "20261207", "DTEND:20290101")
    assert days(endless) == [("holiday", "2026-12-07", "2027-01-06")]


@pytest.mark.parametrize("start", ["20261201T100000Z", "20200101", "20290101T100000Z"])
def test_what_is_past_or_far_away_is_left_out(start):
    assert days(event("talk", start)) == []


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=WEEKLY", ["2026-12-07"]),
        ("FREQ=YEARLY", ["2027-01-05"]),
        ("FREQ=WEEKLY;UNTIL=20260301T000000Z", []),
        ("FREQ=SECONDLY", []),
        ("FREQ=WEEKLY;COUNT=2", []),
        ("FREQ=NEVER", []),
    ],
)
def test_of_a_series_the_next_event_counts(rule, expected):
    events = days(event("talk", "20260105T100000Z", f"RRULE:{rule}"))
    assert [first for _, first, _ in events] == (
        ["2026-12-07"] if "WEEKLY" in rule and expected else expected
    )


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"<html></html>", b"BEGIN:VEVENT"])
def test_what_is_no_calendar_is_refused(data):
    with pytest.raises(UnreadableCalendar):
        find_events(data, WORDS, TODAY)


def test_a_calendar_is_bounded():
    with pytest.raises(UnreadableCalendar):
        find_events(b"x" * (calendar_events.MAX_FILE_BYTES + 1), WORDS, TODAY)
    many = [event("talk", f"202612{day:02}") for day in range(2, 29)]
    assert len(days(*many)) == calendar_events.MAX_PROPOSALS


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60), st.text(max_size=40), st.text(max_size=40))
def test_damaged_events_never_fail_unexpectedly(title, start, rule):
    try:
        find_events(calendar(event(title, start, f"RRULE:{rule}")), WORDS, TODAY)
    except UnreadableCalendar:
        return


@pytest.fixture
def alice(db):  # noqa: ARG001 - rows need it
    return person("alice")


def coming_talk():
    start = timezone.now().date() + timedelta(days=20)
    return start, calendar(event(f"Talk {SECRET}", start.strftime("%Y%m%d")))


def send(client, data, **fields):
    upload = SimpleUploadedFile("c.ics", data, content_type="text/calendar")
    values = {"file": upload, "talk": "talk", **fields}
    return client.post(reverse("web:advice_calendar"), values, follow=True)


def test_nothing_but_the_proposal_is_kept(alice):
    start, data = coming_talk()
    page = send(browser(alice), data).content.decode()
    assert "1 event was found." in page and SECRET not in page
    (row,) = ScheduleProposal.objects.values()
    del row["id"]
    assert row == {
        "owner_id": alice.pk,
        "kind": "talk",
        "first_day": start,
        "last_day": start,
    }
    assert not Schedule.objects.exists(), "nothing happens before it is approved"


def test_an_approved_proposal_becomes_a_schedule_there_and_one_back(alice):
    start, data = coming_talk()
    variants = {entry.look: entry for entry in sheet_of(alice, count=10).variants.all()}
    choices.choose_variant(variants["linkedin"], ["linkedin"])
    client = browser(alice)
    assert "Schedule it" in send(client, data).content.decode()
    proposal = ScheduleProposal.objects.get()
    fields = {"zone": "Europe/Berlin", "profiles": ["linkedin"], "back": ""}
    client.post(reverse("web:proposal_approve", args=[proposal.pk]), fields)
    there, back = Schedule.objects.order_by("due_at")
    assert there.pieces[0]["variant"] == str(variants["speaker"].pk)
    assert back.pieces[0]["variant"] is None, "each profile's own choice"
    assert there.due_at.date() <= start < back.due_at.date()
    assert {there.zone, back.zone} == {"Europe/Berlin"} and there.profiles == ["linkedin"]
    assert not ScheduleProposal.objects.exists()


def test_a_person_chooses_the_profiles_of_a_proposal_and_when_they_go_back(alice):
    start, data = coming_talk()
    choices.choose_variant(sheet_of(alice, count=10).variants.first(), ["linkedin", "github"])
    client = browser(alice)
    page = send(client, data).content.decode()
    assert all(f'name="profiles" value="{key}"' in page for key in ("linkedin", "github"))
    url = reverse("web:proposal_approve", args=[ScheduleProposal.objects.get().pk])
    chosen_day = start + timedelta(days=40)
    for refused in (
        {"profiles": []},
        {"profiles": ["slack"]},
        {"profiles": ["github"], "back": "soon"},
        {"profiles": ["github"], "back": timezone.now().date().isoformat()},
    ):
        assert 400 <= client.post(url, refused).status_code < 500
    assert ScheduleProposal.objects.exists() and not Schedule.objects.exists()
    client.post(url, {"profiles": ["github"], "back": chosen_day.isoformat()})
    there, back = Schedule.objects.order_by("due_at")
    assert there.profiles == back.profiles == ["github"]
    assert back.due_at.date() == chosen_day


def test_a_proposal_without_headshots_or_zone_is_refused_and_stays(alice):
    send(browser(alice), coming_talk()[1])
    url = reverse("web:proposal_approve", args=[ScheduleProposal.objects.get().pk])
    assert browser(alice).post(url).status_code == 409
    choices.choose_variant(sheet_of(alice, count=10).variants.first(), ["linkedin"])
    fields = {"profiles": ["linkedin"]}
    assert browser(alice).post(url, fields | {"zone": "Moon/Base"}).status_code >= 400
    assert ScheduleProposal.objects.exists() and not Schedule.objects.exists()


def test_a_dismissed_proposal_is_forgotten_and_an_unreadable_calendar_changes_nothing(alice):
    client = browser(alice)
    send(client, coming_talk()[1])
    assert "not a calendar" in send(client, b"<html>").content.decode()
    proposal = ScheduleProposal.objects.get()
    client.post(reverse("web:proposal_dismiss", args=[proposal.pk]))
    assert not ScheduleProposal.objects.exists()


def test_nothing_of_ones_own_network_is_read(alice, settings):
    settings.OPEN_LOOPBACK = False
    for address in ("http://127.0.0.1/a.ics", "https://localhost/a.ics", "file:///etc/passwd"):
        with pytest.raises(ForbiddenAddress):
            calendar_proposals.download_calendar(address)
        page = browser(alice).post(reverse("web:advice_calendar"), {"address": address})
        assert page.status_code == 200 and 'class="errorlist' in page.content.decode()


class Calendars(BaseHTTPRequestHandler):
    """Answers every address with its server's calendar."""

    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.server.calendar)

    def log_message(self, *_arguments):
        """Say nothing."""


@pytest.fixture
def calendar_server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Calendars) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


def test_an_address_is_read_through_the_outbound_client(alice, calendar_server, caplog):
    calendar_server.calendar = coming_talk()[1]
    address = f"http://127.0.0.1:{calendar_server.server_port}/private-token.ics"
    caplog.set_level("INFO")
    page = send(browser(alice), b"", file="", address=address).content.decode()
    assert "1 event was found." in page and "private-token" not in page
    assert "private-token" not in caplog.text
    calendar_server.calendar = b"x" * (calendar_events.MAX_FILE_BYTES + 1)
    page = send(browser(alice), b"", file="", address=address).content.decode()
    assert "errorlist" in page and ScheduleProposal.objects.count() == 1


def test_a_calendar_is_asked_for(alice):
    page = browser(alice).post(reverse("web:advice_calendar"), {}).content.decode()
    assert "Give an address or a file." in page or "Look for events" in page
