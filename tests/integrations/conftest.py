"""Fixtures of the integrations."""

import pytest

from tests.integrations.script import Script


@pytest.fixture
def script():
    server = Script()
    yield server
    server.close()
