"""A stopped clock, and somebody with a headshot and an account."""

import pytest
from django.utils import timezone

from integrations.publishing import choices
from tests.integrations.scheduling.examples import BERLIN, make_headshot
from tests.support import celery_messages
from tests.support.clock import Clock
from tests.support.people import person
from tests.support.platforms.memory_platform import create_connection, put_in_registry


@pytest.fixture(autouse=True)
def clock(monkeypatch, settings):
    """Tuesday, the day before the first runs, which are exact to the minute."""
    settings.SCHEDULE_SPREAD_SECONDS = 0
    clock = Clock("2026-11-24T12:00", BERLIN)
    monkeypatch.setattr(timezone, "now", clock)
    celery_messages.lose()
    return clock


@pytest.fixture
def alice():
    return person()


@pytest.fixture
def headshot(alice):
    return make_headshot(alice)


@pytest.fixture
def account(alice, monkeypatch):
    put_in_registry(monkeypatch)
    return create_connection(alice)


@pytest.fixture
def chosen(headshot, account):
    """The headshot is chosen for the one account."""
    choices.choose_variant(headshot, [account.slug])
    return headshot
