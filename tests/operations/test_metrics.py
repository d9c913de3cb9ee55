"""Metrics: every process counts for itself, one page shows the sum."""

import pytest
from django.contrib.auth import get_user_model
from django.db import OperationalError
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from branding.operations import heartbeats, metrics
from branding.operations.heartbeats import Reporter
from branding.operations.models import Sign, Tally
from headshots import metrics as headshot_metrics
from headshots.models import Photo

pytestmark = pytest.mark.django_db
TOKEN = "t" * 20


@pytest.fixture(autouse=True)
def token(settings):
    settings.METRICS_TOKEN = TOKEN


@pytest.fixture(autouse=True)
def connection_stays(monkeypatch):
    """A reporter closes its thread's connection; here it has the test's own."""
    monkeypatch.setattr(heartbeats.connection, "close", lambda: None)


def read_metrics():
    answer = Client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


def test_stranger_sees_no_metrics(settings):
    assert Client().get("/metrics").status_code == 404
    wrong = {"Authorization": "Bearer wrong"}
    assert Client().get("/metrics", headers=wrong).status_code == 404
    settings.METRICS_TOKEN = ""
    assert Client().get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


@pytest.mark.slow
def test_processes_add_up():
    page_reporter, worker_reporter = Reporter("page"), Reporter("worker")
    headshot_metrics.FINISHED_LOOKS.labels("linkedin", "ready").inc(2)
    page_reporter.write_report()
    before = read_metrics()["facet_looks_total", ("look", "linkedin"), ("outcome", "ready")]
    worker_reporter.reported = dict(
        page_reporter.reported
    )  # another process, which has counted three more
    headshot_metrics.FINISHED_LOOKS.labels("linkedin", "ready").inc(3)
    worker_reporter.write_report()
    worker_reporter.write_report()
    after = read_metrics()["facet_looks_total", ("look", "linkedin"), ("outcome", "ready")]
    assert after == before + 3
    assert {sign.role for sign in Sign.objects.all()} == {"page", "worker"}


@pytest.mark.slow
def test_what_could_not_be_written_is_written_next_time(monkeypatch):
    usable = {"sample": "facet_photos_total", "labels": '{"outcome": "usable"}'}
    calm = Reporter("worker")
    calm.write_report()
    headshot_metrics.CHECKED_PHOTOS.labels("usable").inc()
    with monkeypatch.context() as broken:
        broken.setattr(heartbeats, "add_to_tallies", _raise_operational_error)
        calm.write_report()
    before = Tally.objects.filter(**usable).first()
    calm.write_report()
    assert Tally.objects.get(**usable).value == (before.value if before else 0) + 1


def _raise_operational_error(_):
    raise OperationalError("gone")


@pytest.mark.slow
def test_steps_and_looks_are_timed():
    now = [0.0]
    watch = headshot_metrics.StepTimer(clock=lambda: now[0])
    for at, step in ((0.0, "frame"), (0.2, "light"), (1.2, "gates")):
        now[0] = at
        watch.record_step("timed", step)
    Reporter("worker").write_report()
    figures = read_metrics()
    assert figures["facet_look_seconds_sum", ("look", "timed")] == pytest.approx(1.2)
    assert figures["facet_look_seconds_bucket", ("le", "1.0"), ("look", "timed")] == 0
    assert figures["facet_look_seconds_bucket", ("le", "3.0"), ("look", "timed")] == 1
    assert figures["facet_step_seconds_count", ("step", "light")] >= 1
    assert watch.current_steps == {}


@pytest.mark.slow
def test_queue_and_requests_are_shown():
    alice = get_user_model().objects.create_user("alice@example.com")
    Photo.objects.create(owner=alice, picture="a" * 40, name="a", width=1, height=1)
    Client().get("/accounts/login/", HTTP_HOST="localhost")
    Client().generic("BREW", "/accounts/login/", HTTP_HOST="localhost")
    Reporter("page").write_report()
    figures = read_metrics()
    assert figures["facet_waiting", ("work", "check")] == 1
    assert 0 <= figures["facet_queue_age_seconds", ("work", "check")] < 60
    assert figures["facet_processes", ("role", "page")] == 1
    series = [key for key in figures if key[0] == "facet_requests_total"]
    methods = {dict(labels)["method"] for _, *labels in series}
    assert {"GET", "other"} <= methods <= metrics.KNOWN_METHODS | {"other"}


@pytest.mark.slow
def test_a_process_that_ends_takes_its_sign_away():
    ending = Reporter("worker")
    ending.write_report()
    assert Sign.objects.filter(role="worker").exists()
    ending.stop_requested.set()
    ending.write_report()
    assert not Sign.objects.exists()
