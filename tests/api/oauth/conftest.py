"""A person who registers applications, and two of these."""

import pytest
from django.core.cache import cache

from branding.api.services import register_application
from tests.support.oauth_client import BACK
from tests.support.people import person


@pytest.fixture(autouse=True)
def fresh():
    cache.clear()


@pytest.fixture
def maker():
    return person("maker")


@pytest.fixture
def diary(maker):
    """A confidential application and its secret."""
    return register_application(
        maker, "Diary", website="https://diary.example", redirects=[BACK], is_confidential=True
    )


@pytest.fixture
def phone(maker):
    """A public application, as one on a person's own device is."""
    redirects = ["org.example.phone:/back", "http://127.0.0.1/back"]
    return register_application(
        maker, "Phone", website="https://phone.example", redirects=redirects, is_confidential=False
    )[0]
