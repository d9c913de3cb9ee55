"""Probes: alive, ready, and what is said when something is missing."""

import errno
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Semaphore
from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from branding.operations import health
from branding.operations.models import Sign
from headshots.storage.disk import require_free_space
from tests.support.processes import wait_until

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_cached_results(monkeypatch):
    monkeypatch.setattr(health, "READINESS", health.ReadinessReport())


@pytest.fixture
def worker():
    """One that was seen just now."""
    return Sign.objects.create(process="worker here 1", role="worker", seen_at=timezone.now())


def fetch_readiness():
    answer = Client().get("/readyz", HTTP_HOST="10.1.2.3")
    return answer.status_code, answer.json()


def test_alive_asks_nothing_of_anybody(django_assert_num_queries, settings):
    settings.SECURE_SSL_REDIRECT = True
    with django_assert_num_queries(0):
        answer = Client().get("/healthz", HTTP_HOST="10.1.2.3")
    assert answer.status_code == 200 and answer.json() == {"alive": True}
    assert not answer.cookies


@pytest.mark.usefixtures("worker")
def test_ready_when_everything_is_there():
    status, results = fetch_readiness()
    assert (status, results.pop("ready")) == (200, True), results
    assert results == dict.fromkeys(health.CHECKS, "ok")


@pytest.mark.usefixtures("worker")
def test_without_a_worker_it_is_not_ready():
    Sign.objects.update(seen_at=timezone.now() - timedelta(minutes=1))
    status, results = fetch_readiness()
    assert status == 503 and not results["ready"]
    assert results["worker"] == "none was seen lately" and results["database"] == "ok"


def raising(error):
    def check(*_args, **_options):
        raise error

    return check


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize(
    ("name", "where", "error"),
    [
        ("database", (health.connection, "cursor"), OperationalError("password=hidden")),
        ("broker", (health.current_app, "connection_for_write"), ConnectionRefusedError("hidden")),
        ("cache", (cache, "get"), TimeoutError("hidden")),
        ("storage", (health, "require_free_space"), OSError(errno.ENOSPC, "hidden")),
    ],
)
def test_what_is_missing_is_named_and_nothing_else(monkeypatch, name, where, error):
    monkeypatch.setattr(*where, raising(error))
    status, results = fetch_readiness()
    assert status == 503
    lost = {key for key, word in results.items() if word != "ok"}
    assert lost == {"ready", name} | ({"worker"} if name == "database" else set())
    assert "hidden" not in str(results)


def test_a_mistake_of_ours_is_not_called_an_outage():
    with pytest.raises(ZeroDivisionError):
        health.run_check(raising(ZeroDivisionError()))


@pytest.mark.usefixtures("worker")
def test_many_askers_share_one_answer(django_assert_num_queries):
    fetch_readiness()
    with django_assert_num_queries(0):
        assert fetch_readiness()[0] == 200


def test_what_has_come_back_is_seen_at_once(worker):
    """The supervisor asks one page process, the next asker reaches another."""
    Sign.objects.update(seen_at=timezone.now() - timedelta(minutes=1))
    assert fetch_readiness()[0] == 503
    worker.save()
    assert fetch_readiness()[0] == 200


def test_askers_that_wait_share_a_bad_answer(monkeypatch):
    """While something does not answer, nobody can pile up checks of it."""
    begun, done, clock_calls = Semaphore(0), Semaphore(0), []

    def slow():
        begun.release()
        done.acquire()
        raise OSError

    def clock():
        clock_calls.append(1)
        return len(clock_calls)

    monkeypatch.setattr(health, "CHECKS", {"broker": slow})
    monkeypatch.setattr(health, "time", SimpleNamespace(monotonic=clock))
    report = health.ReadinessReport()
    with ThreadPoolExecutor(9) as askers:
        first = askers.submit(report.current_results)
        begun.acquire()
        rest = [askers.submit(report.current_results) for _ in range(8)]
        wait_until(
            lambda: len(clock_calls) == 10
        )  # the first one looked twice: it asked and checks
        done.release(9)
        assert all(not health.is_healthy(asker.result()) for asker in (first, *rest))
    assert begun.acquire(blocking=False) and not begun.acquire(blocking=False)


def test_storage_needs_room(tmp_path, monkeypatch):
    require_free_space(tmp_path / "not" / "yet")
    monkeypatch.setattr("headshots.storage.disk.MIN_FREE_BYTES", 10**18)
    with pytest.raises(OSError, match="No space left"):
        require_free_space(tmp_path)
