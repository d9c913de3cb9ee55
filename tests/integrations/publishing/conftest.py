"""A platform in memory, and somebody with an account there."""

import pytest

from tests.integrations.publishing.sending import ORIGINAL
from tests.support import celery_messages
from tests.support.people import person
from tests.support.platforms.memory_platform import create_connection, put_in_registry


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    celery_messages.lose()


@pytest.fixture
def alice():
    return person()


@pytest.fixture
def platform(monkeypatch):
    return put_in_registry(monkeypatch)


@pytest.fixture
def account(alice, platform):
    platform.by_hand(ORIGINAL)
    return create_connection(alice)
