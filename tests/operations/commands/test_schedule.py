"""Schedules from a terminal: seen before they are saved, and every verb of them."""

import pytest
from django.core.management.base import CommandError
from django.utils import timezone

from integrations.models import Run, Schedule
from integrations.publishing import choices
from tests.integrations.publishing.sending import headshot
from tests.support.clock import Clock
from tests.support.people import person, unknown_id
from tests.support.platforms.memory_platform import SLUG

pytestmark = pytest.mark.django_db(transaction=True)
START = "2026-11-25T09:00"
BERLIN = ("--zone", "Europe/Berlin")
EVERY = ("--start", START, *BERLIN, "--every", "2", "weeks", "--weekdays", "fri", "wed")


@pytest.fixture(autouse=True)
def clock(monkeypatch, settings):
    """Tuesday noon in Berlin; runs are exact to the minute."""
    settings.SCHEDULE_SPREAD_SECONDS = 0
    clock = Clock("2026-11-24T12:00")
    monkeypatch.setattr(timezone, "now", clock)
    return clock


@pytest.fixture
def create(manage):
    def run_create(*words, **options):
        return manage("schedule", "create", *words, **options)

    return run_create


@pytest.fixture
def planned(create, alice):
    """A schedule of Alice."""
    create(*EVERY, "--yes")
    return str(alice.schedules.get().pk)


@pytest.mark.usefixtures("alice")
def test_runs_are_seen_in_local_time_before_anything_is_saved(create):
    ended = create(*EVERY)
    assert ended.code == 3 and "Nothing was saved." in ended.out
    runs = [line for line in ended.out.splitlines() if "what is chosen" in line]
    assert runs[0].split("  ")[1:] == ["Wed 2026-11-25 09:00 CET", "what is chosen"]
    assert len(runs) == 10 and "Fri 2026-11-27 09:00 CET" in runs[1]
    assert "Wed 2026-12-09" in runs[2] and not Schedule.objects.exists()


@pytest.mark.usefixtures("alice")
def test_wished_time_is_shown_and_how_far_it_may_be_spread(create, settings):
    settings.SCHEDULE_SPREAD_SECONDS = 240
    ended = create(*EVERY)
    assert "Wed 2026-11-25 09:00 CET" in ended.out and "at most 240 s later" in ended.out
    document = create(*EVERY, "--yes", "--json").document
    assert document["next"][0]["planned_at"] == document["schedule"]["next_run_at"]


@pytest.mark.usefixtures("alice")
def test_schedule_is_saved_after_a_yes(create):
    ended = create(*EVERY, "--name", "Workdays", typed="y\n")
    schedule = Schedule.objects.get()
    assert ended.code == 0 and ended.err == "Save it? [y/N] "
    assert f"Saved: {schedule.pk}" in ended.out and schedule.name == "Workdays"


@pytest.mark.usefixtures("alice")
@pytest.mark.parametrize("answer", ["n\n", "\n", "", "yess\n"])
def test_anything_but_yes_is_no(create, answer):
    ended = create(*EVERY, "--json", typed=answer)
    assert (
        ended.code == 3 and ended.document["schedule"] is None and len(ended.document["next"]) == 10
    )
    assert not Schedule.objects.exists()


@pytest.mark.usefixtures("alice")
def test_date_is_kept_once(create):
    document = create("--start", START, *BERLIN, "--missed", "skip", "--yes", "--json").document
    assert (document["schedule"]["kind"], document["schedule"]["missed"]) == ("date", "skip")
    assert [run["planned_at"] for run in document["next"]] == ["2026-11-25T08:00:00Z"]


@pytest.mark.usefixtures("alice")
@pytest.mark.parametrize("every", [("1", "day"), ("3", "days"), ("2", "weeks"), ("1", "month")])
def test_every_unit_repeats(create, every):
    ended = create("--start", START, "--every", *every, "--until", "2027-12-31", "--yes", "--json")
    rule = ended.document["schedule"]["rule"]
    assert (str(rule["interval"]), rule["unit"]) == (every[0], every[1].removesuffix("s"))
    assert rule["until"] == "2027-12-31" and len(ended.document["next"]) == 10


def test_rotation_gives_each_headshot_its_turn(create, alice):
    work, home = headshot(alice), headshot(alice, seed=2)
    turns = ("--turn", START, work.label, "--turn", "2026-11-27T18:00", home.pk)
    ended = create(*turns, *BERLIN, "--every", "1", "week", typed="y\n")
    runs = [line.strip() for line in ended.out.splitlines()]
    assert runs[0] == f"Wed 2026-11-25 09:00 CET  {work.label} {work.title}"
    assert runs[1] == f"Fri 2026-11-27 18:00 CET  {home.label} {home.title}"
    assert Schedule.objects.get().kind == "rotation"


def test_set_is_sent_in_order_and_asked_about_first(create, alice, account):
    shots = [headshot(alice, seed=seed).label for seed in (1, 2)]
    document = create(
        "--start",
        START,
        "--every",
        "1",
        "day",
        "--variant",
        *shots,
        "--anew",
        "--places",
        SLUG,
        "--ask-hours",
        "12",
        "--yes",
        "--json",
    ).document["schedule"]
    assert [piece["anew"] for piece in document["pieces"]] == [True, True]
    assert document["profiles"] == [str(account.pk)] and document["ask_hours"] == 12


@pytest.mark.usefixtures("alice")
def test_after_a_selfie_there_is_no_date(create):
    ended = create("--after-selfie", "--anew", "--yes")
    assert ended.code == 0 and "after each new selfie" in ended.out
    assert Schedule.objects.get().kind == "photo"


@pytest.mark.parametrize(
    "words, code",
    [
        (("--start", "tomorrow"), "invalid"),
        (("--start", START, "--every", "0", "days"), "invalid"),
        (("--start", START, "--every", "two", "days"), "invalid"),
        (("--start", START, "--every", "1", "moon"), "invalid"),
        (("--start", START, "--until", "soon"), "invalid"),
        (("--start", START, "--ask-hours", "999"), "invalid"),
        (("--start", START, "--zone", "Europe/Atlantis"), "bad_rule"),
        (("--start", "2020-01-01T09:00"), "bad_rule"),
        (("--start", START, "--weekdays", "mon"), "bad_rule"),
        (("--start", START, "--variant", "99"), "not_found"),
        (("--start", START, "--places", "myspace"), "unknown_place"),
        (("--turn", START, "01", "--variant", "01"), "bad_schedule"),
        (("--after-selfie", "--every", "1", "day"), "bad_schedule"),
    ],
)
def test_plan_that_makes_no_sense_is_refused(create, alice, words, code):
    headshot(alice)
    assert create(*words, "--yes", "--json").refusal["code"] == code
    assert not Schedule.objects.exists()


@pytest.mark.usefixtures("alice")
def test_wrong_field_is_named(create):
    ended = create("--start", "tomorrow", "--yes")
    assert ended.code == 2 and ended.out == "" and "\nstart: " in ended.err
    assert "start" in create("--start", "x", "--yes", "--json").refusal["fields"]["turns"]["0"]


@pytest.mark.usefixtures("alice")
def test_plan_without_a_when_is_a_wrong_command(create):
    with pytest.raises(CommandError, match="--start --turn --after-selfie"):
        create("--yes")


def test_schedules_are_listed_and_shown(manage, planned):
    line = f"{planned}  again and again, active, next Wed 2026-11-25 09:00 CET"
    assert manage("schedule", "list").out.strip() == line
    assert manage("schedule", "show", planned).out.splitlines()[0] == line
    assert [schedule["id"] for schedule in manage("schedule", "list", "--json").document] == [
        planned
    ]
    assert len(manage("schedule", "show", planned, "--json").document["next"]) == 10


@pytest.mark.usefixtures("alice")
def test_nothing_planned_is_said(manage):
    assert manage("schedule", "list").out == "Nothing is planned.\n"


def test_every_verb_of_a_schedule(manage, planned):
    def state(verb):
        return manage("schedule", verb, planned, "--json").document["state"]

    assert state("pause") == "paused" and state("resume") == "active"
    assert "next Fri 2026-11-27 09:00 CET" in manage("schedule", "skip", planned).out
    assert state("end") == "ended" and state("delete") == "ended"
    assert manage("schedule", "skip", planned, "--json").refusal["code"] == "bad_schedule"


@pytest.mark.usefixtures("account")
def test_run_now_is_asked_for(manage, alice, planned):
    choices.choose_variant(headshot(alice), [SLUG])
    document = manage("schedule", "now", planned, "--json").document
    assert Run.objects.get().pk.hex == document["id"].replace("-", "")
    assert document["state"] == "waiting"


@pytest.mark.parametrize("verb", ["show", "now", "pause", "resume", "skip", "end", "delete"])
def test_somebody_elses_schedule_is_not_there(manage, planned, verb):
    person("carol")
    carols = ("--account", "carol@example.com", "--json")
    for pk in (planned, unknown_id()):
        assert manage("schedule", verb, pk, *carols).refusal["code"] == "not_found"
    assert Schedule.objects.get().state == "active" and not Run.objects.exists()
