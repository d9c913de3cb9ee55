"""Fixtures of the web account."""

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def forgotten_attempts():
    """Rate limits stay on; each test starts with none used up."""
    cache.clear()
