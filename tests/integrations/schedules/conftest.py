"""A stopped clock, and somebody with a headshot and an account."""

import pytest
from django.utils import timezone

from integrations.services import choices
from tests import messages
from tests.clock import Clock
from tests.integrations.memory import connected, put_in_registry
from tests.integrations.schedules.plans import BERLIN, look
from tests.people import person


@pytest.fixture(autouse=True)
def clock(monkeypatch, settings):
    """Tuesday, the day before the first runs, which are exact to the minute."""
    settings.SCHEDULE_SPREAD = 0
    clock = Clock("2026-11-24T12:00", BERLIN)
    monkeypatch.setattr(timezone, "now", clock)
    messages.lose()
    return clock


@pytest.fixture
def alice():
    return person()


@pytest.fixture
def headshot(alice):
    return look(alice)


@pytest.fixture
def account(alice, monkeypatch):
    put_in_registry(monkeypatch)
    return connected(alice)


@pytest.fixture
def chosen(headshot, account):
    """The headshot is chosen for the one account."""
    choices.choose(headshot, [account.slug])
    return headshot
